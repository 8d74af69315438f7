"""TensorFlow: gradients from a tape, and the whole training loop compiled.

One `tf.function` holds the loop over the steps, so that Python is entered once for a thousand
steps. XLA compiles it for the shape of its arguments: the row numbers are therefore padded to
one length, and the number of valid steps is an argument of the loop.
"""

from __future__ import annotations

import math
import os

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # errors only
os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")  # other processes use the GPU, too
import tensorflow as tf

from nn_core.networks.losses import chosen_loss
from nn_core.networks.optimizers import CONSTANTS
from nn_core.vocabulary import LEAKY_SLOPE, PROBABILITY_MARGIN

ROW_NUMBERS = 2**14  # at most so many in one call of the loop, unless a single batch has more
MASK_NUMBERS = 2**20  # the same for the masks
PIECE_ROWS = 1000  # images that pass through convolutions at once: their maps take much memory


def devices() -> list[str]:
    """The processor, and the GPUs that TensorFlow finds."""
    return ["cpu"] + [f"cuda:{i}" for i in range(len(tf.config.list_physical_devices("GPU")))]


def _leaky_relu(z):
    # Not `tf.nn.leaky_relu`: its kernel stores the slope as float32, whatever the dtype of z is.
    return tf.where(z > 0, z, LEAKY_SLOPE * z)


ACTIVATIONS = {
    "identity": tf.identity,
    "sigmoid": tf.sigmoid,
    "tanh": tf.tanh,
    "relu": tf.nn.relu,
    "leaky_relu": _leaky_relu,
    "softmax": tf.nn.softmax,
}


def _squared_error(a, y):
    return tf.math.squared_difference(a, y)


def _half_squared_error(a, y):
    return tf.math.squared_difference(a, y) / 2


def _cross_entropy_of_probabilities(a, y):
    a = tf.clip_by_value(a, PROBABILITY_MARGIN, 1 - PROBABILITY_MARGIN)
    return -(y * tf.math.log(a) + (1 - y) * tf.math.log(1 - a))


def _sigmoid_cross_entropy(a, y):
    return tf.nn.sigmoid_cross_entropy_with_logits(labels=y, logits=a)


def _softmax_cross_entropy(a, y):
    return tf.nn.softmax_cross_entropy_with_logits(labels=y, logits=a)


# The loss of each output (of each row for the last one), and its reduction to one number.
LOSSES = {
    "mse": (_squared_error, tf.reduce_mean),
    "mse_half": (_half_squared_error, tf.reduce_mean),
    "mse_sum": (_squared_error, tf.reduce_sum),
    "bce": (_cross_entropy_of_probabilities, tf.reduce_mean),
    "bce_logits": (_sigmoid_cross_entropy, tf.reduce_mean),
    "bce_logits_sum": (_sigmoid_cross_entropy, tf.reduce_sum),
    "cross_entropy_logits": (_softmax_cross_entropy, tf.reduce_mean),
}

# RMSprop's kernel requires a slot for the momentum, which stays 0.
SLOTS = {"sgd": 0, "momentum": 1, "nesterov": 1, "adagrad": 1, "rmsprop": 2, "adam": 2}


