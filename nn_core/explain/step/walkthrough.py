"""One optimizer step, written out: forward, loss, backward, update, in numbered micro-steps.

Each micro-step has its formula, and one line for each number it finds: the same formula with the
values in it, and the result. The values between input and output are NumPy's, in float64; where the
backend computes the number too, its own stands beside it.

References
----------
.. [1] M. Mazur, "A Step by Step Backpropagation Example", 2015: the form of the exercise.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from nn_core import vocabulary
from nn_core.events import Array, Params
from nn_core.experiment import Experiment
from nn_core.explain.step import optimizer_memory, penalty, updates
from nn_core.explain.step.notation import (
    below,
    equation,
    factor,
    number,
    primed,
    total,
    unit,
    weight,
)
from nn_core.explain.step.trace import Trace, trace
from nn_core.runs.workers.step_request import StepAnswer, StepQuestion

MOST_PARAMETERS = 64
"""Weights and biases up to which every formula can be written out."""

MOST_LARGE_PARAMETERS = 2000
"""Up to which the first units of each layer can be walked through."""

FIRST_UNITS = 2
"""How many units of each layer of a larger network are written out."""

MOST_CHARACTERS = 900
"""Longer formulas are left to the tables."""

MOST_ROWS = 8
"""Rows of a batch that are written out in formulas; the tables have all of them."""

Phase = Literal["forward", "loss", "backward", "update"]


class Line(NamedTuple):
    """One number: what it is, how it comes about, and what the backend has in its place.

    Attributes
    ----------
    symbol : str
        LaTeX.
    values : str
        The formula with its values, in LaTeX; empty where it is too long to write out.
    result : float
        By NumPy, in float64.
    backend : float or None
        The same number by the backend; None where it keeps that to itself.
    operands : tuple of (str, float)
        What it is made of, with every digit.
    """

    symbol: str
    values: str
    result: float
    backend: float | None = None
    operands: tuple[tuple[str, float], ...] = ()

    @property
    def latex(self) -> str:
        """The whole line."""
        sides = [self.values] if self.values else []
        return equation(self.symbol, *sides, number(self.result))


@dataclass(frozen=True)
class MicroStep:
    """A step of the walk.

    Attributes
    ----------
    number : int
        From 1.
    phase : str
        Where it belongs.
    title : str
        What is computed.
    formula : str
        In general, in LaTeX.
    lines : tuple of Line
        With the values.
    """

    number: int
    phase: Phase
    title: str
    formula: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Walk:
    """All micro-steps of one optimizer step, and how far NumPy and the backend are apart.

    Attributes
    ----------
    steps : tuple of MicroStep
        In order.
    trace : Trace
        The numbers they are made of.
    largest_difference : float or None
        Between NumPy in float64 and the backend over loss, outputs, gradients and new weights;
        None without an answer of the backend.
    """

    steps: tuple[MicroStep, ...]
    trace: Trace
    largest_difference: float | None


def walk(
    question: StepQuestion, x: Array, y: Array, answer: StepAnswer | None, epsilon_form: str = ""
) -> Walk:
    """Write out one optimizer step.

    Parameters
    ----------
    question : StepQuestion
        Weights, rows, and what the optimizer remembers.
    x, y : ndarray of shape (n, n_inputs), (n, n_outputs)
        The data of these rows, and their targets.
    answer : StepAnswer or None
        What the backend found; None while it is awaited.
    epsilon_form : str
        Where ε is added, as long as there is no answer to say so.
    """
    experiment = question.experiment
    found = trace(experiment, question.params, x, y)
    writer = _Writer(question, found, answer)
    form = answer.epsilon_form if answer else epsilon_form or "after_root"
    steps = tuple(
        MicroStep(i, *parts)
        for i, parts in enumerate(
            itertools.chain(
                writer.forward(), writer.loss(), writer.backward(), writer.update(form)
            ),
            1,
        )
    )
    gaps = [
        abs(line.result - line.backend)
        for step in steps
        for line in step.lines
        if line.backend is not None
    ]
    return Walk(steps, found, max(gaps) if gaps else None)


def is_small(experiment: Experiment) -> bool:
    """Whether the network is small enough for all of it to be written out."""
    return experiment.n_parameters <= MOST_PARAMETERS


_Parts = tuple[Phase, str, str, tuple[Line, ...]]


class _Writer:
    """Writes the four parts of a walk."""

    def __init__(self, question: StepQuestion, found: Trace, answer: StepAnswer | None) -> None:
        self.experiment, self.question = question.experiment, question
        self.found, self.answer = found, answer
        self.rows = len(found.x)
        self.depth = len(found.params)
        self.names = (*self.experiment.hidden_activations, self.experiment.output)

    def forward(self) -> Iterator[_Parts]:
        """Weighted sum and activation of every unit."""
        found = self.found
        for layer in range(1, self.depth + 1):
            b = found.params[layer - 1][1]
            for j in self._units(layer):
                formula = rf"{unit('z', layer, j)} = \sum_i {weight(layer, 'i', j)}\, " + (
                    "x_i" if layer == 1 else f"a^{{({layer - 1})}}_i"
                ) + ("" if b is None else f" + {unit('b', layer, j)}")  # fmt: skip
                lines = tuple(self._sum(layer, j, row) for row in range(self.rows))
                yield "forward", f"Weighted sum of {self._unit(layer, j)}", formula, lines
                name = self.names[layer - 1]
                lines = tuple(self._activation(layer, j, row) for row in range(self.rows))
                formula = f"{unit('a', layer, j)} = {_FORMULAS[name](unit('z', layer, j))}"
                yield "forward", f"{_label(name)} of {self._unit(layer, j)}", formula, lines

    def loss(self) -> Iterator[_Parts]:
        """The loss of each row, and of all."""
        found, name = self.found, self.experiment.loss
        outputs = found.y.shape[1]
        lines, terms = [], []
        for row in range(self.rows):
            values, value, operands = _row_loss(name, found, row)
            values = self._written(values, row)
            lines.append(Line(rf"\ell{self._row(row)}", values, value, None, operands))
            terms.append(value)
        divisor = _divisor(name, self.rows, outputs)
        prefix = rf"\frac{{1}}{{{divisor}}} \cdot " if divisor != 1 else ""
        written = total([factor(term) for term in terms]) if self.rows <= MOST_ROWS else ""
        if prefix and written:
            written = f"{prefix}({written})"
        elif self.rows == 1:
            written = number(terms[0])
        backend = self.answer.loss if self.answer else None
        operands = tuple((rf"\ell{self._row(i)}", term) for i, term in enumerate(terms))
        lines.append(Line("L", written, found.loss, backend, operands))
        word = vocabulary.LOSSES[name]
        yield "loss", f"Loss: {word.label}", f"L = {word.formula}", tuple(lines)

    def backward(self) -> Iterator[_Parts]:
        """Delta of every unit, from the output back, and the gradients of what leads into it."""
        for layer in range(self.depth, 0, -1):
            units = self._units(layer)
            for j in units:
                is_output = layer == self.depth
                formula, lines = self._output_delta(j) if is_output else self._delta(layer, j)
                yield "backward", f"Delta of {self._unit(layer, j)}", formula, tuple(lines)
            for j in units:
                yield self._gradients(layer, j)

    def update(self, form: str) -> Iterator[_Parts]:
        """What the optimizer makes of the gradients."""
        question, found = self.question, self.found
        known = optimizer_memory.read(self.experiment, question.params, question.state)
        gradients = penalty.added(self.experiment, found.params, found.gradients)
        moved = known and updates.moved(
            self.experiment, found.params, gradients, known, question.learning_rate, form
        )
        after = self.answer.params if self.answer else None
        formula = updates.formula(self.experiment.optimizer, form)
        for layer in range(1, self.depth + 1):
            for j in self._units(layer):
                lines: list[Line] = []
                for i, place in self._into(layer, j):
                    symbol = _parameter(layer, i, j)
                    backend = _at(after, layer, place)
                    if moved is None:  # NumPy cannot follow; the backend's word stands alone
                        if backend is not None:
                            lines.append(Line(primed(symbol), "", backend, backend))
                        continue
                    found_lines = updates.lines(
                        self.experiment,
                        moved,
                        layer - 1,
                        place,
                        symbol,
                        question.learning_rate,
                        form,
                    )
                    *before, (name, values, result) = found_lines
                    lines += [Line(name, text, value) for name, text, value in before]
                    operands = (
                        (symbol, _number_at(found.params, layer, place)),
                        (rf"\partial L/\partial {symbol}", _number_at(gradients, layer, place)),
                    )
                    lines.append(Line(name, values, result, backend, operands))
                yield "update", f"New weights into {self._unit(layer, j)}", formula, tuple(lines)

    def _sum(self, layer: int, j: int, row: int) -> Line:
        w, b = self.found.params[layer - 1]
        inputs = self.found.below(layer - 1)[row]
        terms, operands = [], []
        for i, value in enumerate(inputs, 1):
            terms.append(rf"{factor(w[i - 1, j - 1])} \cdot {factor(value)}")
            operands += [(weight(layer, i, j), w[i - 1, j - 1]),
                         (below(layer, i) + self._row(row), value)]  # fmt: skip
        if b is not None:
            terms.append(factor(b[j - 1]))
            operands.append((unit("b", layer, j), b[j - 1]))
        return Line(
            unit("z", layer, j) + self._row(row),
            self._written(total(terms), row),
            float(self.found.sums[layer - 1][row, j - 1]),
            None,
            _operands(operands),
        )

    def _activation(self, layer: int, j: int, row: int) -> Line:
        name, sums = self.names[layer - 1], self.found.sums[layer - 1][row]
        if name == "softmax":
            parts = " + ".join(f"e^{{{number(z)}}}" for z in sums)
            values = rf"\frac{{e^{{{number(sums[j - 1])}}}}}{{{parts}}}"
            operands = [(unit("z", layer, k) + self._row(row), z) for k, z in enumerate(sums, 1)]
        else:
            write = number if name == "tanh" else factor  # it has brackets of its own
            values = _FORMULAS[name](write(sums[j - 1]))
            operands = [(unit("z", layer, j) + self._row(row), sums[j - 1])]
        backend = None
        if layer == self.depth and self.answer is not None:
            backend = float(self.answer.outputs[row, j - 1])
        return Line(
            unit("a", layer, j) + self._row(row),
            self._written(values, row),
            float(self.found.activations[layer - 1][row, j - 1]),
            backend,
            _operands(operands),
        )

    def _output_delta(self, k: int) -> tuple[str, list[Line]]:
        found, loss, layer = self.found, self.experiment.loss, self.depth
        outputs = found.y.shape[1]
        delta, a = unit(r"\delta", layer, k), unit("a", layer, k)
        divisor = _divisor(loss, self.rows, outputs)
        if found.output_gradient is None:
            over = f"/ {divisor}" if divisor != 1 else ""
            by_sum = rf"\frac{{\partial L}}{{\partial {unit('z', layer, k)}}}"
            formula = rf"{delta} = {by_sum} = ({a} - y_{{{k}}})"
            lines = []
            for row in range(self.rows):
                value, target = found.activations[-1][row, k - 1], found.y[row, k - 1]
                written = f"({factor(value)} - {factor(target)}) {over}".strip()
                pairs = [(a + self._row(row), value), (f"y_{{{k}}}{self._row(row)}", target)]
                lines.append(
                    Line(delta + self._row(row), self._written(written, row),
                         float(found.deltas[-1][row, k - 1]), None, _operands(pairs))
                )  # fmt: skip
            return formula + (rf" / {divisor}" if divisor != 1 else ""), lines
        by_output = rf"\frac{{\partial L}}{{\partial {a}}}"
        name = self.names[-1]
        lines = []
        for row in range(self.rows):
            values = _output_gradient(loss, found, row, k, divisor)
            g = float(found.output_gradient[row, k - 1])
            targets = [(a + self._row(row), float(found.activations[-1][row, k - 1])),
                       (f"y_{{{k}}}{self._row(row)}", float(found.y[row, k - 1]))]  # fmt: skip
            lines.append(
                Line(rf"\partial L/\partial {a}" + self._row(row), self._written(values, row), g,
                     None, _operands(targets))
            )  # fmt: skip
        for row in range(self.rows):
            g, out = found.output_gradient[row], found.activations[-1][row]
            if name == "softmax":
                inner = " + ".join(
                    rf"{factor(o)} \cdot {factor(s)}" for o, s in zip(out, g, strict=True)
                )
                values = rf"{factor(out[k - 1])} \cdot ({factor(g[k - 1])} - ({inner}))"
            else:
                values = rf"{factor(g[k - 1])} \cdot {_slope(name, out[k - 1])}"
            pairs = [(rf"\partial L/\partial {unit('a', layer, m)}" + self._row(row), value)
                     for m, value in enumerate(g, 1)]  # fmt: skip
            lines.append(
                Line(delta + self._row(row), self._written(values, row),
                     float(found.deltas[-1][row, k - 1]), None, _operands(pairs))
            )  # fmt: skip
        if name == "softmax":
            inner = rf"\sum_j a^{{({layer})}}_j \frac{{\partial L}}{{\partial a^{{({layer})}}_j}}"
            return rf"{delta} = {a} \left({by_output} - {inner}\right)", lines
        return rf"{delta} = {by_output} \cdot {_slope_formula(name, layer, k)}", lines

    def _delta(self, layer: int, j: int) -> tuple[str, list[Line]]:
        """Of a hidden unit: what the units above it say, times its slope."""
        found, name = self.found, self.names[layer - 1]
        above = found.params[layer][0][j - 1]
        delta = unit(r"\delta", layer, j)
        lines = []
        for row in range(self.rows):
            terms, pairs = [], []
            for k, (w, d) in enumerate(zip(above, found.deltas[layer][row], strict=True), 1):
                terms.append(rf"{factor(w)} \cdot {factor(d)}")
                pairs += [(weight(layer + 1, j, k), w),
                          (unit(r"\delta", layer + 1, k) + self._row(row), d)]  # fmt: skip
            a = found.activations[layer - 1][row, j - 1]
            pairs.append((unit("a", layer, j) + self._row(row), a))
            values = rf"({total(terms)}) \cdot {_slope(name, a)}"
            lines.append(
                Line(delta + self._row(row), self._written(values, row),
                     float(found.deltas[layer - 1][row, j - 1]), None, _operands(pairs))
            )  # fmt: skip
        inner = rf"\sum_k {weight(layer + 1, j, 'k')}\, \delta^{{({layer + 1})}}_k"
        return rf"{delta} = \left({inner}\right) \cdot {_slope_formula(name, layer, j)}", lines

    def _gradients(self, layer: int, j: int) -> _Parts:
        found = self.found
        by_backend = self.answer.gradients if self.answer else None
        delta = unit(r"\delta", layer, j)
        deltas = found.deltas[layer - 1][:, j - 1]
        lines = []
        for i, place in self._into(layer, j):
            terms, pairs = [], []
            for row in range(self.rows):
                pairs.append((delta + self._row(row), deltas[row]))
                if i is None:
                    terms.append(factor(deltas[row]))
                    continue
                value = found.below(layer - 1)[row, i - 1]
                pairs.append((below(layer, i) + self._row(row), value))
                terms.append(rf"{factor(deltas[row])} \cdot {factor(value)}")
            result = _number_at(found.gradients, layer, place)
            now = _number_at(found.params, layer, place)
            more, result = penalty.term(self.experiment, now, result, is_bias=i is None)
            symbol = rf"\partial L/\partial {_parameter(layer, i, j)}"
            written = total(terms + more) if self.rows <= MOST_ROWS else ""
            if more:
                pairs.append((_parameter(layer, i, j), now))
            lines.append(
                Line(symbol, written, result, _at(by_backend, layer, place), _operands(pairs))
            )
        over = r"\sum_{\mathrm{rows}} " if self.rows > 1 else ""
        source = "x_i" if layer == 1 else f"a^{{({layer - 1})}}_i"
        formula = (
            rf"\frac{{\partial L}}{{\partial {weight(layer, 'i', j)}}} = {over}{delta}\, {source}"
            + penalty.formula(self.experiment, weight(layer, "i", j))
        )
        if found.params[layer - 1][1] is not None:
            formula += (
                rf",\quad \frac{{\partial L}}{{\partial {unit('b', layer, j)}}} = {over}{delta}"
            )
        return "backward", f"Gradients into {self._unit(layer, j)}", formula, tuple(lines)

    def _into(self, layer: int, j: int) -> Iterator[tuple[int | None, tuple[int, ...]]]:
        """The parameters that lead into a unit: number of the source, and place in its array."""
        w, b = self.found.params[layer - 1]
        for i in range(1, w.shape[0] + 1):
            yield i, (i - 1, j - 1)
        if b is not None:
            yield None, (j - 1,)

    def _unit(self, layer: int, j: int) -> str:
        if layer == self.depth:
            return "the output" if self.found.y.shape[1] == 1 else f"output {j}"
        where = f" of layer {layer}" if self.depth > 2 else ""
        return f"hidden unit {j}{where}"

    def _row(self, row: int) -> str:
        """Behind a symbol: which row of a batch it belongs to, from 1."""
        return f"({row + 1})" if self.rows > 1 else ""

    def _written(self, values: str, row: int) -> str:
        return values if row < MOST_ROWS and len(values) <= MOST_CHARACTERS else ""

    def _units(self, layer: int) -> range:
        """The units that are written out: all of them, or the first of a larger network."""
        count = self.found.params[layer - 1][0].shape[1]
        return range(1, 1 + (count if is_small(self.experiment) else min(count, FIRST_UNITS)))


def _parameter(layer: int, i: int | None, j: int) -> str:
    return unit("b", layer, j) if i is None else weight(layer, i, j)


def _number_at(params: Params, layer: int, place: tuple[int, ...]) -> float:
    array = params[layer - 1][0 if len(place) == 2 else 1]
    assert array is not None
    return float(array[place])


def _at(params: Params | None, layer: int, place: tuple[int, ...]) -> float | None:
    return None if params is None else _number_at(params, layer, place)


def _operands(pairs: list) -> tuple[tuple[str, float], ...]:
    return tuple((name, float(value)) for name, value in dict(pairs).items())


def _label(name: str) -> str:
    label = {**vocabulary.OUTPUTS, **vocabulary.ACTIVATIONS}[name].label
    return label[0].upper() + label[1:]


_FORMULAS: dict[str, Callable[[str], str]] = {
    "sigmoid": lambda z: rf"\frac{{1}}{{1 + e^{{-{z}}}}}",
    "tanh": lambda z: rf"\tanh({z})",
    "relu": lambda z: rf"\max(0, {z})",
    "leaky_relu": lambda z: rf"\max({z}, {vocabulary.LEAKY_SLOPE} \cdot {z})",
    "identity": lambda z: z,
    "step": lambda z: f"[{z} > 0]",
    "softmax": lambda z: rf"\frac{{e^{{{z}}}}}{{\sum_j e^{{z_j}}}}",
}


def _slope_formula(name: str, layer: int, j: int) -> str:
    a = unit("a", layer, j)
    return {
        "sigmoid": rf"{a} \left(1 - {a}\right)",
        "tanh": rf"\left(1 - ({a})^2\right)",
        "relu": f"[{a} > 0]",
        "leaky_relu": rf"f'(z), \quad f' = 1 \text{{ where }} {a} > 0, "
        rf"\text{{ else }} {vocabulary.LEAKY_SLOPE}",
    }.get(name, "1")


def _slope(name: str, a: float) -> str:
    if name == "sigmoid":
        return rf"{factor(a)} \cdot (1 - {factor(a)})"
    if name == "tanh":
        return rf"(1 - {factor(a)}^2)"
    if name in ("relu", "leaky_relu"):
        return "1" if a > 0 else f"{vocabulary.LEAKY_SLOPE if name == 'leaky_relu' else 0}"
    return "1"


def _divisor(loss: str, rows: int, outputs: int) -> int:
    """What a loss divides the sum over its terms by."""
    if loss in ("mse_sum", "bce_logits_sum", "perceptron"):
        return 1
    if loss.startswith("cross_entropy"):
        return rows
    return rows * outputs * (2 if loss == "mse_half" else 1)


def _row_loss(
    loss: str, found: Trace, row: int
) -> tuple[str, float, tuple[tuple[str, float], ...]]:
    """One row's share of the sum in a loss: written out, its value, and what it is made of."""
    outputs, targets = found.activations[-1][row], found.y[row]
    layer, tag = len(found.params), f"({row + 1})" if len(found.x) > 1 else ""
    terms, value = [], 0.0
    pairs: list[tuple[str, float]] = []
    for k, (a, y) in enumerate(zip(outputs, targets, strict=True), 1):
        symbol = unit("a", layer, k) + tag
        if loss.startswith("mse"):
            terms.append(f"({factor(a)} - {factor(y)})^2")
            value += (a - y) ** 2
        elif loss == "bce":
            z = found.sums[-1][row, k - 1]
            terms.append(_cross_entropy(a, y))
            value += _bce(a, z, y, is_sigmoid=found.output_gradient is None)
        elif loss.startswith("bce"):
            terms.append(rf"\ln(1 + e^{{{number(a)}}}) - {factor(y)} \cdot {factor(a)}")
            value += float(np.logaddexp(0.0, a)) - y * a
        elif loss == "perceptron":
            z = found.sums[-1][row, k - 1]
            terms.append(rf"({factor(a)} - {factor(y)}) \cdot {factor(z)}")
            pairs.append((unit("z", layer, k) + tag, z))
            value += (a - y) * z
        elif y != 0:
            sums = found.sums[-1][row] if loss == "cross_entropy" else outputs
            logarithm = sums[k - 1] - (sums.max() + np.log(np.exp(sums - sums.max()).sum()))
            value -= y * logarithm
            scale = "" if y == 1 else rf"{factor(y)} \cdot "
            if loss == "cross_entropy":
                terms.append(rf"(-{scale}\ln({number(a)}))")
            else:
                inner = " + ".join(f"e^{{{number(s)}}}" for s in sums)
                terms.append(rf"(-{scale}({factor(a)} - \ln({inner})))")
        pairs += [(symbol, a), (f"y_{{{k}}}{tag}", y)]
    written = total(terms) if row < MOST_ROWS else ""
    return written, float(value), _operands(pairs)


