"""Keras subclassed: a model class, trained by fit."""

from __future__ import annotations

from collections.abc import Iterator

from nn_core.exchange.programs import keras_pieces
from nn_core.exchange.programs.forward_lines import layers_of, names_of_layers
from nn_core.exchange.programs.plan import Plan
from nn_core.exchange.programs.source import Piece

BACKEND = "keras"
refusal = keras_pieces.refusal


def pieces(plan: Plan) -> list[Piece]:
    """The pieces of the script."""
    return keras_pieces.script(plan, _network(plan))


def _network(plan: Plan) -> Iterator[str]:
    if needed := list(keras_pieces.definitions(plan)):
        yield from [*needed, ""]
    yield "class Network(keras.Model):"
    yield f'    """{layers_of(plan)}"""'
    yield ""
    yield "    def __init__(self):"
    yield "        super().__init__()"
    names = names_of_layers(plan)
    made = keras_pieces.convolutions(plan)
    if plan.front:
        names[len(made) : len(made)] = ["pool", "flatten"]
        made += [keras_pieces.POOLING, keras_pieces.FLATTEN]
    made += keras_pieces.dense(plan)
    for name, layer in zip(names, made, strict=True):
        yield from keras_pieces.constructor(f"        self.{name} = ", layer)
    yield ""
    yield f"    def call(self, {'inputs' if plan.has_dropout else 'x'}):"
    yield '        """What the network answers for the rows of x."""'
    if plan.has_dropout:
        yield "        x, *masks = inputs"
    for name in names[: len(plan.front)]:
        yield f"        x = self.pool(self.{name}(x))"
    if plan.front:
        yield "        x = self.flatten(x)"
    for i in range(len(plan.hidden)):
        yield f"        x = self.layer{i + 1}(x)" + (f" * masks[{i}]" if plan.has_dropout else "")
    yield f"        return self.{names[-1]}(x)"
    yield ""
    yield "network = Network()"
    inputs = "(x[:1], *masks(1, 1))" if plan.has_dropout else "x[:1]"
    yield f"network({inputs})  # now the layers know how many inputs they have"
    yield from keras_pieces.set_weights(plan)