class Model:
    """A network whose training loop is one compiled graph."""

    framework = f"TensorFlow {tf.__version__}"
    epsilon_form = "hat"

    def __init__(self, experiment, params, x, y, device):
        self.device = device.replace("cuda", "gpu")
        self.forward = FORWARD[experiment.architecture]
        self.hidden_activations = [ACTIVATIONS[name] for name in experiment.hidden_activations]
        self.output_activation = ACTIVATIONS[experiment.output]
        (self.loss, self.reduce), self.loss_is_on_sums = chosen_loss(
            LOSSES, experiment.output, experiment.loss, self.framework
        )
        self.l1, self.l2 = experiment.l1, experiment.l2
        self.optimizer = experiment.optimizer
        self.momentum = experiment.momentum
        self.dtype = tf.as_dtype(experiment.dtype)

        first = CONSTANTS["adagrad"]["initial_accumulator"] if self.optimizer == "adagrad" else 0.0
        with tf.device(self.device):
            self.x, self.y = tf.constant(x), tf.constant(y)
            self.layers = [
                (tf.Variable(weight), None if bias is None else tf.Variable(bias))
                for weight, bias in params
            ]
            self.variables = [v for layer in self.layers for v in layer if v is not None]
            self.slots = [
                [
                    tf.Variable(tf.fill(v.shape, tf.constant(first, self.dtype)))
                    for v in self.variables
                ]
                for _ in range(SLOTS[self.optimizer])
            ]
            self.steps = tf.Variable(0, dtype=tf.int64)
            self.learning_rate = tf.Variable(experiment.learning_rate, dtype=self.dtype)
        # On processors, XLA's convolution is ten times slower than TensorFlow's own kernel.
        self.loop = tf.function(self._loop, jit_compile=self.forward is not _conv)

    def train(self, batches, masks=()):
        steps, length = len(batches), _length(batches, masks)
        losses = []
        for start in range(0, steps, length):
            count = min(length, steps - start)
            rows = _padded(batches[start : start + count].astype(np.int32), length)
            of_steps = [_padded(mask[start : start + count], length) for mask in masks]
            with tf.device(self.device):
                losses.append(
                    self.loop(
                        tf.constant(rows),
                        [tf.constant(mask) for mask in of_steps],
                        tf.constant(count),
                    )
                )
        return np.concatenate([part.numpy() for part in losses])[:steps].astype(np.float64)

    def evaluate(self, x, y):
        with tf.device(self.device):
            sums = self._sums_of_all(x)
            return float(self._loss(sums, tf.constant(y))), self.output_activation(sums).numpy()

    def predict(self, x):
        with tf.device(self.device):
            return self.output_activation(self._sums_of_all(x)).numpy()

    def gradients(self, x, y):
        with tf.device(self.device):
            _, gradients = self._loss_and_gradients(tf.constant(x), tf.constant(y))
        found = iter(gradients)
        return [
            (next(found).numpy(), None if bias is None else next(found).numpy())
            for _, bias in self.layers
        ]

    def get_params(self):
        return [
            (weight.numpy(), None if bias is None else bias.numpy()) for weight, bias in self.layers
        ]

    def set_params(self, params):
        for layer, arrays in zip(self.layers, params, strict=True):
            for variable, array in zip(layer, arrays, strict=True):
                if variable is not None:
                    variable.assign(array)

    def get_state(self):
        return {name: variable.numpy() for name, variable in self._state().items()}

    def set_state(self, state):
        for name, variable in self._state().items():
            variable.assign(state[name])

    def set_learning_rate(self, learning_rate):
        self.learning_rate.assign(learning_rate)

    def _loop(self, batches, masks, count):
        """Take the first `count` of the padded `batches`; autograph turns the `while` into a graph.

        With `tf.range(count)` instead, XLA would compile anew for each number of steps.
        """
        losses = tf.TensorArray(self.dtype, size=batches.shape[0], element_shape=())
        i = tf.constant(0)
        while i < count:
            x, y = tf.gather(self.x, batches[i]), tf.gather(self.y, batches[i])
            loss, gradients = self._loss_and_gradients(x, y, [mask[i] for mask in masks])
            self._step(gradients)
            losses = losses.write(i, loss)
            i += 1
        return losses.stack()

    def _loss_and_gradients(self, x, y, masks=()):
        """The loss, and the gradients of the objective."""
        with tf.GradientTape() as tape:
            loss = self._loss(self._sums(x, masks), y)
            objective = loss + self._penalty() if self.l1 or self.l2 else loss
        return loss, tape.gradient(objective, self.variables)

    def _penalty(self):
        """``l1 Σ|w| + l2/2 Σ w²`` over all weights, and no biases."""
        return sum(
            self.l1 * tf.reduce_sum(tf.abs(weight)) + self.l2 / 2 * tf.reduce_sum(tf.square(weight))
            for weight, _ in self.layers
        )

    def _sums(self, x, masks=()):
        """The weighted sums of the last layer, before the output activation."""
        return self.forward(self.layers, self.hidden_activations, x, masks)

    def _sums_of_all(self, x):
        """The same for any number of rows."""
        size = PIECE_ROWS if self.forward is _conv else max(1, len(x))
        pieces = [tf.constant(x[i : i + size]) for i in range(0, len(x), size)] or [tf.constant(x)]
        return tf.concat([self._sums(piece) for piece in pieces], axis=0)

    def _loss(self, sums, y):
        a = sums if self.loss_is_on_sums else self.output_activation(sums)
        return self.reduce(self.loss(a, y))

    def _step(self, gradients):
        """Update all parameters by one step."""
        self.steps.assign_add(1)
        for w, g, *slots in zip(self.variables, gradients, *self.slots, strict=True):
            self._move(w, g, *slots)

    def _move(self, w, g, *slots):
        """Update one parameter by TensorFlow's own kernel, with all settings explicit."""
        constants, learning_rate = CONSTANTS[self.optimizer], self.learning_rate
        if self.optimizer == "adam":
            m, v = slots
            steps = tf.cast(self.steps, self.dtype)
            tf.raw_ops.ResourceApplyAdam(
                var=w.handle,
                m=m.handle,
                v=v.handle,
                beta1_power=constants["beta_1"] ** steps,
                beta2_power=constants["beta_2"] ** steps,
                lr=learning_rate,
                beta1=constants["beta_1"],
                beta2=constants["beta_2"],
                epsilon=constants["epsilon"],
                grad=g,
            )
        elif self.optimizer == "rmsprop":
            s, velocity = slots
            tf.raw_ops.ResourceApplyRMSProp(
                var=w.handle,
                ms=s.handle,
                mom=velocity.handle,
                lr=learning_rate,
                rho=constants["rho"],
                momentum=0.0,
                epsilon=constants["epsilon"],
                grad=g,
            )
        elif self.optimizer == "adagrad":
            # Adagrad's kernel adds epsilon after the root, unlike RMSprop's. This is how
            # `tf.keras.optimizers.Adagrad` does it.
            (s,) = slots
            s.assign_add(g * g)
            w.assign_sub(learning_rate * g / tf.sqrt(s + constants["epsilon"]))
        elif self.optimizer == "sgd":
            tf.raw_ops.ResourceApplyGradientDescent(var=w.handle, alpha=learning_rate, delta=g)
        else:
            (velocity,) = slots
            tf.raw_ops.ResourceApplyMomentum(
                var=w.handle,
                accum=velocity.handle,
                lr=learning_rate,
                grad=g,
                momentum=self.momentum,
                use_nesterov=self.optimizer == "nesterov",
            )

    def _state(self):
        """All that the next step depends on, by name."""
        named = {f"param{i}": variable for i, variable in enumerate(self.variables)}
        for i, slots in enumerate(self.slots):
            named |= {f"slot{i}_{j}": slot for j, slot in enumerate(slots)}
        return {"steps": self.steps, **named}


