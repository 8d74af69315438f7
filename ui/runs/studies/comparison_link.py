"""Writes the state of the page Compare as a link, and opens such links."""

from __future__ import annotations

import streamlit as st

from nn_core import backends
from nn_core.errors import Problem
from nn_core.exchange.links import form_links
from nn_core.exchange.links.form_links import A_PREFIX, ComparisonForm
from nn_core.experiment import Experiment
from ui import session
from ui import session_keys as keys
from ui.form.form_fields import load
from ui.links import deep_link, link_device, sharing

PAGE = "compare"
MODES = {
    form_links.FRAMEWORKS: "One experiment, several backends",
    form_links.PAIR: "Two experiments, A and B",
}
DEFAULTS = Experiment()


def open_link() -> None:
    """Load the link in the page's address, before its form is shown."""
    deep_link.take_over(PAGE, _show)


def choose_mode() -> bool:
    """Show the choice of the kind of comparison; return whether it is two experiments."""
    session.value(keys.COMPARISON_MODE, form_links.FRAMEWORKS)
    mode = st.segmented_control(
        "What to compare",
        list(MODES),
        format_func=MODES.__getitem__,
        key=keys.COMPARISON_MODE,
        required=True,
        label_visibility="collapsed",
        help="Frameworks against NumPy, or two set-ups against each other.",
    )
    return mode == form_links.PAIR


def share(experiment: Experiment | None, *, is_pair: bool) -> None:
    """Show a button that opens the link to the state of the page, after its widgets are drawn."""
    chosen = session.peek(keys.COMPARED_BACKENDS, ())
    form = None
    if experiment is not None and is_pair:
        kept = session.peek(keys.KEPT_AS_A)
        form = ComparisonForm(experiment, installed(), is_pair=True, experiment_a=kept)
    elif experiment is not None and len(chosen) > 1:
        form = ComparisonForm(experiment, tuple(name for name in installed() if name in chosen))
    sharing.share(PAGE, form, _query)


def installed() -> tuple[str, ...]:
    """The installed backends, which can be compared."""
    return tuple(name for name in backends.names() if backends.is_installed(name))


def _defaults() -> ComparisonForm:
    return ComparisonForm(DEFAULTS, installed())


def _query(form: ComparisonForm) -> dict[str, str]:
    return form_links.comparison_to_query(form, _defaults())


def _show(query: dict[str, str]) -> list[Problem]:
    form, problems = form_links.comparison_from_query(query, _defaults())
    experiment, absent = link_device.on_this_machine(form.experiment)
    load(PAGE, experiment)
    session.put(keys.COMPARISON_MODE, form_links.PAIR if form.is_pair else form_links.FRAMEWORKS)
    if form.is_pair:
        kept = form.experiment_a
        if kept is not None:
            kept, of_kept = link_device.on_this_machine(kept)
            absent += [problem._replace(field=A_PREFIX + problem.field) for problem in of_kept]
        session.put(keys.KEPT_AS_A, kept)
    else:
        session.put(keys.COMPARED_BACKENDS, list(form.backends))
    return problems + absent
