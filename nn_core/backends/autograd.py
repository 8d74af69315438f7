"""autograd: plain NumPy expressions, and the gradients found from them.

The package is HIPS autograd. Its arrays are NumPy's and it has no optimizers of its own, so the
ones of `nn_core.networks.optimizers` update the parameters.

All parameters are in one flat vector, which the optimizer updates at once; the layers' weights and
biases are views of it. For the gradient of a list of arrays, autograd would allocate new arrays and
add each into a list of zeros. Therefore the weighted sum of a layer is a separate primitive, whose
derivative is computed directly in that layer's part of the flat gradient.
"""

from __future__ import annotations

from importlib.metadata import version

import autograd.numpy as np
import numpy
from autograd import grad, value_and_grad
from autograd.extend import defvjp, primitive
from autograd.scipy.special import logsumexp

from nn_core.networks import aligned_arrays
from nn_core.networks.losses import chosen_loss
from nn_core.networks.optimizers import OPTIMIZERS
from nn_core.vocabulary import LEAKY_SLOPE, PROBABILITY_MARGIN


def devices() -> list[str]:
    """The processor only, because the arrays are NumPy's."""
    return ["cpu"]


def _identity(z):
    return z


@primitive
def _sigmoid(z):
    # `autograd.scipy.special.expit` is exact, too, but several times slower.
    return (1 + numpy.tanh(z / 2)) / 2


defvjp(_sigmoid, lambda a, z: lambda g: g * a * (1 - a))


def _relu(z):
    # Not `np.maximum`: its derivative is 1/2 where z is 0.
    return np.where(z > 0, z, 0.0)


def _leaky_relu(z):
    return np.where(z > 0, z, LEAKY_SLOPE * z)


def _log_softmax(z):
    return z - logsumexp(z, axis=1, keepdims=True)


def _softmax(z):
    return np.exp(_log_softmax(z))


ACTIVATIONS = {
    "identity": _identity,
    "sigmoid": _sigmoid,
    "tanh": np.tanh,
    "relu": _relu,
    "leaky_relu": _leaky_relu,
    "softmax": _softmax,
}


def _squared_error(a, y):
    return (a - y) ** 2


def _half_squared_error(a, y):
    return (a - y) ** 2 / 2


def _cross_entropy_of_probabilities(a, y):
    a = np.clip(a, PROBABILITY_MARGIN, 1 - PROBABILITY_MARGIN)
    return -(y * np.log(a) + (1 - y) * np.log(1 - a))


def _sigmoid_cross_entropy(a, y):
    return np.logaddexp(0, a) - y * a


def _softmax_cross_entropy(a, y):
    return -np.sum(y * _log_softmax(a), axis=1)


# The loss of each output (of each row for the last one), and its reduction to one number.
LOSSES = {
    "mse": (_squared_error, np.mean),
    "mse_half": (_half_squared_error, np.mean),
    "mse_sum": (_squared_error, np.sum),
    "bce": (_cross_entropy_of_probabilities, np.mean),
    "bce_logits": (_sigmoid_cross_entropy, np.mean),
    "bce_logits_sum": (_sigmoid_cross_entropy, np.sum),
    "cross_entropy_logits": (_softmax_cross_entropy, np.mean),
}


