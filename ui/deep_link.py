"""Opening a link: the form takes over what its query says, and what is wrong in it is named."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from nn_core import datasets, links
from nn_core.errors import Problem
from nn_core.experiment import Experiment
from ui import session, transport
from ui.plain import plain

MOST_NAMED = 6


def open_link(page: str, defaults: Experiment) -> None:
    """Let a page with a picture begin with the experiment in its address.

    Parameters
    ----------
    page : str
        The page.
    defaults : Experiment
        What a link leaves out.
    """

    def show(query: dict[str, str]) -> list[Problem]:
        opened = links.from_query(query, defaults, datasets.names(page))
        transport.show(page, opened.experiment)
        session.put(f"{page}.recipe", None)
        return opened.problems

    take_over(page, show)


def take_over(page: str, show: Callable[[dict[str, str]], Sequence[Problem]]) -> None:
    """Let a form take over the query of the page's address; before the form is shown.

    Each link is opened once: what is changed in the form afterwards stays changed. What the page
    itself wrote into its address is no link; see `ui.address`.

    Parameters
    ----------
    page : str
        The page.
    show : callable
        Lets the form show what a query says; returns what was wrong in it.
    """
    query = session.query()
    if query and session.is_new_query(page, query):
        session.put(f"{page}.link_problems", show(query))
    problems = session.peek(f"{page}.link_problems", ())
    if problems:
        _name(page, problems)


def _name(page: str, problems: Sequence[Problem]) -> None:
    named = problems[:MOST_NAMED]
    rest = len(problems) - len(named)
    lines = "".join(f"\n- {plain(problem, 300)}" for problem in named)
    more = f"\n- and {rest} more" if rest else ""
    with st.container(key=f"{page}-link"):
        st.warning(
            "Not all of the link could be opened. This was left as it is by default; the rest is "
            f"as the link says:{lines}{more}",
            icon=":material/link_off:",
        )
        st.button(
            "Understood", key=f"{page}.link_seen", on_click=session.put,
            args=(f"{page}.link_problems", ()), help="Takes this note away.",
        )  # fmt: skip
