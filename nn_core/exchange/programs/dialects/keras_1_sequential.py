"""Keras Sequential: a stack of layers, trained by fit."""

from __future__ import annotations

from collections.abc import Iterator

from nn_core.exchange.programs import keras_pieces
from nn_core.exchange.programs.plan import Plan
from nn_core.exchange.programs.source import Piece

BACKEND = "keras"
DROPOUT = (
    "A stack of layers has one input, and Keras' own Dropout layer draws its silent units itself, "
    "so the losses would be others than the app's. The subclassed model takes the app's masks."
)


def refusal(plan: Plan) -> str:
    """Why the dialect cannot express the plan; empty where it can."""
    return keras_pieces.refusal(plan) or (DROPOUT if plan.has_dropout else "")


def pieces(plan: Plan) -> list[Piece]:
    """The pieces of the script."""
    return keras_pieces.script(plan, _network(plan))


def _network(plan: Plan) -> Iterator[str]:
    yield from keras_pieces.definitions(plan)
    yield "network = keras.Sequential("
    yield "    ["
    yield f"        keras.Input({_shape(plan)}),"
    for layer in _layers(plan):
        yield from keras_pieces.constructor("        ", layer, ",")
    yield "    ]"
    yield ")"
    yield from keras_pieces.set_weights(plan)


def _shape(plan: Plan) -> str:
    return f"({plan.side}, {plan.side}, 1)" if plan.front else f"({plan.sizes[0]},)"


def _layers(plan: Plan) -> Iterator[keras_pieces.Layer]:
    for convolution in keras_pieces.convolutions(plan):
        yield convolution
        yield keras_pieces.POOLING
    if plan.front:
        yield keras_pieces.FLATTEN
    yield from keras_pieces.dense(plan)