class Model:
    """A multilayer perceptron whose gradients come from `value_and_grad`."""

    framework = f"autograd {version('autograd')}"
    epsilon_form = "after_root"

    def __init__(self, experiment, params, x, y, device):
        self.x, self.y = x, y
        self.hidden_activations = [ACTIVATIONS[name] for name in experiment.hidden_activations]
        self.output_activation = ACTIVATIONS[experiment.output]
        (self.loss, self.reduce), self.loss_is_on_sums = chosen_loss(
            LOSSES, experiment.output, experiment.loss, self.framework
        )
        self.loss_and_gradient = value_and_grad(self._loss_from)
        self.l1, self.l2 = experiment.l1, experiment.l2
        self.penalty_gradients = grad(self._penalty)

        self.has_bias = [bias is not None for _, bias in params]
        arrays = [array for pair in params for array in pair if array is not None]
        count, dtype = sum(array.size for array in arrays), arrays[0].dtype
        self.w, self.g = (
            aligned_arrays.zeros((count,), dtype),
            aligned_arrays.zeros((count,), dtype),
        )
        self.variables, self.slopes = _views(self.w, arrays), _views(self.g, arrays)
        self.set_params(params)
        # The parameters of each layer, with the views into which their gradients are written.
        pairs = self._in_layers(self.variables), self._in_layers(self.slopes)
        self.layers = list(zip(*pairs, strict=True))
        self.optimizer = OPTIMIZERS[experiment.optimizer](
            self.w, experiment.learning_rate, experiment.momentum, self.epsilon_form
        )

    def train(self, batches, masks=()):
        losses = np.empty(len(batches))
        for i, rows in enumerate(batches):
            of_step = [mask[i] for mask in masks]
            losses[i] = self._fill_gradient(self.x[rows], self.y[rows], of_step)
            self.optimizer.step(self.g)
        return losses

    def evaluate(self, x, y):
        return float(self._loss(x, y)), self.predict(x)

    def predict(self, x):
        return self.output_activation(self._sums(x))

    def gradients(self, x, y):
        self._fill_gradient(x, y)
        return self._in_layers([slope.copy() for slope in self.slopes])

    def get_params(self):
        return self._in_layers([variable.copy() for variable in self.variables])

    def set_params(self, params):
        arrays = [array for pair in params for array in pair if array is not None]
        for variable, array in zip(self.variables, arrays, strict=True):
            variable[...] = array

    def get_state(self):
        slots = {f"slot{i}": slot.copy() for i, slot in enumerate(self.optimizer.slots)}
        return {
            "params": self.w.copy(),
            "steps": np.array(self.optimizer.steps),
            "scales": np.array(self.optimizer.scales),
            **slots,
        }

    def set_state(self, state):
        self.w[...] = state["params"]
        self.optimizer.steps = int(state["steps"])
        for i, slot in enumerate(self.optimizer.slots):
            slot[...] = state[f"slot{i}"]

    def set_learning_rate(self, learning_rate):
        self.optimizer.learning_rate = learning_rate

    def _fill_gradient(self, x, y, masks=()):
        """Fill the flat gradient with that of the objective, and return the loss."""
        loss, _ = self.loss_and_gradient(0.0, x, y, masks)
        if self.l1 or self.l2:
            # Added separately, because the returned loss must not include the penalty.
            for slope, gradient in zip(
                self.slopes, self.penalty_gradients(self.variables), strict=True
            ):
                slope += gradient
        return loss

    def _penalty(self, variables):
        """``l1 Σ|w| + l2/2 Σ w²`` over all weights, and no biases."""
        return sum(
            self.l1 * np.sum(np.abs(weight)) + self.l2 / 2 * np.sum(weight**2)
            for weight, _ in self._in_layers(variables)
        )

    def _loss_from(self, start, x, y, masks):
        """The loss, recorded from `start` on: a dummy number on which all layers depend."""
        return self._loss(x, y, masks, start)

    def _loss(self, x, y, masks=(), start=0.0):
        sums = self._sums(x, masks, start)
        a = sums if self.loss_is_on_sums else self.output_activation(sums)
        return self.reduce(self.loss(a, y))

    def _sums(self, x, masks=(), start=0.0):
        """The weighted sums of the last layer, before the output activation."""
        *hidden, last = self.layers
        for i, layer in enumerate(hidden):
            x = self.hidden_activations[i](_weighted_sum(x, start, *layer))
            if masks:
                x = x * masks[i]
        return _weighted_sum(x, start, *last)

    def _in_layers(self, arrays):
        """A flat list, weight and bias in turn, as one pair for each layer."""
        found = iter(arrays)
        return [(next(found), next(found) if has_bias else None) for has_bias in self.has_bias]


def _views(vector, arrays):
    """Views of the flat `vector`, one for each of `arrays` and of its shape."""
    views, start = [], 0
    for array in arrays:
        views.append(vector[start : start + array.size].reshape(array.shape))
        start += array.size
    return views


@primitive
def _weighted_sum(x, start, layer, slopes):
    """``x @ weight + bias``; `start` only connects it to the backward pass."""
    weight, bias = layer
    z = x @ weight
    if bias is not None:
        z += bias
    return z


def _back_to_inputs(z, x, start, layer, slopes):
    return lambda g: g @ layer[0].T


def _back_to_layer(z, x, start, layer, slopes):
    """Write the gradients of weight and bias into `slopes`; the one of `start` is 0."""

    def keep(g):
        weight_slope, bias_slope = slopes
        # Not a new array: the system would have to allocate pages for it in each step.
        numpy.matmul(x.T, g, out=weight_slope)
        if bias_slope is not None:
            numpy.add.reduce(g, axis=0, out=bias_slope)
        return 0.0

    return keep


defvjp(_weighted_sum, _back_to_inputs, _back_to_layer, argnums=(0, 1))
