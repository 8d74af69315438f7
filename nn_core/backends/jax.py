"""JAX: pure functions, transformed into gradients and into one compiled training loop.

The loop over the steps is a `fori_loop` inside `jit`, so that Python is entered once for a
thousand steps. XLA compiles it for the shape of its arguments: the row numbers are therefore
padded to one length, and the number of valid steps is an argument of the loop.

Compiled functions depend on a tuple of names, `Network`, only: a second run of an equal network
compiles nothing.
"""

from __future__ import annotations

import math
import os
from functools import partial
from typing import NamedTuple

import numpy as np

os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")  # other processes use the GPU, too
import jax
import jax.numpy as jnp

from nn_core.networks.losses import chosen_loss
from nn_core.networks.optimizers import CONSTANTS
from nn_core.vocabulary import LEAKY_SLOPE, PROBABILITY_MARGIN

# Without this, JAX converts float64 to float32. With it, float32 stays float32: the dtype of a
# result follows from the arguments, as in NumPy.
jax.config.update("jax_enable_x64", True)

ROW_NUMBERS = 2**14  # at most so many in one call of the loop, unless a single batch has more
MASK_NUMBERS = 2**20  # the same for the masks
PIECE_ROWS = 1000  # images that pass through convolutions at once: their maps take much memory


def devices() -> list[str]:
    """The processor, and the GPUs that JAX finds."""
    return ["cpu"] + [f"cuda:{device.id}" for device in jax.devices() if device.platform == "gpu"]


def _identity(z):
    return z


def _leaky_relu(z):
    # Not `jax.nn.leaky_relu`: its slope is 1 where z is 0.
    return jnp.where(z > 0, z, LEAKY_SLOPE * z)


ACTIVATIONS = {
    "identity": _identity,
    "sigmoid": jax.nn.sigmoid,
    "tanh": jnp.tanh,
    "relu": jax.nn.relu,
    "leaky_relu": _leaky_relu,
    "softmax": jax.nn.softmax,
}


def _squared_error(a, y):
    return jnp.square(a - y)


def _half_squared_error(a, y):
    return jnp.square(a - y) / 2


def _cross_entropy_of_probabilities(a, y):
    a = jnp.clip(a, PROBABILITY_MARGIN, 1 - PROBABILITY_MARGIN)
    return -(y * jnp.log(a) + (1 - y) * jnp.log(1 - a))


def _sigmoid_cross_entropy(a, y):
    return jax.nn.softplus(a) - y * a


def _softmax_cross_entropy(a, y):
    return -jnp.sum(y * jax.nn.log_softmax(a), axis=1)


# The loss of each output (of each row for the last one), and its reduction to one number.
LOSSES = {
    "mse": (_squared_error, jnp.mean),
    "mse_half": (_half_squared_error, jnp.mean),
    "mse_sum": (_squared_error, jnp.sum),
    "bce": (_cross_entropy_of_probabilities, jnp.mean),
    "bce_logits": (_sigmoid_cross_entropy, jnp.mean),
    "bce_logits_sum": (_sigmoid_cross_entropy, jnp.sum),
    "cross_entropy_logits": (_softmax_cross_entropy, jnp.mean),
}

SLOTS = {"sgd": 0, "momentum": 1, "nesterov": 1, "adagrad": 1, "rmsprop": 1, "adam": 2}


class Network(NamedTuple):
    """The structure of the computation; the sizes follow from the parameters."""

    architecture: str
    activations: tuple[str, ...]
    output: str
    loss: str
    optimizer: str
    l1: float
    l2: float


