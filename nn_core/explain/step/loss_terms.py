"""Losses written out in numbers, term by term, with their gradients on the outputs.

One entry of `WRITTEN` for each loss. The formulas in general stand in `nn_core.vocabulary.LOSSES`,
the arithmetic of whole batches in `nn_core.networks.losses`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np

from nn_core.events import Array
from nn_core.explain.step.notation import factor, number
from nn_core.vocabulary import PROBABILITY_MARGIN


class Place(NamedTuple):
    """One output of one row.

    Attributes
    ----------
    k : int
        Number of the output, from 0.
    a, y, z : ndarray of shape (n_outputs,)
        Outputs, targets, and weighted sums before the outputs, of the row.
    is_on_sums : bool
        Whether the loss is computed from the sums: see `nn_core.vocabulary.ON_SUMS`.
    """

    k: int
    a: Array
    y: Array
    z: Array
    is_on_sums: bool

    @property
    def numbers(self) -> tuple[float, float, float]:
        """Output, target and weighted sum."""
        return self.a[self.k], self.y[self.k], self.z[self.k]


class Written(NamedTuple):
    """How a loss is written out.

    Attributes
    ----------
    term : callable
        What one output adds to the loss, in LaTeX, before the division; empty where it is nothing.
    value : callable
        The same as a number.
    gradient : callable
        The derivative of the term on the output, in LaTeX.
    averaged_over : {'outputs', 'rows', ''}
        What the sum over all terms is divided by: the number of outputs of all rows, that of the
        rows, or nothing.
    divisor : int
        By which it is divided besides.
    shows_sum : bool
        Whether the weighted sum stands in the term.
    """

    term: Callable[[Place], str]
    value: Callable[[Place], float]
    gradient: Callable[[Place], str]
    averaged_over: Literal["outputs", "rows", ""] = "outputs"
    divisor: int = 1
    shows_sum: bool = False

    def divided_by(self, rows: int, outputs: int) -> int:
        """What the sum over all terms of a batch is divided by."""
        count = {"outputs": rows * outputs, "rows": rows, "": 1}[self.averaged_over]
        return count * self.divisor


def _difference(place: Place) -> str:
    a, y, _ = place.numbers
    return f"({factor(a)} - {factor(y)})"


def _square(place: Place) -> str:
    return f"{_difference(place)}^2"


def _square_value(place: Place) -> float:
    a, y, _ = place.numbers
    return float((a - y) ** 2)


def _square_gradient(place: Place) -> str:
    return rf"2 \cdot {_difference(place)}"


def _binary(place: Place) -> str:
    a, y, _ = place.numbers
    if y == 1:
        return rf"(-\ln({number(a)}))"
    if y == 0:
        return rf"(-\ln(1 - {factor(a)}))"
    return rf"(-{factor(y)} \cdot \ln({number(a)}) - (1 - {factor(y)}) \cdot \ln(1 - {factor(a)}))"


def _binary_value(place: Place) -> float:
    a, y, z = place.numbers
    if place.is_on_sums:
        return float(np.logaddexp(0.0, z)) - y * z
    a = min(max(a, PROBABILITY_MARGIN), 1 - PROBABILITY_MARGIN)
    return float(-(y * np.log(a) + (1 - y) * np.log(1 - a)))


def _binary_gradient(place: Place) -> str:
    a, _, _ = place.numbers
    return rf"{_difference(place)} / ({factor(a)} \cdot (1 - {factor(a)}))"


def _binary_on_logits(place: Place) -> str:
    a, y, _ = place.numbers
    return rf"\ln(1 + e^{{{number(a)}}}) - {factor(y)} \cdot {factor(a)}"


def _binary_on_logits_value(place: Place) -> float:
    a, y, _ = place.numbers
    return float(np.logaddexp(0.0, a)) - y * a


def _binary_on_logits_gradient(place: Place) -> str:
    a, y, _ = place.numbers
    return rf"(\frac{{1}}{{1 + e^{{-{factor(a)}}}}} - {factor(y)})"


def _times(y: float) -> str:
    return "" if y == 1 else rf"{factor(y)} \cdot "


def _classes(place: Place) -> str:
    a, y, _ = place.numbers
    return rf"(-{_times(y)}\ln({number(a)}))" if y != 0 else ""


def _classes_value(place: Place) -> float:
    return _surprise(place.y[place.k], place.z, place.k)


def _classes_on_logits(place: Place) -> str:
    a, y, _ = place.numbers
    return rf"(-{_times(y)}({factor(a)} - \ln({_exponentials(place)})))" if y != 0 else ""


def _classes_on_logits_value(place: Place) -> float:
    return _surprise(place.y[place.k], place.a, place.k)


def _classes_on_logits_gradient(place: Place) -> str:
    a, y, _ = place.numbers
    return rf"(\frac{{e^{{{number(a)}}}}}{{{_exponentials(place)}}} - {factor(y)})"


def _exponentials(place: Place) -> str:
    return " + ".join(f"e^{{{number(a)}}}" for a in place.a)


def _surprise(y: float, sums: Array, k: int) -> float:
    """``-y`` times the logarithm of the k-th softmax of `sums`."""
    if y == 0:
        return 0.0
    logarithm = sums[k] - (sums.max() + np.log(np.exp(sums - sums.max()).sum()))
    return float(-(y * logarithm))


def _wrong_side(place: Place) -> str:
    _, _, z = place.numbers
    return rf"{_difference(place)} \cdot {factor(z)}"


def _wrong_side_value(place: Place) -> float:
    a, y, z = place.numbers
    return float((a - y) * z)


WRITTEN = {
    "mse": Written(_square, _square_value, _square_gradient),
    "mse_half": Written(_square, _square_value, _square_gradient, divisor=2),
    "mse_sum": Written(_square, _square_value, _square_gradient, ""),
    "bce": Written(_binary, _binary_value, _binary_gradient),
    "bce_logits": Written(_binary_on_logits, _binary_on_logits_value, _binary_on_logits_gradient),
    "bce_logits_sum": Written(
        _binary_on_logits, _binary_on_logits_value, _binary_on_logits_gradient, ""
    ),
    # These two are computed from the sums alone, so their gradient on the outputs is never asked.
    "cross_entropy": Written(_classes, _classes_value, _difference, "rows"),
    "cross_entropy_logits": Written(
        _classes_on_logits, _classes_on_logits_value, _classes_on_logits_gradient, "rows"
    ),
    "perceptron": Written(_wrong_side, _wrong_side_value, _difference, "", shows_sum=True),
}
