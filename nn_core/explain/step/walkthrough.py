"""One optimizer step in detail: forward, loss, backward and update in numbered micro-steps.

Each micro-step has a formula, and for each number a line with the values inserted and the result.
Intermediate values are computed by NumPy in float64; where the backend returns a number as well,
the line has both.

References
----------
.. [1] M. Mazur, "A Step by Step Backpropagation Example", 2015: the form of the exercise.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from nn_core import vocabulary
from nn_core.events import Array, Params
from nn_core.experiment import Experiment
from nn_core.explain.step import optimizer_memory, penalty, updates
from nn_core.explain.step.loss_terms import WRITTEN, Place, Written
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
"""Maximum number of parameters for which every formula is written out."""

MOST_LARGE_PARAMETERS = 2000
"""Maximum number of parameters for which the first units of each layer are written out."""

FIRST_UNITS = 2
"""Number of units per layer that are written out for a larger network."""

MOST_CHARACTERS = 900
"""Longer formulas appear in the tables only."""

MOST_ROWS = 8
"""Maximum number of rows in a formula; the tables have all rows."""

Phase = Literal["forward", "loss", "backward", "update"]


class Line(NamedTuple):
    """One number: symbol, formula with values, result, and the backend's result.

    Attributes
    ----------
    symbol : str
        LaTeX.
    values : str
        The formula with its values, in LaTeX; empty if it is too long.
    result : float
        The result of NumPy in float64.
    backend : float or None
        The result of the backend; None if the backend does not return this number.
    operands : tuple of (str, float)
        Names and values of the operands.
    """

    symbol: str
    values: str
    result: float
    backend: float | None = None
    operands: tuple[tuple[str, float], ...] = ()

    @property
    def latex(self) -> str:
        """The whole line in LaTeX."""
        sides = [self.values] if self.values else []
        return equation(self.symbol, *sides, number(self.result))


@dataclass(frozen=True)
class MicroStep:
    """One micro-step of a walkthrough.

    Attributes
    ----------
    number : int
        Position, from 1.
    phase : str
        The phase of the optimizer step.
    title : str
        The quantity that is computed.
    formula : str
        The general formula, in LaTeX.
    lines : tuple of Line
        One line for each number.
    """

    number: int
    phase: Phase
    title: str
    formula: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Walkthrough:
    """All micro-steps of one optimizer step, and the difference between NumPy and the backend.

    Attributes
    ----------
    steps : tuple of MicroStep
        Micro-steps in order.
    trace : Trace
        All values of the two passes.
    largest_difference : float or None
        Largest absolute difference between NumPy and the backend in loss, outputs, gradients and
        new weights; None without an answer of the backend.
    """

    steps: tuple[MicroStep, ...]
    trace: Trace
    largest_difference: float | None


def walk_through(
    question: StepQuestion, x: Array, y: Array, answer: StepAnswer | None, epsilon_form: str = ""
) -> Walkthrough:
    """Write out one optimizer step in detail.

    Parameters
    ----------
    question : StepQuestion
        Parameters, rows and optimizer state.
    x, y : ndarray of shape (n, n_inputs), (n, n_outputs)
        Inputs and targets of these rows.
    answer : StepAnswer or None
        The answer of the backend; None while it is pending.
    epsilon_form : str
        The form of ε, used while there is no answer.
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
    return Walkthrough(steps, found, max(gaps) if gaps else None)


def is_small(experiment: Experiment) -> bool:
    """Whether the network is small enough to be written out completely."""
    return experiment.n_parameters <= MOST_PARAMETERS


_Parts = tuple[Phase, str, str, tuple[Line, ...]]


