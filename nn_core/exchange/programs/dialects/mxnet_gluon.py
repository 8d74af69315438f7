"""Gluon: MXNet's layers and trainer."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from nn_core.exchange.programs import loop, random_draws, update_lines
from nn_core.exchange.programs.data import data
from nn_core.exchange.programs.data import imports as data_imports
from nn_core.exchange.programs.forward_lines import SLOPE, mask_argument, penalty
from nn_core.exchange.programs.loss_lines import refusal_of_loss
from nn_core.exchange.programs.plan import Plan
from nn_core.exchange.programs.source import Piece, import_lines, indented, listed, literal, piece
from nn_core.vocabulary import PROBABILITY_MARGIN

Lines = Iterator[str]

BACKEND = "mxnet"

ACTIVATIONS = {
    "identity": "{}",
    "sigmoid": "nd.sigmoid({})",
    "tanh": "nd.tanh({})",
    "relu": "nd.relu({})",
    "leaky_relu": "leaky_relu({})",
    "softmax": "nd.softmax({})",
}
IN_A_LAYER = ("sigmoid", "tanh", "relu")
"""Activations that a Dense layer accepts by name."""

LOSSES = {
    "mse": "nd.mean(nd.square(a - y))",
    "mse_half": "nd.mean(nd.square(a - y)) / 2",
    "mse_sum": "nd.sum(nd.square(a - y))",
    "bce": "-nd.mean(y * nd.log(a) + (1 - y) * nd.log(1 - a))",
    "bce_logits": "nd.mean(softplus(a) - y * a)",
    "bce_logits_sum": "nd.sum(softplus(a) - y * a)",
    "cross_entropy_logits": "-nd.sum(y * nd.log_softmax(a)) / len(y)",
}

DEFINITIONS = {
    "leaky_relu": (
        "def leaky_relu(z):",
        '    """Positive numbers as they are, a hundredth of the others."""',
        f"    return nd.where(z > 0, z, {SLOPE} * z)",
        "",
    ),
    "bce_logits": (
        "def softplus(z):",
        '    """The logarithm of 1 + exp(z), without overflow."""',
        "    return nd.relu(z) + nd.log1p(nd.exp(nd.where(z > 0, -z, z)))",
        "",
    ),
}
DEFINITIONS["bce_logits_sum"] = DEFINITIONS["bce_logits"]


def refusal(plan: Plan) -> str:
    """Why the dialect cannot express the plan; empty where it can."""
    return refusal_of_loss(plan, LOSSES)


def _has_trainer(plan: Plan) -> bool:
    """Whether Gluon's trainer takes the steps.

    Its kernels keep their constants as float32, which is too coarse for float64, and its Adagrad
    begins with a sum of 0.
    """
    return plan.dtype == "float32" and plan.optimizer != "adagrad"


def pieces(plan: Plan) -> list[Piece]:
    """The pieces of the script."""
    counts = not _has_trainer(plan) and update_lines.counts_steps(plan)
    imports = ["import numpy as np", "from mxnet import autograd, gluon, nd"]
    found = [
        piece("", import_lines(imports + data_imports(plan) + random_draws.imports(plan))),
        piece("The rows to learn from", _data(plan)),
        piece("The weights to start from", random_draws.weights(plan)),
    ]
    if not plan.is_full_batch:
        found.append(piece("The rows of each step", random_draws.batches(plan)))
    if plan.has_dropout:
        wrap = f'nd.array({{}}, dtype="{plan.dtype}")'
        found.append(piece("The units that are silent", random_draws.masks(plan, wrap)))
    found += [
        piece("The network", chain(_layers(plan), _optimizer(plan), [""], _network(plan))),
        piece("One step: forward, backward, update", _train(plan, counts)),
        piece("The training", loop.loop(plan, counts_steps=counts)),
    ]
    return found


def _data(plan: Plan) -> Lines:
    yield from data(plan)
    yield f'x, y = nd.array(x, dtype="{plan.dtype}"), nd.array(y, dtype="{plan.dtype}")'


def _layers(plan: Plan) -> Lines:
    yield "layers = gluon.nn.HybridSequential()"
    for (n_in, n_out), name in zip(plan.pairs, plan.activations, strict=True):
        arguments = [str(n_out)]
        if name in IN_A_LAYER:
            arguments.append(f'activation="{name}"')
        if not plan.bias:
            arguments.append("use_bias=False")
        arguments += [f"in_units={n_in}"]
        if plan.dtype == "float64":
            arguments.append('dtype="float64"')
        yield f"layers.add(gluon.nn.Dense({', '.join(arguments)}))"
    yield "layers.initialize()"
    each, lists = "layer, weight", "layers, weights"
    if plan.bias:
        each, lists = f"{each}, bias", f"{lists}, biases"
    yield f"for {each} in zip({lists}, strict=True):"
    yield f'    layer.weight.set_data(nd.array(weight.T, dtype="{plan.dtype}"))'
    if plan.bias:
        yield f'    layer.bias.set_data(nd.array(bias, dtype="{plan.dtype}"))'
    if plan.has_penalty:
        yield "weights = [layer.weight.data() for layer in layers]"


def _optimizer(plan: Plan) -> Lines:
    if not _has_trainer(plan):
        if plan.optimizer == "adagrad":
            yield "# By hand: Gluon's Adagrad begins with a sum of 0."
        else:
            yield "# By hand: Gluon's trainer keeps its constants as float32."
        yield "parameters = [p.data() for p in layers.collect_params().values()]"
        yield "gradients = [p.grad() for p in layers.collect_params().values()]"
        zeros = "nd.zeros_like(w)"
        yield from update_lines.slots(plan, zeros, "nd.full(w.shape, {}, dtype=w.dtype)")
        return
    e = plan.experiment
    c = {name: literal(value) for name, value in plan.constants.items()}
    settings = [f'"learning_rate": {literal(e.learning_rate)}']
    name = {"momentum": "sgd", "nesterov": "nag"}.get(plan.optimizer, plan.optimizer)
    if plan.optimizer in ("momentum", "nesterov"):
        settings.append(f'"momentum": {literal(e.momentum)}')
    elif plan.optimizer == "rmsprop":
        settings += [f'"gamma1": {c["rho"]}', f'"epsilon": {c["epsilon"]}']
    elif plan.optimizer == "adam":
        settings += [f'"beta1": {c["beta_1"]}', f'"beta2": {c["beta_2"]}']
        settings += [f'"epsilon": {c["epsilon"]}']
    yield from listed("settings = {", settings, "}")
    yield f'trainer = gluon.Trainer(layers.collect_params(), "{name}", settings)'


def _network(plan: Plan) -> Lines:
    for name in dict.fromkeys((*plan.activations, plan.loss)):
        yield from DEFINITIONS.get(name, ())
    yield f"def network(x{mask_argument(plan)}):"
    yield '    """What the network answers for the rows of x."""'
    if not plan.has_dropout and all(name in IN_A_LAYER for name in plan.hidden):
        yield f"    return {_activated(plan.output, 'layers(x)')}"
        return
    for i, name in enumerate(plan.hidden):
        yield f"    x = {_activated(name, f'layers[{i}](x)')}"
        if plan.has_dropout:
            yield f"    x = x * masks[{i}]"
    yield f"    return {_activated(plan.output, f'layers[{plan.depth - 1}](x)')}"


def _activated(name: str, layer: str) -> str:
    return layer if name in IN_A_LAYER else ACTIVATIONS[name].format(layer)


def _train(plan: Plan, counts_steps: bool) -> Lines:
    yield f"def train(x, y{loop.arguments(plan, counts_steps)}):"
    yield '    """Take one step, and return the loss before it."""'
    yield "    with autograd.record():"
    yield f"        a = network(x{mask_argument(plan)})"
    if plan.loss == "bce":
        least = repr(PROBABILITY_MARGIN)
        yield f"        a = nd.minimum(nd.maximum(a, {least}), 1 - {least})"
    yield f"        loss = {LOSSES[plan.loss]}"
    wanted = "loss"
    if plan.has_penalty:
        sums = "nd.sum(nd.abs(w))", "nd.sum(nd.square(w))"
        yield from indented(penalty(plan, *sums, "weights"), 2)
        yield "        objective = loss + penalty"
        wanted = "objective"
    yield f"    {wanted}.backward()"
    if _has_trainer(plan):
        yield "    trainer.step(1)"
    else:
        yield from indented(update_lines.update(plan, "nd.sqrt", "hat"))
    yield "    return loss.asscalar()"