def _length(batches, masks):
    """Steps of one call of the loop; all its arrays are padded to this length."""
    mask_numbers = sum(mask[0].size for mask in masks)
    return max(1, min(ROW_NUMBERS // batches.shape[1], MASK_NUMBERS // max(1, mask_numbers)))


def _padded(array, length):
    """`array` with zeros behind it, up to `length` along its first axis."""
    longer = np.zeros((length, *array.shape[1:]), array.dtype)
    longer[: len(array)] = array
    return longer


def _dense(layers, activations, x, masks):
    """The weighted sums of the last of dense layers."""
    *hidden, last = layers
    for i, layer in enumerate(hidden):
        x = activations[i](_weighted_sum(x, *layer))
        if masks:
            x = x * masks[i]
    return _weighted_sum(x, *last)


def _conv(layers, activations, x, masks):
    """The same, with convolutions in front; images are square."""
    blocks = [layer for layer in layers if len(layer[0].shape) == 4]
    side = math.isqrt(x.shape[1])
    x = tf.reshape(x, (-1, side, side, 1))
    for (kernel, bias), activation in zip(blocks, activations, strict=False):
        z = tf.nn.conv2d(x, kernel, strides=1, padding="SAME")
        x = tf.nn.max_pool2d(activation(z if bias is None else z + bias), 2, 2, "VALID")
    x = tf.reshape(x, (-1, math.prod(x.shape[1:])))
    return _dense(layers[len(blocks) :], activations[len(blocks) :], x, masks)


FORWARD = {"dense": _dense, "conv": _conv}


def _weighted_sum(x, weight, bias):
    return x @ weight if bias is None else x @ weight + bias
