"""Gradients of an expression: one file for each framework, with the framework's import name.

* The listing of the folder `frameworks` is the list of frameworks; a new one is a new file.
* In a file, a function of ``(w, x)`` computes the expression of its name
  (`nn_core.autodiff.expressions`) with the framework. Without such a function the framework does
  not support the expression.
* A function of ``(loss, w, x)``, optionally with a ``step``, is a method that computes value and
  gradient of any expression. The first line of its docstring, up to the colon, is its label.
* Only the file of its name imports a framework, and only `evaluate`, called by a worker process,
  imports the file. All other functions here read the files as text.

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
class GradientMethod:
    """A method to compute a gradient.

    Attributes
    ----------
    framework : str
        The file that contains it.
    function : str
        Name of its function in that file.
    label : str
        Label on the page.
    takes_step : bool
        Whether it has a step size.
    """

    framework: str
    function: str
    label: str
    takes_step: bool


@dataclass(frozen=True)
class GradientResult:
    """Value and gradient of an expression, in float64.

    Attributes
    ----------
    value : float
        Value of the expression.
    gradient : ndarray of shape (3,)
        Its derivative by each weight.
    seconds : float
        Duration of the second of two evaluations; the first may include tracing or compilation.
    """

    value: float
    gradient: np.ndarray
    seconds: float


def names() -> list[str]:
    """Names of the frameworks, which are the files in `frameworks`; NumPy first."""
    found = sorted(module.name for module in pkgutil.iter_modules(frameworks.__path__))
    return sorted(found, key=lambda name: name != REFERENCE)


def label(name: str) -> str:
    """Display name of a framework, read from its file without importing it."""
    docstring = ast.get_docstring(_tree(name)) or name
    return docstring.splitlines()[0].split(":")[0]


def version(name: str) -> str:
    """The installed version of a framework; empty if unknown."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def methods(name: str) -> list[GradientMethod]:
    """The gradient methods in a framework's file."""
    found = []
    for function in _functions(name):
        arguments = [argument.arg for argument in function.args.args]
        if arguments[:3] == ["loss", "w", "x"]:
            title = (ast.get_docstring(function) or function.name).split(":")[0]
            found.append(GradientMethod(name, function.name, title, "step" in arguments))
    return found


def all_methods() -> list[GradientMethod]:
    """The gradient methods of all frameworks, the reference first."""
    return [method for name in names() for method in methods(name)]


def has(name: str, expression: str) -> bool:
    """Whether a framework's file has a function for this expression."""
    return any(
        function.name == expression and [a.arg for a in function.args.args] == ["w", "x"]
        for function in _functions(name)
    )


def why_not(name: str, expression: str) -> str:
    """Why a framework cannot evaluate this expression; empty if it can."""
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


def source(method: GradientMethod, expression: str) -> str:
    """Source code of an expression and a gradient method, as it stands in the file.

    It contains both functions and everything else of the file that they use.
    """
    body = _tree(method.framework).body
    names_used, found = {expression, method.function}, set[int]()
    changed = True
    while changed:
        changed = False
        for i, node in enumerate(body):
            if i not in found and (_binds(node) & names_used or _is_call(node)):
                found.add(i)
                names_used |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
                changed = True
    text = ""
    for i in sorted(found):
        is_function = isinstance(body[i], ast.FunctionDef)
        text += ("\n" if is_function else "") + _text(method.framework, body[i]) + "\n"
    return text.strip()


def load(name: str) -> Any:
    """Import a framework's file, and thereby the framework.

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
    method: str,
    expression: str,
    w: list[float],
    x: list[float],
    step: float | None = None,
) -> GradientResult:
    """Evaluate value and gradient of an expression; this imports the framework.

    Parameters
    ----------
    framework, method, expression : str
        One of `names()`, the function of one of its `methods`, and a function of its file.
    w, x : list of float
        The point of evaluation.
    step : float, optional
        Step size, for a method that takes one.

    Raises
    ------
    BackendUnavailable
        If the framework is not installed, or has no such expression or method.
    """
    if reason := why_not(framework, expression):
        raise BackendUnavailable(reason)
    if method not in [known.function for known in methods(framework)]:
        raise BackendUnavailable(f"{label(framework)} has no way {method!r}.")
    module = load(framework)
    w, x = [float(number) for number in w], [float(number) for number in x]
    options = {} if step is None else {"step": float(step)}
    value, gradient, seconds = 0.0, np.empty(0), 0.0
    for _ in range(2):
        start = time.perf_counter()
        value, gradient = getattr(module, method)(getattr(module, expression), w, x, **options)
        value, gradient = float(value), np.array(gradient, dtype=np.float64)
        seconds = time.perf_counter() - start
    return GradientResult(value, gradient, seconds)


@cache
def _lines(name: str) -> list[str]:
    return Path(frameworks.__path__[0], f"{name}.py").read_text(encoding="utf-8").splitlines()


@cache
def _tree(name: str) -> ast.Module:
    return ast.parse("\n".join(_lines(name)))


def _functions(name: str) -> list[ast.FunctionDef]:
    return [node for node in _tree(name).body if isinstance(node, ast.FunctionDef)]


def _text(name: str, node: ast.stmt) -> str:
    """The lines of a statement, with the comment directly above it."""
    lines, first = _lines(name), node.lineno - 1
    while first > 0 and lines[first - 1].startswith("#"):
        first -= 1
    return "\n".join(lines[first : node.end_lineno])


def _binds(node: ast.stmt) -> set[str]:
    """The names that a top-level statement defines."""
    match node:
        case ast.FunctionDef(name=name):
            return {name}
        case ast.Assign(targets=targets):
            return {target.id for target in targets if isinstance(target, ast.Name)}
        case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
            return {(alias.asname or alias.name).split(".")[0] for alias in aliases}
    return set()


def _is_call(node: ast.stmt) -> bool:
    """Whether a statement is a call for configuration, such as enabling float64 in JAX."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
