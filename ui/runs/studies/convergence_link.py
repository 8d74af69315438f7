"""Writes the state of the page Convergence as a link, and opens such links."""

from __future__ import annotations

from nn_core.errors import Problem
from nn_core.exchange.links import form_links
from nn_core.exchange.links.form_links import ConvergenceForm
from nn_core.experiment import Experiment
from ui import session
from ui import session_keys as keys
from ui.form.form_fields import load
from ui.links import deep_link, link_device, sharing

PAGE = "convergence"


def open_link(defaults: Experiment) -> None:
    """Load the link in the page's address, before its form is shown."""

    def show(query: dict[str, str]) -> list[Problem]:
        form, problems = form_links.convergence_from_query(query, ConvergenceForm(defaults))
        experiment, absent = link_device.on_this_machine(form.experiment)
        load(PAGE, experiment)
        session.put(keys.SEED_COUNT, form.seeds)
        session.put(keys.SOLVED_FROM, form.solved)
        return problems + absent

    deep_link.take_over(PAGE, show)


def share(experiment: Experiment | None, defaults: Experiment) -> None:
    """Show a button that opens the link to the state of the page's form."""
    form = None
    if experiment is not None:
        seeds, solved = session.peek(keys.SEED_COUNT), session.peek(keys.SOLVED_FROM)
        form = ConvergenceForm(experiment, int(seeds), float(solved))
    sharing.share(
        PAGE,
        form,
        lambda held: form_links.convergence_to_query(held, ConvergenceForm(defaults)),
    )
