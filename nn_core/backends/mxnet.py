"""MXNet Gluon: hybridized Dense layers, whose arrays are views of one flat vector.

`backward` fills one flat gradient, of which each layer's are views, and the optimizer updates
all parameters with one call. The block that selects the rows, applies the layers and computes the
loss is compiled by `hybridize`; NaiveEngine runs it synchronously, because the threaded engine
would need longer to schedule a small network than to compute it.

MXNet 1.9.1 is the last version, and needs a NumPy before 1.24: see `requirements-mxnet.txt`.
"""

from __future__ import annotations

import os

import numpy as np

os.environ.setdefault("MXNET_ENGINE_TYPE", "NaiveEngine")
import mxnet
from mxnet import autograd, gluon, nd

from nn_core.networks.losses import chosen_loss
from nn_core.networks.optimizers import CONSTANTS
from nn_core.vocabulary import LEAKY_SLOPE, PROBABILITY_MARGIN


def devices() -> list[str]:
    """The processor: the packages of MXNet 1.9.1 for this Python are built without CUDA."""
    return ["cpu"]


# `F` is `mxnet.nd`, or `mxnet.sym` while a block is compiled. Operators with a slope or a margin
# as a parameter are not used: they store it as float32, whatever the dtype of the arrays is.


def _identity(F, z):
    return z


def _sigmoid(F, z):
    return F.sigmoid(z)


def _tanh(F, z):
    return F.tanh(z)


def _relu(F, z):
    return F.relu(z)


def _leaky_relu(F, z):
    return F.where(z > 0, z, LEAKY_SLOPE * z)


def _softmax(F, z):
    return F.softmax(z)


ACTIVATIONS = {
    "identity": _identity,
    "sigmoid": _sigmoid,
    "tanh": _tanh,
    "relu": _relu,
    "leaky_relu": _leaky_relu,
    "softmax": _softmax,
}


def _squared_error(F, a, y):
    return F.square(a - y)


def _half_squared_error(F, a, y):
    return F.square(a - y) / 2


def _cross_entropy_of_probabilities(F, a, y):
    a = F.minimum(F.maximum(a, PROBABILITY_MARGIN), 1 - PROBABILITY_MARGIN)
    return -(y * F.log(a) + (1 - y) * F.log(1 - a))


def _sigmoid_cross_entropy(F, a, y):
    # Not with `abs`: its derivative is 0 where a is 0.
    return F.relu(a) + F.log1p(F.exp(F.where(a > 0, -a, a))) - y * a


def _softmax_cross_entropy(F, a, y):
    return -F.sum(y * F.log_softmax(a), axis=1)


# The loss of each output (of each row for the last one), and its reduction to one number.
LOSSES = {
    "mse": (_squared_error, "mean"),
    "mse_half": (_half_squared_error, "mean"),
    "mse_sum": (_squared_error, "sum"),
    "bce": (_cross_entropy_of_probabilities, "mean"),
    "bce_logits": (_sigmoid_cross_entropy, "mean"),
    "bce_logits_sum": (_sigmoid_cross_entropy, "sum"),
    "cross_entropy_logits": (_softmax_cross_entropy, "mean"),
}

SLOTS = {"sgd": 0, "momentum": 1, "nesterov": 1, "adagrad": 1, "rmsprop": 1, "adam": 2}


