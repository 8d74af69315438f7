"""TensorFlow: gradient tape and compiled step."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from nn_core.exchange.programs import keras_pieces, loop, random_draws
from nn_core.exchange.programs.data import data, images
from nn_core.exchange.programs.data import imports as data_imports
from nn_core.exchange.programs.forward_lines import (
    SLOPE,
    Maps,
    forward,
    mask_argument,
    penalty,
    products,
    used,
)
from nn_core.exchange.programs.loss_lines import refusal_of_loss
from nn_core.exchange.programs.plan import Plan
from nn_core.exchange.programs.source import Piece, import_lines, indented, piece
from nn_core.vocabulary import PROBABILITY_MARGIN

Lines = Iterator[str]

BACKEND = "tensorflow"

ACTIVATIONS = {
    "identity": "{}",
    "sigmoid": "tf.sigmoid({})",
    "tanh": "tf.tanh({})",
    "relu": "tf.nn.relu({})",
    "leaky_relu": "leaky_relu({})",
    "softmax": "tf.nn.softmax({})",
}

CONVOLUTION = 'tf.nn.conv2d(x, {}, 1, "SAME")'
MAPS = Maps('tf.nn.max_pool2d(x, 2, 2, "VALID")', "tf.reshape(x, (-1, {}))")

DEFINITIONS = {
    "leaky_relu": (
        "def leaky_relu(z):",
        '    """Positive numbers as they are, a hundredth of the others."""',
        f"    return tf.where(z > 0, z, {SLOPE} * z)",
    ),
}

LOSSES = {
    "mse": "tf.reduce_mean(tf.square(a - y))",
    "mse_half": "tf.reduce_mean(tf.square(a - y)) / 2",
    "mse_sum": "tf.reduce_sum(tf.square(a - y))",
    "bce": "-tf.reduce_mean(y * tf.math.log(a) + (1 - y) * tf.math.log(1 - a))",
    "bce_logits": "tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(y, a))",
    "bce_logits_sum": "tf.reduce_sum(tf.nn.sigmoid_cross_entropy_with_logits(y, a))",
    "cross_entropy_logits": "tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(y, a))",
}


def refusal(plan: Plan) -> str:
    """Why the dialect cannot express the plan; empty where it can."""
    return refusal_of_loss(plan, LOSSES)


def pieces(plan: Plan) -> list[Piece]:
    """The pieces of the script."""
    found = [
        piece("", _begin(plan)),
        piece("The rows to learn from", chain(data(plan), images(plan))),
        piece("The weights to start from", random_draws.weights(plan)),
    ]
    if not plan.is_full_batch:
        found.append(piece("The rows of each step", random_draws.batches(plan)))
    if plan.has_dropout:
        found.append(piece("The units that are silent", random_draws.masks(plan)))
    found += [
        piece("The network", _network(plan)),
        piece("One step: forward, backward, update", _train(plan)),
        piece("The training", loop.loop(plan, value="float({})")),
    ]
    return found


def _begin(plan: Plan) -> Lines:
    lines = ["import numpy as np", "import tensorflow as tf"]
    yield from import_lines(lines + data_imports(plan) + random_draws.imports(plan))
    yield ""
    if plan.dtype == "float64":
        yield 'tf.keras.config.set_floatx("float64")'


def _network(plan: Plan) -> Lines:
    yield "weights = [tf.Variable(weight) for weight in weights]"
    if plan.bias:
        yield "biases = [tf.Variable(bias) for bias in biases]"
    yield f"parameters = {'weights + biases' if plan.bias else 'weights'}"
    yield from keras_pieces.optimizer(plan, "tf.keras.optimizers")
    yield "optimizer.build(parameters)"
    yield ""
    yield from used(plan, DEFINITIONS)
    yield f"def network(x{mask_argument(plan)}):"
    yield '    """What the network answers for the rows of x."""'
    yield from indented(forward(plan, ACTIVATIONS, products(plan, CONVOLUTION), MAPS))


def _train(plan: Plan) -> Lines:
    if plan.front:
        yield "# Without XLA, which is slow with convolutions on processors."
    yield "@tf.function" if plan.front else "@tf.function(jit_compile=True)"
    yield f"def train(x, y{loop.arguments(plan, False)}):"
    yield '    """Take one step, and return the loss before it."""'
    yield "    with tf.GradientTape() as tape:"
    yield f"        a = network(x{mask_argument(plan)})"
    if plan.loss == "bce":
        yield f"        a = tf.clip_by_value(a, {PROBABILITY_MARGIN!r}, 1 - {PROBABILITY_MARGIN!r})"
    yield f"        loss = {LOSSES[plan.loss]}"
    wanted = "loss"
    if plan.has_penalty:
        sums = "tf.reduce_sum(tf.abs(w))", "tf.reduce_sum(tf.square(w))"
        yield from indented(penalty(plan, *sums, "weights"), 2)
        yield "        objective = loss + penalty"
        wanted = "objective"
    yield f"    gradients = tape.gradient({wanted}, parameters)"
    yield "    optimizer.apply(gradients, parameters)"
    yield "    return loss"
