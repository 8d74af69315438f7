"""View of the accuracy of each class."""

from __future__ import annotations

import streamlit as st

from nn_core.charts.class_accuracy_chart import class_accuracy_spec, class_accuracy_table
from nn_core.events import Snapshot
from nn_core.experiment import Experiment
from nn_core.runs.run import Run
from ui.components.chart import chart
from ui.details.predicted_images import predictions_or_message, reads_images, source_caption

NAME = "Accuracy by class"
suits = reads_images


def show(page: str, experiment: Experiment, run: Run | None, now: Snapshot) -> None:
    """Show it; see `ui.details.views`."""
    answers = predictions_or_message(experiment, now)
    if answers is None:
        return
    right = int((answers.classes == answers.answers).sum())
    st.caption(
        f"{right:,} of {answers.n:,} are right: {right / answers.n:.1%}, the dashed line. "
        f"{source_caption(answers, now)}"
    )
    chart(
        class_accuracy_table(answers.confusion, answers.names),
        class_accuracy_spec(),
        key=f"{page}-class-accuracy",
        width=760,
    )
