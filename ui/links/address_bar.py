"""The address of a page follows its form, so that a reload brings the settings back."""

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
    """Let the address of a page be the link to what its form holds.

    Nothing is written where the form holds the defaults, or what is too large for a link: then
    the address is that of the page.

    Parameters
    ----------
    page : str
        The page.
    experiment : Experiment or None
        What its form holds; None where that is nothing valid, and the address stays.
    defaults : Experiment
        What the form shows to whoever opens the page without a link.
    """
    if experiment is None:
        return
    try:
        query = experiment_links.to_query(experiment, defaults)
    except InvalidExperiment:  # Share says why there is no link
        query = {}
    # From now on it is not new: what we write is no link to open.
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
