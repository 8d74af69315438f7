"""NumPy by hand: forward, backward and update written out."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from nn_core.exchange.programs import data, loop, random_draws, update_lines
from nn_core.exchange.programs.forward_lines import SLOPE
from nn_core.exchange.programs.loss_lines import refusal_of_loss
from nn_core.exchange.programs.plan import Plan
from nn_core.exchange.programs.source import Piece, import_lines, indented, listed, literal, piece
from nn_core.vocabulary import PROBABILITY_MARGIN

Lines = Iterator[str]

BACKEND = "numpy"

ACTIVATIONS = {
    "identity": "{}",
    "sigmoid": "sigmoid({})",
    "tanh": "np.tanh({})",
    "relu": "np.maximum({}, 0)",
    "leaky_relu": "leaky_relu({})",
    "softmax": "softmax({})",
    "step": "step({})",
}

DEFINITIONS = {
    "sigmoid": (
        "def sigmoid(z):",
        '    """From any number to one between 0 and 1."""',
        "    return 1 / (1 + np.exp(-z))",
    ),
    "leaky_relu": (
        "def leaky_relu(z):",
        '    """Positive numbers as they are, a hundredth of the others."""',
        f"    return np.where(z > 0, z, {SLOPE} * z)",
    ),
    "softmax": (
        "def softmax(z):",
        '    """Probabilities that add up to 1 in each row."""',
        "    e = np.exp(z - z.max(axis=1, keepdims=True))",
        "    return e / e.sum(axis=1, keepdims=True)",
    ),
    "log_softmax": (
        "def log_softmax(z):",
        '    """Logarithms of the probabilities, exact where these are tiny."""',
        "    z = z - z.max(axis=1, keepdims=True)",
        "    return z - np.log(np.exp(z).sum(axis=1, keepdims=True))",
    ),
}

NEEDS = {
    "bce_logits": ("sigmoid",),
    "bce_logits_sum": ("sigmoid",),
    "cross_entropy_logits": ("softmax", "log_softmax"),
}

SLOPES = {
    "sigmoid": "{d} * {a} * (1 - {a})",
    "tanh": "{d} * (1 - {a} ** 2)",
    "relu": "{d} * ({a} > 0)",
    "leaky_relu": f"np.where({{a}} > 0, {{d}}, {SLOPE} * {{d}})",
    "softmax": "{a} * ({d} - ({a} * {d}).sum(axis=1, keepdims=True))",
}
"""From the gradient on the outputs of a layer to that on its weighted sums."""

LOSSES = {
    "mse": ("np.mean((a - y) ** 2)", "2 * (a - y) / y.size"),
    "mse_half": ("np.mean((a - y) ** 2) / 2", "(a - y) / y.size"),
    "mse_sum": ("np.sum((a - y) ** 2)", "2 * (a - y)"),
    "bce": (
        "-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))",
        "(p - y) / (p * (1 - p)) / y.size * (p == a)",
    ),
    "bce_logits": ("np.mean(np.logaddexp(0, a) - y * a)", "(sigmoid(a) - y) / y.size"),
    "bce_logits_sum": ("np.sum(np.logaddexp(0, a) - y * a)", "sigmoid(a) - y"),
    "cross_entropy_logits": (
        "-np.sum(y * log_softmax(a)) / len(y)",
        "(softmax(a) - y) / len(y)",
    ),
    "perceptron": ("np.sum((a - y) * z)", "a - y"),
}
"""Each loss of the outputs `a`, and its gradient on them."""


def refusal(plan: Plan) -> str:
    """Why the dialect cannot express the plan; empty where it can."""
    return refusal_of_loss(plan, LOSSES)


def pieces(plan: Plan) -> list[Piece]:
    """The pieces of the script."""
    imports = ["import numpy as np", *data.imports(plan), *random_draws.imports(plan)]
    found = [
        piece("", import_lines(imports)),
        piece("The rows to learn from", data.data(plan)),
        piece("The weights to start from", random_draws.weights(plan)),
    ]
    if not plan.is_full_batch:
        found.append(piece("The rows of each step", random_draws.batches(plan)))
    if plan.has_dropout:
        found.append(piece("The units that are silent", random_draws.masks(plan)))
    found.append(piece("The network", chain(_parameters(plan), [""], _definitions(plan))))
    counts = update_lines.counts_steps(plan)
    found.append(piece("One step: forward, backward, update", _train(plan, counts)))
    found.append(piece("The training", loop.loop(plan, counts_steps=counts)))
    return found


def _definitions(plan: Plan) -> Lines:
    names = dict.fromkeys((*plan.activations, *NEEDS.get(plan.loss, ())))
    for name in names:
        if name in DEFINITIONS:
            yield from DEFINITIONS[name]
            yield ""


def _parameters(plan: Plan) -> Lines:
    yield _assigned("w", plan.depth, "weights")
    if plan.bias:
        yield _assigned("b", plan.depth, "biases")
    yield f"parameters = {'weights + biases' if plan.bias else 'weights'}"
    yield from update_lines.slots(plan, "np.zeros_like(w)", "np.full_like(w, {})")


def _assigned(name: str, count: int, source: str) -> str:
    found = ", ".join(f"{name}{i + 1}" for i in range(count))
    return f"{found} = {source}" if count > 1 else f"({found},) = {source}"


def _train(plan: Plan, counts_steps: bool) -> Lines:
    yield f"def train(x, y{loop.arguments(plan, counts_steps)}):"
    yield '    """Take one step, and return the loss before it."""'
    yield from indented(_forward(plan))
    yield from indented(_backward(plan))
    form = plan.experiment.epsilon_form or "after_root"
    yield from indented(update_lines.update(plan, "np.sqrt", form))
    yield "    return loss"


def _inputs(plan: Plan, layer: int) -> str:
    """The name of the inputs of `layer`, from 0: the rows, or the outputs of the layer before."""
    if layer == 0:
        return "x"
    return f"h{layer}" if plan.has_dropout else f"a{layer}"


def _forward(plan: Plan) -> Lines:
    for i, name in enumerate(plan.activations):
        sums = f"{_inputs(plan, i)} @ w{i + 1}" + (f" + b{i + 1}" if plan.bias else "")
        if name == "step":
            yield f"z = {sums}"
            yield f'a = (z > 0).astype("{plan.dtype}")'
            continue
        out = f"a{i + 1}" if i < len(plan.hidden) else "a"
        yield f"{out} = {ACTIVATIONS[name].format(sums)}"
        if plan.has_dropout and i < len(plan.hidden):
            yield f"h{i + 1} = a{i + 1} * masks[{i}]"
    if plan.loss == "bce":
        margin = literal(PROBABILITY_MARGIN)
        yield f"p = np.clip(a, {margin}, 1 - {margin})"
    yield f"loss = {LOSSES[plan.loss][0]}"


def _backward(plan: Plan) -> Lines:
    last = plan.depth
    yield f"d{last} = {LOSSES[plan.loss][1]}"
    if plan.output in SLOPES:
        yield f"d{last} = {_slope(plan.output, f'd{last}', 'a')}"
    for layer in range(last - 1, 0, -1):
        yield f"d{layer} = d{layer + 1} @ w{layer + 1}.T"
        if plan.has_dropout:
            yield f"d{layer} = d{layer} * masks[{layer - 1}]"
        if plan.hidden[layer - 1] in SLOPES:
            yield f"d{layer} = {_slope(plan.hidden[layer - 1], f'd{layer}', f'a{layer}')}"
    found = [_gradient(plan, i) for i in range(last)]
    if plan.bias:
        found += [f"d{i + 1}.sum(axis=0)" for i in range(last)]
    yield from listed("gradients = [", found, "]")


def _slope(name: str, d: str, a: str) -> str:
    return SLOPES[name].format(d=d, a=a).replace(f"{a} ** 2", f"{a}**2")


def _gradient(plan: Plan, i: int) -> str:
    e = plan.experiment
    slope = f"{_inputs(plan, i)}.T @ d{i + 1}"
    if e.l1:
        slope += f" + {literal(e.l1)} * np.sign(w{i + 1})"
    if e.l2:
        slope += f" + {literal(e.l2)} * w{i + 1}"
    return slope
