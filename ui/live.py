"""The live picture on a page."""

from __future__ import annotations

import streamlit as st

from nn_core.experiment import Experiment
from ui import session, stream
from ui.network_view import network_view
from ui.picture import Panels, Picture, Start


@st.fragment
def live_picture(
    page: str, experiment: Experiment, start_of: Start, panels: Panels, *, is_brief: bool = False
) -> None:
    """Draw the run of a page, again and again while it moves.

    Parameters
    ----------
    page : str
        Whose run is drawn.
    experiment, start_of, panels, is_brief
        See `ui.picture.Picture`.
    """
    session.keep_alive()
    if session.take(f"{page}.changed"):  # by a click into the picture: the form must show it
        st.rerun()
    picture: Picture | None = session.peek(f"{page}.picture")
    if picture is None:
        picture = Picture(experiment, start_of, panels, session.owner())
        picture.address = stream.publish(picture)
        session.put(f"{page}.picture", picture)
    picture.experiment, picture.start_of, picture.panels = experiment, start_of, panels
    picture.is_brief = is_brief
    picture.run = session.run_of(page)
    picture.is_log = bool(session.peek(f"{page}.form.log", True))
    around = picture.around
    network_view(picture.frame(), key=f"{page}-picture", on_tick=lambda: None)
    seen = session.peek(f"{page}.seen", around)
    session.put(f"{page}.seen", around)
    if seen != around:
        st.rerun()
