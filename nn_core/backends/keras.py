"""Keras: a Keras model and a Keras optimizer, on TensorFlow, JAX or PyTorch.

Model and optimizer are those that `model.fit` would use. `fit` enters Python several times for
each step; here the loop over the steps is compiled where the engine supports it, which is hundreds
of times as fast on a small network. The row numbers are padded to one length, because XLA compiles
for the shape of its arguments.

Keras chooses its engine during its import, so a process has only one: that of the environment
variable ``KERAS_BACKEND``, or else TensorFlow.
"""

from __future__ import annotations

import math
import os
import tempfile
from functools import partial
from pathlib import Path

import numpy as np

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # errors only
os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")  # other processes use the GPU, too
os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
import keras
from keras import ops
from keras.src.backend.common import dtypes

from nn_core.networks.losses import chosen_loss
from nn_core.networks.optimizers import CONSTANTS
from nn_core.vocabulary import LEAKY_SLOPE, PROBABILITY_MARGIN

ENGINE = keras.backend.backend()
if ENGINE == "tensorflow":
    import tensorflow as tf
elif ENGINE == "jax":
    import jax
    import jax.numpy as jnp

    # Without this, JAX converts float64 to float32. With it, float32 stays float32.
    jax.config.update("jax_enable_x64", True)
elif ENGINE == "torch":
    import torch
else:
    raise ImportError(f"KERAS_BACKEND must be tensorflow, jax or torch, and is {ENGINE}")

# Except on TensorFlow, many operations convert float64 to float32, which is JAX's default.
dtypes.BIT64_TO_BIT32_DTYPE["float64"] = "float64"

ROW_NUMBERS = 2**14  # at most so many in one call of the loop, unless a single batch has more
MASK_NUMBERS = 2**20  # the same for the masks
PIECE_ROWS = 1000  # images that pass through convolutions at once: their maps take much memory


def devices() -> list[str]:
    """The processor, and the GPUs that the engine finds."""
    return ["cpu"] + [f"cuda:{i}" for i in range(Engine.gpus())]


def _leaky_relu(z):
    # Not `keras.activations.leaky_relu`: its kernel stores the slope as float32 for every dtype.
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


def _half_squared_error(y, a):
    return ops.square(y - a) / 2


def _cross_entropy_of_probabilities(y, a):
    a = ops.clip(a, PROBABILITY_MARGIN, 1 - PROBABILITY_MARGIN)
    return -(y * ops.log(a) + (1 - y) * ops.log(1 - a))


_sigmoid_cross_entropy = partial(ops.binary_crossentropy, from_logits=True)
_softmax_cross_entropy = partial(ops.categorical_crossentropy, from_logits=True)

# The loss of each output (of each row for the last one), and its reduction to one number.
LOSSES = {
    "mse": (_squared_error, ops.mean),
    "mse_half": (_half_squared_error, ops.mean),
    "mse_sum": (_squared_error, ops.sum),
    "bce": (_cross_entropy_of_probabilities, ops.mean),
    "bce_logits": (_sigmoid_cross_entropy, ops.mean),
    "bce_logits_sum": (_sigmoid_cross_entropy, ops.sum),
    "cross_entropy_logits": (_softmax_cross_entropy, ops.mean),
}


def _optimizer(experiment):
    """The optimizer of `keras.optimizers`, with all settings explicit."""
    # A Python float is rounded to float32 before it reaches a float64 optimizer.
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


class OnTensorFlow:
    """The loop is one `tf.function` around model and optimizer, compiled by XLA."""

    def __init__(self, model):
        self.model = model
        # On processors, XLA's convolution is ten times slower than TensorFlow's own kernel.
        self.loop = tf.function(self._loop, jit_compile=not model.is_conv)

    @staticmethod
    def name():
        return f"TensorFlow {tf.__version__}"

    @staticmethod
    def gpus():
        return len(tf.config.list_physical_devices("GPU"))

    def train(self, batches, masks, count):
        masks = [tf.constant(mask) for mask in masks]
        return self.loop(tf.constant(batches), masks, tf.constant(count)).numpy()

    def gradients(self, x, y):
        return self._loss_and_gradients(x, y)[1]

    def _loop(self, batches, masks, count):
        """Take the first `count` of the padded `batches`; autograph turns the `while` into a graph.

        With `tf.range(count)` instead, XLA would compile anew for each number of steps.
        """
        model = self.model
        losses = tf.TensorArray(model.y.dtype, size=batches.shape[0], element_shape=())
        i = tf.constant(0)
        while i < count:
            x, y = tf.gather(model.x, batches[i]), tf.gather(model.y, batches[i])
            loss, gradients = self._loss_and_gradients(x, y, [mask[i] for mask in masks])
            model.optimizer.apply(gradients, model.variables)
            losses = losses.write(i, loss)
            i += 1
        return losses.stack()

    def _loss_and_gradients(self, x, y, masks=()):
        model = self.model
        with tf.GradientTape() as tape:
            loss = model.loss(*model.answer(x, masks), y)
            objective = model.objective(loss, model.variables)
        return loss, tape.gradient(objective, model.variables)


