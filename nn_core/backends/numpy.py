"""NumPy: forward and backward written out by hand.

This file is the reference: the other backends are compared with it. The formulas are in
`nn_core.networks.activations`, `nn_core.networks.losses` and `nn_core.networks.optimizers`; the
network here combines them.

All parameters are in one flat vector, of which each layer's weight and bias are views, so that the
optimizer updates them at once. Intermediate arrays are allocated once for each batch size: a step
allocates next to nothing, which is three times as fast on small networks. There, the time of a step
is that of its calls of NumPy, a quarter of a microsecond each. The code therefore uses the method
`dot` of the arrays, which on small matrices takes a third of the time of `np.matmul`, and the
operators `*=` and `+=`, which are faster than ufuncs with the argument `out`.

References
----------
.. [1] M. Nielsen, "Neural Networks and Deep Learning", 2015, chapter 2.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from nn_core.networks import aligned_arrays
from nn_core.networks.activations import ACTIVATIONS
from nn_core.networks.losses import loss_for
from nn_core.networks.optimizers import OPTIMIZERS
from nn_core.vocabulary import ON_SUMS

Array = np.ndarray


def devices() -> list[str]:
    """The processor only."""
    return ["cpu"]


class _Layer(NamedTuple):
    """Views into the flat vectors of parameters and gradients."""

    weight: Array  # (n_in, n_out)
    transposed: Array  # (n_out, n_in)
    bias: Array | None  # (n_out,)
    weight_gradient: Array
    bias_gradient: Array | None


class _Buffers:
    """The intermediate arrays for one batch size."""

    def __init__(self, sizes: tuple[int, ...], rows: int, dtype: np.dtype) -> None:
        def empty(units: int) -> Array:
            return aligned_arrays.zeros((rows, units), dtype)

        self.x, self.y = empty(sizes[0]), empty(sizes[-1])
        self.sums = [empty(units) for units in sizes[1:]]
        self.activations = [empty(units) for units in sizes[1:]]
        self.masked = [empty(units) for units in sizes[1:-1]]
        self.deltas = [empty(units) for units in sizes[1:]]
        self.scratch = [empty(units) for units in sizes[1:]]
        self.ones = np.ones(rows, dtype)


class Model:
    """A multilayer perceptron in plain NumPy."""

    framework = f"NumPy {np.__version__}"
    epsilon_form = "after_root"

    def __init__(self, experiment, params, x, y, device):
        self.x, self.y = x, y
        self.dtype = np.dtype(experiment.dtype)
        self.sizes = experiment.layer_sizes
        names = *experiment.hidden_activations, experiment.output
        self.activations = [ACTIVATIONS[name] for name in names]
        self.loss = loss_for(experiment.output, experiment.loss)
        self.loss_is_on_sums = (experiment.output, experiment.loss) in ON_SUMS
        self.l1, self.l2 = experiment.l1, experiment.l2
        self.epsilon_form = experiment.epsilon_form or Model.epsilon_form

        shapes = [(weight.shape, bias is not None) for weight, bias in params]
        count = sum(shape[0] * shape[1] + has_bias * shape[1] for shape, has_bias in shapes)
        self.w = aligned_arrays.zeros((count,), self.dtype)
        self.g = aligned_arrays.zeros((count,), self.dtype)
        self.layers = self._layers(shapes)
        self.set_params(params)
        self.optimizer = OPTIMIZERS[experiment.optimizer](
            self.w, experiment.learning_rate, experiment.momentum, self.epsilon_form
        )
        self.buffers = {}

    def train(self, batches, masks=()):
        buffers = self._buffers(batches.shape[1])
        losses = np.empty(len(batches))
        # If each batch is all rows in their order, they are selected once.
        is_one_batch = (batches == batches[:1]).all()
        for i, rows in enumerate(batches):
            if i == 0 or not is_one_batch:
                self.x.take(rows, 0, buffers.x, "clip")
                self.y.take(rows, 0, buffers.y, "clip")
            of_step = masks and [mask[i] for mask in masks]
            losses[i] = self._forward(buffers, of_step)
            self._backward(buffers, of_step)
            self.optimizer.step(self.g)
        return losses

    def evaluate(self, x, y):
        buffers = self._filled(x, y)
        loss = self._forward(buffers)
        return loss, buffers.activations[-1].copy()

    def predict(self, x):
        return self.evaluate(x, np.zeros((len(x), self.sizes[-1]), self.dtype))[1]

    def gradients(self, x, y):
        buffers = self._filled(x, y)
        self._forward(buffers)
        self._backward(buffers)
        return [
            (
                layer.weight_gradient.copy(),
                None if layer.bias_gradient is None else layer.bias_gradient.copy(),
            )
            for layer in self.layers
        ]

    def get_params(self):
        return [
            (layer.weight.copy(), None if layer.bias is None else layer.bias.copy())
            for layer in self.layers
        ]

    def set_params(self, params):
        for layer, (weight, bias) in zip(self.layers, params, strict=True):
            layer.weight[...] = weight
            if layer.bias is not None:
                layer.bias[...] = bias

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

    def _forward(self, buffers, masks=()):
        """Compute all activations, layer by layer, and return the loss."""
        a = buffers.x
        for i, layer in enumerate(self.layers):
            z = buffers.sums[i]
            if layer.bias is None:
                a.dot(layer.weight, out=z)
            else:
                # NumPy broadcasts the bias to all rows faster in an assignment than in a sum.
                z[...] = layer.bias
                z += a.dot(layer.weight, out=buffers.scratch[i])
            a = buffers.activations[i]
            self.activations[i].forward(z, a)
            if i < len(masks):
                a = np.multiply(a, masks[i], out=buffers.masked[i])
        return self.loss.value(a, buffers.sums[-1], buffers.y)

    def _backward(self, buffers, masks=()):
        """Compute the gradient, from the last layer to the first, by the chain rule."""
        delta = buffers.deltas[-1]
        self.loss.gradient(buffers.activations[-1], buffers.y, delta)
        if not self.loss_is_on_sums:
            self.activations[-1].backward(buffers.activations[-1], delta, buffers.scratch[-1])
        inputs = buffers.masked if masks else buffers.activations  # of the next layer
        for i in range(len(self.layers) - 1, -1, -1):
            layer = self.layers[i]
            below = inputs[i - 1] if i else buffers.x
            below.T.dot(delta, out=layer.weight_gradient)
            if layer.bias_gradient is not None:
                buffers.ones.dot(delta, out=layer.bias_gradient)
            if i:
                delta_below = buffers.deltas[i - 1]
                delta.dot(layer.transposed, out=delta_below)
                if masks:
                    delta_below *= masks[i - 1]
                self.activations[i - 1].backward(
                    buffers.activations[i - 1], delta_below, buffers.scratch[i - 1]
                )
                delta = delta_below
        if self.l1 or self.l2:
            self._add_penalties()

    def _add_penalties(self):
        """Add the derivative of ``l1 Σ|w| + l2/2 Σ w²`` to the gradient of the weights."""
        for layer in self.layers:
            slope = self.l1 * np.sign(layer.weight) + self.l2 * layer.weight
            np.add(layer.weight_gradient, slope, out=layer.weight_gradient)

    def _layers(self, shapes):
        layers, start = [], 0
        for (n_in, n_out), has_bias in shapes:
            end = start + n_in * n_out
            stop = end + n_out * has_bias
            layers.append(
                _Layer(
                    self.w[start:end].reshape(n_in, n_out),
                    self.w[start:end].reshape(n_in, n_out).T,
                    self.w[end:stop] if has_bias else None,
                    self.g[start:end].reshape(n_in, n_out),
                    self.g[end:stop] if has_bias else None,
                )
            )
            start = stop
        return layers

    def _buffers(self, rows):
        if rows not in self.buffers:
            self.buffers[rows] = _Buffers(self.sizes, rows, self.dtype)
        return self.buffers[rows]

    def _filled(self, x, y):
        buffers = _Buffers(self.sizes, len(x), self.dtype)
        buffers.x[...], buffers.y[...] = x, y
        return buffers
