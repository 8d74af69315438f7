"""What can be read below the picture: one view at a time, redrawn a few times a second."""

from __future__ import annotations

import streamlit as st

from nn_core.experiment import Experiment
from ui import session, timeline, views
from ui.lookback import is_replaying, shown_step
from ui.pacer import pacer
from ui.picture import Start, moment

TICKS_PER_SECOND = 2.0


def details(page: str, experiment: Experiment, start_of: Start) -> None:
    """Show the view that the visitor chose.

    Parameters
    ----------
    page : str
        Whose run is shown.
    experiment : Experiment
        What the form holds; shown while there is no run.
    start_of : callable
        From an experiment to the moment to show while there is no run.
    """
    names = list(views.suiting(experiment))
    session.value(f"{page}.form.view", names[0])
    chosen = st.segmented_control(
        "Details", names, key=f"{page}.form.view", required=True, label_visibility="collapsed"
    )
    if hasattr(views.suiting(experiment)[str(chosen)], "choose"):
        views.suiting(experiment)[str(chosen)].choose(page)
    _view(page, experiment, start_of, str(chosen))


@st.fragment
def _view(page: str, experiment: Experiment, start_of: Start, name: str) -> None:
    run = session.run_of(page)
    shown = run.experiment if run else experiment
    lookback = timeline.of(page)
    now = moment(run, shown, start_of, shown_step(run, lookback))
    view = views.suiting(shown).get(name)
    if now is None or view is None:
        return
    moves = view.show(page, shown, run, now)
    is_still = getattr(view, "IS_STILL", False)
    pacer(
        sequence=session.next_number(f"{page}.ticks"),
        per_second=TICKS_PER_SECOND,
        is_on=bool(moves or (run and run.is_changing and not is_still))
        or is_replaying(run, lookback),
        key=f"{page}-pacer",
    )
