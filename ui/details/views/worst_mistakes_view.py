"""View of the misclassified test images with the highest loss."""

from __future__ import annotations

import streamlit as st

from nn_core.events import Snapshot
from nn_core.experiment import Experiment
from nn_core.runs.run import Run
from nn_core.vocabulary import counted
from ui import session
from ui import session_keys as keys
from ui.components.figures import figures
from ui.details.predicted_images import (
    as_figures,
    predictions_or_message,
    reads_images,
    source_caption,
)

NAME = "Worst mistakes"
suits = reads_images
ALL = "all"
COUNTS = (12, 24, 48, 96)


def choose(page: str, experiment: Experiment) -> None:
    """Of which class, and how many."""
    names = [ALL, *getattr(experiment.dataset_options, "classes", ())]
    if session.value(keys.mistakes(page, "class"), ALL) not in names:
        session.put(keys.mistakes(page, "class"), ALL)
    session.value(keys.mistakes(page, "count"), 24)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "True class",
            names,
            key=keys.mistakes(page, "class"),
            width=150,
            help="Only mistakes on images of this class are shown.",
        )
        st.segmented_control(
            "Most images",
            COUNTS,
            key=keys.mistakes(page, "count"),
            required=True,
            help="How many mistakes are shown: those with the highest loss.",
        )


def show(page: str, experiment: Experiment, run: Run | None, now: Snapshot) -> None:
    """Show it; see `ui.details.views`."""
    answers = predictions_or_message(experiment, now)
    if answers is None:
        return
    name = session.peek(keys.mistakes(page, "class"))
    true = answers.names.index(name) if name in answers.names else None
    found = answers.mistakes(true)
    of = f" of {name}" if true is not None else ""
    st.caption(
        f"{counted(len(found), 'mistake')}{of}, the highest loss first: "
        f"what the image is → what it is taken for. {source_caption(answers, now)}"
    )
    if not len(found):
        st.success(f"No mistake{of} among these images.", icon=":material/check:")
    count = int(session.peek(keys.mistakes(page, "count"), 24))
    figures(as_figures(experiment, answers, found[:count]))
