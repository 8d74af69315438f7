"""autograd: NumPy expressions, differentiated."""

from __future__ import annotations

from collections.abc import Iterator

from nn_core.exchange.programs import loop, random_draws, update_lines
from nn_core.exchange.programs.data import data
from nn_core.exchange.programs.data import imports as data_imports
from nn_core.exchange.programs.forward_lines import (
    SLOPE,
    forward,
    mask_argument,
    named,
    names,
    penalty,
    used,
)
from nn_core.exchange.programs.loss_lines import refusal_of_loss
from nn_core.exchange.programs.plan import Plan
from nn_core.exchange.programs.source import Piece, import_lines, indented, piece
from nn_core.vocabulary import PROBABILITY_MARGIN

Lines = Iterator[str]

BACKEND = "autograd"

ACTIVATIONS = {
    "identity": "{}",
    "sigmoid": "sigmoid({})",
    "tanh": "anp.tanh({})",
    "relu": "relu({})",
    "leaky_relu": "leaky_relu({})",
    "softmax": "anp.exp(log_softmax({}))",
}

LOG_SOFTMAX = (
    "def log_softmax(z):",
    '    """Logarithms of probabilities that add up to 1 in each row."""',
    "    z = z - anp.max(z, axis=1, keepdims=True)",
    "    return z - anp.log(anp.sum(anp.exp(z), axis=1, keepdims=True))",
)

DEFINITIONS = {
    "sigmoid": (
        "def sigmoid(z):",
        '    """From any number to one between 0 and 1."""',
        "    return (1 + anp.tanh(z / 2)) / 2",
    ),
    "relu": (
        "def relu(z):",
        '    """Positive numbers as they are, 0 for the others."""',
        "    return anp.where(z > 0, z, 0.0)",
    ),
    "leaky_relu": (
        "def leaky_relu(z):",
        '    """Positive numbers as they are, a hundredth of the others."""',
        f"    return anp.where(z > 0, z, {SLOPE} * z)",
    ),
    "softmax": LOG_SOFTMAX,
    "cross_entropy_logits": LOG_SOFTMAX,
}

LOSSES = {
    "mse": "anp.mean((a - y) ** 2)",
    "mse_half": "anp.mean((a - y) ** 2) / 2",
    "mse_sum": "anp.sum((a - y) ** 2)",
    "bce": "-anp.mean(y * anp.log(a) + (1 - y) * anp.log(1 - a))",
    "bce_logits": "anp.mean(anp.logaddexp(0, a) - y * a)",
    "bce_logits_sum": "anp.sum(anp.logaddexp(0, a) - y * a)",
    "cross_entropy_logits": "-anp.sum(y * log_softmax(a)) / len(y)",
}


def refusal(plan: Plan) -> str:
    """Why the dialect cannot express the plan; empty where it can."""
    return refusal_of_loss(plan, LOSSES)


def pieces(plan: Plan) -> list[Piece]:
    """The pieces of the script."""
    differentiate = "grad" if plan.has_penalty else "value_and_grad"
    imports = ["import autograd.numpy as anp", "import numpy as np"]
    imports.append(f"from autograd import {differentiate}")
    counts = update_lines.counts_steps(plan)
    found = [
        piece("", import_lines(imports + data_imports(plan) + random_draws.imports(plan))),
        piece("The rows to learn from", data(plan)),
        piece("The weights to start from", random_draws.weights(plan)),
    ]
    if not plan.is_full_batch:
        found.append(piece("The rows of each step", random_draws.batches(plan)))
    if plan.has_dropout:
        found.append(piece("The units that are silent", random_draws.masks(plan)))
    found += [
        piece("The network", _network(plan)),
        piece("One step: forward, backward, update", _train(plan, counts)),
        piece("The training", loop.loop(plan, counts_steps=counts)),
    ]
    return found


def _network(plan: Plan) -> Lines:
    yield f"parameters = {'weights + biases' if plan.bias else 'weights'}"
    yield from update_lines.slots(plan, "np.zeros_like(w)", "np.full_like(w, {})")
    yield ""
    definitions = DEFINITIONS
    if plan.output == "softmax":  # one of the two needs is enough
        definitions = {**DEFINITIONS, "cross_entropy_logits": ()}
    yield from used(plan, definitions)
    yield f"def network(parameters, x{mask_argument(plan)}):"
    yield '    """What the network answers for the rows of x."""'
    yield f"    {names(plan)} = parameters"
    yield from indented(forward(plan, ACTIVATIONS, named(plan)))
    yield ""
    yield f"def loss_of(parameters, x, y{mask_argument(plan)}):"
    yield '    """The loss of the answers."""'
    yield f"    a = network(parameters, x{mask_argument(plan)})"
    if plan.loss == "bce":
        yield f"    a = anp.clip(a, {PROBABILITY_MARGIN!r}, 1 - {PROBABILITY_MARGIN!r})"
    yield f"    return {LOSSES[plan.loss]}"
    if plan.has_penalty:
        yield ""
        yield f"def objective(parameters, x, y{mask_argument(plan)}):"
        yield '    """What is made small: the loss and the penalties."""'
        sums = "anp.sum(anp.abs(w))", "anp.sum(w**2)"
        yield from indented(penalty(plan, *sums, f"parameters[:{plan.depth}]"))
        yield f"    return loss_of(parameters, x, y{mask_argument(plan)}) + penalty"


def _train(plan: Plan, counts_steps: bool) -> Lines:
    arguments = f"parameters, x, y{mask_argument(plan)}"
    yield f"def train(x, y{loop.arguments(plan, counts_steps)}):"
    yield '    """Take one step, and return the loss before it."""'
    if plan.has_penalty:
        yield f"    loss = loss_of({arguments})"
        yield f"    gradients = grad(objective)({arguments})"
    else:
        yield f"    loss, gradients = value_and_grad(loss_of)({arguments})"
    yield from indented(update_lines.update(plan, "np.sqrt"))
    yield "    return loss"
