"""Gradient of the loss with respect to the inputs, and descent along it.

For a chosen target, backpropagation continues through the first layer to the inputs, while the
weights stay fixed. Dense layers only.

References
----------
.. [1] K. Simonyan, A. Vedaldi, A. Zisserman, "Deep inside convolutional networks: visualising
   image classification models and saliency maps", ICLR workshop 2014.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from nn_core.events import Params
from nn_core.networks.activations import ACTIVATIONS
from nn_core.networks.forward import layer_activations
from nn_core.networks.losses import loss_for
from nn_core.vocabulary import ON_SUMS

Array = np.ndarray


class InputGradient(NamedTuple):
    """A loss and its derivative by each input.

    Attributes
    ----------
    loss : float
        Loss of the row for the chosen target.
    gradient : ndarray of shape (n_inputs,)
        ``∂L/∂x``.
    outputs : ndarray of shape (n_outputs,)
        After the output activation.
    """

    loss: float
    gradient: Array
    outputs: Array


def input_gradient(
    params: Params, x: Array, y: Array, hidden: Sequence[str], output: str, loss: str
) -> InputGradient:
    """Gradient of the loss of one row with respect to its inputs.

    ``∂L/∂x = W₁ᵀ δ₁``, where ``δ₁ = ∂L/∂z₁`` belongs to the weighted sums of the first layer.

    Parameters
    ----------
    params : list of (weight, bias)
        Parameters of dense layers, first layer first.
    x : ndarray of shape (n_inputs,)
        The row.
    y : ndarray of shape (n_outputs,)
        Any target; it need not be the label of the row.
    hidden : sequence of str
        Names of the activations of the hidden layers.
    output, loss : str
        Names of output activation and loss. The perceptron has no gradient: zeros.
    """
    x, y = np.asarray(x, float)[None], np.asarray(y, float)[None]
    params = [(w.astype(float), None if b is None else b.astype(float)) for w, b in params]
    activations = [x, *layer_activations(params, x, hidden, output)]
    a, names = activations[-1], [*hidden, output]
    chosen = loss_for(output, loss)
    gradient = np.empty_like(a)
    with np.errstate(all="ignore"):
        value = chosen.value(a, sums_before_output(params, activations[-2]), y)
        chosen.gradient(a, y, gradient)
        is_on_sums = (output, loss) in ON_SUMS
        if output == "step":
            gradient[...] = 0
        for layer in range(len(params) - 1, -1, -1):
            if layer < len(params) - 1 or not is_on_sums:
                a = activations[layer + 1]
                ACTIVATIONS[names[layer]].backward(a, gradient, np.empty_like(a))
            gradient = gradient @ params[layer][0].T
    return InputGradient(float(value), gradient[0], activations[-1][0])


def sums_before_output(params: Params, last_hidden: Array) -> Array:
    """The weighted sums of the output layer.

    Parameters
    ----------
    params : list of (weight, bias)
        Parameters; only the last pair is used.
    last_hidden : ndarray of shape (n, units)
        Activations of the last hidden layer, or the inputs if there is none.

    Returns
    -------
    z : ndarray of shape (n, n_outputs)
    """
    weight, bias = params[-1]
    z = last_hidden @ weight
    return np.asarray(z if bias is None else z + bias)


def descend(
    params: Params,
    x: Array,
    y: Array,
    hidden: Sequence[str],
    output: str,
    loss: str,
    *,
    steps: int,
    size: float,
    low: float,
    high: float,
) -> Array:
    """Move an input towards another target by gradient descent; the weights stay fixed.

    Each step is ``x ← clip(x − size · g / max |g|)`` with the gradient g.

    Parameters
    ----------
    params, x, y, hidden, output, loss
        As for `input_gradient`.
    steps : int
        Number of steps; 0 returns `x`.
    size : float
        Largest change of an input in one step, in units of the inputs.
    low, high : float
        Range of the inputs.

    Returns
    -------
    moved : ndarray of shape (n_inputs,), float64
    """
    x = np.asarray(x, float)
    for _ in range(steps):
        gradient = input_gradient(params, x, y, hidden, output, loss).gradient
        largest = np.abs(gradient).max()
        if not np.isfinite(largest) or largest == 0:
            break
        x = np.clip(x - size * gradient / largest, low, high)
    return x
