"""One forward pass in NumPy, layer by layer; the charts draw its activations."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nn_core.events import Params
from nn_core.networks.activations import activate
from nn_core.networks.architectures.conv import block

Array = np.ndarray


def layer_activations(params: Params, x: Array, hidden: Sequence[str], output: str) -> list[Array]:
    """The activations of every layer for the rows of `x`.

    Parameters
    ----------
    params : list of (weight, bias)
        First layer first. A weight of four dimensions is the kernel of a convolution.
    x : ndarray of shape (n, n_inputs)
        Input rows.
    hidden : sequence of str
        Names of the activations of the hidden layers: `Experiment.hidden_activations`.
    output : str
        Name of the output activation.

    Returns
    -------
    activations : list of ndarray, each of shape (n, units)
        Hidden layers first, the outputs last. A convolution has its pooled maps, in the order
        (height, width, map).
    """
    activations = []
    for (weight, bias), name in zip(params, (*hidden, output), strict=True):
        if weight.ndim == 4:
            x = block(x, weight, bias, name)
        else:
            z = x @ weight
            if bias is not None:
                z = z + bias
            x = activate(name, z)
        activations.append(x)
    return activations


def predict(params: Params, x: Array, hidden: Sequence[str], output: str) -> Array:
    """The outputs for the rows of `x`: shape (n, n_outputs)."""
    return layer_activations(params, x, hidden, output)[-1]
