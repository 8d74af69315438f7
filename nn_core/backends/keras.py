"""Keras: a Keras model and a Keras optimizer, on Keras' TensorFlow engine.

Model and optimizer are those that `model.fit` would use. `fit` enters Python several times for
each step; here the loop over the steps is one compiled `tf.function` around both, which is
hundreds of times as fast on a small network. The row numbers are padded to one length, because
XLA compiles for the shape of its arguments.
"""

from __future__ import annotations

import os
from functools import partial

import numpy as np

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # errors only
os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")  # the GPU has other users, too
import keras
import tensorflow as tf
from keras import ops

from nn_core.optimizers import CONSTANTS
from nn_core.vocabulary import LEAKY_SLOPE

if keras.backend.backend() != "tensorflow":
    raise ImportError("KERAS_BACKEND must be tensorflow, or not be set at all")

MARGIN = 1e-7  # how far from 0 and 1 a probability stays before its logarithm is taken
ROW_NUMBERS = 2**14  # at most so many in one call of the loop, unless a single batch has more


def devices() -> list[str]:
    """The processor, and the GPUs that TensorFlow finds."""
    return ["cpu"] + [f"cuda:{i}" for i in range(len(tf.config.list_physical_devices("GPU")))]


def _leaky_relu(z):
    # Not `keras.activations.leaky_relu`: its kernel keeps the slope as float32, whatever z is.
    return ops.where(z > 0, z, LEAKY_SLOPE * z)


ACTIVATIONS = {
    "identity": keras.activations.linear,
    "sigmoid": keras.activations.sigmoid,
    "tanh": keras.activations.tanh,
    "relu": keras.activations.relu,
    "leaky_relu": _leaky_relu,
    "softmax": keras.activations.softmax,
}


def _squared_error(y, a):
    return ops.square(y - a)


def _cross_entropy_of_probabilities(y, a):
    a = ops.clip(a, MARGIN, 1 - MARGIN)
    return -(y * ops.log(a) + (1 - y) * ops.log(1 - a))


_sigmoid_cross_entropy = partial(ops.binary_crossentropy, from_logits=True)
_softmax_cross_entropy = partial(ops.categorical_crossentropy, from_logits=True)

# What is computed for each output (for each row by the last one), and how it becomes one number.
LOSSES = {
    "mse": (_squared_error, ops.mean),
    "mse_sum": (_squared_error, ops.sum),
    "bce": (_cross_entropy_of_probabilities, ops.mean),
    "bce_logits": (_sigmoid_cross_entropy, ops.mean),
    "bce_logits_sum": (_sigmoid_cross_entropy, ops.sum),
    "cross_entropy_logits": (_softmax_cross_entropy, ops.mean),
}

# These pairs of output and loss skip the output activation: the loss applies it itself.
ON_SUMS = {
    ("sigmoid", "bce"): "bce_logits",
    ("softmax", "cross_entropy"): "cross_entropy_logits",
}


def _optimizer(experiment):
    """The optimizer of `keras.optimizers`, with every setting spelled out."""
    # A plain float passes through float32 on its way into a float64 optimizer.
    number = np.float64 if experiment.dtype == "float64" else float
    constants = {name: number(value) for name, value in CONSTANTS[experiment.optimizer].items()}
    learning_rate = experiment.learning_rate
    if experiment.optimizer == "adam":
        return keras.optimizers.Adam(learning_rate, **constants, amsgrad=False)
    if experiment.optimizer == "rmsprop":
        return keras.optimizers.RMSprop(learning_rate, **constants, momentum=0.0, centered=False)
    if experiment.optimizer == "adagrad":
        return keras.optimizers.Adagrad(
            learning_rate,
            initial_accumulator_value=constants["initial_accumulator"],
            epsilon=constants["epsilon"],
        )
    return keras.optimizers.SGD(
        learning_rate,
        momentum=0.0 if experiment.optimizer == "sgd" else number(experiment.momentum),
        nesterov=experiment.optimizer == "nesterov",
    )


