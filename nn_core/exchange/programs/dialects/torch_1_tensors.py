"""PyTorch 1, tensors: raw tensors with autograd."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from nn_core.exchange.programs import torch_pieces, update_lines
from nn_core.exchange.programs.forward_lines import products
from nn_core.exchange.programs.plan import Plan
from nn_core.exchange.programs.source import Piece

BACKEND = "torch"
refusal = torch_pieces.refusal


def pieces(plan: Plan) -> list[Piece]:
    """The pieces of the script."""
    return torch_pieces.script(
        plan,
        _network(plan),
        torch_pieces.train_by_hand(plan, "weights"),
        counts_steps=update_lines.counts_steps(plan),
        has_layers=False,
    )


def _network(plan: Plan) -> Iterator[str]:
    yield "weights = [torch.tensor(weight, requires_grad=True) for weight in weights]"
    if plan.bias:
        yield "biases = [torch.tensor(bias, requires_grad=True) for bias in biases]"
    yield f"parameters = {'weights + biases' if plan.bias else 'weights'}"
    yield from update_lines.slots(plan, "torch.zeros_like(w)", "torch.full_like(w, {})")
    yield ""
    yield from torch_pieces.function(plan, _sums(plan))


def _sums(plan: Plan) -> Callable[[int], str]:
    dense = products(plan)

    def layer(i: int) -> str:
        if i >= len(plan.front):
            return dense(i)
        kernel = f"weights[{i}].permute(3, 2, 0, 1)"
        arguments = ["x", kernel, *([f"biases[{i}]"] if plan.bias else []), 'padding="same"']
        return f"functional.conv2d({', '.join(arguments)})"

    return layer
