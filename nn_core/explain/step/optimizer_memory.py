"""Optimizer state in a common form, read from the state of any backend.

Each backend stores its state in the layout of its framework (`Model.get_state`). Explanations need
one layout: for each slot, an array for each weight and bias.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from nn_core.events import Array, Params
from nn_core.experiment import Experiment
from nn_core.networks.optimizers import CONSTANTS, OPTIMIZERS


class OptimizerMemory(NamedTuple):
    """The state of an optimizer before a step.

    Attributes
    ----------
    slots : list of list of (weight, bias)
        Momentum: ``v``. Adagrad and RMSprop: ``s``. Adam: ``m`` and ``v``.
    steps : int
        Number of steps taken; counted for Adam only.
    """

    slots: list[Params]
    steps: int


def initial_memory(experiment: Experiment, params: Params) -> OptimizerMemory:
    """The state of an optimizer before its first step."""
    constants = CONSTANTS[experiment.optimizer]
    start = constants.get("initial_accumulator", 0.0)
    count = OPTIMIZERS[experiment.optimizer].n_slots
    return OptimizerMemory(
        [_reshape_like(params, [start] * _n_arrays(params)) for _ in range(count)], 0
    )


def memory_from_state(
    experiment: Experiment, params: Params, state: Mapping[str, Array]
) -> OptimizerMemory | None:
    """Extract the optimizer state from a backend's state; None for an unknown layout.

    Parameters
    ----------
    experiment : Experiment
        Defines optimizer and backend.
    params : list of (weight, bias)
        Defines the shapes.
    state : mapping of str to ndarray
        From `Model.get_state`; empty before the first step.
    """
    if not state:
        return initial_memory(experiment, params)
    count = OPTIMIZERS[experiment.optimizer].n_slots
    parts = _n_arrays(params)
    try:
        if "0" in state:  # JAX: the leaves of (params, slots, steps)
            leaves = [state[f"{i}"] for i in range(len(state))]
            slots = [leaves[parts * (i + 1) : parts * (i + 2)] for i in range(count)]
            return OptimizerMemory([_reshape_like(params, slot) for slot in slots], int(leaves[-1]))
        if "variable0" in state:  # Keras: weights, steps, learning rate, slots weight by weight
            return _read_keras(
                experiment, params, [state[f"variable{i}"] for i in range(len(state))]
            )
        if count and "slot0" not in state:  # TensorFlow: an array for each weight
            slots = [[state[f"slot{i}_{j}"] for j in range(parts)] for i in range(count)]
        else:  # one flat vector
            # The optimizers of `nn_core.networks.optimizers` store slots divided by `scales`.
            scales = state.get("scales", np.ones(count))
            slots = [_split_vector(params, scales[i] * state[f"slot{i}"]) for i in range(count)]
        return OptimizerMemory([_reshape_like(params, slot) for slot in slots], int(state["steps"]))
    except (KeyError, IndexError, ValueError):
        return None


def _read_keras(experiment: Experiment, params: Params, variables: list[Array]) -> OptimizerMemory:
    parts, count = _n_arrays(params), OPTIMIZERS[experiment.optimizer].n_slots
    steps, learning_rate = int(variables[parts]), float(variables[parts + 1])
    rest = variables[parts + 2 :]
    slots = [rest[i : parts * count : count] for i in range(count)]
    if experiment.optimizer in ("momentum", "nesterov"):
        # Keras stores −η v instead of v.
        slots = [[-np.asarray(array, float) / learning_rate for array in slot] for slot in slots]
    return OptimizerMemory([_reshape_like(params, slot) for slot in slots], steps)


def _n_arrays(params: Params) -> int:
    """Number of weight and bias arrays."""
    return sum(1 + (bias is not None) for _, bias in params)


def _split_vector(params: Params, flat: Array) -> list[Array]:
    """Split a flat vector into weight, bias, weight, bias, ..."""
    sizes = [array.size for pair in params for array in pair if array is not None]
    return np.split(np.asarray(flat), np.cumsum(sizes)[:-1])


def _reshape_like(params: Params, parts: list) -> Params:
    """Arrays or scalars in the shapes of the weights and biases, in float64."""
    rest = iter(parts)

    def take(array: Array) -> Array:
        part = np.asarray(next(rest), float)
        return np.full(array.shape, part) if part.size == 1 else part.reshape(array.shape)

    return [(take(weight), None if bias is None else take(bias)) for weight, bias in params]
