"""View of the confusion matrix of the test images; a click on a cell shows its images."""

from __future__ import annotations

import streamlit as st

from nn_core.charts.confusion_chart import SELECTION, confusion_spec, confusion_table
from nn_core.events import Snapshot
from nn_core.experiment import Experiment
from nn_core.explain.images.image_predictions import ImagePredictions
from nn_core.runs.run import Run
from nn_core.vocabulary import counted
from ui import session
from ui import session_keys as keys
from ui.components.chart import chart
from ui.components.figures import figures
from ui.details.predicted_images import (
    as_figures,
    predictions_or_message,
    reads_images,
    source_caption,
)

NAME = "Confused images"
suits = reads_images
MOST_SHOWN = 24


def show(page: str, experiment: Experiment, run: Run | None, now: Snapshot) -> None:
    """Show it; see `ui.details.views`."""
    answers = predictions_or_message(experiment, now)
    if answers is None:
        return
    _begin(page, answers)
    left, right = st.columns([6, 5])
    with right:
        _choose(page, answers)
        true, chosen = (
            answers.names.index(str(session.peek(keys.cell(page, side))))
            for side in ("true", "chosen")
        )
        found = answers.in_cell(true, chosen)
        what = f"{answers.names[true]} taken for {answers.names[chosen]}"
        n = len(found)
        if true == chosen:
            what = f"{answers.names[true]} recognised"
        shown = f", the surest {MOST_SHOWN}" if n > MOST_SHOWN else ""
        st.markdown(f"**{what}**: {counted(n, 'image')}{shown}")
        figures(as_figures(experiment, answers, found[:MOST_SHOWN]), "4.5rem")
    with left:
        key = keys.confusion_cells(page)
        chart(
            confusion_table(answers.confusion, answers.names, (true, chosen)),
            confusion_spec(is_selectable=True),
            key=key,
            on_select=lambda: _take(page, key),
            selection_mode=SELECTION,
        )
        st.caption(f"{source_caption(answers, now)} Click a cell to see its images.")


def _begin(page: str, answers: ImagePredictions) -> None:
    """Open the largest mistake where no cell of these classes is open yet."""
    sides = (keys.cell(page, "true"), keys.cell(page, "chosen"))
    if any(session.peek(side) not in answers.names for side in sides):
        for side, place in zip(sides, answers.most_frequent_mistake(), strict=True):
            session.put(side, answers.names[place])


def _choose(page: str, answers: ImagePredictions) -> None:
    """The same by lists and a button, for those who do not click."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "True class",
            answers.names,
            key=keys.cell(page, "true"),
            width=130,
            help="What the images are. Together with the class beside it, this opens a cell.",
        )
        st.selectbox(
            "Taken for",
            answers.names,
            key=keys.cell(page, "chosen"),
            width=130,
            help="What the network takes the images for.",
        )
        st.button(
            "Most frequent mistake",
            key=keys.button(page, "cell", "most"),
            icon=":material/target:",
            on_click=_open,
            args=(page, answers.names, answers.most_frequent_mistake()),
            help="Opens the largest cell off the diagonal.",
        )


def _open(page: str, names: tuple[str, ...], cell: tuple[int, int]) -> None:
    for side, place in zip(("true", "chosen"), cell, strict=True):
        session.put(keys.cell(page, side), names[place])


def _take(page: str, key: str) -> None:
    """Open the cell that was clicked; a click beside all cells changes nothing."""
    state = session.peek(key)
    found = state["selection"].get(SELECTION) if state else None
    if found:
        session.put(keys.cell(page, "true"), found[0]["true"])
        session.put(keys.cell(page, "chosen"), found[0]["chosen"])
