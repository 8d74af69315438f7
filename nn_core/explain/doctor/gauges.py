"""How healthy a network is: the size of its gradient, dead units, saturated units.

References
----------
.. [1] X. Glorot, Y. Bengio, "Understanding the difficulty of training deep feedforward neural
   networks", 2010: saturation, and gradients from layer to layer.
.. [2] L. Lu et al., "Dying ReLU and initialization: theory and numerical examples", 2020.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nn_core import vocabulary
from nn_core.datasets import Dataset
from nn_core.events import Array, Params
from nn_core.experiment import Experiment
from nn_core.explain.step.penalty import added
from nn_core.explain.step.trace import trace
from nn_core.networks.forward import layer_activations
from nn_core.networks.single_thread import on_one_thread

SATURATED_SLOPE = 0.05
"""A unit is saturated on a row where its slope is below this share of its largest."""

MOST_WORK = 80_000_000
"""Multiplications of the forward pass of one look, about: with the way back, a hundredth of a
second on one thread. A look is taken a few times a second while a worker trains beside it."""

LEAST_ROWS = 100

_LARGEST_SLOPE = {"sigmoid": 0.25, "tanh": 1.0}


@dataclass(frozen=True)
class LayerHealth:
    """One hidden layer on the given rows.

    Attributes
    ----------
    layer : int
        From 1.
    activation : str
        Its name.
    units : int
        How many there are; of a convolution, its maps.
    dead : int or None
        ReLUs that are 0 on every row, maps that are so everywhere; None for other activations.
    saturated : float or None
        Share of all (unit, row) pairs whose slope is nearly gone, 0 to 1; for sigmoid and tanh.
    """

    layer: int
    activation: str
    units: int
    dead: int | None
    saturated: float | None


@dataclass(frozen=True)
class Look:
    """What the gauges show of a network at one moment.

    Attributes
    ----------
    rows : int
        Training rows that were looked at: the first.
    layers : list of LayerHealth
        Every hidden layer on these rows.
    gradients : list of (weight, bias) or None
        Of the loss on these rows, with the penalties, by the formulas of backpropagation; of a sum,
        brought to the size of a batch. None for a network with convolutions.
    """

    rows: int
    layers: list[LayerHealth]
    gradients: Params | None


def look(
    experiment: Experiment,
    params: Params,
    data: Dataset,
    n_train: int,
    *,
    with_gradients: bool = True,
) -> Look:
    """Look at a network on as many of its first training rows as take a moment.

    Parameters
    ----------
    experiment : Experiment
        Activations, loss and penalties.
    params : list of (weight, bias)
        At which weights.
    data : Dataset
        The first training rows, or all.
    n_train : int
        How many there are in all.
    with_gradients : bool
        False where the backend has sent its own.
    """
    most = max(LEAST_ROWS, MOST_WORK // max(1, experiment.multiplications))
    x, y = data.x[:most], data.y[:most]
    gradients = None
    with on_one_thread(), np.errstate(all="ignore"):
        layers = layers_health(experiment, params, x)
        if with_gradients and not experiment.front and len(x):
            found = trace(experiment, params, x, y).gradients
            if vocabulary.LOSSES[experiment.loss].reduction == "sum":
                scale = min(experiment.batch_size or n_train, n_train) / len(x)
                found = [(w * scale, None if b is None else b * scale) for w, b in found]
            gradients = added(experiment, params, found)
    return Look(len(x), layers, gradients)


def layers_health(experiment: Experiment, params: Params, x: Array) -> list[LayerHealth]:
    """Dead and saturated units of every hidden layer.

    Parameters
    ----------
    experiment : Experiment
        Activations.
    params : list of (weight, bias)
        At which weights.
    x : ndarray of shape (n, n_inputs)
        The training rows.
    """
    names = experiment.hidden_activations
    found = []
    all_of = layer_activations(params, x, names, experiment.output)
    for layer, (name, a) in enumerate(zip(names, all_of, strict=False), 1):
        # The maps of a convolution lie last: each is a unit, at all places.
        a = a.reshape(-1, params[layer - 1][0].shape[-1])
        dead = int((a <= 0).all(axis=0).sum()) if name == "relu" else None
        saturated = None
        if name in _LARGEST_SLOPE:
            slope = a * (1 - a) if name == "sigmoid" else 1 - a * a
            saturated = float((slope < SATURATED_SLOPE * _LARGEST_SLOPE[name]).mean())
        found.append(LayerHealth(layer, name, a.shape[1], dead, saturated))
    return found


def gradient_norms(gradients: Params) -> list[float]:
    """Euclidean length of the gradient of each layer, weights and biases together."""
    return [
        float(np.sqrt(sum(np.square(part, dtype=float).sum() for part in pair if part is not None)))
        for pair in gradients
    ]


def gradient_sizes(gradients: Params) -> list[float]:
    """Root mean square of each layer's weight gradient: comparable between layers of any width."""
    return [float(np.sqrt(np.square(weight, dtype=float).mean())) for weight, _ in gradients]


def total_norm(gradients: Params) -> float:
    """Euclidean length of the whole gradient."""
    return float(np.sqrt(np.square(gradient_norms(gradients)).sum()))
