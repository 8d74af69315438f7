"""Experiments as standalone programs in the idiom of a framework.

A script draws its weights, batches and dropout masks as the app does, and therefore prints the
same losses as the app. It consists of pieces, each of which can be read separately: a notebook has
a cell for each.

* The listing of the folder `dialects` is the list of dialects; a new dialect is a new file, with
  ``BACKEND``, its backend, ``refusal(plan)``, which returns a sentence where the dialect cannot
  express the plan, and ``pieces(plan)``.
* The first line of its docstring, up to the colon, is its label; the rest of the line describes
  the dialect.
* Values are written into a script only as literals: see `nn_core.exchange.programs.source.literal`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from types import ModuleType

from nn_core import backends, datasets, vocabulary
from nn_core.exchange.programs import data, dialects
from nn_core.exchange.programs.plan import Plan, plan_of
from nn_core.exchange.programs.source import Piece, spaced
from nn_core.experiment import Experiment

EMPTY = "There is nothing to learn from yet: place a point first."


@dataclass(frozen=True)
class Script:
    """A program, or the reason why there is none.

    Attributes
    ----------
    dialect : str
        One of `names()`.
    pieces : tuple of Piece
        Its parts, in order; the imports first. Empty where it is refused.
    refusal : str
        Why the dialect cannot express the experiment, as a sentence; empty where it can.
    packages : tuple of str
        Required packages, by their names on the screen.
    companion : str
        Content of the file `nn_core.exchange.programs.data.COMPANION` beside the script; empty
        where it needs none.
    """

    dialect: str
    pieces: tuple[Piece, ...]
    refusal: str = ""
    packages: tuple[str, ...] = ()
    companion: str = ""

    @property
    def text(self) -> str:
        """The whole program; empty where it is refused."""
        lines: list[str] = []
        for piece in self.pieces:
            if lines:
                lines.append("")
            if piece.title:
                lines.append(f"# {piece.title}")
            lines += piece.lines
        return spaced(lines) if lines else ""


def names(backend: str | None = None) -> list[str]:
    """Names of all dialects: the files in the folder `dialects`.

    Parameters
    ----------
    backend : str, optional
        Only those of this backend.
    """
    found = sorted(module.name for module in pkgutil.iter_modules(dialects.__path__))
    return [name for name in found if backend in (None, _dialect(name).BACKEND)]


def backend_of(name: str) -> str:
    """The backend that a dialect belongs to."""
    return str(_dialect(name).BACKEND)


def label(name: str) -> str:
    """The label of a dialect."""
    return _headline(name)[0]


def meaning(name: str) -> str:
    """The description of a dialect, as a phrase."""
    return _headline(name)[1]


@lru_cache(maxsize=64)
def script(experiment: Experiment, dialect: str) -> Script:
    """The program that trains an experiment, in a dialect.

    The experiment's backend is ignored: the program is for the dialect's framework.

    Parameters
    ----------
    experiment : Experiment
    dialect : str
        One of `names()`.

    Raises
    ------
    InvalidExperiment
        If the initializer is "given" and there are no given weights.

    Examples
    --------
    >>> found = script(Experiment(dataset="or", hidden=()), "torch_4_module")
    >>> "nn.Linear(2, 1)" in found.text
    True
    """
    module = _dialect(dialect)
    plan = plan_of(experiment)
    why = _refusal(plan, module) if plan.n_rows else EMPTY
    if why:
        return Script(dialect, (), refusal=why)
    first, *others = module.pieces(plan)
    task = datasets.describe(experiment.dataset).label
    units = f"{'convolutions and ' if plan.front else ''}{'-'.join(map(str, plan.sizes))} units"
    what = f"{task} with {units}, in {backends.label(module.BACKEND)}"
    first = Piece("", (f'"""{what[0].upper()}{what[1:]}."""', "", *first.lines))
    return Script(
        dialect,
        (first, *others),
        packages=tuple(_packages(plan, module.BACKEND)),
        companion=data.companion(plan),
    )


def _packages(plan: Plan, backend: str) -> Iterator[str]:
    yield "NumPy"
    if backend == "keras":
        yield backends.label(plan.engine)
    if backend != "numpy":
        yield backends.label(backend)
    if any("sklearn" in line for line in data.imports(plan)):
        yield "scikit-learn"


def _refusal(plan: Plan, module: ModuleType) -> str:
    why = vocabulary.ARCHITECTURES[plan.experiment.architecture].why_not(module.BACKEND)
    return f"{why[0].upper()}{why[1:]}." if why else str(module.refusal(plan))


def _headline(name: str) -> tuple[str, str]:
    headline = (_dialect(name).__doc__ or name).splitlines()[0]
    label, _, meaning = headline.partition(": ")
    return label, meaning.rstrip(".")


@cache
def _dialect(name: str) -> ModuleType:
    return importlib.import_module(f"{dialects.__name__}.{name}")
