"""Forms that hold more than one experiment, or another thing, as the query of a link, and back.

The page Compare holds backends and perhaps a second experiment, Convergence a number of seeds,
Autodiff a question. As in `nn_core.exchange.links.experiment_links`, only what differs from the
defaults is written, and what is wrong in a link is dropped and named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from nn_core import backends
from nn_core.autodiff.expressions import EXPRESSIONS, STEPS, Question
from nn_core.errors import InvalidExperiment, Problem
from nn_core.exchange.links.experiment_links import (
    LONGEST_LINK,
    Opened,
    fitting,
    from_query,
    to_query,
)
from nn_core.experiment import Experiment
from nn_core.runs.studies.convergence import FEWEST_SEEDS, MOST_SEEDS

KEPT = "a."
"""Before the name of a field of the experiment that is kept as A."""

FRAMEWORKS, PAIR = "frameworks", "pair"

Query = Mapping[str, str]


@dataclass(frozen=True)
class ComparisonForm:
    """What the page Compare holds.

    Attributes
    ----------
    experiment : Experiment
        To be trained on each backend; for a pair, B.
    backends : tuple of str
        Two or more.
    is_pair : bool
        Whether two experiments are compared, not backends.
    kept : Experiment or None
        For a pair, A; None where none is kept yet.
    """

    experiment: Experiment
    backends: tuple[str, ...]
    is_pair: bool = False
    kept: Experiment | None = None


@dataclass(frozen=True)
class ConvergenceForm:
    """What the page Convergence holds.

    Attributes
    ----------
    experiment : Experiment
        To be trained from each seed; its own is the first.
    seeds : int
        How many.
    solved : float
        Percentage of right answers from which a seed has solved the task, 1 to 100.
    """

    experiment: Experiment
    seeds: int = 20
    solved: float = 100.0


def comparison_to_query(form: ComparisonForm, defaults: ComparisonForm) -> dict[str, str]:
    """What differs from the defaults of the page Compare, as text.

    Raises
    ------
    InvalidExperiment
        If it is too large for a link.

    Examples
    --------
    >>> defaults = ComparisonForm(Experiment(), ("jax", "numpy", "torch"))
    >>> comparison_to_query(replace(defaults, backends=("numpy", "torch")), defaults)
    {'backends': 'numpy-torch'}
    >>> comparison_to_query(replace(defaults, is_pair=True, kept=Experiment(seed=3)), defaults)
    {'mode': 'pair', 'a.dataset': 'xor', 'a.seed': '3'}
    """
    query = {}
    if form.is_pair:
        query["mode"] = PAIR
    if form.backends != defaults.backends:
        query["backends"] = "-".join(form.backends)
    if form.kept is not None:
        # Its task is always written: that is what says that there is an A.
        of_kept = {"dataset": form.kept.dataset, **to_query(form.kept, defaults.experiment)}
        query |= {KEPT + name: text for name, text in of_kept.items()}
    return fitting({**query, **to_query(form.experiment, defaults.experiment)})


def comparison_from_query(
    query: Query, defaults: ComparisonForm
) -> tuple[ComparisonForm, list[Problem]]:
    """What a query asks of the page Compare, or else the nearest, and what was wrong in it.

    Parameters
    ----------
    query : mapping of str to str
        Of the link.
    defaults : ComparisonForm
        Those of the page; their backends are all that can be chosen.

    Examples
    --------
    >>> defaults = ComparisonForm(Experiment(), ("numpy", "torch"))
    >>> form, problems = comparison_from_query({"mode": "pair", "a.hidden": "2"}, defaults)
    >>> form.kept.hidden, form.experiment.hidden, problems
    ((2,), (3,), [])
    """
    if too_long := _too_long(query):
        return defaults, too_long
    mode = query.get("mode", FRAMEWORKS)
    problems = []
    if mode not in (FRAMEWORKS, PAIR):
        problems.append(Problem("mode", mode, f"choose {FRAMEWORKS} or {PAIR}"))
    of_kept = {
        name.removeprefix(KEPT): text for name, text in query.items() if name.startswith(KEPT)
    }
    of_experiment = {
        name: text
        for name, text in query.items()
        if name not in ("mode", "backends") and not name.startswith(KEPT)
    }
    chosen = defaults.backends
    if "backends" in query:
        chosen, found = _backends(query["backends"], defaults.backends)
        problems += found
    kept = None
    if of_kept:
        opened = _of_dense_layers(of_kept, defaults.experiment)
        kept = opened.experiment
        problems += [problem._replace(field=KEPT + problem.field) for problem in opened.problems]
    opened = _of_dense_layers(of_experiment, defaults.experiment)
    is_pair = mode == PAIR or kept is not None
    return ComparisonForm(opened.experiment, chosen, is_pair, kept), problems + opened.problems


def _of_dense_layers(query: Query, defaults: Experiment) -> Opened:
    """The experiment of a query, on a page whose form has dense layers alone."""
    asked = query.get("architecture", "dense")
    if asked == "dense":
        return from_query(query, defaults)
    rest = {name: text for name, text in query.items()
            if name not in ("architecture", "channels", "kernel")}  # fmt: skip
    opened = from_query(rest, defaults)
    reason = "this page has networks of dense layers; convolutions are on page Digits"
    return Opened(opened.experiment, [Problem("architecture", asked, reason), *opened.problems])


def convergence_to_query(form: ConvergenceForm, defaults: ConvergenceForm) -> dict[str, str]:
    """What differs from the defaults of the page Convergence, as text.

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
    return fitting({**query, **to_query(form.experiment, defaults.experiment)})


