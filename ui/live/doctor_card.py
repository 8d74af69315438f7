"""The run doctor's card: the findings about a run, with a button for the cure.

Its height stays the same from the first step of a run until after its end, so that the views below
do not move while a visitor is using them.
"""

from __future__ import annotations

import streamlit as st

from nn_core.errors import BackpropError
from nn_core.experiment import Experiment
from nn_core.explain.doctor.findings import Finding, examine
from nn_core.runs.run import Run
from ui import session
from ui import session_keys as keys
from ui.components.pacer import pacer
from ui.form import commands
from ui.live.training_rows import rows_of

LOOKS_PER_SECOND = 0.5
ICONS = {"solved": ":material/check_circle:", "unfinished": ":material/hourglass_bottom:"}


def doctor_card(page: str) -> None:
    """Show the doctor's findings for the run of a page; no card where there is no run."""
    run = session.run_of(page)
    if run is not None:
        _card(page, run.id)


@st.fragment
def _card(page: str, run_id: str) -> None:
    run = session.run_of(page)
    if run is None or run.id != run_id:
        st.rerun()  # a cure was pressed: the form and the picture are outside of this card
    is_changing = run.is_changing  # read before the results that are shown
    findings = examine(run, rows_of(run.experiment, run))
    with st.container(border=True, key=f"doctor-slot-{page}", gap=None):
        with st.container(key=f"{page}-doctor"):
            if findings:
                _findings(page, run, findings)
            else:
                st.caption(f":material/stethoscope: {_nothing_found(run)}")
        pacer(
            sequence=session.next_number(keys.doctor_ticks(page)),
            per_second=LOOKS_PER_SECOND,
            is_on=is_changing,
            key=f"{page}-doctor-pacer",
        )


def _nothing_found(run: Run) -> str:
    """The text where nothing was found."""
    if run.is_over:
        return "The run doctor has nothing to say about this run."
    return "The run doctor watches: nothing to report yet."


def _findings(page: str, run: Run, findings: list[Finding]) -> None:
    """The first finding with its cure, and a button that unfolds the others."""
    first, *others = findings
    icon = ICONS.get(first.kind, ":material/stethoscope:")
    if not (first.cure or others):
        st.markdown(f"{icon} {first.sentence}")
        return
    left, right = st.columns([3, 2], vertical_alignment="center")
    left.markdown(f"{icon} {first.sentence}")
    with right, st.container(horizontal=True, horizontal_alignment="right", gap="xsmall"):
        _cure(page, run, first, 0)
        if others:
            with st.popover(f"{len(others)} more", help="What else was found in this run."):
                for number, finding in enumerate(others, 1):
                    st.markdown(f":material/stethoscope: {finding.sentence}")
                    with st.container(horizontal=True, gap="xsmall"):
                        _cure(page, run, finding, number)


def _cure(page: str, run: Run, finding: Finding, number: int) -> None:
    """Buttons that load the cure, where there is one."""
    if not finding.cure:
        return
    try:
        cured = finding.cured(run.experiment)
    except BackpropError:  # the experiment has settings that do not fit the cure
        return
    st.button(
        f"Cure: {finding.cure}",
        key=keys.button(page, "doctor", number, "cure"),
        icon=":material/healing:",
        on_click=commands.open_experiment,
        args=(page, cured),
        help="Ends this run and loads the changed settings into the form. Then press Train.",
    )
    st.button(
        "Apply and train",
        key=keys.button(page, "doctor", number, "train"),
        type="primary" if number == 0 else "secondary",
        icon=":material/play_arrow:",
        on_click=show_and_train,
        args=(page, cured),
        help="Loads the changed settings, and trains them at once.",
    )


def show_and_train(page: str, experiment: Experiment) -> None:
    """Load another experiment into a page and train it; for callbacks."""
    commands.open_experiment(page, experiment)
    commands.request_training(page)
