"""The expressions of the page Autodiff.

A new expression is an entry here, and a function of its name in each file of
`nn_core/autodiff/frameworks`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from nn_core.errors import InvalidExperiment, Problem

LARGEST = 1e300
STEPS = [10.0**-power for power in range(1, 16)]
"""Available step sizes of central differences."""


@dataclass(frozen=True)
class Expression:
    """A loss of three weights w and some fixed numbers x.

    Attributes
    ----------
    name : str
        Name of its function in every file of `nn_core/autodiff/frameworks`.
    label : str
        Label in the list.
    latex : str
        The formula.
    w, x : tuple of float
        The default point; `x` has as many numbers as the formula.
    note : str
        A remark for the page.
    """

    name: str
    label: str
    latex: str
    w: tuple[float, ...]
    x: tuple[float, ...]
    note: str


EXPRESSIONS = {
    expression.name: expression
    for expression in (
        Expression(
            "logistic",
            "−log σ(w·x), one logistic unit",
            r"-\log\sigma(w\cdot x)=\log\left(1+e^{-w\cdot x}\right)",
            (1.0, 1.0, -1.5),
            (1.0, 1.0, 1.0),
            "The loss of a logistic unit whose answer should be 1. The derivative by hand is "
            "−σ(−w·x) x.",
        ),
        Expression(
            "squared_error",
            "squared error of one logistic unit",
            r"\left(\sigma(w_1x_1+w_2x_2+w_3)-x_3\right)^2",
            (0.5, -0.3, 0.1),
            (1.0, 0.5, 1.0),
            "Two inputs, a bias w₃, and the target x₃. The factor σ(1 − σ) makes the gradient "
            "vanish where the unit is sure of itself, right or wrong.",
        ),
        Expression(
            "polynomial",
            "w₁² w₂ + sin w₃",
            r"w_1^2\,w_2+\sin w_3",
            (2.0, 3.0, 1.0),
            (),
            "Three rules in one line: power, product and sine.",
        ),
        Expression(
            "cross_entropy",
            "softmax cross-entropy of three logits",
            r"-\sum_i x_i\,\log\frac{e^{w_i}}{\sum_j e^{w_j}}",
            (2.0, 1.0, -1.0),
            (0.0, 1.0, 0.0),
            "w are the logits and x the target, 1 at the right class. The derivative by hand is "
            "softmax(w) − x, where x sums to 1. Logits of 1000 overflow nowhere: every "
            "function used here subtracts the largest one first.",
        ),
        Expression(
            "relu",
            "ReLU at and beside its kink",
            r"\sum_i x_i\max(0,w_i)",
            (0.5, 0.0, -0.5),
            (1.0, 1.0, 1.0),
            "At w₂ = 0 there is a kink and no derivative: every number from 0 to 1 is the slope of "
            "a line that touches the curve there. By hand we say 0, and so do the ReLUs of "
            "PyTorch, TensorFlow and JAX; autograd's maximum shares evenly between its two "
            "arguments and says ½; central differences look at both sides and find ½ as well. "
            "Move w₂ away from 0, and all agree.",
        ),
        Expression(
            "tanh_chain",
            "a chain of three tanh",
            r"\tanh\left(w_3\tanh\left(w_2\tanh(w_1x_1)\right)\right)",
            (0.8, 1.2, -0.7),
            (1.5,),
            "Three layers of one unit each: by hand this is backpropagation, one factor a layer. "
            "With large weights every factor 1 − tanh² is tiny, and the gradient of w₁ vanishes.",
        ),
    )
}


@dataclass(frozen=True)
class Question:
    """An expression and the point at which to compute its gradient.

    Attributes
    ----------
    expression : str
        A key of `EXPRESSIONS`.
    w, x : tuple of float
        The point, with as many numbers as the expression has.
    step : float
        The step h of central differences.

    Raises
    ------
    InvalidExperiment
        If a number is missing, not finite, or too large.
    """

    expression: str
    w: tuple[float, ...]
    x: tuple[float, ...]
    step: float = 1e-5

    def __post_init__(self) -> None:
        if self.expression not in EXPRESSIONS:
            names = ", ".join(EXPRESSIONS)
            raise InvalidExperiment([Problem("expression", self.expression, f"choose {names}")])
        expected = EXPRESSIONS[self.expression]
        problems = [
            Problem(f"{name}{i + 1}", number, reason)
            for name in ("w", "x")
            for i, number in enumerate(getattr(self, name))
            if (reason := _why_not(number))
        ]
        for name in ("w", "x"):
            size, given = len(getattr(expected, name)), len(getattr(self, name))
            if given != size:
                problems.append(Problem(name, getattr(self, name), f"give {size} numbers"))
        if _why_not(self.step) or self.step <= 0:
            problems.append(Problem("step", self.step, "choose a small number above 0"))
        if problems:
            raise InvalidExperiment(problems)


def _why_not(number: object) -> str:
    """Why a value cannot be a component of w or x; empty if it can."""
    if isinstance(number, bool) or not isinstance(number, int | float):
        return "give a number"
    try:
        is_small = abs(float(number)) <= LARGEST
    except OverflowError:
        is_small = False
    if is_small:
        return ""
    if isinstance(number, float) and not math.isfinite(number):
        return "give a finite number"
    return f"give a number between −{LARGEST:g} and {LARGEST:g}"