def convergence_from_query(
    query: Query, defaults: ConvergenceForm
) -> tuple[ConvergenceForm, list[Problem]]:
    """What a query asks of the page Convergence, or else the nearest, and what was wrong in it.

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
    opened = _of_dense_layers(rest, defaults.experiment)
    return ConvergenceForm(opened.experiment, seeds, solved), problems + opened.problems


def question_to_query(question: Question) -> dict[str, str]:
    """What differs from where the first expression, or the one that is chosen, begins.

    Examples
    --------
    >>> question_to_query(Question("relu", (0.5, 2.0, -0.5), (1.0, 1.0, 1.0), 1e-6))
    {'expression': 'relu', 'w2': '2.0', 'step': '1e-06'}
    """
    start = _start(question.expression)
    query = {}
    if question.expression != next(iter(EXPRESSIONS)):
        query["expression"] = question.expression
    numbers, defaults = _numbers(question), _numbers(start)
    query |= {name: repr(numbers[name]) for name in numbers if numbers[name] != defaults[name]}
    if question.step != start.step:
        query["step"] = repr(question.step)
    return query


def question_from_query(query: Query) -> tuple[Question, list[Problem]]:
    """The question that a query asks, or else the nearest one, and what was wrong in it.

    Examples
    --------
    >>> question, problems = question_from_query({"w1": "2", "w2": "nan"})
    >>> question.w, str(problems[0])
    ((2.0, 1.0, -1.5), "w2 = 'nan': give a finite number")
    """
    start = _start(next(iter(EXPRESSIONS)))
    if too_long := _too_long(query):
        return start, too_long
    problems = []
    rest = dict(query)
    name = rest.pop("expression", start.expression)
    if name in EXPRESSIONS:
        start = _start(name)
    else:
        problems.append(Problem("expression", name, f"choose {', '.join(EXPRESSIONS)}"))
    step = start.step
    if "step" in rest:
        text = rest.pop("step")
        wanted = _number(text)
        if wanted in STEPS:
            step = float(wanted or step)
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
                _asked(start, {**numbers, name: number}, step)
                numbers[name] = number
            except InvalidExperiment as error:
                problems.append(error.problems[0]._replace(value=text))
    return _asked(start, numbers, step), problems


def _start(expression: str) -> Question:
    """An expression where it is differentiated at first."""
    first = EXPRESSIONS[expression]
    return Question(first.name, first.w, first.x)


def _numbers(question: Question) -> dict[str, float]:
    """By the names that the form shows: w1, w2, ..., x1, ..."""
    return {
        f"{name}{i}": float(number)
        for name in ("w", "x")
        for i, number in enumerate(getattr(question, name), 1)
    }


def _asked(start: Question, numbers: Mapping[str, float], step: float) -> Question:
    w, x = (
        tuple(number for name, number in numbers.items() if name[0] == letter) for letter in "wx"
    )
    return replace(start, w=w, x=x, step=step)


def _backends(text: str, possible: Sequence[str]) -> tuple[tuple[str, ...], list[Problem]]:
    """Those of a link that can be chosen here, in the order of the list; all where too few can."""
    asked = text.split("-")
    chosen = tuple(name for name in possible if name in asked)
    problems = []
    unknown = [name for name in asked if name not in backends.names()]
    absent = [name for name in asked if name not in possible and name not in unknown]
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
