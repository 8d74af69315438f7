"""Gradients of one expression: one file for each framework, named as the framework is imported.

* The listing of the folder `frameworks` is the list of frameworks; a new one is a new file.
* In a file, a function of ``(w, x)`` computes the expression of its name
  (`nn_core.autodiff.expressions`), in the framework's own words. A framework whose file has no
  such function says so.
* A function of ``(loss, w, x)``, perhaps with a ``step``, is a way to find value and gradient of
  any of them. Its docstring's first line, up to the colon, is its label.
* A framework is imported only by the file of its name, and only when `evaluate` is called: by a
  worker process. Everything else here reads the files as text.

Do not start Python inside the folder `frameworks`: its file names would hide the frameworks.
"""

from __future__ import annotations

import ast
import importlib
import importlib.metadata
import pkgutil
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from nn_core import backends
from nn_core.autodiff import frameworks
from nn_core.errors import BackendUnavailable

REFERENCE = "numpy"


@dataclass(frozen=True)
class Way:
    """One way to find a gradient.

    Attributes
    ----------
    framework : str
        The file that has it.
    function : str
        Its name in that file.
    label : str
        What it is called.
    takes_step : bool
        Whether it depends on a step size.
    """

    framework: str
    function: str
    label: str
    takes_step: bool


@dataclass(frozen=True)
class Answer:
    """Value and gradient of an expression, in float64.

    Attributes
    ----------
    value : float
        The expression's value.
    gradient : ndarray of shape (3,)
        Its derivative by each weight.
    seconds : float
        Time of the second of two evaluations in a row: the first one may trace or compile.
    """

    value: float
    gradient: np.ndarray
    seconds: float


def names() -> list[str]:
    """Names of the frameworks there are: the files in `frameworks`, NumPy's first."""
    found = sorted(module.name for module in pkgutil.iter_modules(frameworks.__path__))
    return sorted(found, key=lambda name: name != REFERENCE)


def label(name: str) -> str:
    """How the framework calls itself, read from the file without importing it."""
    docstring = ast.get_docstring(_tree(name)) or name
    return docstring.splitlines()[0].split(":")[0]


def version(name: str) -> str:
    """The framework's installed version, or nothing where that is not known."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def ways(name: str) -> list[Way]:
    """The ways to find a gradient that a framework's file has."""
    found = []
    for function in _functions(name):
        arguments = [argument.arg for argument in function.args.args]
        if arguments[:3] == ["loss", "w", "x"]:
            title = (ast.get_docstring(function) or function.name).split(":")[0]
            found.append(Way(name, function.name, title, "step" in arguments))
    return found


def all_ways() -> list[Way]:
    """The ways of all frameworks, the one that the others are compared with first."""
    return [way for name in names() for way in ways(name)]


def has(name: str, expression: str) -> bool:
    """Whether a framework's file has a function for this expression."""
    return any(
        function.name == expression and [a.arg for a in function.args.args] == ["w", "x"]
        for function in _functions(name)
    )


def why_not(name: str, expression: str) -> str:
    """Why a framework cannot evaluate this expression here; empty where it can."""
    if name not in names():
        return f"There is no framework {name!r}; choose one of {names()}."
    if not has(name, expression):
        return (
            f"{label(name)} does not know this expression: "
            f"nn_core/autodiff/frameworks/{name}.py has no function {expression!r}."
        )
    if not backends.is_installed(name):
        return (
            f"{label(name)} is not installed on this machine. Install it with “pip install "
            f"{name}” and start the app again."
        )
    return ""


def source(way: Way, expression: str) -> str:
    """The text of all that computes an expression in one way, as it stands in the file.

    The functions of the expression and of the way, and whatever else of the file they use.
    """
    body = _tree(way.framework).body
    wanted, found = {expression, way.function}, set[int]()
    changed = True
    while changed:
        changed = False
        for i, node in enumerate(body):
            if i not in found and (_binds(node) & wanted or _is_call(node)):
                found.add(i)
                wanted |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
                changed = True
    text = ""
    for i in sorted(found):
        is_function = isinstance(body[i], ast.FunctionDef)
        text += ("\n" if is_function else "") + _text(way.framework, body[i]) + "\n"
    return text.strip()


def load(name: str) -> Any:
    """Import a framework's file, and with it the framework.

    Raises
    ------
    BackendUnavailable
        If the framework is not installed, or fails while it is imported.
    """
    if not backends.is_installed(name):
        raise BackendUnavailable(f"{label(name)} is not installed on this machine.")
    try:
        return importlib.import_module(f"{frameworks.__name__}.{name}")
    except Exception as error:
        raise BackendUnavailable(
            f"{label(name)} is installed but could not be imported: "
            f"{type(error).__name__}: {error}. Reinstall it."
        ) from error


def evaluate(
    framework: str,
    way: str,
    expression: str,
    w: list[float],
    x: list[float],
    step: float | None = None,
) -> Answer:
    """Value and gradient of an expression. Imports the framework.

    Parameters
    ----------
    framework, way, expression : str
        One of `names()`, the function of one of its `ways`, and a function of its file.
    w, x : list of float
        Where.
    step : float, optional
        For a way that takes one.

    Raises
    ------
    BackendUnavailable
        If the framework is absent or does not know this expression.
    """
    if reason := why_not(framework, expression):
        raise BackendUnavailable(reason)
    if way not in [known.function for known in ways(framework)]:
        raise BackendUnavailable(f"{label(framework)} has no way {way!r}.")
    module = load(framework)
    w, x = [float(number) for number in w], [float(number) for number in x]
    options = {} if step is None else {"step": float(step)}
    value, gradient, seconds = 0.0, np.empty(0), 0.0
    for _ in range(2):
        start = time.perf_counter()
        value, gradient = getattr(module, way)(getattr(module, expression), w, x, **options)
        value, gradient = float(value), np.array(gradient, dtype=np.float64)
        seconds = time.perf_counter() - start
    return Answer(value, gradient, seconds)


@cache
def _lines(name: str) -> list[str]:
    return Path(frameworks.__path__[0], f"{name}.py").read_text(encoding="utf-8").splitlines()


@cache
def _tree(name: str) -> ast.Module:
    return ast.parse("\n".join(_lines(name)))


def _functions(name: str) -> list[ast.FunctionDef]:
    return [node for node in _tree(name).body if isinstance(node, ast.FunctionDef)]


def _text(name: str, node: ast.stmt) -> str:
    """The lines of a statement, with the comment right above it."""
    lines, first = _lines(name), node.lineno - 1
    while first > 0 and lines[first - 1].startswith("#"):
        first -= 1
    return "\n".join(lines[first : node.end_lineno])


def _binds(node: ast.stmt) -> set[str]:
    """The names that a statement at the top of a file defines."""
    match node:
        case ast.FunctionDef(name=name):
            return {name}
        case ast.Assign(targets=targets):
            return {target.id for target in targets if isinstance(target, ast.Name)}
        case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
            return {(alias.asname or alias.name).split(".")[0] for alias in aliases}
    return set()


def _is_call(node: ast.stmt) -> bool:
    """Whether a statement sets something up, as JAX' float64 is."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
