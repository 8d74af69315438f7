"""A model summary in the style of the frameworks."""

from __future__ import annotations

import math
from typing import NamedTuple

from nn_core import vocabulary
from nn_core.experiment import Experiment


class Layer(NamedTuple):
    """One line of the summary.

    Attributes
    ----------
    name : str
        For example "hidden 1" or "output".
    kind : str
        "inputs", or the type of the layer with its activation, such as "dense, tanh, no bias".
    output_shape : tuple of (None, int, ...)
        None stands for the batch dimension, as in Keras.
    parameters : int
        Number of weights and biases.
    """

    name: str
    kind: str
    output_shape: tuple[int | None, ...]
    parameters: int


def summary(experiment: Experiment) -> list[Layer]:
    """Summarise the layers of the experiment's network, inputs first.

    Examples
    --------
    >>> [layer.parameters for layer in summary(Experiment(dataset="xor", hidden=(3,)))]
    [0, 9, 4]
    """
    bias = "" if experiment.bias else ", no bias"
    layers = [Layer("input", "inputs", (None, experiment.n_inputs), 0)]
    front = experiment.front
    for part in front:
        for row in part.rows:
            own = row.has_weights
            count = _parameters(part.weight_shape, experiment.bias) if own else 0
            kind = row.kind + (bias if own else "")
            layers.append(Layer(row.name, kind, (None, *row.shape), count))
    activations = experiment.hidden_activations[len(front) :]
    *hidden, last = experiment.weight_shapes[len(front) :]
    for number, (shape, name) in enumerate(zip(hidden, activations, strict=True), 1):
        kind = f"dense, {vocabulary.ACTIVATIONS[name].label}{bias}"
        count = _parameters(shape, experiment.bias)
        layers.append(Layer(f"hidden {number}", kind, (None, shape[-1]), count))
    kind = f"dense, {vocabulary.OUTPUTS[experiment.output].label}{bias}"
    layers.append(Layer("output", kind, (None, last[-1]), _parameters(last, experiment.bias)))
    return layers


def _parameters(shape: tuple[int, ...], bias: bool) -> int:
    return math.prod(shape) + (shape[-1] if bias else 0)


def total_parameters(layers: list[Layer]) -> int:
    """Number of weights and biases of all layers together."""
    return sum(layer.parameters for layer in layers)


def as_text(experiment: Experiment) -> str:
    """The summary as a text table with the total in the last line.

    Examples
    --------
    >>> print(as_text(Experiment(dataset="xor", hidden=(3,))))
    Layer     Kind            Output shape  Parameters
    input     inputs          (None, 2)              0
    hidden 1  dense, sigmoid  (None, 3)              9
    output    dense, sigmoid  (None, 1)              4
    Total                                           13
    """
    layers = summary(experiment)
    rows = [
        ("Layer", "Kind", "Output shape", "Parameters"),
        *((n, kind, str(shape), f"{count:,}") for n, kind, shape, count in layers),
        ("Total", "", "", f"{total_parameters(layers):,}"),
    ]
    name, kind, shape, count = (max(map(len, column)) for column in zip(*rows, strict=True))
    return "\n".join(f"{a:<{name}}  {b:<{kind}}  {c:<{shape}}  {d:>{count}}" for a, b, c, d in rows)
