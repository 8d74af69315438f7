"""Pieces that the dialects of PyTorch share."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from nn_core.exchange.programs import data, loop, random_draws, update_lines
from nn_core.exchange.programs.forward_lines import SLOPE, Maps, forward, mask_argument, penalty
from nn_core.exchange.programs.loss_lines import refusal_of_loss
from nn_core.exchange.programs.plan import Plan
from nn_core.exchange.programs.source import Piece, import_lines, indented, listed, literal, piece
from nn_core.vocabulary import PROBABILITY_MARGIN

Lines = Iterator[str]

ACTIVATIONS = {
    "identity": "{}",
    "sigmoid": "torch.sigmoid({})",
    "tanh": "torch.tanh({})",
    "relu": "torch.relu({})",
    "leaky_relu": f"functional.leaky_relu({{}}, {SLOPE})",
    "softmax": "torch.softmax({}, dim=1)",
}

CLAMPED = f"{{}}.clamp({PROBABILITY_MARGIN!r}, 1 - {PROBABILITY_MARGIN!r})"

LOSSES = {
    "mse": "functional.mse_loss({}, y)",
    "mse_half": "functional.mse_loss({}, y) / 2",
    "mse_sum": 'functional.mse_loss({}, y, reduction="sum")',
    "bce": f"functional.binary_cross_entropy({CLAMPED}, y)",
    "bce_logits": "functional.binary_cross_entropy_with_logits({}, y)",
    "bce_logits_sum": 'functional.binary_cross_entropy_with_logits({}, y, reduction="sum")',
    "cross_entropy_logits": "functional.cross_entropy({}, y)",
}

FLAT = "x.permute(0, 2, 3, 1).flatten(1)  # maps last: the weights behind count them so"
MAPS = Maps("functional.max_pool2d(x, 2)", FLAT)


def refusal(plan: Plan) -> str:
    """Why PyTorch cannot express the plan; empty where it can."""
    return refusal_of_loss(plan, LOSSES)


def script(
    plan: Plan, network: Lines, train: Lines, *, counts_steps: bool, has_layers: bool
) -> list[Piece]:
    """A script around a network and the step that trains it."""
    imports = ["import numpy as np", "import torch", "from torch.nn import functional"]
    imports += ["from torch import nn"] if has_layers else []
    imports += data.imports(plan) + random_draws.imports(plan)
    found = [
        piece("", _begin(plan, import_lines(imports), has_layers)),
        piece("The rows to learn from", _data(plan)),
        piece("The weights to start from", random_draws.weights(plan)),
    ]
    if not plan.is_full_batch:
        found.append(piece("The rows of each step", random_draws.batches(plan)))
    if plan.has_dropout:
        found.append(
            piece("The units that are silent", random_draws.masks(plan, "torch.tensor({})"))
        )
    found += [
        piece("The network", network),
        piece("One step: forward, backward, update", train),
        piece("The training", loop.loop(plan, counts_steps=counts_steps)),
    ]
    return found


def _begin(plan: Plan, imports: Lines, has_layers: bool) -> Lines:
    yield from imports
    yield ""
    if plan.experiment.device != "cpu":
        yield f"torch.set_default_device({literal(plan.experiment.device)})"
        if plan.front and plan.dtype == "float32":
            why = "NVIDIA's cards would round factors to ten bits"
            yield f"torch.backends.cudnn.allow_tf32 = False  # {why}"
    if plan.dtype == "float64" and has_layers:
        yield "torch.set_default_dtype(torch.float64)"


def _data(plan: Plan) -> Lines:
    yield from data.data(plan)
    images = f".reshape(-1, 1, {plan.side}, {plan.side})" if plan.front else ""
    yield f"x, y = torch.tensor(x){images}, torch.tensor(y)"


def layers(plan: Plan) -> list[str]:
    """The layers, one constructor each."""
    bias = "" if plan.bias else ", bias=False"
    found = []
    for block in plan.front:
        kernel, _, maps_in, maps_out = block.weight_shape
        found.append(f'nn.Conv2d({maps_in}, {maps_out}, {kernel}, padding="same"{bias})')
    return found + [f"nn.Linear({n_in}, {n_out}{bias})" for n_in, n_out in plan.pairs]


def fill(plan: Plan, source: str) -> Lines:
    """Write the initial weights into the layers; PyTorch's shape is (n_out, n_in)."""
    names, lists = ("layer, weight", f"{source}, weights")
    if plan.bias:
        names, lists = f"{names}, bias", f"{lists}, biases"
    yield "with torch.no_grad():"
    yield f"    for {names} in zip({lists}, strict=True):"
    turned = "np.moveaxis(weight, (-1, -2), (0, 1))" if plan.front else "weight.T"
    yield f"        layer.weight.copy_(torch.tensor({turned}))"
    if plan.bias:
        yield "        layer.bias.copy_(torch.tensor(bias))"


