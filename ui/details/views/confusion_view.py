"""View of the confusion matrix that the run measured."""

from __future__ import annotations

import streamlit as st

from nn_core.charts.confusion_chart import confusion_spec, confusion_table
from nn_core.events import Snapshot
from nn_core.experiment import Experiment
from nn_core.runs.run import Run
from ui.components.chart import chart

NAME = "Confusion"


def suits(experiment: Experiment) -> bool:
    """Whether the task is a classification with several outputs."""
    return experiment.n_outputs > 1


def show(page: str, experiment: Experiment, run: Run | None, now: Snapshot) -> None:
    """Show it; see `ui.details.views`."""
    measured = run.history.confusion_at(now.step) if run else None
    if run is None or run.started is None or measured is None:
        st.caption("Which class is taken for which appears here once it has been measured.")
        return
    step, counts = measured
    rows = run.started.n_test or run.started.n_train
    st.caption(
        f"All {rows:,} {'test' if run.started.n_test else 'training'} rows at step "
        f"{step:,}: what they are, and what the network takes them for."
    )
    chart(
        confusion_table(counts, list(run.started.output_names)),
        confusion_spec(),
        key=f"{page}-confusion",
        width=620,
    )
