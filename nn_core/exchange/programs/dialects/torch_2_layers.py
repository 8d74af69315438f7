"""PyTorch 2, layers: layers with a hand-written update."""

from __future__ import annotations

from collections.abc import Iterator

from nn_core.exchange.programs import torch_pieces, update_lines
from nn_core.exchange.programs.plan import Plan
from nn_core.exchange.programs.source import Piece, listed

BACKEND = "torch"
refusal = torch_pieces.refusal


def pieces(plan: Plan) -> list[Piece]:
    """The pieces of the script."""
    return torch_pieces.script(
        plan,
        _network(plan),
        torch_pieces.train_by_hand(plan, "weights"),
        counts_steps=update_lines.counts_steps(plan),
        has_layers=True,
    )


def _network(plan: Plan) -> Iterator[str]:
    yield from listed("layers = [", torch_pieces.layers(plan), "]")
    yield from torch_pieces.fill(plan, "layers")
    if plan.has_penalty:
        yield "weights = [layer.weight for layer in layers]"
    yield "parameters = [w for layer in layers for w in layer.parameters()]"
    yield from update_lines.slots(plan, "torch.zeros_like(w)", "torch.full_like(w, {})")
    yield ""
    yield from torch_pieces.function(plan, lambda i: f"layers[{i}](x)")
