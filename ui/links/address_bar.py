"""Keeps the address of a page in step with its form, so that a reload restores the settings."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from nn_core.errors import InvalidExperiment
from nn_core.exchange.links import experiment_links
from nn_core.experiment import Experiment
from ui import session
from ui.components.bundles import bundle
from ui.links.page_list import HOME, PAGES

_component = st.components.v2.component(
    "backprop_live_address",
    html="<span></span>",
    js=bundle("address_bar"),
)


def follow_form(page: str, experiment: Experiment | None, defaults: Experiment) -> None:
    """Set the address of a page to the link to its form's experiment.

    If the form has the defaults, or its experiment is too large for a link, the address has no
    query.

    Parameters
    ----------
    page : str
        The page.
    experiment : Experiment or None
        The form's experiment; None if it is not valid, and then the address stays.
    defaults : Experiment
        The experiment of the page without a link.
    """
    if experiment is None:
        return
    try:
        query = experiment_links.to_query(experiment, defaults)
    except InvalidExperiment:  # Share shows why there is no link
        query = {}
    # The query is known from now on: it is not a link to open.
    session.remember_query(page, {name: [text] for name, text in query.items()})
    _component(
        key=f"{page}-address",
        data={
            "page": page,
            "others": sorted(other.name for other in PAGES if other.name != page),
            "isHome": page == HOME,
            "query": urlencode(query),
        },
        height=1,
    )
