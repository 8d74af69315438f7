"""The forward pass and the objective, layer by layer, for any framework."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from nn_core.exchange.programs.plan import Plan
from nn_core.exchange.programs.source import literal
from nn_core.vocabulary import LEAKY_SLOPE

Lines = Iterator[str]

SLOPE = literal(LEAKY_SLOPE)


class Maps(NamedTuple):
    """A framework's expressions for the maps `x` of a convolution.

    Attributes
    ----------
    pool : str
        Max pooling over 2 × 2 numbers.
    flat : str
        The maps of each row flattened, with the map varying fastest; ``{}`` stands for the length.
    """

    pool: str
    flat: str


NO_MAPS = Maps("", "")


def forward(
    plan: Plan,
    activations: Mapping[str, str],
    layer: Callable[[int], str],
    maps: Maps = NO_MAPS,
) -> Lines:
    """The body of a function from `x` to the output of the last layer.

    Parameters
    ----------
    plan : Plan
    activations : mapping of str to str
        The expression of each activation; ``{}`` stands for the weighted sums.
    layer : callable
        From the number of a layer, from 0, to its weighted sums of `x`.
    maps : Maps
        For the convolutions in front, if there are any.
    """
    for i, block in enumerate(plan.front):
        yield f"x = {activations[block.activation].format(layer(i))}"
        yield f"x = {maps.pool}"
    if plan.front:
        yield f"x = {maps.flat.format(plan.sizes[0])}"
    for i, name in enumerate(plan.hidden):
        yield f"x = {activations[name].format(layer(len(plan.front) + i))}"
        if plan.has_dropout:
            yield f"x = x * masks[{i}]"
    yield f"return {activations[plan.output].format(layer(plan.depth - 1))}"


def products(plan: Plan, convolution: str = "") -> Callable[[int], str]:
    """Weighted sums from the lists `weights` and `biases`: the argument `layer` of `forward`.

    Parameters
    ----------
    plan : Plan
    convolution : str
        The convolution of the maps `x`; ``{}`` stands for the kernel.
    """
    return _sums(plan, convolution, "weights[{}]", "biases[{}]", first=0)


def named(plan: Plan, convolution: str = "") -> Callable[[int], str]:
    """The same with the names `w1` and `b1` of the first layer's arrays, and so on."""
    return _sums(plan, convolution, "w{}", "b{}", first=1)


def _sums(plan: Plan, convolution: str, weight: str, bias: str, first: int) -> Callable[[int], str]:
    def layer(i: int) -> str:
        product = convolution if i < len(plan.front) else "x @ {}"
        added = f" + {bias.format(i + first)}" if plan.bias else ""
        return product.format(weight.format(i + first)) + added

    return layer


def names(plan: Plan) -> str:
    """The names of all arrays in the order of `parameters`: weights first."""
    kinds = ["w", "b"] if plan.bias else ["w"]
    found = [f"{kind}{i + 1}" for kind in kinds for i in range(plan.depth)]
    return ", ".join(found) if len(found) > 1 else f"({found[0]},)"


def layers_of(plan: Plan) -> str:
    """The docstring of a class of such networks."""
    units = f"ayers of {' - '.join(map(str, plan.sizes))} units."
    return f"Convolutions, then l{units}" if plan.front else f"L{units}"


def names_of_layers(plan: Plan) -> list[str]:
    """The attribute names of the layers with weights."""
    convolutions = [f"conv{i + 1}" for i in range(len(plan.front))]
    return convolutions + [f"layer{i + 1}" for i in range(len(plan.pairs))]


def mask_argument(plan: Plan) -> str:
    """The further arguments of a function of `x`: the masks, with dropout."""
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
    # Not `+=`: MXNet does not record changes in place.
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
