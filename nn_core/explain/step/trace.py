"""A forward and a backward pass in float64 that keep all intermediate values.

Backends return outputs and gradients only. This module also keeps weighted sums, activations and
deltas for display; its formulas are those of the NumPy backend.

References
----------
.. [1] M. Nielsen, "Neural Networks and Deep Learning", 2015, chapter 2: the four equations.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nn_core.events import Array, Params
from nn_core.experiment import Experiment
from nn_core.networks.activations import ACTIVATIONS, activate
from nn_core.networks.losses import loss_for
from nn_core.vocabulary import ON_SUMS


@dataclass(frozen=True)
class Trace:
    """All values of one forward and one backward pass over n rows.

    Attributes
    ----------
    params : list of (weight, bias)
        Parameters in float64.
    x, y : ndarray of shape (n, n_inputs), (n, n_outputs)
        Inputs and targets.
    sums, activations : list of ndarray, each of shape (n, units)
        ``z`` and ``a`` of every layer, hidden layers first.
    loss : float
        Loss of the batch.
    output_gradient : ndarray of shape (n, n_outputs) or None
        ``∂L/∂a`` of the outputs; None if the loss is differentiated by the sums directly.
    deltas : list of ndarray, each of shape (n, units)
        ``∂L/∂z`` of every layer.
    gradients : list of (weight, bias)
        ``∂L/∂w`` and ``∂L/∂b``, summed over the rows.
    """

    params: Params
    x: Array
    y: Array
    sums: list[Array]
    activations: list[Array]
    loss: float
    output_gradient: Array | None
    deltas: list[Array]
    gradients: Params

    def below(self, layer: int) -> Array:
        """The inputs of a layer: the activations of the previous layer, or the rows."""
        return self.activations[layer - 1] if layer else self.x


def trace(experiment: Experiment, params: Params, x: Array, y: Array) -> Trace:
    """Run a forward and a backward pass and keep every value.

    Parameters
    ----------
    experiment : Experiment
        Defines activations, output and loss.
    params : list of (weight, bias)
        Parameters of the network.
    x, y : ndarray of shape (n, n_inputs), (n, n_outputs)
        Inputs and targets.
    """
    names = (*experiment.hidden_activations, experiment.output)
    layers = [(w.astype(float), None if b is None else b.astype(float)) for w, b in params]
    x, y = np.asarray(x, float), np.asarray(y, float)
    sums: list[Array] = []
    activations: list[Array] = []
    a = x
    for (weight, bias), name in zip(layers, names, strict=True):
        sums.append(a @ weight if bias is None else a @ weight + bias)
        a = activate(name, sums[-1])
        activations.append(a)

    loss = loss_for(experiment.output, experiment.loss)
    delta = np.empty_like(a)
    loss.gradient(a, y, delta)
    output_gradient = None
    if (experiment.output, experiment.loss) not in ON_SUMS:
        output_gradient = delta.copy()
        ACTIVATIONS[experiment.output].backward(a, delta, np.empty_like(a))
    deltas = [delta]
    for layer in range(len(layers) - 1, 0, -1):
        below = activations[layer - 1]
        delta = deltas[0] @ layers[layer][0].T
        ACTIVATIONS[names[layer - 1]].backward(below, delta, np.empty_like(below))
        deltas.insert(0, delta)
    inputs = [x, *activations[:-1]]
    gradients: Params = [
        (a.T @ delta, None if bias is None else delta.sum(axis=0))
        for a, delta, (_, bias) in zip(inputs, deltas, layers, strict=True)
    ]
    value = float(loss.value(a, sums[-1], y))
    return Trace(layers, x, y, sums, activations, value, output_gradient, deltas, gradients)