def _cross_entropy(a: float, y: float) -> str:
    if y == 1:
        return rf"(-\ln({number(a)}))"
    if y == 0:
        return rf"(-\ln(1 - {factor(a)}))"
    return rf"(-{factor(y)} \cdot \ln({number(a)}) - (1 - {factor(y)}) \cdot \ln(1 - {factor(a)}))"


def _bce(a: float, z: float, y: float, *, is_sigmoid: bool) -> float:
    if is_sigmoid:
        return float(np.logaddexp(0.0, z)) - y * z
    margin = 1e-7
    a = min(max(a, margin), 1 - margin)
    return float(-(y * np.log(a) + (1 - y) * np.log(1 - a)))


def _output_gradient(loss: str, found: Trace, row: int, k: int, divisor: int) -> str:
    """``∂L/∂a`` of one output, written out."""
    outputs = found.activations[-1][row]
    a, y = outputs[k - 1], found.y[row, k - 1]
    over = f" / {divisor}" if divisor != 1 else ""
    if loss.startswith("mse"):
        return rf"2 \cdot ({factor(a)} - {factor(y)}){over}"
    if loss == "bce":
        inner = rf"{factor(a)} \cdot (1 - {factor(a)})"
        return rf"({factor(a)} - {factor(y)}) / ({inner}){over}"
    if loss.startswith("bce"):
        return rf"(\frac{{1}}{{1 + e^{{-{factor(a)}}}}} - {factor(y)}){over}"
    inner = " + ".join(f"e^{{{number(s)}}}" for s in outputs)
    return rf"(\frac{{e^{{{number(a)}}}}}{{{inner}}} - {factor(y)}){over}"
