"""PyTorch 4, module: a module class with an optimizer."""

from __future__ import annotations

from collections.abc import Iterator

from nn_core.exchange.programs import torch_pieces
from nn_core.exchange.programs.forward_lines import (
    forward,
    layers_of,
    mask_argument,
    names_of_layers,
)
from nn_core.exchange.programs.plan import Plan
from nn_core.exchange.programs.source import Piece, indented

BACKEND = "torch"
refusal = torch_pieces.refusal


def pieces(plan: Plan) -> list[Piece]:
    """The pieces of the script."""
    train = torch_pieces.train_by_optimizer(plan, "weights")
    return torch_pieces.script(plan, _network(plan), train, counts_steps=False, has_layers=True)


def _network(plan: Plan) -> Iterator[str]:
    yield "class Network(nn.Module):"
    yield f'    """{layers_of(plan)}"""'
    yield ""
    yield "    def __init__(self):"
    yield "        super().__init__()"
    names = names_of_layers(plan)
    for name, layer in zip(names, torch_pieces.layers(plan), strict=True):
        yield f"        self.{name} = {layer}"
    yield ""
    yield f"    def forward(self, x{mask_argument(plan)}):"
    yield '        """What the network answers for the rows of x."""'
    lines = forward(
        plan,
        torch_pieces.ACTIVATIONS,
        lambda i: f"self.{names[i]}(x)",
        torch_pieces.MAPS,
    )
    yield from indented(lines, 2)
    yield ""
    yield "network = Network()"
    yield from torch_pieces.fill(plan, "network.children()")
    if plan.has_penalty:
        yield "weights = [layer.weight for layer in network.children()]"
    yield from torch_pieces.optimizer(plan, "network.parameters()")