class Model:
    """A network of pure functions: each step maps parameters to new parameters."""

    framework = f"JAX {jax.__version__}"
    epsilon_form = "after_root"

    def __init__(self, experiment, params, x, y, device):
        self.network = Network(
            experiment.architecture,
            experiment.hidden_activations,
            experiment.output,
            experiment.loss,
            experiment.optimizer,
            experiment.l1,
            experiment.l2,
        )
        # Raises before any compilation if the loss is unknown.
        chosen_loss(LOSSES, experiment.output, experiment.loss, self.framework)
        self.learning_rate = experiment.learning_rate
        self.momentum = experiment.momentum
        platform, _, number = device.partition(":")
        self.device = jax.devices(platform)[int(number or 0)]
        self.x, self.y = self._array(x), self._array(y)

        optimizer = experiment.optimizer
        first = CONSTANTS["adagrad"]["initial_accumulator"] if optimizer == "adagrad" else 0.0
        params = jax.tree.map(self._array, params)
        slots = [
            jax.tree.map(lambda array: jnp.full_like(array, first), params)
            for _ in range(SLOTS[optimizer])
        ]
        self.state = params, slots, self._array(np.int64(0))

    def train(self, batches, masks=()):
        steps, length = len(batches), _length(batches, masks)
        losses = []
        for start in range(0, steps, length):
            count = min(length, steps - start)
            self.state, found = _loop(
                self.network,
                self.state,
                self.x,
                self.y,
                _padded(batches[start : start + count].astype(np.int32), length),
                [_padded(mask[start : start + count], length) for mask in masks],
                count,
                self.learning_rate,
                self.momentum,
            )
            losses.append(found)
        return np.concatenate(losses)[:steps].astype(np.float64)

    def evaluate(self, x, y):
        sums = self._sums_of_all(x)
        loss = _loss_of_sums(self.network, sums, y)
        return float(loss), np.array(_outputs_of_sums(self.network, sums))

    def predict(self, x):
        return np.array(_outputs_of_sums(self.network, self._sums_of_all(x)))

    def gradients(self, x, y):
        params, _, _ = self.state
        _, gradients = _loss_and_gradients(self.network, params, x, y)
        return jax.tree.map(np.array, gradients)

    def get_params(self):
        params, _, _ = self.state
        return jax.tree.map(np.array, params)

    def set_params(self, params):
        _, slots, steps = self.state
        self.state = jax.tree.map(self._array, params), slots, steps

    def get_state(self):
        return {f"{i}": np.array(leaf) for i, leaf in enumerate(jax.tree.leaves(self.state))}

    def set_state(self, state):
        leaves = [self._array(state[f"{i}"]) for i in range(len(state))]
        self.state = jax.tree.unflatten(jax.tree.structure(self.state), leaves)

    def set_learning_rate(self, learning_rate):
        self.learning_rate = learning_rate

    def _sums_of_all(self, x):
        """The weighted sums of the last layer, for any number of rows."""
        params, _, _ = self.state
        if self.network.architecture != "conv":
            return _sums(self.network, params, x)
        pieces = [x[i : i + PIECE_ROWS] for i in range(0, len(x), PIECE_ROWS)] or [x]
        return jnp.concatenate([_sums(self.network, params, piece) for piece in pieces])

    def _array(self, array):
        """A copy on the device, because training overwrites its arrays."""
        return jax.device_put(array, self.device, may_alias=False)