class OnJax:
    """The loop is a `fori_loop` over the stateless model and optimizer, compiled by XLA."""

    def __init__(self, model):
        self.model = model
        self.loop = jax.jit(self._loop)
        self.step = jax.jit(self._step)
        self.loss_and_gradients = jax.value_and_grad(self._objective, has_aux=True)

    @staticmethod
    def name():
        return f"JAX {jax.__version__}"

    @staticmethod
    def gpus():
        return sum(device.platform == "gpu" for device in jax.devices())

    def train(self, batches, masks, count):
        model = self.model
        variables = model.variables, model.optimizer.variables
        state = [[variable.value for variable in group] for group in variables]
        if model.is_conv:  # inside a compiled loop, XLA's convolutions are slow
            losses = np.zeros(len(batches), model.y.dtype)
            for i, rows in enumerate(batches[:count]):
                of_step = [mask[i] for mask in masks]
                state, losses[i] = self.step(state, model.x, model.y, rows, of_step)
        else:
            state, losses = self.loop(state, model.x, model.y, batches, masks, count)
        for group, values in zip(variables, state, strict=True):
            for variable, value in zip(group, values, strict=True):
                variable.assign(value)
        return np.array(losses)

    def gradients(self, x, y):
        params = [variable.value for variable in self.model.variables]
        return self.loss_and_gradients(params, x, y)[1]

    def _loop(self, state, x, y, batches, masks, count):
        """Take the first `count` of the padded `batches`."""

        def step(i, carry):
            state, losses = carry
            state, loss = self._step(state, x, y, batches[i], [mask[i] for mask in masks])
            return state, losses.at[i].set(loss)

        return jax.lax.fori_loop(0, count, step, (state, jnp.zeros(len(batches), y.dtype)))

    def _step(self, state, x, y, rows, masks):
        """Take one step."""
        params, slots = state
        (_, loss), gradients = self.loss_and_gradients(params, x[rows], y[rows], masks)
        return list(self.model.optimizer.stateless_apply(slots, gradients, params)), loss

    def _objective(self, params, x, y, masks=()):
        """The objective, and the loss alone."""
        model = self.model
        network, inputs = model.network_for(x, masks)
        outputs, _ = network.stateless_call(params, [], inputs)
        loss = model.loss(*outputs, y)
        return model.objective(loss, params), loss


class OnTorch:
    """The loop is written in Python: compilation takes longer than most trainings here."""

    def __init__(self, model):
        self.model = model

    @staticmethod
    def name():
        return f"PyTorch {torch.__version__.split('+')[0]}"

    @staticmethod
    def gpus():
        return torch.cuda.device_count()

    def train(self, batches, masks, count):
        model = self.model
        losses = []
        masks = [ops.convert_to_tensor(mask[:count]) for mask in masks]
        # As in the PyTorch backend: numbers below 1e-38 are slow, and count as zero.
        torch.set_flush_denormal(True)
        try:
            for i, rows in enumerate(ops.convert_to_tensor(batches[:count])):
                of_step = [mask[i] for mask in masks]
                loss, gradients = self._loss_and_gradients(model.x[rows], model.y[rows], of_step)
                model.optimizer.apply(gradients, model.variables)
                losses.append(loss)
        finally:
            torch.set_flush_denormal(False)
        return torch.stack(losses).numpy(force=True)

    def gradients(self, x, y):
        return self._loss_and_gradients(x, y)[1]

    def _loss_and_gradients(self, x, y, masks=()):
        model = self.model
        params = [variable.value for variable in model.variables]
        loss = model.loss(*model.answer(x, masks), y)
        gradients = torch.autograd.grad(model.objective(loss, params), params)
        return loss.detach(), list(gradients)


Engine = {"tensorflow": OnTensorFlow, "jax": OnJax, "torch": OnTorch}[ENGINE]


