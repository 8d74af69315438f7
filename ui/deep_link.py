"""Opening a link: the form takes over what its query says, and what is wrong in it is named."""

from __future__ import annotations

import streamlit as st

from nn_core import datasets, links
from nn_core.experiment import Experiment
from ui import session, transport
from ui.plain import plain

MOST_NAMED = 6


def open_link(page: str, defaults: Experiment) -> None:
    """Let a page begin with the experiment in its address; before its form is shown.

    Each link is opened once: what is changed in the form afterwards stays changed.

    Parameters
    ----------
    page : str
        The page.
    defaults : Experiment
        What a link leaves out.
    """
    query = session.query()
    if query and query != session.peek(f"{page}.link"):
        session.put(f"{page}.link", query)
        opened = links.from_query(query, defaults, datasets.names(page))
        session.put(f"{page}.link_problems", opened.problems)
        transport.show(page, opened.experiment)
        session.put(f"{page}.recipe", None)
    problems = session.peek(f"{page}.link_problems", ())
    if not problems:
        return
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