def _length(batches, masks):
    """Steps of one call of the loop; all its arrays are padded to this length."""
    mask_numbers = sum(mask[0].size for mask in masks)
    return max(1, min(ROW_NUMBERS // batches.shape[1], MASK_NUMBERS // max(1, mask_numbers)))


def _padded(array, length):
    """`array` with zeros behind it, up to `length` along its first axis."""
    longer = np.zeros((length, *array.shape[1:]), array.dtype)
    longer[: len(array)] = array
    return longer


def _weighted_sum(x, weight, bias):
    # Otherwise, GPUs round the factors of a float32 product to ten bits.
    z = jnp.matmul(x, weight, precision="highest")
    return z if bias is None else z + bias


def _dense(layers, activations, x, masks):
    """The weighted sums of the last of dense layers."""
    *hidden, last = layers
    for i, layer in enumerate(hidden):
        x = ACTIVATIONS[activations[i]](_weighted_sum(x, *layer))
        if masks:
            x = x * masks[i]
    return _weighted_sum(x, *last)


def _conv(layers, activations, x, masks):
    """The same, with convolutions in front; images are square."""
    blocks = [layer for layer in layers if layer[0].ndim == 4]
    side = math.isqrt(x.shape[1])
    x = x.reshape(-1, side, side, 1)
    for (kernel, bias), name in zip(blocks, activations, strict=False):
        maps_out = kernel.shape[3]
        z = _weighted_sum(_windows(x, *kernel.shape[:2]), kernel.reshape(-1, maps_out), bias)
        side = x.shape[1] // 2
        # Activations are monotonic, so the maximum of four may be computed first.
        x = ACTIVATIONS[name](z.reshape(-1, side, 2, side, 2, maps_out).max((2, 4)))
    x = x.reshape(len(x), -1)
    return _dense(layers[len(blocks) :], activations[len(blocks) :], x, masks)


def _windows(x, height, width):
    """The inputs of a kernel at each position: (n, side, side, maps) to (n · side², window · maps).

    A product with these rows is the convolution. `lax.conv_general_dilated` would be shorter, but
    its gradient takes eight times as long inside a compiled loop on a processor.
    """
    side, maps = x.shape[1], x.shape[3]
    padded = jnp.pad(x, ((0, 0), (height // 2,) * 2, (width // 2,) * 2, (0, 0)))
    moved = [padded[:, i : i + side, j : j + side] for i in range(height) for j in range(width)]
    return jnp.concatenate(moved, axis=3).reshape(-1, height * width * maps)


FORWARD = {"dense": _dense, "conv": _conv}


@partial(jax.jit, static_argnums=0)
def _sums(network, params, x, masks=()):
    """The weighted sums of the last layer, before the output activation."""
    return FORWARD[network.architecture](params, network.activations, x, masks)


@partial(jax.jit, static_argnums=0)
def _outputs_of_sums(network, sums):
    return ACTIVATIONS[network.output](sums)


@partial(jax.jit, static_argnums=0)
def _loss_of_sums(network, sums, y):
    (loss, reduce), is_on_sums = chosen_loss(LOSSES, network.output, network.loss, Model.framework)
    return reduce(loss(sums if is_on_sums else ACTIVATIONS[network.output](sums), y))


def _objective(network, params, x, y, masks=()):
    """Loss and penalties ``l1 Σ|w| + l2/2 Σ w²`` over all weights, and the loss alone."""
    loss = _loss_of_sums(network, _sums(network, params, x, masks), y)
    if not (network.l1 or network.l2):
        return loss, loss
    # Not `jnp.abs`: its derivative is 1 where a weight is 0.
    penalty = sum(
        network.l1 * (weight * jnp.sign(weight)).sum() + network.l2 / 2 * jnp.square(weight).sum()
        for weight, _ in params
    )
    return loss + penalty, loss


_with_gradients = jax.value_and_grad(_objective, argnums=1, has_aux=True)


@partial(jax.jit, static_argnums=0)
def _loss_and_gradients(network, params, x, y, masks=()):
    """The loss, and the gradients of the objective."""
    (_, loss), gradients = _with_gradients(network, params, x, y, masks)
    return loss, gradients


@partial(jax.jit, static_argnums=0, donate_argnums=1)
def _loop(network, state, x, y, batches, masks, count, learning_rate, momentum):
    """Take the first `count` of the padded `batches`."""

    def step(i, carry):
        (params, slots, steps), losses = carry
        rows = batches[i]
        of_step = [mask[i] for mask in masks]
        loss, gradients = _loss_and_gradients(network, params, x[rows], y[rows], of_step)
        steps += 1
        move = partial(_moved, network.optimizer, steps, learning_rate, momentum)
        moved = jax.tree.map(move, params, gradients, *slots)
        # From a network of tuples to a tuple of networks: parameters and slots.
        params, *slots = jax.tree.transpose(jax.tree.structure(params), None, moved)
        return (params, slots, steps), losses.at[i].set(loss)

    return jax.lax.fori_loop(0, count, step, (state, jnp.zeros(len(batches), y.dtype)))


def _moved(optimizer, steps, learning_rate, momentum, w, g, *slots):
    """One parameter and its slots after a step."""
    constants = CONSTANTS[optimizer]
    if optimizer == "adam":
        m, v = slots
        beta_1, beta_2 = constants["beta_1"], constants["beta_2"]
        m = beta_1 * m + (1 - beta_1) * g
        v = beta_2 * v + (1 - beta_2) * g * g
        m_hat = m / (1 - beta_1**steps).astype(w.dtype)
        v_hat = v / (1 - beta_2**steps).astype(w.dtype)
        return w - learning_rate * m_hat / (jnp.sqrt(v_hat) + constants["epsilon"]), m, v
    if optimizer == "rmsprop":
        (s,) = slots
        s = constants["rho"] * s + (1 - constants["rho"]) * g * g
        return w - learning_rate * g / (jnp.sqrt(s) + constants["epsilon"]), s
    if optimizer == "adagrad":
        (s,) = slots
        s = s + g * g
        return w - learning_rate * g / (jnp.sqrt(s) + constants["epsilon"]), s
    if optimizer == "sgd":
        return (w - learning_rate * g,)
    (v,) = slots
    v = momentum * v + g
    return w - learning_rate * (g + momentum * v if optimizer == "nesterov" else v), v
