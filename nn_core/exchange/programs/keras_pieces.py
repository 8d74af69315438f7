"""Pieces that the scripts of Keras and TensorFlow share."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from nn_core import vocabulary
from nn_core.exchange.programs import data, loop, random_draws
from nn_core.exchange.programs.forward_lines import SLOPE
from nn_core.exchange.programs.loss_lines import refusal_of_loss
from nn_core.exchange.programs.plan import Plan
from nn_core.exchange.programs.source import Piece, import_lines, listed, literal, piece
from nn_core.vocabulary import PROBABILITY_MARGIN

Lines = Iterator[str]

FLOAT64_ON_TENSORFLOW = (
    "Keras computes float64 on TensorFlow alone: on other engines, many of its operations return "
    "float32. Choose float32, or the engine TensorFlow."
)
SUM_WITH_PENALTY = (
    "`fit` reports the loss with the penalties in it, and a summed loss without them only where "
    "all batches are equally long. Choose a batch size that divides the rows, or a mean loss."
)

LOSSES = {
    "mse": ("keras.losses.MeanSquaredError()", "keras.metrics.MeanSquaredError({})"),
    "bce_logits": (
        "keras.losses.BinaryCrossentropy(from_logits=True)",
        "keras.metrics.BinaryCrossentropy(from_logits=True, {})",
    ),
    "cross_entropy_logits": (
        "keras.losses.CategoricalCrossentropy(from_logits=True)",
        "keras.metrics.CategoricalCrossentropy(from_logits=True, {})",
    ),
}
"""Losses that Keras has, and the same as metrics."""

OWN = "loss_of", "keras.metrics.MeanMetricWrapper(loss_of, {})"

FORMULAS = {
    "mse_half": ("keras.ops.mean(keras.ops.square(a - y), axis=-1) / 2",),
    "mse_sum": ("keras.ops.sum(keras.ops.square(a - y))",),
    "bce_logits_sum": ("keras.ops.sum(keras.ops.softplus(a) - y * a)",),
    "bce": (
        f"keras.ops.clip(a, {PROBABILITY_MARGIN!r}, 1 - {PROBABILITY_MARGIN!r})",
        "-keras.ops.mean(y * keras.ops.log(a) + (1 - y) * keras.ops.log(1 - a), axis=-1)",
    ),
}
"""Losses that are written out: of each row, or of the whole batch where they are summed."""


def refusal(plan: Plan) -> str:
    """Why Keras cannot express the plan; empty where it can."""
    e = plan.experiment
    if why := refusal_of_loss(plan, {*LOSSES, *FORMULAS}):
        return why
    if plan.dtype == "float64" and e.engine in ("jax", "torch"):
        return FLOAT64_ON_TENSORFLOW
    is_uneven = plan.n_rows % plan.batch_size != 0
    is_sum = vocabulary.LOSSES[plan.loss].reduction == "sum"
    if plan.has_penalty and is_sum and is_uneven:
        return SUM_WITH_PENALTY
    return ""


def script(plan: Plan, network: Lines) -> list[Piece]:
    """A script around a network that `fit` trains."""
    standard = ["import os", *data.imports(plan), *random_draws.imports(plan)]
    standard = [line for line in standard if "sklearn" not in line]
    others = ["import keras", "import numpy as np"]
    others += [line for line in data.imports(plan) if "sklearn" in line]
    chosen = [f'os.environ["KERAS_BACKEND"] = "{plan.engine}"', ""]
    more = ["", 'keras.config.set_floatx("float64")'] if plan.dtype == "float64" else []
    found = [
        Piece("", (*import_lines(standard), "", *chosen, *import_lines(others), *more)),
        piece("The rows to learn from", chain(data.data(plan), data.images(plan))),
        piece("The weights to start from", random_draws.weights(plan)),
    ]
    if _has_generator(plan):
        inputs = "x[rows]"
        if plan.has_dropout:
            inputs = "(x[rows], *masks(step, len(rows)))"
        batches = random_draws.batches(plan, f"{inputs}, y[rows]")
        found.append(piece("The rows of each step", batches))
    if plan.has_dropout:
        found.append(piece("The units that are silent", random_draws.masks(plan)))
    ends = ", and when it ends" if plan.experiment.target_loss is not None else ""
    found += [
        piece("The network", network),
        piece("Loss and optimizer", _compile(plan)),
        piece(f"What is printed{ends}", _report(plan)),
        piece("The training", _fit(plan)),
    ]
    return found


def _has_generator(plan: Plan) -> bool:
    return not plan.is_full_batch or plan.has_dropout


Layer = tuple[str, list[str]]
"""The class of a layer in `keras.layers`, and its arguments."""

POOLING: Layer = ("MaxPooling2D", ["2"])
FLATTEN: Layer = ("Flatten", [])


def convolutions(plan: Plan) -> list[Layer]:
    """The convolutions."""
    found = []
    for block in plan.front:
        kernel, *_, maps = block.weight_shape
        more = ['padding="same"', *_settings(plan, block.activation)]
        found.append(("Conv2D", [str(maps), str(kernel), *more]))
    return found


def dense(plan: Plan) -> list[Layer]:
    """The dense layers."""
    return [
        ("Dense", [str(units), *_settings(plan, name)])
        for units, name in zip(plan.sizes[1:], plan.activations, strict=True)
    ]


def _settings(plan: Plan, activation: str) -> list[str]:
    """The common arguments of every layer with weights."""
    name = activation if activation == "leaky_relu" else f'"{activation}"'
    found = [] if activation == "identity" else [f"activation={name}"]
    found += [] if plan.bias else ["use_bias=False"]
    return found + (["kernel_regularizer=penalty"] if plan.has_penalty else [])


def constructor(before: str, layer: Layer, after: str = "") -> Lines:
    """The lines that construct a layer, between `before` and `after`."""
    name, arguments = layer
    return listed(f"{before}keras.layers.{name}(", arguments, f"){after}")


def definitions(plan: Plan) -> Lines:
    """Definitions for the layers: a leaky ReLU with the app's slope, a penalty of two terms."""
    if "leaky_relu" in plan.activations:
        yield "def leaky_relu(z):"
        yield '    """Positive numbers as they are, a hundredth of the others."""'
        yield f"    return keras.ops.where(z > 0, z, {SLOPE} * z)"
        yield ""
    e = plan.experiment
    if plan.has_penalty:
        strengths = f"l1={literal(e.l1)}, l2={literal(e.l2 / 2)}"
        yield f"penalty = keras.regularizers.L1L2({strengths})"