class Model:
    """A `keras.Model` with two outputs: the last weighted sums, and their activations."""

    framework = f"Keras {keras.__version__} on {Engine.name()}"
    epsilon_form = "hat"

    def __init__(self, experiment, params, x, y, device):
        # Before any layer is created: values stored as float32 cannot become float64 again.
        # Layers follow the policy, optimizers floatx.
        keras.config.set_floatx(experiment.dtype)
        keras.config.set_dtype_policy(experiment.dtype)
        self.device = device.replace("cuda", "gpu")
        (self.loss_of_each, self.reduce), self.loss_is_on_sums = chosen_loss(
            LOSSES, experiment.output, experiment.loss, self.framework
        )
        self.l1, self.l2 = experiment.l1, experiment.l2
        with keras.device(self.device):
            self.x, self.y = ops.convert_to_tensor(x), ops.convert_to_tensor(y)
            self.network, self.masked_network = _networks(experiment, params)
            self.is_conv = experiment.architecture == "conv"
            self.variables = self.network.trainable_variables
            self.optimizer = _optimizer(experiment)
            self.optimizer.build(self.variables)
        self.set_params(params)
        self.engine = Engine(self)

    def train(self, batches, masks=()):
        steps, length = len(batches), _length(batches, masks)
        losses = []
        for start in range(0, steps, length):
            count = min(length, steps - start)
            rows = _padded(batches[start : start + count].astype(np.int32), length)
            of_steps = [_padded(mask[start : start + count], length) for mask in masks]
            with keras.device(self.device):
                losses.append(self.engine.train(rows, of_steps, count))
        return np.concatenate(losses)[:steps].astype(np.float64)

    def evaluate(self, x, y):
        with keras.device(self.device):
            sums, outputs = self._outputs_of_all(x)
            loss = self.loss(sums, outputs, ops.convert_to_tensor(y))
            return float(_array(loss)), _array(outputs)

    def predict(self, x):
        with keras.device(self.device):
            _, outputs = self._outputs_of_all(x)
            return _array(outputs)

    def gradients(self, x, y):
        with keras.device(self.device):
            gradients = self.engine.gradients(ops.convert_to_tensor(x), ops.convert_to_tensor(y))
        return self._in_layers([_array(gradient) for gradient in gradients])

    def get_params(self):
        return self._in_layers([_array(variable) for variable in self.variables])

    def set_params(self, params):
        arrays = [array for pair in params for array in pair if array is not None]
        with keras.device(self.device):
            for variable, array in zip(self.variables, arrays, strict=True):
                variable.assign(array)

    def get_state(self):
        return {name: _array(variable) for name, variable in self._state().items()}

    def set_state(self, state):
        learning_rate = float(_array(self.optimizer.learning_rate))
        with keras.device(self.device):
            for name, variable in self._state().items():
                variable.assign(state[name])
        self.set_learning_rate(learning_rate)

    def set_learning_rate(self, learning_rate):
        before = float(_array(self.optimizer.learning_rate))
        with keras.device(self.device):
            self.optimizer.learning_rate = learning_rate
            # Keras stores the velocity multiplied by the learning rate. It is rescaled, so that
            # the velocity itself stays the same, as in the other frameworks.
            ratio = float(_array(self.optimizer.learning_rate)) / before
            for velocity in getattr(self.optimizer, "momentums", []):
                velocity.assign(velocity * ratio)

    def loss(self, sums, outputs, y):
        # On TensorFlow, Keras replaces sigmoid or softmax outputs by the sums before them. A copy
        # of the outputs prevents that where the loss is one of the outputs.
        a = sums if self.loss_is_on_sums else ops.copy(outputs)
        return self.reduce(self.loss_of_each(y, a))

    def objective(self, loss, variables):
        """The loss and the penalties ``l1 Σ|w| + l2/2 Σ w²`` over all weights, and no biases."""
        # Not the regularizers of the layers: they store the strengths as float32. And not
        # `ops.absolute`: on JAX, its derivative is 1 where a weight is 0.
        if self.l1 or self.l2:
            for variable in variables:
                if len(variable.shape) > 1:
                    loss = loss + self.l1 * ops.sum(variable * ops.sign(variable))
                    loss = loss + self.l2 / 2 * ops.sum(ops.square(variable))
        return loss

    def network_for(self, x, masks):
        """The network and its inputs for a training step, which may drop units."""
        return (self.masked_network, [x, *masks]) if len(masks) else (self.network, x)

    def answer(self, x, masks):
        """Sums and activations of the last layer."""
        network, inputs = self.network_for(x, masks)
        return network(inputs)

    def _outputs_of_all(self, x):
        """The same for any number of rows, without dropout."""
        size = PIECE_ROWS if self.is_conv else max(1, len(x))
        pieces = [x[i : i + size] for i in range(0, len(x), size)] or [x]
        found = [self.network(ops.convert_to_tensor(piece)) for piece in pieces]
        return tuple(ops.concatenate(parts) for parts in zip(*found, strict=True))

    def _state(self):
        """All that the next step depends on, by name."""
        variables = [*self.variables, *self.optimizer.variables]
        return {f"variable{i}": variable for i, variable in enumerate(variables)}

    def _in_layers(self, arrays):
        """A flat list, weight and bias in turn, as one pair for each layer."""
        found = iter(arrays)
        return [
            (next(found), next(found) if layer.use_bias else None)
            for layer in self.network.layers
            if isinstance(layer, keras.layers.Dense | keras.layers.Conv2D)
        ]


