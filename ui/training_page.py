"""A page that trains: its form, the bar, the live picture, and what can be read below it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from nn_core.experiment import Experiment
from ui.details import details_area
from ui.form import commands
from ui.form.experiment_form import experiment_form, last_valid
from ui.form.form_values import Form
from ui.lessons import recipe_card
from ui.links import deep_link
from ui.links.page_list import tasks_of
from ui.live import doctor_card, picture_fragment
from ui.live.picture import Panels, Start
from ui.live.picture_fragment import OnPoint
from ui.live.transport_bar import transport_bar

Show = Callable[[str, Experiment], None]
"""Shows something on a page, for the experiment that its form holds."""


def training_page(
    page: str,
    title: str,
    defaults: Experiment,
    start_of: Start,
    panels: Panels,
    *,
    speed: float | None = None,
    has_architecture: bool = False,
    on_task: Callable[[Form], None] | None = None,
    on_form: Callable[[str, Experiment | None], None] | None = None,
    on_point: OnPoint | None = None,
    beside_title: Show | None = None,
    above_picture: Show | None = None,
) -> None:
    """Show the page; after `ui.session.enter`.

    Parameters
    ----------
    page : str
        The page, as `ui.links.page_list` names it.
    title : str
        Its heading.
    defaults : Experiment
        What its form shows at first.
    start_of : callable
        From an experiment to its first moment, which is shown before there is a run.
    panels : callable
        Which panels the picture has; see `ui.live.panels`.
    speed : float or None
        The speed limit at first, in steps a second; None for no limit.
    has_architecture : bool
        Whether the form asks for an architecture; otherwise the layers are dense.
    on_task : callable, optional
        See `ui.form.form_values.Form`.
    on_form : callable, optional
        Called with the page, and the experiment that the form holds (None where it holds none),
        before the bar is shown.
    on_point : callable, optional
        See `ui.live.picture_fragment.live_picture`.
    beside_title, above_picture : callable, optional
        Show something there.
    """
    if beside_title is None:
        st.title(title)
    else:
        with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
            st.title(title, width="content")
            beside = st.container(width="content")
    deep_link.open_link(page, defaults)
    experiment = experiment_form(
        Form(
            page,
            defaults,
            tasks_of(page),
            has_architecture=has_architecture,
            on_task=on_task,
            on_learning_rate=lambda rate: commands.change_learning_rate(page, rate),
        )
    )
    if on_form:
        on_form(page, experiment)
    transport_bar(page, experiment, speed=speed, defaults=defaults)
    shown = last_valid(page, experiment)
    if above_picture:
        above_picture(page, shown)
    if beside_title:
        with beside:
            beside_title(page, shown)
    picture_fragment.live_picture(page, shown, start_of, panels, on_point=on_point)
    doctor_card.doctor_card(page)
    recipe_card.recipe_card(page, shown)
    details_area.details(page, shown, start_of)
