"""Share links of the page Autodiff."""

from __future__ import annotations

from nn_core.autodiff.expressions import Question
from nn_core.errors import Problem
from nn_core.exchange.links import form_links
from ui.autodiff import gradients
from ui.links import deep_link, sharing


def open_link() -> None:
    """Apply the link in the address; call this before the form is shown."""
    deep_link.take_over(gradients.PAGE, _show)


def share(question: Question | None) -> None:
    """Show a button that opens the link to the question in the form."""
    sharing.share(gradients.PAGE, question, form_links.question_to_query)


def _show(query: dict[str, str]) -> list[Problem]:
    question, problems = form_links.question_from_query(query)
    gradients.set_form(question)
    return problems
