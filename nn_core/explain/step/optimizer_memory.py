"""What an optimizer remembers, read from the states that the backends keep.

Each backend keeps its state as its framework does (`Model.get_state`). An explanation needs it in
one form: for each slot, an array for each weight and bias.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from nn_core.events import Array, Params
from nn_core.experiment import Experiment
from nn_core.networks.optimizers import CONSTANTS, OPTIMIZERS


class Memory(NamedTuple):
    """What an optimizer knows before a step.

    Attributes
    ----------
    slots : list of list of (weight, bias)
        Momentum: ``v``. Adagrad and RMSprop: ``s``. Adam: ``m`` and ``v``.
    steps : int
        Steps it has taken; counted for Adam only.
    """

    slots: list[Params]
    steps: int


def fresh(experiment: Experiment, params: Params) -> Memory:
    """The memory of an optimizer that has not begun."""
    constants = CONSTANTS[experiment.optimizer]
    start = constants.get("initial_accumulator", 0.0)
    count = OPTIMIZERS[experiment.optimizer].n_slots
    return Memory([_like(params, [start] * _parts(params)) for _ in range(count)], 0)


def read(experiment: Experiment, params: Params, state: Mapping[str, Array]) -> Memory | None:
    """The memory in a backend's state; None where its form is not known.

    Parameters
    ----------
    experiment : Experiment
        Optimizer and backend.
    params : list of (weight, bias)
        For the shapes.
    state : mapping of str to ndarray
        From `Model.get_state`; empty for an optimizer that has not begun.
    """
    if not state:
        return fresh(experiment, params)
    count = OPTIMIZERS[experiment.optimizer].n_slots
    parts = _parts(params)
    try:
        if "0" in state:  # JAX: the leaves of (params, slots, steps)
            leaves = [state[f"{i}"] for i in range(len(state))]
            slots = [leaves[parts * (i + 1) : parts * (i + 2)] for i in range(count)]
            return Memory([_like(params, slot) for slot in slots], int(leaves[-1]))
        if "variable0" in state:  # Keras: weights, steps, learning rate, slots weight by weight
            return _read_keras(
                experiment, params, [state[f"variable{i}"] for i in range(len(state))]
            )
        if count and "slot0" not in state:  # TensorFlow: an array for each weight
            slots = [[state[f"slot{i}_{j}"] for j in range(parts)] for i in range(count)]
        else:  # one flat vector
            # The optimizers of `nn_core.networks.optimizers` say what to multiply their slots with.
            scales = state.get("scales", np.ones(count))
            slots = [_cut(params, scales[i] * state[f"slot{i}"]) for i in range(count)]
        return Memory([_like(params, slot) for slot in slots], int(state["steps"]))
    except (KeyError, IndexError, ValueError):
        return None


def _read_keras(experiment: Experiment, params: Params, variables: list[Array]) -> Memory:
    parts, count = _parts(params), OPTIMIZERS[experiment.optimizer].n_slots
    steps, learning_rate = int(variables[parts]), float(variables[parts + 1])
    rest = variables[parts + 2 :]
    slots = [rest[i : parts * count : count] for i in range(count)]
    if experiment.optimizer in ("momentum", "nesterov"):
        # Keras keeps −η v, in the place of v.
        slots = [[-np.asarray(array, float) / learning_rate for array in slot] for slot in slots]
    return Memory([_like(params, slot) for slot in slots], steps)


def _parts(params: Params) -> int:
    """How many arrays there are."""
    return sum(1 + (bias is not None) for _, bias in params)


def _cut(params: Params, flat: Array) -> list[Array]:
    """The parts of a flat vector: weight, bias, weight, bias."""
    sizes = [array.size for pair in params for array in pair if array is not None]
    return np.split(np.asarray(flat), np.cumsum(sizes)[:-1])


def _like(params: Params, parts: list) -> Params:
    """Arrays or numbers in the shapes of the weights and biases, in float64."""
    rest = iter(parts)

    def take(array: Array) -> Array:
        part = np.asarray(next(rest), float)
        return np.full(array.shape, part) if part.size == 1 else part.reshape(array.shape)

    return [(take(weight), None if bias is None else take(bias)) for weight, bias in params]
