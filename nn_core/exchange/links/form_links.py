"""Convert the forms of Compare, Convergence and Autodiff to the query of a link and back.

Compare has backends and optionally a second experiment, Convergence a number of seeds, Autodiff a
question. As in `nn_core.exchange.links.experiment_links`, a link contains only the differences from
the defaults, and invalid fields are dropped and reported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from nn_core import backends
from nn_core.autodiff.expressions import EXPRESSIONS, STEPS, Question
from nn_core.errors import InvalidExperiment, Problem
from nn_core.exchange.links.experiment_links import (
    LONGEST_LINK,
    OpenedLink,
    check_length,
    from_query,
    to_query,
)
from nn_core.experiment import Experiment
from nn_core.runs.studies.convergence import FEWEST_SEEDS, MOST_SEEDS

A_PREFIX = "a."
"""Prefix of the fields of the stored experiment A."""

FRAMEWORKS, PAIR = "frameworks", "pair"

Query = Mapping[str, str]


@dataclass(frozen=True)
class ComparisonForm:
    """The form of the page Compare.

    Attributes
    ----------
    experiment : Experiment
        The experiment to train on each backend; for a pair, experiment B.
    backends : tuple of str
        Names of two or more backends.
    is_pair : bool
        Whether the page compares two experiments instead of backends.
    experiment_a : Experiment or None
        For a pair, experiment A; None if there is none yet.
    """

    experiment: Experiment
    backends: tuple[str, ...]
    is_pair: bool = False
    experiment_a: Experiment | None = None


@dataclass(frozen=True)
class ConvergenceForm:
    """The form of the page Convergence.

    Attributes
    ----------
    experiment : Experiment
        The experiment to train from each seed; its own seed is the first.
    seeds : int
        Number of seeds.
    solved : float
        Accuracy in percent from which a seed counts as solved, 1 to 100.
    """

    experiment: Experiment
    seeds: int = 20
    solved: float = 100.0


def comparison_to_query(form: ComparisonForm, defaults: ComparisonForm) -> dict[str, str]:
    """Write the differences from the defaults of the page Compare.

    Raises
    ------
    InvalidExperiment
        If it is too large for a link.

    Examples
    --------
    >>> defaults = ComparisonForm(Experiment(), ("jax", "numpy", "torch"))
    >>> comparison_to_query(replace(defaults, backends=("numpy", "torch")), defaults)
    {'backends': 'numpy-torch'}
    >>> pair = replace(defaults, is_pair=True, experiment_a=Experiment(seed=3))
    >>> comparison_to_query(pair, defaults)
    {'mode': 'pair', 'a.dataset': 'xor', 'a.seed': '3'}
    """
    query = {}
    if form.is_pair:
        query["mode"] = PAIR
    if form.backends != defaults.backends:
        query["backends"] = "-".join(form.backends)
    if form.experiment_a is not None:
        # The data set is always written, because it marks the presence of A.
        query_a = {
            "dataset": form.experiment_a.dataset,
            **to_query(form.experiment_a, defaults.experiment),
        }
        query |= {A_PREFIX + name: text for name, text in query_a.items()}
    return check_length({**query, **to_query(form.experiment, defaults.experiment)})


def comparison_from_query(
    query: Query, defaults: ComparisonForm
) -> tuple[ComparisonForm, list[Problem]]:
    """Read the form of the page Compare, or the nearest valid one, and the problems.

    Parameters
    ----------
    query : mapping of str to str
        The query of the link.
    defaults : ComparisonForm
        Defaults of the page; its backends are the available ones.

    Examples
    --------
    >>> defaults = ComparisonForm(Experiment(), ("numpy", "torch"))
    >>> form, problems = comparison_from_query({"mode": "pair", "a.hidden": "2"}, defaults)
    >>> form.experiment_a.hidden, form.experiment.hidden, problems
    ((2,), (3,), [])
    """
    if too_long := _too_long(query):
        return defaults, too_long
    mode = query.get("mode", FRAMEWORKS)
    problems = []
    if mode not in (FRAMEWORKS, PAIR):
        problems.append(Problem("mode", mode, f"choose {FRAMEWORKS} or {PAIR}"))
    query_a = {
        name.removeprefix(A_PREFIX): text
        for name, text in query.items()
        if name.startswith(A_PREFIX)
    }
    of_experiment = {
        name: text
        for name, text in query.items()
        if name not in ("mode", "backends") and not name.startswith(A_PREFIX)
    }
    chosen = defaults.backends
    if "backends" in query:
        chosen, found = _backends(query["backends"], defaults.backends)
        problems += found
    experiment_a = None
    if query_a:
        opened = _dense_experiment(query_a, defaults.experiment)
        experiment_a = opened.experiment
        problems += [
            problem._replace(field=A_PREFIX + problem.field) for problem in opened.problems
        ]
    opened = _dense_experiment(of_experiment, defaults.experiment)
    is_pair = mode == PAIR or experiment_a is not None
    return ComparisonForm(
        opened.experiment, chosen, is_pair, experiment_a
    ), problems + opened.problems


def _dense_experiment(query: Query, defaults: Experiment) -> OpenedLink:
    """Read an experiment for a page that supports dense layers only."""
    requested = query.get("architecture", "dense")
    if requested == "dense":
        return from_query(query, defaults)
    rest = {name: text for name, text in query.items()
            if name not in ("architecture", "channels", "kernel")}  # fmt: skip
    opened = from_query(rest, defaults)
    reason = "this page has networks of dense layers; convolutions are on page Digits"
    return OpenedLink(
        opened.experiment, [Problem("architecture", requested, reason), *opened.problems]
    )


def convergence_to_query(form: ConvergenceForm, defaults: ConvergenceForm) -> dict[str, str]:
    """Write the differences from the defaults of the page Convergence.

    Raises
    ------
    InvalidExperiment
        If it is too large for a link.
    """
    query = {
        name: repr(getattr(form, name))
        for name in ("seeds", "solved")
        if getattr(form, name) != getattr(defaults, name)
    }
    return check_length({**query, **to_query(form.experiment, defaults.experiment)})


def convergence_from_query(
    query: Query, defaults: ConvergenceForm
) -> tuple[ConvergenceForm, list[Problem]]:
    """Read the form of the page Convergence, or the nearest valid one, and the problems.

    Examples
    --------
    >>> form, problems = convergence_from_query({"seeds": "90"}, ConvergenceForm(Experiment()))
    >>> form.seeds, str(problems[0])
    (20, "seeds = '90': choose a whole number from 2 to 60")
    """
    if too_long := _too_long(query):
        return defaults, too_long
    seeds, solved, problems = defaults.seeds, defaults.solved, []
    if "seeds" in query:
        number = _number(query["seeds"])
        if number is not None and FEWEST_SEEDS <= number <= MOST_SEEDS and number == int(number):
            seeds = int(number)
        else:
            reason = f"choose a whole number from {FEWEST_SEEDS} to {MOST_SEEDS}"
            problems.append(Problem("seeds", query["seeds"], reason))
    if "solved" in query:
        number = _number(query["solved"])
        if number is not None and 1 <= number <= 100:
            solved = number
        else:
            reason = "choose a percentage from 1 to 100"
            problems.append(Problem("solved", query["solved"], reason))
    rest = {name: text for name, text in query.items() if name not in ("seeds", "solved")}
    opened = _dense_experiment(rest, defaults.experiment)
    return ConvergenceForm(opened.experiment, seeds, solved), problems + opened.problems


def question_to_query(question: Question) -> dict[str, str]:
    """Write the differences from the default point of the expression.

    Examples
    --------
    >>> question_to_query(Question("relu", (0.5, 2.0, -0.5), (1.0, 1.0, 1.0), 1e-6))
    {'expression': 'relu', 'w2': '2.0', 'step': '1e-06'}
    """
    start = _default_question(question.expression)
    query = {}
    if question.expression != next(iter(EXPRESSIONS)):
        query["expression"] = question.expression
    numbers, defaults = _numbers(question), _numbers(start)
    query |= {name: repr(numbers[name]) for name in numbers if numbers[name] != defaults[name]}
    if question.step != start.step:
        query["step"] = repr(question.step)
    return query


def question_from_query(query: Query) -> tuple[Question, list[Problem]]:
    """Read the question of a query, or the nearest valid one, and the problems.

    Examples
    --------
    >>> question, problems = question_from_query({"w1": "2", "w2": "nan"})
    >>> question.w, str(problems[0])
    ((2.0, 1.0, -1.5), "w2 = 'nan': give a finite number")
    """
    start = _default_question(next(iter(EXPRESSIONS)))
    if too_long := _too_long(query):
        return start, too_long
    problems = []
    rest = dict(query)
    name = rest.pop("expression", start.expression)
    if name in EXPRESSIONS:
        start = _default_question(name)
    else:
        problems.append(Problem("expression", name, f"choose {', '.join(EXPRESSIONS)}"))
    step = start.step
    if "step" in rest:
        text = rest.pop("step")
        requested = _number(text)
        if requested in STEPS:
            step = float(requested or step)
        else:
            reason = f"choose a power of ten from {STEPS[-1]:g} to {STEPS[0]:g}"
            problems.append(Problem("step", text, reason))
    numbers = _numbers(start)
    for name, text in rest.items():
        number = _number(text)
        if name not in numbers:
            problems.append(Problem(name[:40], text, f"{start.expression} has no such number"))
        elif number is None:
            problems.append(Problem(name, text, "give a number"))
        else:
            try:
                _question_with(start, {**numbers, name: number}, step)
                numbers[name] = number
            except InvalidExperiment as error:
                problems.append(error.problems[0]._replace(value=text))
    return _question_with(start, numbers, step), problems


def _default_question(expression: str) -> Question:
    """The question at the default point of an expression."""
    first = EXPRESSIONS[expression]
    return Question(first.name, first.w, first.x)


def _numbers(question: Question) -> dict[str, float]:
    """The numbers of a question by their names in the form: w1, w2, ..., x1, ..."""
    return {
        f"{name}{i}": float(number)
        for name in ("w", "x")
        for i, number in enumerate(getattr(question, name), 1)
    }


def _question_with(start: Question, numbers: Mapping[str, float], step: float) -> Question:
    w, x = (
        tuple(number for name, number in numbers.items() if name[0] == letter) for letter in "wx"
    )
    return replace(start, w=w, x=x, step=step)


def _backends(text: str, possible: Sequence[str]) -> tuple[tuple[str, ...], list[Problem]]:
    """The available backends of a link, in list order, or all if fewer than two are available."""
    requested = text.split("-")
    chosen = tuple(name for name in possible if name in requested)
    problems = []
    unknown = [name for name in requested if name not in backends.names()]
    absent = [name for name in requested if name not in possible and name not in unknown]
    if unknown:
        reason = f"this page has {', '.join(map(backends.label, possible))}"
        problems.append(Problem("backends", "-".join(unknown), reason))
    if absent:
        problems.append(Problem("backends", "-".join(absent), "not installed on this server"))
    if len(chosen) < 2:
        if not problems:
            problems.append(Problem("backends", text, "choose at least two"))
        chosen = tuple(possible)
    return chosen, problems


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _too_long(query: Query) -> list[Problem]:
    if sum(len(name) + len(text) for name, text in query.items()) <= 2 * LONGEST_LINK:
        return []
    return [Problem("link", "…", f"a link has at most {LONGEST_LINK:,} characters")]
