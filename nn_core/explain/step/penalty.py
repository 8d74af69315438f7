"""What L1 and L2 add to the gradient of a weight: the slope of ``λ₁ Σ|w| + λ₂/2 Σ w²``."""

from __future__ import annotations

import numpy as np

from nn_core.events import Params
from nn_core.experiment import Experiment
from nn_core.explain.step.notation import factor


def added(experiment: Experiment, params: Params, gradients: Params) -> Params:
    """The gradients with the penalty's slope; biases are left alone."""
    return [
        (slope + experiment.l1 * np.sign(weight) + experiment.l2 * weight, bias)
        for (slope, bias), (weight, _) in zip(gradients, params, strict=True)
    ]


def term(
    experiment: Experiment, weight: float, gradient: float, *, is_bias: bool
) -> tuple[list[str], float]:
    """What is added to the gradient of one weight, written out, and the sum."""
    l1, l2 = (0.0, 0.0) if is_bias else (experiment.l1, experiment.l2)
    terms = []
    if l1:
        terms.append(rf"{factor(l1)} \cdot {factor(float(np.sign(weight)))}")
    if l2:
        terms.append(rf"{factor(l2)} \cdot {factor(weight)}")
    return terms, gradient + l1 * float(np.sign(weight)) + l2 * weight


def formula(experiment: Experiment, symbol: str) -> str:
    """What is added, in general; empty where there is no penalty."""
    return (rf" + \lambda_1 \operatorname{{sign}} {symbol}" if experiment.l1 else "") + (
        rf" + \lambda_2\, {symbol}" if experiment.l2 else ""
    )
