"""The question of the page Autodiff as a link, and from one."""

from __future__ import annotations

from nn_core.autodiff.expressions import Question
from nn_core.errors import Problem
from nn_core.exchange.links import form_links
from ui.autodiff import gradients
from ui.links import deep_link, sharing


def open_link() -> None:
    """Let the page begin with what its address says; before its form is shown."""
    deep_link.take_over(gradients.PAGE, _show)


def share(question: Question | None) -> None:
    """Show a button that opens the link to what the page's form asks."""
    sharing.share(gradients.PAGE, question, form_links.question_to_query)


def _show(query: dict[str, str]) -> list[Problem]:
    question, problems = form_links.question_from_query(query)
    gradients.fill_in(question)
    return problems
