"""JAX: pure functions, compiled."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from nn_core.exchange.programs import loop, random_draws, update_lines
from nn_core.exchange.programs.data import data, images
from nn_core.exchange.programs.data import imports as data_imports
from nn_core.exchange.programs.forward_lines import (
    SLOPE,
    Maps,
    forward,
    mask_argument,
    named,
    names,
    penalty,
    used,
)
from nn_core.exchange.programs.loss_lines import refusal_of_loss
from nn_core.exchange.programs.plan import Plan
from nn_core.exchange.programs.source import Piece, import_lines, indented, listed, literal, piece
from nn_core.vocabulary import PROBABILITY_MARGIN

Lines = Iterator[str]

BACKEND = "jax"

ACTIVATIONS = {
    "identity": "{}",
    "sigmoid": "jax.nn.sigmoid({})",
    "tanh": "jnp.tanh({})",
    "relu": "jax.nn.relu({})",
    "leaky_relu": "leaky_relu({})",
    "softmax": "jax.nn.softmax({})",
}

MAPS = Maps("pool(x)", "x.reshape(-1, {})")

ON_MAPS = (
    "def convolution(x, kernels):",
    '    """The weighted sums of every kernel at every place of the maps x."""',
    '    layout = "NHWC", "HWIO", "NHWC"',
    '    return jax.lax.conv_general_dilated(x, kernels, (1, 1), "SAME", dimension_numbers=layout)',
    "",
    "def pool(x):",
    '    """The largest of every 2 by 2 numbers of the maps x."""',
    "    n, height, width, maps = x.shape",
    "    return x.reshape(n, height // 2, 2, width // 2, 2, maps).max((2, 4))",
    "",
)

DEFINITIONS = {
    "leaky_relu": (
        "def leaky_relu(z):",
        '    """Positive numbers as they are, a hundredth of the others."""',
        f"    return jnp.where(z > 0, z, {SLOPE} * z)",
    ),
}

LOSSES = {
    "mse": "jnp.mean((a - y) ** 2)",
    "mse_half": "jnp.mean((a - y) ** 2) / 2",
    "mse_sum": "jnp.sum((a - y) ** 2)",
    "bce": "-jnp.mean(y * jnp.log(a) + (1 - y) * jnp.log(1 - a))",
    "bce_logits": "jnp.mean(jax.nn.softplus(a) - y * a)",
    "bce_logits_sum": "jnp.sum(jax.nn.softplus(a) - y * a)",
    "cross_entropy_logits": "-jnp.sum(y * jax.nn.log_softmax(a)) / len(y)",
}


def refusal(plan: Plan) -> str:
    """Why the dialect cannot express the plan; empty where it can."""
    return refusal_of_loss(plan, LOSSES)


def pieces(plan: Plan) -> list[Piece]:
    """The pieces of the script."""
    counts = update_lines.counts_steps(plan)
    found = [
        piece("", _begin(plan)),
        piece("The rows to learn from", chain(data(plan), images(plan))),
        piece("The weights to start from", random_draws.weights(plan)),
    ]
    if not plan.is_full_batch:
        found.append(piece("The rows of each step", random_draws.batches(plan)))
    if plan.has_dropout:
        found.append(piece("The units that are silent", random_draws.masks(plan)))
    state = _state(plan)
    found += [
        piece("The network", _network(plan)),
        piece("One step: forward, backward, update", _train(plan, counts)),
        piece(
            "The training",
            loop.loop(plan, counts_steps=counts, state=state, value="float({})"),
        ),
    ]
    return found


def _state(plan: Plan) -> str:
    return ", ".join(["parameters", *(name for _, name in update_lines.SLOTS[plan.optimizer])])


def _begin(plan: Plan) -> Lines:
    imports = ["import jax", "import jax.numpy as jnp", "import numpy as np"]
    yield from import_lines(imports + data_imports(plan) + random_draws.imports(plan))
    yield ""
    if plan.dtype == "float64" or plan.optimizer == "adam":
        why = "" if plan.dtype == "float64" else "  # for the powers of 0.999 in Adam"
        yield f'jax.config.update("jax_enable_x64", True){why}'
    device = plan.experiment.device
    if device != "cpu":
        number = int(device.partition(":")[2] or 0)
        yield f'jax.config.update("jax_default_device", jax.devices("gpu")[{number}])'
        if plan.dtype == "float32":
            yield "# Otherwise a GPU may round the factors of a product to ten bits."
            yield 'jax.config.update("jax_default_matmul_precision", "highest")'


def _network(plan: Plan) -> Lines:
    arrays = "weights + biases" if plan.bias else "weights"
    yield f"parameters = [jnp.array(array) for array in {arrays}]"
    yield from update_lines.slots(plan, "jnp.zeros_like(w)", "jnp.full_like(w, {})")
    yield ""
    yield from used(plan, DEFINITIONS)
    if plan.front:
        yield from ON_MAPS
    yield f"def network(parameters, x{mask_argument(plan)}):"
    yield '    """What the network answers for the rows of x."""'
    yield f"    {names(plan)} = parameters"
    yield from indented(forward(plan, ACTIVATIONS, named(plan, "convolution(x, {})"), MAPS))
    yield ""
    yield f"def objective(parameters, x, y{mask_argument(plan)}):"
    yield (
        '    """What is made small, and the loss in it."""'
        if plan.has_penalty
        else '    """The loss of the answers."""'
    )
    yield f"    a = network(parameters, x{mask_argument(plan)})"
    if plan.loss == "bce":
        yield f"    a = jnp.clip(a, {PROBABILITY_MARGIN!r}, 1 - {PROBABILITY_MARGIN!r})"
    if not plan.has_penalty:
        yield f"    return {LOSSES[plan.loss]}"
        return
    yield f"    loss = {LOSSES[plan.loss]}"
    sums = "jnp.abs(w).sum()", "jnp.square(w).sum()"
    yield from indented(penalty(plan, *sums, f"parameters[:{plan.depth}]"))
    yield "    return loss + penalty, loss"


def _train(plan: Plan, counts_steps: bool) -> Lines:
    state = _state(plan)
    yield "@jax.jit"
    yield f"def train({state}, x, y{loop.arguments(plan, counts_steps)}):"
    yield '    """Return what one step makes of the parameters, and the loss before it."""'
    found, more = "loss", ""
    if plan.has_penalty:
        found, more = "(_, loss)", ", has_aux=True"
    arguments = f"parameters, x, y{mask_argument(plan)}"
    yield f"    differentiated = jax.value_and_grad(objective{more})"
    yield f"    {found}, gradients = differentiated({arguments})"
    yield from indented(_update(plan))
    yield f"    return {state}, loss"


def _update(plan: Plan) -> Lines:
    e = plan.experiment
    rate, momentum = literal(e.learning_rate), literal(e.momentum)
    c = {name: literal(value) for name, value in plan.constants.items()}
    match plan.optimizer:
        case "sgd":
            yield from _mapped("parameters", f"w - {rate} * g", "w", "g")
        case "momentum":
            yield from _mapped("velocities", f"{momentum} * v + g", "v", "g")
            yield from _mapped("parameters", f"w - {rate} * v", "w", "v")
        case "nesterov":
            yield from _mapped("velocities", f"{momentum} * v + g", "v", "g")
            moved = f"w - {rate} * (g + {momentum} * v)"
            yield from _mapped("parameters", moved, "w", "g", "v")
        case "adagrad" | "rmsprop":
            sums = f"{c.get('rho')} * s + (1 - {c.get('rho')}) * g**2"
            sums = sums if plan.optimizer == "rmsprop" else "s + g**2"
            yield from _mapped("squares", sums, "s", "g")
            moved = f"w - {rate} * g / (jnp.sqrt(s) + {c['epsilon']})"
            yield from _mapped("parameters", moved, "w", "g", "s")
        case "adam":
            one, two = c["beta_1"], c["beta_2"]
            yield from _mapped("means", f"{one} * m + (1 - {one}) * g", "m", "g")
            yield from _mapped("squares", f"{two} * s + (1 - {two}) * g**2", "s", "g")
            yield f"m_scale, s_scale = 1 - {one}**step, 1 - {two}**step"
            root = f"(jnp.sqrt(s / s_scale) + {c['epsilon']})"
            yield from _mapped("parameters", f"w - {rate} * m / m_scale / {root}", "w", "m", "s")


LISTS = {
    "w": "parameters",
    "g": "gradients",
    "v": "velocities",
    "s": "squares",
    "m": "means",
}


def _mapped(target: str, formula: str, *arguments: str) -> Lines:
    """A formula for each parameter; its arguments are letters of `LISTS`."""
    lists = [LISTS[letter] for letter in arguments]
    function = f"lambda {', '.join(arguments)}: {formula}"
    yield from listed(f"{target} = jax.tree.map(", [function, *lists], ")")
