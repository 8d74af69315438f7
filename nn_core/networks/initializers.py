"""Initializers: one function each.

A function receives a generator and the shape of a layer's weight, and returns the weight and its
bias, in float64; `initial_params` calls it for each layer. Biases are zero unless the docstring of
the function differs. The shape is (n_in, n_out), or (height, width, maps in, maps out) for the
kernels of a convolution; `fans` computes n_in and n_out from it.

References
----------
.. [1] X. Glorot, Y. Bengio, "Understanding the difficulty of training deep feedforward neural
   networks", AISTATS 2010.
.. [2] K. He et al., "Delving deep into rectifiers", ICCV 2015.
.. [3] Y. LeCun et al., "Efficient BackProp", 1998, section 4.6.
.. [4] I. Goodfellow, Y. Bengio, A. Courville, "Deep Learning", 2016, section 6.1.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from nn_core.errors import InvalidExperiment, Problem
from nn_core.events import Params
from nn_core.experiment import Experiment
from nn_core.seeds import generator

Array = np.ndarray


def fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """n_in and n_out of a weight: inputs of one unit, and units that depend on one input.

    A kernel covers ``height · width`` pixels, and each pixel is covered at as many positions.

    Examples
    --------
    >>> fans((4, 3)), fans((5, 5, 8, 16))
    ((4, 3), (200, 400))
    """
    *window, n_in, n_out = shape
    return math.prod(window) * n_in, math.prod(window) * n_out


def glorot_uniform(rng: np.random.Generator, *shape: int) -> tuple[Array, Array]:
    """Uniform in ±√(6 / (n_in + n_out)) [1]_."""
    limit = np.sqrt(6 / sum(fans(shape)))
    return rng.uniform(-limit, limit, shape), np.zeros(shape[-1])


def uniform_fan_in(rng: np.random.Generator, *shape: int) -> tuple[Array, Array]:
    """Weights and biases uniform in ±1/√n_in [3]_, as PyTorch's linear layer starts."""
    limit = 1 / np.sqrt(fans(shape)[0])
    weight = rng.uniform(-limit, limit, shape)
    return weight, rng.uniform(-limit, limit, shape[-1])


def he_normal(rng: np.random.Generator, *shape: int) -> tuple[Array, Array]:
    """Normal with variance 2 / n_in [2]_."""
    return rng.normal(0, np.sqrt(2 / fans(shape)[0]), shape), np.zeros(shape[-1])


def normal_small(rng: np.random.Generator, *shape: int) -> tuple[Array, Array]:
    """Normal with standard deviation 0.01."""
    return rng.normal(0, 0.01, shape), np.zeros(shape[-1])


def normal_large(rng: np.random.Generator, *shape: int) -> tuple[Array, Array]:
    """Normal with standard deviation 5."""
    return rng.normal(0, 5, shape), np.zeros(shape[-1])


def zeros(rng: np.random.Generator, *shape: int) -> tuple[Array, Array]:
    """Zero; no random number is drawn."""
    return np.zeros(shape), np.zeros(shape[-1])


INITIALIZERS: dict[str, Callable[..., tuple[Array, Array]]] = {
    function.__name__: function
    for function in (glorot_uniform, uniform_fan_in, he_normal, normal_small, normal_large, zeros)
}

KNOWN_OPTIMA: dict[tuple[object, ...], list[tuple[list[list[float]], list[float]]]] = {
    # Goodfellow's exact solution of XOR with two ReLU units [4]_.
    ("xor", (2, 2, 1), ("relu",), "identity"): [
        ([[1, 1], [1, 1]], [0, -1]),
        ([[1], [-2]], [0]),
    ],
    # A linear read-out of bits is exact at 8-4-2-1, the most significant bit first.
    **{
        ("bits", (n, 1), (), "identity"): [([[2.0 ** (n - 1 - i)] for i in range(n)], [0])]
        for n in range(2, 6)
    },
}
"""Published solutions, by (dataset, layer sizes, hidden activations, output activation)."""


def known_optimum(experiment: Experiment) -> Params | None:
    """The published solution of the experiment's network, or None where there is none."""
    layers = _known_layers(experiment)
    return None if layers is None else _cast(layers, experiment)


def _known_layers(experiment: Experiment) -> list[tuple[Array, Array]] | None:
    key = (
        experiment.dataset,
        experiment.layer_sizes,
        experiment.hidden_activations,
        experiment.output,
    )
    layers = KNOWN_OPTIMA.get(key)
    if layers is None:
        return None
    return [(np.array(weight, float), np.array(bias, float)) for weight, bias in layers]


def initial_params(experiment: Experiment) -> Params:
    """The initial parameters of an experiment.

    Parameters
    ----------
    experiment : Experiment
        Supplies the shapes of the layers, initializer, bias, dtype and seed.

    Returns
    -------
    params : list of (weight, bias)
        In the experiment's dtype; the same for every backend.

    Raises
    ------
    InvalidExperiment
        If the initializer is "given", and there are neither given nor published weights.

    Examples
    --------
    >>> [w.shape for w, b in initial_params(Experiment(dataset="xor", hidden=(8, 3)))]
    [(2, 8), (8, 3), (3, 1)]
    """
    if experiment.initializer == "given":
        return _given_params(experiment)
    rng = generator(experiment.seed, "weights")
    draw = INITIALIZERS[experiment.initializer]
    drawn = [draw(rng, *shape) for shape in experiment.weight_shapes]
    return _cast(drawn, experiment)


def _given_params(experiment: Experiment) -> Params:
    if experiment.given is not None:
        layers = [(np.array(w, float), np.array(b or [], float)) for w, b in experiment.given]
    else:
        layers = _published_layers(experiment)
    offset = experiment.given_offset
    return _cast([(weight + offset, bias + offset) for weight, bias in layers], experiment)


def _published_layers(experiment: Experiment) -> list[tuple[Array, Array]]:
    layers = _known_layers(experiment)
    if layers is None:
        raise InvalidExperiment(
            [
                Problem(
                    "initializer",
                    "given",
                    "no weights are given, and no optimum is published for this network; it is "
                    "for XOR 2-2-1 with ReLU and identity output, and for the linear read-out of "
                    "bits",
                )
            ]
        )
    return layers


def _cast(layers: list[tuple[Array, Array]], experiment: Experiment) -> Params:
    dtype = experiment.dtype
    return [
        (weight.astype(dtype), bias.astype(dtype) if experiment.bias else None)
        for weight, bias in layers
    ]