class _Writer:
    """Writes the four phases of a walkthrough."""

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
        """Loss of each row and of the batch."""
        found, written_loss = self.found, WRITTEN[self.experiment.loss]
        lines, terms = [], []
        for row in range(self.rows):
            values, value, pairs = _row_loss(found, row, written_loss)
            values = self._written(values, row)
            lines.append(Line(rf"\ell{self._row(row)}", values, value, None, _operands(pairs)))
            terms.append(value)
        divisor = written_loss.divided_by(self.rows, found.y.shape[1])
        prefix = rf"\frac{{1}}{{{divisor}}} \cdot " if divisor != 1 else ""
        written = total([factor(term) for term in terms]) if self.rows <= MOST_ROWS else ""
        if prefix and written:
            written = f"{prefix}({written})"
        elif self.rows == 1:
            written = number(terms[0])
        backend = self.answer.loss if self.answer else None
        operands = tuple((rf"\ell{self._row(i)}", term) for i, term in enumerate(terms))
        lines.append(Line("L", written, found.loss, backend, operands))
        record = vocabulary.LOSSES[self.experiment.loss]
        yield "loss", f"Loss: {record.label}", f"L = {record.formula}", tuple(lines)

    def backward(self) -> Iterator[_Parts]:
        """Delta of every unit and gradients of its incoming weights, from the output backwards."""
        for layer in range(self.depth, 0, -1):
            units = self._units(layer)
            for j in units:
                is_output = layer == self.depth
                formula, lines = self._output_delta(j) if is_output else self._delta(layer, j)
                yield "backward", f"Delta of {self._unit(layer, j)}", formula, tuple(lines)
            for j in units:
                yield self._gradients(layer, j)

    def update(self, form: str) -> Iterator[_Parts]:
        """The optimizer's update of every weight and bias."""
        question, found = self.question, self.found
        known = optimizer_memory.memory_from_state(self.experiment, question.params, question.state)
        gradients = penalty.with_penalty(self.experiment, found.params, found.gradients)
        moved = known and updates.take_step(
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
                    if moved is None:  # unknown optimizer state: only the backend's result is shown
                        if backend is not None:
                            lines.append(Line(primed(symbol), "", backend, backend))
                        continue
                    found_lines = updates.weight_update_lines(
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
        found, layer = self.found, self.depth
        written_loss = WRITTEN[self.experiment.loss]
        delta, a = unit(r"\delta", layer, k), unit("a", layer, k)
        divisor = written_loss.divided_by(self.rows, found.y.shape[1])
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
            over = f" / {divisor}" if divisor != 1 else ""
            values = written_loss.gradient(_place(found, row, k - 1)) + over
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
        """Delta of a hidden unit: backpropagated deltas times the derivative of its activation."""
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
            more, result = penalty.penalty_terms(self.experiment, now, result, is_bias=i is None)
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
        """The incoming parameters of a unit: number of the source, and index in the array."""
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
        """The suffix of a symbol that names the row of a batch, from 1."""
        return f"({row + 1})" if self.rows > 1 else ""

    def _written(self, values: str, row: int) -> str:
        return values if row < MOST_ROWS and len(values) <= MOST_CHARACTERS else ""

    def _units(self, layer: int) -> range:
        """The units that are written out: all units, or the first ones of a larger network."""
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


def _row_loss(found: Trace, row: int, loss: Written) -> tuple[str, float, list[tuple[str, float]]]:
    """The contribution of one row to a loss: formula with values, value, operands."""
    layer, tag = len(found.params), f"({row + 1})" if len(found.x) > 1 else ""
    terms, value = [], 0.0
    pairs: list[tuple[str, float]] = []
    for k in range(found.y.shape[1]):
        place = _place(found, row, k)
        if term := loss.term(place):
            terms.append(term)
        value += loss.value(place)
        a, y, z = place.numbers
        if loss.shows_sum:
            pairs.append((unit("z", layer, k + 1) + tag, z))
        pairs += [(unit("a", layer, k + 1) + tag, a), (f"y_{{{k + 1}}}{tag}", y)]
    return total(terms) if row < MOST_ROWS else "", float(value), pairs


def _place(found: Trace, row: int, k: int) -> Place:
    is_on_sums = found.output_gradient is None
    return Place(k, found.activations[-1][row], found.y[row], found.sums[-1][row], is_on_sums)