class LossOfRows(gluon.HybridBlock):
    """A block that computes the loss of some rows of the data with the layers of `network`."""

    def __init__(self, network, experiment):
        super().__init__()
        (self.loss, self.reduce), is_on_sums = chosen_loss(
            LOSSES, experiment.output, experiment.loss, Model.framework
        )
        self.activation = ACTIVATIONS["identity" if is_on_sums else experiment.output]
        self.network = network

    def hybrid_forward(self, F, x, y, rows, *masks):
        sums = F.take(x, rows)
        for i, layer in enumerate(self.network):
            sums = layer(sums)
            if masks and i % 2:  # the activation of a hidden layer
                sums = sums * masks[i // 2]
        a = self.activation(F, sums)
        return getattr(F, self.reduce)(self.loss(F, a, F.take(y, rows)))


class Model:
    """Gluon's Dense layers, and MXNet's kernels for the optimizers."""

    framework = f"MXNet Gluon {mxnet.__version__}"
    epsilon_form = "hat"

    def __init__(self, experiment, params, x, y, device):
        self.dtype = experiment.dtype
        self.x, self.y = self._array(x), self._array(y)
        self.network = _network(experiment, params)
        self.output_activation = ACTIVATIONS[experiment.output]
        self.loss = LossOfRows(self.network, experiment)
        self.loss.hybridize(static_alloc=True, static_shape=True)
        # The number of arguments of a compiled block is fixed, so masks need a second block.
        self.masked_loss = LossOfRows(self.network, experiment)
        self.masked_loss.hybridize(static_alloc=True, static_shape=True)
        self.l1, self.l2 = experiment.l1, experiment.l2

        self.has_bias = experiment.bias
        self.parameters = list(self.network.collect_params().values())
        count = sum(parameter.data().size for parameter in self.parameters)
        self.w = nd.empty(count, dtype=self.dtype)
        self.g = nd.zeros(count, dtype=self.dtype)
        self._lay_out()
        self.set_params(params)

        self.optimizer = experiment.optimizer
        self.learning_rate = experiment.learning_rate
        self.momentum = experiment.momentum
        first = CONSTANTS["adagrad"]["initial_accumulator"] if self.optimizer == "adagrad" else 0.0
        self.slots = [nd.full(count, first, dtype=self.dtype) for _ in range(SLOTS[self.optimizer])]
        self.steps = 0

    def train(self, batches, masks=()):
        losses = np.empty(len(batches))
        masks = [self._array(mask) for mask in masks]
        for i, rows in enumerate(nd.array(batches, dtype="int32")):
            losses[i] = self._backward(self.x, self.y, rows, [mask[i] for mask in masks])
            self._step()
        return losses

    def evaluate(self, x, y):
        x, y = self._array(x), self._array(y)
        rows = nd.arange(len(x), dtype="int32")
        return float(self.loss(x, y, rows).asscalar()), self._outputs(x)

    def predict(self, x):
        return self._outputs(self._array(x))

    def gradients(self, x, y):
        x, y = self._array(x), self._array(y)
        self._backward(x, y, nd.arange(len(x), dtype="int32"))
        return self._in_layers([parameter.grad() for parameter in self.parameters])

    def get_params(self):
        return self._in_layers([parameter.data() for parameter in self.parameters])

    def set_params(self, params):
        arrays = [array for pair in params for array in pair if array is not None]
        for parameter, array in zip(self.parameters, arrays, strict=True):
            parameter.data()[:] = self._array(array.T)

    def get_state(self):
        slots = {f"slot{i}": slot.asnumpy() for i, slot in enumerate(self.slots)}
        return {"params": self.w.asnumpy(), "steps": np.array(self.steps), **slots}

    def set_state(self, state):
        self.w[:] = self._array(state["params"])
        self.steps = int(state["steps"])
        for i, slot in enumerate(self.slots):
            slot[:] = self._array(state[f"slot{i}"])

    def set_learning_rate(self, learning_rate):
        self.learning_rate = learning_rate

    def _lay_out(self):
        """Make each parameter and its gradient a view of the flat vectors."""
        start = 0
        for parameter in self.parameters:
            end = start + parameter.data().size
            view = self.w[start:end].reshape(parameter.shape)
            gradient = self.g[start:end].reshape(parameter.shape)
            autograd.mark_variables([view], [gradient], "write")
            parameter.list_data()[:] = [view]
            parameter.list_grad()[:] = [gradient]
            start = end

    def _backward(self, x, y, rows, masks=()):
        """Fill the flat gradient with that of the objective, and return the loss."""
        with autograd.record():
            loss = self.masked_loss(x, y, rows, *masks) if masks else self.loss(x, y, rows)
            objective = loss + self._penalty() if self.l1 or self.l2 else loss
        objective.backward()
        return loss.asscalar()

    def _penalty(self):
        """``l1 Σ|w| + l2/2 Σ w²`` over all weights, and no biases."""
        weights = [p.data() for p in self.parameters if len(p.shape) == 2]
        return sum(self.l1 * nd.sum(nd.abs(w)) + self.l2 / 2 * nd.sum(w * w) for w in weights)

    def _outputs(self, x):
        return self.output_activation(nd, self.network(x)).asnumpy()

    def _step(self):
        """Update the flat vector of parameters, with all settings explicit."""
        w, g, learning_rate = self.w, self.g, self.learning_rate
        constants = CONSTANTS[self.optimizer]
        epsilon = constants.get("epsilon")
        self.steps += 1
        if self.optimizer == "adam":
            m, v = self.slots
            beta_1, beta_2 = constants["beta_1"], constants["beta_2"]
            learning_rate *= (1 - beta_2**self.steps) ** 0.5 / (1 - beta_1**self.steps)
            if self.dtype == "float32":
                nd.adam_update(
                    w, g, m, v, out=w, lr=learning_rate, beta1=beta_1, beta2=beta_2,
                    epsilon=epsilon, wd=0.0, lazy_update=False,
                )  # fmt: skip
                return
            _keep(m, beta_1, (1 - beta_1) * g)
            _keep(v, beta_2, (1 - beta_2) * g * g)
            w -= learning_rate * m / (nd.sqrt(v) + epsilon)
        elif self.optimizer == "rmsprop":
            (s,) = self.slots
            rho = constants["rho"]
            if self.dtype == "float32":
                nd.rmsprop_update(
                    w, g, s, out=w, lr=learning_rate, gamma1=rho, epsilon=epsilon, wd=0.0
                )
                return
            _keep(s, rho, (1 - rho) * g * g)
            w -= learning_rate * g / nd.sqrt(s + epsilon)
        elif self.optimizer == "adagrad":
            (s,) = self.slots
            s += g * g
            w -= learning_rate * g / nd.sqrt(s + epsilon)
        elif self.optimizer == "sgd":
            w -= learning_rate * g
        else:
            (v,) = self.slots
            _keep(v, self.momentum, g)
            w -= learning_rate * (g + self.momentum * v if self.optimizer == "nesterov" else v)

    def _in_layers(self, arrays):
        """Gluon's alternating weights and biases, as a pair of NumPy arrays for each layer."""
        found = iter([np.ascontiguousarray(array.asnumpy().T) for array in arrays])
        return [(weight, next(found) if self.has_bias else None) for weight in found]

    def _array(self, array):
        return nd.array(array, dtype=self.dtype)


def _network(experiment, params):
    """The untrained layers of `params`, up to the weighted sums of the last one."""
    network = gluon.nn.HybridSequential()
    for i, (weight, _) in enumerate(params):
        if i:
            network.add(gluon.nn.HybridLambda(ACTIVATIONS[experiment.hidden_activations[i - 1]]))
        n_in, n_out = weight.shape
        network.add(
            gluon.nn.Dense(
                n_out, in_units=n_in, use_bias=experiment.bias, flatten=False, dtype=weight.dtype
            )
        )
    network.initialize()
    return network


def _keep(slot, share, new):
    """``slot ← share · slot + new``, in place."""
    slot *= share
    slot += new
