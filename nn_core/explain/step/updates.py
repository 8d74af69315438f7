"""Optimizer updates, written out for single weights.

The classes of `nn_core.networks.optimizers` compute the results.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from nn_core.events import Array, Params
from nn_core.experiment import Experiment
from nn_core.explain.step.notation import factor, number, primed
from nn_core.explain.step.optimizer_memory import OptimizerMemory
from nn_core.networks.optimizers import CONSTANTS, OPTIMIZERS

_SLOT_NAMES = {
    "momentum": "v",
    "nesterov": "v",
    "adagrad": "s",
    "rmsprop": "s",
    "adam": "mv",
}


class UpdateStep(NamedTuple):
    """Parameters and optimizer state before and after one step.

    Attributes
    ----------
    before, gradients, after : list of (weight, bias)
        Parameters before the step, their gradients, and parameters after the step.
    slots_before, slots_after : list of list of (weight, bias)
        Slots of the optimizer before and after the step.
    steps : int
        Number of steps taken, this one included.
    """

    before: Params
    gradients: Params
    after: Params
    slots_before: list[Params]
    slots_after: list[Params]
    steps: int


def take_step(
    experiment: Experiment,
    params: Params,
    gradients: Params,
    memory: OptimizerMemory,
    learning_rate: float,
    form: str,
) -> UpdateStep:
    """Take one optimizer step in float64.

    Parameters
    ----------
    experiment : Experiment
        Defines optimizer and momentum.
    params, gradients : list of (weight, bias)
        In float64.
    memory : Memory
        State of the optimizer.
    learning_rate : float
        Learning rate.
    form : {'after_root', 'hat'}
        Where ε is added.
    """
    w, g = _flat(params), _flat(gradients)
    optimizer = OPTIMIZERS[experiment.optimizer](w, learning_rate, experiment.momentum, form)
    optimizer.set_quantities([_flat(slot) for slot in memory.slots])
    optimizer.steps = memory.steps
    optimizer.step(g)
    after = [_shaped(params, slot) for slot in optimizer.quantities()]
    steps = memory.steps + 1
    return UpdateStep(params, gradients, _shaped(params, w), memory.slots, after, steps)


def formula(optimizer: str, form: str) -> str:
    """The update rule in LaTeX, with ε in the place that `form` defines."""
    if optimizer == "sgd":
        return r"w' = w - \eta\, g"
    if optimizer == "momentum":
        return r"v' = \mu v + g, \quad w' = w - \eta\, v'"
    if optimizer == "nesterov":
        return r"v' = \mu v + g, \quad w' = w - \eta\,(g + \mu v')"
    if optimizer == "adam":
        rule = r"m' = \beta_1 m + (1-\beta_1)\, g, \quad v' = \beta_2 v + (1-\beta_2)\, g^2, \quad "
        if form == "after_root":
            return rule + (
                r"w' = w - \eta\, \frac{m' / (1-\beta_1^t)}{\sqrt{v' / (1-\beta_2^t)} + \epsilon}"
            )
        return rule + (
            r"w' = w - \eta\, \frac{\sqrt{1-\beta_2^t}}{1-\beta_1^t} "
            r"\cdot \frac{m'}{\sqrt{v'} + \epsilon}"
        )
    slot = r"s' = s + g^2" if optimizer == "adagrad" else r"s' = \rho s + (1-\rho)\, g^2"
    root = r"\sqrt{s'} + \epsilon" if form == "after_root" else r"\sqrt{s' + \epsilon}"
    return rf"{slot}, \quad w' = w - \frac{{\eta\, g}}{{{root}}}"


def weight_update_lines(
    experiment: Experiment,
    step: UpdateStep,
    layer: int,
    place: tuple[int, ...],
    symbol: str,
    learning_rate: float,
    form: str,
) -> list[tuple[str, str, float]]:
    """The update of one weight: symbol, formula with values, result; the new weight last.

    Parameters
    ----------
    experiment : Experiment
        Defines optimizer and momentum.
    step : Moved
        From `take_step`.
    layer, place
        Layer, from 0, and index in its array: two numbers for a weight, one for a bias.
    symbol : str
        Name of the parameter, in LaTeX.
    learning_rate, form
        See `take_step`.
    """
    name, constants = experiment.optimizer, CONSTANTS[experiment.optimizer]
    part = 0 if len(place) == 2 else 1

    def at(params: Params) -> float:
        array = params[layer][part]
        assert array is not None
        return float(array[place])

    w, g, new = at(step.before), at(step.gradients), at(step.after)
    before = [at(slot) for slot in step.slots_before]
    after = [at(slot) for slot in step.slots_after]
    names = [f"{letter}'[{symbol}]" for letter in _SLOT_NAMES.get(name, "")]
    eta, mu = factor(learning_rate), factor(experiment.momentum)
    target = primed(symbol)
    if name == "sgd":
        return [(target, rf"{factor(w)} - {eta} \cdot {factor(g)}", new)]
    if name in ("momentum", "nesterov"):
        v = rf"{mu} \cdot {factor(before[0])} + {factor(g)}"
        move = factor(after[0])
        if name == "nesterov":
            move = rf"({factor(g)} + {mu} \cdot {move})"
        return [(names[0], v, after[0]), (target, rf"{factor(w)} - {eta} \cdot {move}", new)]
    epsilon = factor(constants["epsilon"])
    if name == "adam":
        return _adam(step, w, g, before, after, names, target, eta, epsilon, new, form)
    if name == "adagrad":
        s = rf"{factor(before[0])} + {factor(g)}^2"
    else:
        rho = constants["rho"]
        s = rf"{rho:g} \cdot {factor(before[0])} + (1 - {rho:g}) \cdot {factor(g)}^2"
    under = factor(after[0])
    root = (
        rf"\sqrt{{{under}}} + {epsilon}"
        if form == "after_root"
        else (rf"\sqrt{{{under} + {epsilon}}}")
    )
    return [
        (names[0], s, after[0]),
        (target, rf"{factor(w)} - \frac{{{eta} \cdot {factor(g)}}}{{{root}}}", new),
    ]


def _adam(
    step: UpdateStep, w: float, g: float, before: list[float], after: list[float], names: list[str],
    target: str, eta: str, epsilon: str, new: float, form: str,
) -> list[tuple[str, str, float]]:  # fmt: skip
    constants, t = CONSTANTS["adam"], step.steps
    one, two = constants["beta_1"], constants["beta_2"]
    m = rf"{one:g} \cdot {factor(before[0])} + (1 - {one:g}) \cdot {factor(g)}"
    v = rf"{two:g} \cdot {factor(before[1])} + (1 - {two:g}) \cdot {factor(g)}^2"
    first, second = rf"(1 - {one:g}^{{{t}}})", rf"(1 - {two:g}^{{{t}}})"
    if form == "after_root":
        fraction = (
            rf"\frac{{{factor(after[0])} / {first}}}"
            rf"{{\sqrt{{{factor(after[1])} / {second}}} + {epsilon}}}"
        )
    else:
        fraction = (
            rf"\frac{{\sqrt{{{second}}}}}{{{first}}} \cdot "
            rf"\frac{{{factor(after[0])}}}{{\sqrt{{{factor(after[1])}}} + {epsilon}}}"
        )
    return [
        (names[0], m, after[0]),
        (names[1], v, after[1]),
        (target, rf"{number(w)} - {eta} \cdot {fraction}", new),
    ]


def _flat(params: Params) -> Array:
    return np.concatenate(
        [np.asarray(a, float).ravel() for pair in params for a in pair if a is not None]
    )


def _shaped(params: Params, flat: Array) -> Params:
    shaped: Params = []
    start = 0
    for weight, bias in params:
        end = start + weight.size
        stop = end + (0 if bias is None else bias.size)
        shaped.append(
            (flat[start:end].reshape(weight.shape), None if bias is None else flat[end:stop])
        )
        start = stop
    return shaped
