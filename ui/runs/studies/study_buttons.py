"""The buttons Train and Stop of a study, and the updates of its page while it runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from nn_core.experiment import Experiment
from nn_core.experiment_differences import differences
from nn_core.runs.studies.study import Study
from ui import session
from ui import session_keys as keys
from ui.components.pacer import pacer

TICKS_PER_SECOND = 3.0

S = TypeVar("S", bound=Study)


def study_of(name: str) -> Study | None:
    """The visitor's newest study of this name."""
    study: Study | None = session.peek(keys.study(name))
    return study


def train_and_stop(name: str, label: str, make: Callable[[], Study] | None, help: str) -> None:
    """Show the two buttons.

    Parameters
    ----------
    name : str
        Name of the study, and prefix of the buttons' keys.
    label : str
        Label of the button that begins it.
    make : callable or None
        Creates the study, which is begun here; None where there is nothing to train.
    help : str
        Help text of the button.
    """
    # A button only stores a request; it is handled here, with the current values of the form. The
    # next click may interrupt this script run at any access to the session, but a study that was
    # begun is already stored.
    study = study_of(name)
    with session.acting_on(keys.request(name)) as asked:
        if asked and make and (study is None or study.is_over):
            study = make()
            session.put(keys.study_is_followed(name), True)
            session.put(keys.study(name), study)
            study.begin()
    goes_on = study is not None and not study.is_over
    st.button(
        label, key=keys.button(name, "train"), icon=":material/play_arrow:", type="primary",
        shortcut="T", on_click=session.request, args=(keys.request(name), True),
        disabled=make is None or goes_on, help=help,
    )  # fmt: skip
    st.button(
        "Stop", key=keys.button(name, "stop"), icon=":material/stop:", on_click=_stop, args=(name,),
        disabled=not goes_on, help="Ends what is training, and trains no more.",
    )  # fmt: skip


def _stop(name: str) -> None:
    if study := study_of(name):
        study.stop()


def follow(name: str, is_over: bool) -> None:
    """At the end of a fragment that shows a study, rerun the fragment until the study is over.

    Parameters
    ----------
    name : str
        Name of the study.
    is_over : bool
        Whether it was over when the fragment began.
    """
    if is_over and session.take(keys.study_is_followed(name)):
        st.rerun()  # the buttons around the fragment change
    pacer(
        sequence=session.next_number(keys.ticks(name)),
        per_second=TICKS_PER_SECOND,
        is_on=not is_over,
        key=keys.pacer(name),
    )


def show_what_changed(shown: Experiment, experiment: Experiment | None, *but: str) -> None:
    """Show a sentence if the form differs from the experiment that is shown."""
    changed = [] if experiment is None else differences(shown, experiment)
    labels = [found.label for found in changed if found.field not in but]
    if labels:
        st.caption(
            f":material/info: Changed on the left since this was trained: {', '.join(labels)}."
        )
