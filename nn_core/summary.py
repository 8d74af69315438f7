"""What a network consists of, as frameworks print it."""

from __future__ import annotations

import itertools
from typing import NamedTuple

from nn_core import vocabulary
from nn_core.experiment import Experiment


class Layer(NamedTuple):
    """One line of the summary.

    Attributes
    ----------
    name : str
        Such as "hidden 1" or "output".
    kind : str
        What it does: "inputs", or "dense" with its activation and whether it has a bias.
    output_shape : tuple of (None, int)
        None stands for the rows of a batch, as in Keras.
    parameters : int
        Weights and biases.
    """

    name: str
    kind: str
    output_shape: tuple[None, int]
    parameters: int


def summary(experiment: Experiment) -> list[Layer]:
    """The layers of the experiment's network, inputs first.

    Examples
    --------
    >>> [layer.parameters for layer in summary(Experiment(dataset="xor", hidden=(3,)))]
    [0, 9, 4]
    """
    sizes = experiment.layer_sizes
    bias = "" if experiment.bias else ", no bias"
    layers = [Layer("input", "inputs", (None, sizes[0]), 0)]
    for number, (n_in, n_out) in enumerate(itertools.pairwise(sizes), 1):
        if number < len(sizes) - 1:
            name = f"hidden {number}"
            activation = vocabulary.ACTIVATIONS[experiment.hidden_activations[number - 1]].label
        else:
            name = "output"
            activation = vocabulary.OUTPUTS[experiment.output].label
        parameters = n_in * n_out + (n_out if experiment.bias else 0)
        layers.append(Layer(name, f"dense, {activation}{bias}", (None, n_out), parameters))
    return layers


def total_parameters(layers: list[Layer]) -> int:
    """Weights and biases of all layers together."""
    return sum(layer.parameters for layer in layers)


def as_text(experiment: Experiment) -> str:
    """The summary as lines of text, with the total below.

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
