"""Messages about the invalid fields of a link, with the labels of the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nn_core import vocabulary
from nn_core.errors import Problem
from nn_core.exchange.links.experiment_links import OPTION_PREFIX
from nn_core.exchange.links.form_links import A_PREFIX
from nn_core.experiment import Experiment

PAGE_FIELD_LABELS = {
    "mode": "What to compare",
    "backends": "Backends",
    "seeds": "Seeds",
    "solved": "Solved from, % right",
    "expression": "Loss",
    "step": "Step h of central differences",
    "link": "The link",
}
LONGEST_QUOTE = 60
CHOICES: dict[str, Mapping[Any, Any]] = {
    **vocabulary.OF_FIELDS,
    "architecture": vocabulary.ARCHITECTURES,
    "kernel": vocabulary.KERNELS,
    "activations": vocabulary.ACTIVATIONS,
    "dtype": vocabulary.DTYPES,
    "epsilon_form": vocabulary.EPSILON_FORMS,
}


def last_values(every: Mapping[str, Sequence[str]]) -> tuple[dict[str, str], list[Problem]]:
    """The last value of each key of a query, and a problem for each repeated key.

    Examples
    --------
    >>> query, problems = last_values({"seed": ["1", "2"], "epochs": ["9"]})
    >>> query, problems[0].reason
    ({'seed': '2', 'epochs': '9'}, 'it stands 2 times in the link; this is the last')
    """
    query = {name: texts[-1] for name, texts in every.items() if texts}
    problems = [
        Problem(name, texts[-1], f"it stands {len(texts)} times in the link; this is the last")
        for name, texts in every.items()
        if len({*texts}) > 1
    ]
    return query, problems


def problem_sentence(problem: Problem, query: Mapping[str, str]) -> str:
    """A sentence on an invalid field: its label on the page, its text in the link, the reason.

    Examples
    --------
    >>> print(problem_sentence(Problem("hidden", ("x",), "give whole numbers"), {"hidden": "x"}))
    Hidden units (“hidden=x”): give whole numbers
    """
    label, reason = label_of(problem.field), _reason(problem)
    quote = f"“{_quoted(problem, query)}”"
    if problem.field not in query and label:
        return f"{label}: {reason}"
    return f"{label} ({quote}): {reason}" if label else f"{quote}: {reason}"


def label_of(name: str) -> str:
    """The label of a key on the page; empty for an unknown key."""
    if name.startswith(A_PREFIX):
        label = label_of(name.removeprefix(A_PREFIX))
        return f"{label} of A" if label else ""
    if name.startswith(OPTION_PREFIX):
        fields = [entry.options.model_fields for entry in vocabulary.DATASETS.values()]
        option = name.removeprefix(OPTION_PREFIX)
        settings = Experiment.model_fields["dataset_options"]
        return next((str(of[option].title) for of in fields if option in of), str(settings.title))
    if name in Experiment.model_fields:
        return str(Experiment.model_fields[name].title)
    return PAGE_FIELD_LABELS.get(name, "")


def _reason(problem: Problem) -> str:
    """Why it cannot be; of a word that is none, which there are, as the page calls them."""
    words = CHOICES.get(problem.field.removeprefix(A_PREFIX), {})
    if words and problem.is_unknown_name:
        return f"this page has {', '.join(word.label for word in words.values())}"
    return problem.reason


def _quoted(problem: Problem, query: Mapping[str, str]) -> str:
    text = f"{problem.field}={query.get(problem.field, problem.value)}"
    return text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 1] + "…"
