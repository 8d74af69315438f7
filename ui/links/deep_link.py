"""Opens links: loads the query of an address into the form, and reports what is invalid in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from nn_core.errors import Problem
from nn_core.exchange.links import experiment_links, link_problems
from nn_core.experiment import Experiment
from ui import session
from ui import session_keys as keys
from ui.components.plain_text import plain
from ui.form import commands
from ui.links import link_device, page_list

MOST_NAMED = 6


def open_link(page: str, defaults: Experiment) -> None:
    """Load the experiment in the address of a page with a live picture.

    Parameters
    ----------
    page : str
        The page.
    defaults : Experiment
        The settings that a link omits.
    """

    def show(query: dict[str, str]) -> list[Problem]:
        opened = experiment_links.from_query(
            query, defaults, page_list.tasks_of(page), page_list.title_of
        )
        experiment, absent = link_device.on_this_machine(opened.experiment)
        commands.open_experiment(page, experiment)
        session.put(keys.recipe(page), None)
        return [*opened.problems, *absent]

    take_over(page, show)


def take_over(page: str, show: Callable[[dict[str, str]], Sequence[Problem]]) -> None:
    """Load the query of the page's address into a form, before the form is shown.

    Each link is opened once, so that later changes in the form are kept. A query that the page
    itself wrote into its address is not opened; see `ui.links.address_bar`.

    Parameters
    ----------
    page : str
        The page.
    show : callable
        Loads a query into the form; returns what was invalid in it.
    """
    every = session.query()
    if every and not session.is_known_query(page, every):
        query, repeated = link_problems.last_values(every)
        problems = [*repeated, *show(query)]
        session.put(
            keys.link_problems(page),
            [link_problems.problem_sentence(problem, query) for problem in problems],
        )
        session.remember_query(page, every)  # only now: a click may interrupt the slow call before
    if sentences := session.peek(keys.link_problems(page), ()):
        _name(page, sentences)


def _name(page: str, sentences: Sequence[str]) -> None:
    named = sentences[:MOST_NAMED]
    rest = len(sentences) - len(named)
    lines = "".join(f"\n- {plain(sentence, 300)}" for sentence in named)
    more = f"\n- and {rest} more" if rest else ""
    with st.container(key=f"{page}-link"):
        st.warning(
            "Not all of the link could be opened. What is named here is as it is by default, "
            f"unless its line says otherwise; the rest is as the link says:{lines}{more}",
            icon=":material/link_off:",
        )
        st.button(
            "Understood", key=keys.button(page, "link_seen"), on_click=session.put,
            args=(keys.link_problems(page), ()), help="Takes this note away.",
        )  # fmt: skip