def function(plan: Plan, layer: Callable[[int], str]) -> Lines:
    """The network as a function."""
    yield f"def network(x{mask_argument(plan)}):"
    yield '    """What the network answers for the rows of x."""'
    yield from indented(forward(plan, ACTIVATIONS, layer, MAPS))


def loss_lines(plan: Plan, weights: str) -> Iterator[str]:
    """The loss, and with penalties the objective."""
    answer = f"network(x{mask_argument(plan)})"
    yield f"loss = {LOSSES[plan.loss].format(answer)}"
    if plan.has_penalty:
        yield from penalty(plan, "w.abs().sum()", "w.square().sum()", weights)


def objective(plan: Plan) -> str:
    """The objective that is differentiated."""
    return "(loss + penalty)" if plan.has_penalty else "loss"


def train_by_hand(plan: Plan, weights: str) -> Lines:
    """A step with a hand-written update."""
    wanted = objective(plan).strip("()")
    yield f"def train(x, y{loop.arguments(plan, update_lines.counts_steps(plan))}):"
    yield '    """Take one step, and return the loss before it."""'
    yield from indented(loss_lines(plan, weights))
    yield f"    gradients = torch.autograd.grad({wanted}, parameters)"
    yield "    with torch.no_grad():"
    yield from indented(update_lines.update(plan, "torch.sqrt"), 2)
    yield "    return loss.item()"


def train_by_optimizer(plan: Plan, weights: str) -> Lines:
    """A step of an optimizer of PyTorch."""
    yield f"def train(x, y{loop.arguments(plan, False)}):"
    yield '    """Take one step, and return the loss before it."""'
    yield from indented(loss_lines(plan, weights))
    yield "    optimizer.zero_grad()"
    yield f"    {objective(plan)}.backward()"
    yield "    optimizer.step()"
    yield "    return loss.item()"


def optimizer(plan: Plan, parameters: str) -> Lines:
    """PyTorch's optimizer, with all constants explicit."""
    e = plan.experiment
    c = {name: literal(value) for name, value in plan.constants.items()}
    name = "SGD"
    more: list[str] = []
    match plan.optimizer:
        case "momentum":
            more = [f"momentum={literal(e.momentum)}"]
        case "nesterov":
            more = [f"momentum={literal(e.momentum)}", "nesterov=True"]
        case "adagrad":
            name = "Adagrad"
            first = f"initial_accumulator_value={c['initial_accumulator']}"
            more = [first, f"eps={c['epsilon']}"]
        case "rmsprop":
            name, more = "RMSprop", [f"alpha={c['rho']}", f"eps={c['epsilon']}"]
        case "adam":
            betas = f"({c['beta_1']}, {c['beta_2']})"
            name, more = "Adam", [f"betas={betas}", f"eps={c['epsilon']}"]
    arguments = [parameters, f"lr={literal(e.learning_rate)}", *more]
    yield from listed(f"optimizer = torch.optim.{name}(", arguments, ")")
