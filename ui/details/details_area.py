"""The views below the picture: one at a time, redrawn a few times a second."""

from __future__ import annotations

import streamlit as st

from nn_core import datasets
from nn_core.experiment import Experiment
from nn_core.training.preview import small_dataset
from ui import session
from ui import session_keys as keys
from ui.components.pacer import pacer
from ui.details import views
from ui.form.lookback import is_replaying, lookback_of, shown_step
from ui.live.picture import Start, moment

TICKS_PER_SECOND = 2.0
Groups = dict[str, list[str]]


def details(page: str, experiment: Experiment, start_of: Start) -> None:
    """Show the selected view.

    Parameters
    ----------
    page : str
        Page of the run.
    experiment : Experiment
        Experiment in the form; shown if there is no run.
    start_of : callable
        Function from an experiment to the moment shown if there is no run.
    """
    name = _choose(page, views.grouped(experiment))
    view = views.views_for(experiment)[name]
    if hasattr(view, "choose"):
        run = session.run_of(page)
        is_of_run = run and not getattr(view, "FOLLOWS_FORM", False)
        view.choose(page, run.experiment if run and is_of_run else experiment)
    _view(page, experiment, start_of, name)


def _choose(page: str, groups: Groups) -> str:
    """Show buttons for the groups of views, and for the views of the open group.

    The session stores the view, and the group follows from it. Any code can therefore open a view
    by `session.put` under ``{page}.form.view``.
    """
    view_key, group_key = keys.view(page), keys.view_group(page)
    first = next(iter(groups.values()))[0]
    chosen = session.value(view_key, first)
    open_group = next((group for group, names in groups.items() if chosen in names), None)
    if open_group is None:  # the view is not available for this network
        chosen, open_group = first, next(iter(groups))
        session.put(view_key, chosen)
    if session.value(group_key, open_group) != open_group:
        session.put(group_key, open_group)
    session.put(keys.last_view(page, open_group), chosen)
    with st.container(horizontal=True, gap="medium", key=f"{page}-views"):
        st.segmented_control(
            "Kind of view",
            list(groups),
            key=group_key,
            required=True,
            label_visibility="collapsed",
            help="What kind of view is shown below the picture.",
            on_change=_open_group,
            args=(page, groups),
        )
        st.pills(
            "Details",
            groups[open_group],
            key=view_key,
            required=True,
            label_visibility="collapsed",
            help="The view that is shown below.",
        )
    return str(chosen)


def _open_group(page: str, groups: Groups) -> None:
    """Show the view of the group that was seen last, or its first."""
    names = groups[str(session.peek(keys.view_group(page)))]
    last = session.peek(keys.last_view(page, str(session.peek(keys.view_group(page)))))
    session.put(keys.view(page), last if last in names else names[0])


@st.fragment
def _view(page: str, experiment: Experiment, start_of: Start, name: str) -> None:
    run = session.run_of(page)
    follows_form = getattr(views.views_for(experiment).get(name), "FOLLOWS_FORM", False)
    shown = run.experiment if run and not follows_form else experiment
    lookback = lookback_of(page)
    # Read before drawing, so that a run that ends meanwhile is drawn once more.
    is_changing, replays = bool(run and run.is_changing), is_replaying(run, lookback)
    now = moment(run, shown, start_of, shown_step(run, lookback))
    view = views.views_for(shown).get(name)
    if now is None or view is None:
        return
    if getattr(view, "NEEDS_ROWS", False) and not _has_rows(shown):
        st.info("There are no points to show yet. Place one in the square of the plane first.")
        return
    moves = view.show(page, shown, run, now)
    is_still = getattr(view, "IS_STILL", False)
    pacer(
        sequence=session.next_number(keys.ticks(page)),
        per_second=TICKS_PER_SECOND,
        is_on=bool(moves) or (is_changing and not is_still) or replays,
        key=keys.pacer(page),
    )


def _has_rows(experiment: Experiment) -> bool:
    """Whether there is anything to learn from; files of images always have rows."""
    is_large = datasets.describe(experiment.dataset).is_large
    return is_large or bool(len(small_dataset(experiment).x))