def set_weights(plan: Plan) -> Lines:
    """Write the start weights into the network."""
    if plan.bias:
        pairs = "zip(weights, biases, strict=True)"
        yield f"network.set_weights([array for pair in {pairs} for array in pair])"
    else:
        yield "network.set_weights(weights)"


def optimizer(plan: Plan, module: str) -> Lines:
    """The optimizer of Keras, with all constants explicit."""
    e = plan.experiment
    exact = "np.float64({})" if plan.dtype == "float64" else "{}"
    c = {name: exact.format(literal(value)) for name, value in plan.constants.items()}
    momentum = exact.format(literal(e.momentum))
    arguments = [literal(e.learning_rate)]
    name = "SGD"
    match plan.optimizer:
        case "momentum":
            arguments += [f"momentum={momentum}"]
        case "nesterov":
            arguments += [f"momentum={momentum}", "nesterov=True"]
        case "adagrad":
            name = "Adagrad"
            first = f"initial_accumulator_value={c['initial_accumulator']}"
            arguments += [first, f"epsilon={c['epsilon']}"]
        case "rmsprop" | "adam":
            name = "RMSprop" if plan.optimizer == "rmsprop" else "Adam"
            arguments += [f"{key}={value}" for key, value in c.items()]
    if plan.dtype == "float64" and len(arguments) > 1:
        yield "# A plain float would pass through float32 on its way into the optimizer."
    yield from listed(f"optimizer = {module}.{name}(", arguments, ")")


def _compile(plan: Plan) -> Lines:
    loss, metric = LOSSES.get(plan.loss, OWN)
    if plan.loss in FORMULAS:
        *before, last = FORMULAS[plan.loss]
        yield "def loss_of(y, a):"
        yield '    """The loss of answers a to the targets y."""'
        for line in before:
            yield f"    a = {line}"
        yield f"    return {last}"
        yield ""
    yield from optimizer(plan, "keras.optimizers")
    arguments = ["optimizer", loss]
    if plan.has_penalty:
        yield "# The loss that `fit` reports has the penalties in it; this one has not."
        named = metric.format('name="alone"')
        yield f"alone = {named}"
        arguments.append("metrics=[alone]")
    if plan.front and plan.engine == "tensorflow":
        yield "# TensorFlow's own kernels: on processors, XLA is slow with convolutions."
        arguments.append("jit_compile=False")
    yield from listed("network.compile(", arguments, ")")


def _report(plan: Plan) -> Lines:
    e = plan.experiment
    key = "alone" if plan.has_penalty else "loss"
    yield "class Report(keras.callbacks.Callback):"
    yield '    """Prints some of the losses."""'
    yield ""
    yield "    def on_epoch_end(self, epoch, logs=None):"
    yield '        """After an epoch; Keras counts them from 0."""'
    yield f'        loss, epoch = logs["{key}"], epoch + 1'
    conditions = []
    if e.target_loss is not None:
        yield f"        if loss <= {literal(e.target_loss)}:"
        yield "            self.model.stop_training = True"
    if e.target_loss is not None or e.patience is not None:
        conditions.append("self.model.stop_training")
    if plan.print_every == 1:
        yield '        print(f"{epoch} {loss:.6f}")'
        return
    conditions.append(loop.printed(plan, "epoch"))
    yield f"        if {' or '.join(conditions)}:"
    yield '            print(f"{epoch} {loss:.6f}")'


def _fit(plan: Plan) -> Lines:
    e = plan.experiment
    callbacks = ["Report()"]
    if e.patience is not None:
        key = "alone" if plan.has_penalty else "loss"
        stop = f'keras.callbacks.EarlyStopping("{key}", patience={e.patience}, mode="min")'
        yield f"patience = {stop}"
        callbacks.insert(0, "patience")
    if _has_generator(plan):
        arguments = ["batches()", f"steps_per_epoch={plan.steps_per_epoch}"]
    else:
        arguments = ["x", "y", f"batch_size={plan.n_rows}", "shuffle=False"]
    arguments += [f"epochs={e.epochs}", "verbose=0", f"callbacks=[{', '.join(callbacks)}]"]
    yield from listed("network.fit(", arguments, ")")
