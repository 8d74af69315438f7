"""The live picture on a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from nn_core.experiment import Experiment
from ui import session
from ui import session_keys as keys
from ui.components.network_view import network_view
from ui.form.lookback import lookback_of
from ui.live import editing, stream, timeline
from ui.live.picture import Panels, Picture, Start

OnPoint = Callable[[str, float, float], None]


@st.fragment
def live_picture(
    page: str,
    experiment: Experiment,
    start_of: Start,
    panels: Panels,
    *,
    is_brief: bool = False,
    on_point: OnPoint | None = None,
) -> None:
    """Draw the run of a page, repeatedly while it changes.

    A weight or bias that is edited in the picture is set in the run, or in a new one that is
    paused at step 0.

    Parameters
    ----------
    page : str
        The page.
    experiment, start_of, panels, is_brief
        See `ui.live.picture.Picture`. Brief pictures side by side do not accept edits, so that
        both runs differ only in their settings.
    on_point : callable, optional
        Called as ``on_point(page, x1, x2)`` when the visitor clicks on the input square, or
        presses Enter at its crosshair; the page is rerun afterwards.
    """
    session.keep_alive()
    if not is_brief:
        timeline.timeline(page)
        if session.requested(keys.request(page)):
            st.rerun()  # the request concerns the whole page
    picture: Picture | None = session.peek(keys.picture(page))
    if picture is None:
        picture = Picture(experiment, start_of, panels, session.owner())
        picture.address = stream.publish(picture)
        session.put(keys.picture(page), picture)
    picture.experiment, picture.start_of, picture.panels = experiment, start_of, panels
    picture.is_brief = is_brief
    picture.is_editable, picture.accepts_points = not is_brief, on_point is not None
    picture.run, picture.lookback = session.run_of(page), lookback_of(page)
    picture.is_log = bool(session.peek(keys.log_axis(page), True))
    around = picture.around
    key = keys.picture_component(page)

    def take_edit() -> None:
        editing.edit_params(page, experiment, _sent(key, "edit"))

    def take_point() -> None:
        sent = _sent(key, "point")
        if on_point and sent:
            on_point(page, float(sent["x1"]), float(sent["x2"]))
            session.put(keys.point_placed(page), True)

    network_view(picture.frame(), key=key, on_edit=take_edit, on_point=take_point)
    seen = session.peek(keys.picture_surroundings(page), around)
    session.put(keys.picture_surroundings(page), around)
    if session.take(keys.point_placed(page)) or seen != around:
        st.rerun()


def _sent(key: str, name: str) -> Mapping[str, Any] | None:
    """The value that the picture has sent with a trigger."""
    sent: Mapping[str, Any] | None = (session.peek(key) or {}).get(name)
    return sent
