"""What is wrong in a link, in the words of the page that it opens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nn_core import vocabulary
from nn_core.errors import Problem
from nn_core.exchange.links.experiment_links import OPTION
from nn_core.exchange.links.form_links import KEPT
from nn_core.experiment import Experiment

_OF_PAGES = {
    "mode": "What to compare",
    "backends": "Backends",
    "seeds": "Seeds",
    "solved": "Solved from, % right",
    "expression": "Loss",
    "step": "Step h of central differences",
    "link": "The link",
}
LONGEST_QUOTE = 60
_WORDS: dict[str, Mapping[Any, Any]] = {
    **vocabulary.OF_FIELDS,
    "architecture": vocabulary.ARCHITECTURES,
    "kernel": vocabulary.KERNELS,
    "activations": vocabulary.ACTIVATIONS,
    "dtype": vocabulary.DTYPES,
    "epsilon_form": vocabulary.EPSILON_FORMS,
}


def last_of_each(every: Mapping[str, Sequence[str]]) -> tuple[dict[str, str], list[Problem]]:
    """A query in which each key stands once, and a problem for each that stood more than once.

    Examples
    --------
    >>> query, problems = last_of_each({"seed": ["1", "2"], "epochs": ["9"]})
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


def in_words(problem: Problem, query: Mapping[str, str]) -> str:
    """A sentence on what is wrong: the label on the page, what the link says, and why it cannot be.

    Examples
    --------
    >>> print(in_words(Problem("hidden", ("x",), "give whole numbers"), {"hidden": "x"}))
    Hidden units (“hidden=x”): give whole numbers
    """
    label, reason = label_of(problem.field), _reason(problem)
    quote = f"“{_quoted(problem, query)}”"
    if problem.field not in query and label:
        return f"{label}: {reason}"
    return f"{label} ({quote}): {reason}" if label else f"{quote}: {reason}"


def label_of(name: str) -> str:
    """What the page calls a key of a link; empty where it knows no such key."""
    if name.startswith(KEPT):
        label = label_of(name.removeprefix(KEPT))
        return f"{label} of A" if label else ""
    if name.startswith(OPTION):
        fields = [entry.options.model_fields for entry in vocabulary.DATASETS.values()]
        option = name.removeprefix(OPTION)
        settings = Experiment.model_fields["dataset_options"]
        return next((str(of[option].title) for of in fields if option in of), str(settings.title))
    if name in Experiment.model_fields:
        return str(Experiment.model_fields[name].title)
    return _OF_PAGES.get(name, "")


def _reason(problem: Problem) -> str:
    """Why it cannot be; of a word that is none, which there are, as the page calls them."""
    words = _WORDS.get(problem.field.removeprefix(KEPT), {})
    if words and problem.is_unknown_name:
        return f"this page has {', '.join(word.label for word in words.values())}"
    return problem.reason


def _quoted(problem: Problem, query: Mapping[str, str]) -> str:
    text = f"{problem.field}={query.get(problem.field, problem.value)}"
    return text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 1] + "…"
