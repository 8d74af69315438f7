"""Health of a network: gradient norms, dead units, saturated units.

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
from nn_core.explain.step.penalty import with_penalty
from nn_core.explain.step.trace import trace
from nn_core.networks.forward import layer_activations
from nn_core.networks.single_thread import on_one_thread

SATURATED_SLOPE = 0.05
"""A unit is saturated on a row if its slope is below this fraction of its maximum."""

MOST_WORK = 80_000_000
"""Approximate multiplications of the forward pass of one measurement: with the backward pass about
10 ms on one thread. Measurements happen a few times a second while a worker trains."""

LEAST_ROWS = 100

_LARGEST_SLOPE = {"sigmoid": 0.25, "tanh": 1.0}


@dataclass(frozen=True)
class LayerHealth:
    """Health of one hidden layer on the given rows.

    Attributes
    ----------
    layer : int
        Layer number, from 1.
    activation : str
        Its name.
    units : int
        Number of units, or of feature maps.
    dead : int or None
        ReLUs, or ReLU maps, that are 0 on every row (and place); None for other activations.
    saturated : float or None
        Fraction of (unit, row) pairs that are saturated, 0 to 1; sigmoid and tanh only.
    """

    layer: int
    activation: str
    units: int
    dead: int | None
    saturated: float | None


@dataclass(frozen=True)
class HealthReport:
    """Health of a network at one moment.

    Attributes
    ----------
    rows : int
        Number of training rows used: the first ones.
    layers : list of LayerHealth
        One entry for each hidden layer.
    gradients : list of (weight, bias) or None
        Of loss and penalties on these rows, by backpropagation in NumPy; for a summed loss, scaled
        to the batch size. None for networks with convolutions.
    """

    rows: int
    layers: list[LayerHealth]
    gradients: Params | None


def measure_health(
    experiment: Experiment,
    params: Params,
    data: Dataset,
    n_train: int,
    *,
    with_gradients: bool = True,
) -> HealthReport:
    """Measure the health of a network on its first training rows, within a work budget.

    Parameters
    ----------
    experiment : Experiment
        Activations, loss and penalties.
    params : list of (weight, bias)
        Parameters of the network.
    data : Dataset
        The training rows, or the first of them.
    n_train : int
        Number of training rows in total.
    with_gradients : bool
        False if the backend has sent its own gradients.
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
            gradients = with_penalty(experiment, params, found)
    return HealthReport(len(x), layers, gradients)


def layers_health(experiment: Experiment, params: Params, x: Array) -> list[LayerHealth]:
    """Count dead and saturated units of every hidden layer.

    Parameters
    ----------
    experiment : Experiment
        Activations.
    params : list of (weight, bias)
        Parameters of the network.
    x : ndarray of shape (n, n_inputs)
        The training rows.
    """
    names = experiment.hidden_activations
    found = []
    activations = layer_activations(params, x, names, experiment.output)
    for layer, (name, a) in enumerate(zip(names, activations, strict=False), 1):
        # Feature maps are the last axis: each map counts as one unit over all places.
        a = a.reshape(-1, params[layer - 1][0].shape[-1])
        dead = int((a <= 0).all(axis=0).sum()) if name == "relu" else None
        saturated = None
        if name in _LARGEST_SLOPE:
            slope = a * (1 - a) if name == "sigmoid" else 1 - a * a
            saturated = float((slope < SATURATED_SLOPE * _LARGEST_SLOPE[name]).mean())
        found.append(LayerHealth(layer, name, a.shape[1], dead, saturated))
    return found


def gradient_norms(gradients: Params) -> list[float]:
    """Euclidean norm of the gradient of each layer, weights and biases together."""
    return [
        float(np.sqrt(sum(np.square(part, dtype=float).sum() for part in pair if part is not None)))
        for pair in gradients
    ]


def gradient_sizes(gradients: Params) -> list[float]:
    """Root mean square of each layer's weight gradient: comparable between layers of any width."""
    return [float(np.sqrt(np.square(weight, dtype=float).mean())) for weight, _ in gradients]


def total_norm(gradients: Params) -> float:
    """Euclidean norm of the whole gradient."""
    return float(np.sqrt(np.square(gradient_norms(gradients)).sum()))
