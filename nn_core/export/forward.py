"""The forward pass and the objective, layer by layer, for any framework."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from nn_core.export.plan import Plan
from nn_core.export.source import literal
from nn_core.vocabulary import LEAKY_SLOPE

Lines = Iterator[str]

SLOPE = literal(LEAKY_SLOPE)


def forward(plan: Plan, activations: Mapping[str, str], layer: Callable[[int], str]) -> Lines:
    """From `x` to what the last layer answers: the body of a function.

    Parameters
    ----------
    plan : Plan
    activations : mapping of str to str
        What each activation is called; ``{}`` stands for the weighted sums.
    layer : callable
        From the number of a layer, from 0, to its weighted sums of `x`.
    """
    for i, name in enumerate(plan.hidden):
        yield f"x = {activations[name].format(layer(i))}"
        if plan.has_dropout:
            yield f"x = x * masks[{i}]"
    yield f"return {activations[plan.output].format(layer(plan.depth - 1))}"


def products(plan: Plan, weight: str = "weights[{}]", bias: str = "biases[{}]") -> Callable:
    """Weighted sums as a product: the `layer` that `forward` wants.

    Parameters
    ----------
    plan : Plan
    weight, bias : str
        The arrays of a layer; ``{}`` stands for its number, from 0.
    """
    return lambda i: f"x @ {weight.format(i)}" + (f" + {bias.format(i)}" if plan.bias else "")


def named(plan: Plan) -> Callable:
    """Weighted sums with the names `w1` and `b1` of the first layer's arrays, and so on."""
    return lambda i: f"x @ w{i + 1}" + (f" + b{i + 1}" if plan.bias else "")


def names(plan: Plan) -> str:
    """The names of all arrays in the order of `parameters`: weights first."""
    kinds = ["w", "b"] if plan.bias else ["w"]
    found = [f"{kind}{i + 1}" for kind in kinds for i in range(plan.depth)]
    return ", ".join(found) if len(found) > 1 else f"({found[0]},)"


def mask_argument(plan: Plan) -> str:
    """What a function of `x` is given besides."""
    return ", masks" if plan.has_dropout else ""


def penalty(plan: Plan, absolute: str, square: str, weights: str) -> Lines:
    """Lines that end with `penalty`, ``l1 Σ|w| + l2/2 Σ w²`` over all weights.

    Parameters
    ----------
    plan : Plan
    absolute, square : str
        The two sums for a weight `w`.
    weights : str
        What follows ``for w in``.
    """
    e = plan.experiment
    terms = [f"{literal(e.l1)} * sum({absolute} for w in {weights})"] if e.l1 else []
    terms += [f"{literal(e.l2 / 2)} * sum({square} for w in {weights})"] if e.l2 else []
    # Not `+=`: MXNet records no change in place.
    for before, term in zip(("", "penalty + "), terms, strict=False):
        yield f"penalty = {before}{term}"


def used(
    plan: Plan, definitions: Mapping[str, tuple[str, ...]], also: tuple[str, ...] = ()
) -> Lines:
    """Definitions of the functions that activations and loss need, each once.

    Parameters
    ----------
    plan : Plan
    definitions : mapping of str to tuple of str
        Lines for the name of an activation or a loss.
    """
    for name in dict.fromkeys((*plan.activations, plan.loss)):
        yield from definitions.get(name, ())
        yield ""