class Model:
    """A `keras.Model` with two outputs: the last weighted sums, and their activations."""

    framework = f"Keras {keras.__version__} on TensorFlow {tf.__version__}"
    epsilon_form = "hat"

    def __init__(self, experiment, params, x, y, device):
        # Before any layer is made: a number that was kept as float32 is no float64 any more.
        # Layers follow the policy, optimizers floatx.
        keras.config.set_floatx(experiment.dtype)
        keras.config.set_dtype_policy(experiment.dtype)
        self.device = device.replace("cuda", "gpu")
        on_sums = ON_SUMS.get((experiment.output, experiment.loss))
        self.loss_is_on_sums = on_sums is not None
        self.loss, self.reduce = LOSSES[on_sums or experiment.loss]
        with tf.device(self.device):
            self.x, self.y = tf.constant(x), tf.constant(y)
            self.model = _network(experiment, params)
            self.optimizer = _optimizer(experiment)
            self.optimizer.build(self.model.trainable_variables)
        self.set_params(params)
        self.loop = tf.function(self._loop, jit_compile=True)

    def train(self, batches):
        steps, size = batches.shape
        length = max(1, ROW_NUMBERS // size)
        losses = []
        for start in range(0, steps, length):
            chunk = batches[start : start + length]
            padded = np.zeros((length, size), np.int32)
            padded[: len(chunk)] = chunk
            with tf.device(self.device):
                losses.append(self.loop(tf.constant(padded), tf.constant(len(chunk))))
        return np.concatenate([part.numpy() for part in losses])[:steps].astype(np.float64)

    def evaluate(self, x, y):
        with tf.device(self.device):
            sums, outputs = self.model(tf.constant(x))
            return float(self._loss(sums, outputs, tf.constant(y))), outputs.numpy()

    def predict(self, x):
        with tf.device(self.device):
            _, outputs = self.model(tf.constant(x))
            return outputs.numpy()

    def gradients(self, x, y):
        with tf.device(self.device):
            _, gradients = self._loss_and_gradients(tf.constant(x), tf.constant(y))
        return self._in_layers([gradient.numpy() for gradient in gradients])

    def get_params(self):
        return self._in_layers(self.model.get_weights())

    def set_params(self, params):
        self.model.set_weights([array for pair in params for array in pair if array is not None])

    def get_state(self):
        return {name: variable.numpy() for name, variable in self._state().items()}

    def set_state(self, state):
        learning_rate = float(self.optimizer.learning_rate)
        for name, variable in self._state().items():
            variable.assign(state[name])
        self.set_learning_rate(learning_rate)

    def set_learning_rate(self, learning_rate):
        before = float(self.optimizer.learning_rate)
        self.optimizer.learning_rate = learning_rate
        # Keras keeps the velocity multiplied by the learning rate. The ball itself shall go on
        # as fast as it was, as in the other frameworks.
        for velocity in getattr(self.optimizer, "momentums", []):
            velocity.assign(velocity * (float(self.optimizer.learning_rate) / before))

    def _loop(self, batches, count):
        """Take the first `count` of the padded `batches`; autograph turns the `while` into a graph.

        With `tf.range(count)` instead, XLA would compile anew for each number of steps.
        """
        losses = tf.TensorArray(self.y.dtype, size=batches.shape[0], element_shape=())
        i = tf.constant(0)
        while i < count:
            x, y = tf.gather(self.x, batches[i]), tf.gather(self.y, batches[i])
            loss, gradients = self._loss_and_gradients(x, y)
            self.optimizer.apply(gradients, self.model.trainable_variables)
            losses = losses.write(i, loss)
            i += 1
        return losses.stack()

    def _loss_and_gradients(self, x, y):
        with tf.GradientTape() as tape:
            loss = self._loss(*self.model(x), y)
        return loss, tape.gradient(loss, self.model.trainable_variables)

    def _loss(self, sums, outputs, y):
        # Keras looks through a sigmoid or softmax at the sums before it. Only where that is
        # asked for: a copy of the outputs does not tell where it comes from.
        a = sums if self.loss_is_on_sums else tf.identity(outputs)
        return self.reduce(self.loss(y, a))

    def _state(self):
        """All that the next step depends on, by name."""
        variables = [*self.model.trainable_variables, *self.optimizer.variables]
        return {f"variable{i}": variable for i, variable in enumerate(variables)}

    def _in_layers(self, arrays):
        """A flat list, weight and bias in turn, as one pair for each layer."""
        found = iter(arrays)
        return [
            (next(found), next(found) if layer.use_bias else None)
            for layer in self.model.layers
            if isinstance(layer, keras.layers.Dense)
        ]


def _network(experiment, params):
    """The layers of `params`, untrained: sums and activations of the last are the outputs."""
    *hidden, (last, _) = params
    inputs = keras.Input((len(params[0][0]),))
    x = inputs
    for weight, _ in hidden:
        units = weight.shape[1]
        activation = ACTIVATIONS[experiment.activation]
        x = keras.layers.Dense(units, activation=activation, use_bias=experiment.bias)(x)
    sums = keras.layers.Dense(last.shape[1], use_bias=experiment.bias)(x)
    outputs = keras.layers.Activation(ACTIVATIONS[experiment.output])(sums)
    return keras.Model(inputs, [sums, outputs])