def _conv(experiment):
    """The layers of both convolutions; images are square, and maps are the last axis."""
    side, dtype = math.isqrt(experiment.n_inputs), experiment.dtype
    layers = [keras.layers.Reshape((side, side, 1), dtype=dtype)]
    for maps, name in zip(experiment.channels, experiment.hidden_activations, strict=False):
        layers += [
            keras.layers.Conv2D(
                maps,
                experiment.kernel,
                padding="same",
                data_format="channels_last",
                activation=ACTIVATIONS[name],
                use_bias=experiment.bias,
                dtype=dtype,
            ),
            keras.layers.MaxPooling2D(2, data_format="channels_last", dtype=dtype),
        ]
    return [*layers, keras.layers.Flatten(data_format="channels_last", dtype=dtype)]


def _none(experiment):
    """No layers in front of the dense ones."""
    return []


FRONT = {"dense": _none, "conv": _conv}


def export(experiment, params):
    """A `.keras` file of a `Sequential` model: `Dense` layers, and activations as layers.

    The convolutions in front are those of `_conv`, and read the same rows of pixels.
    """
    dtype = experiment.dtype
    front = FRONT[experiment.architecture](experiment)
    layers = [keras.Input((experiment.n_inputs,), dtype=dtype), *front]
    dense = [pair for pair in params if pair[0].ndim == 2]
    activations = (*experiment.hidden_activations, experiment.output)[-len(dense) :]
    for (weight, bias), name in zip(dense, activations, strict=True):
        layers.append(keras.layers.Dense(weight.shape[1], use_bias=bias is not None, dtype=dtype))
        if name == "leaky_relu":
            layers.append(keras.layers.LeakyReLU(negative_slope=LEAKY_SLOPE, dtype=dtype))
        elif name != "identity":
            layers.append(keras.layers.Activation(ACTIVATIONS[name], dtype=dtype))
    model = keras.Sequential(layers)
    model.set_weights([array for pair in params for array in pair if array is not None])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.keras")
        model.save(path)
        return path.read_bytes()


def _networks(experiment, params):
    """The untrained layers of `params`; the outputs are sums and activations of the last one.

    With dropout, a second network shares the layers: it multiplies the activations of each hidden
    layer by a mask, which is an additional input.
    """
    *_, (last, _) = params
    front = FRONT[experiment.architecture](experiment)
    names = experiment.hidden_activations[len(params) - 1 - len(experiment.hidden) :]
    dense = [
        keras.layers.Dense(units, activation=ACTIVATIONS[name], use_bias=experiment.bias)
        for units, name in zip(experiment.hidden, names, strict=True)
    ]
    dense.append(keras.layers.Dense(last.shape[1], use_bias=experiment.bias))
    activation = keras.layers.Activation(ACTIVATIONS[experiment.output])

    def network(masks):
        inputs = x = keras.Input((experiment.n_inputs,))
        for layer in front:
            x = layer(x)
        for i, layer in enumerate(dense[:-1]):
            x = layer(x)
            if masks:
                x = keras.layers.Multiply()([x, masks[i]])
        sums = dense[-1](x)
        return keras.Model([inputs, *masks] if masks else inputs, [sums, activation(sums)])

    masks = [keras.Input((units,)) for units in experiment.hidden] if experiment.dropout else []
    return network([]), network(masks) if masks else None


def _length(batches, masks):
    """Steps of one call of the loop; all its arrays are padded to this length."""
    mask_numbers = sum(mask[0].size for mask in masks)
    return max(1, min(ROW_NUMBERS // batches.shape[1], MASK_NUMBERS // max(1, mask_numbers)))


def _padded(array, length):
    """`array` with zeros behind it, up to `length` along its first axis."""
    longer = np.zeros((length, *array.shape[1:]), array.dtype)
    longer[: len(array)] = array
    return longer


def _array(tensor):
    """A copy in NumPy."""
    return np.array(ops.convert_to_numpy(tensor))
