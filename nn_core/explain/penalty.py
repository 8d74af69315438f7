"""What L1 and L2 add to the gradient of a weight: the slope of ``λ₁ Σ|w| + λ₂/2 Σ w²``."""

from __future__ import annotations

import numpy as np

from nn_core.events import Params
from nn_core.experiment import Experiment
from nn_core.explain.notation import factor


def _strengths(experiment: Experiment) -> tuple[float, float]:
    return float(getattr(experiment, "l1", 0.0)), float(getattr(experiment, "l2", 0.0))


def added(experiment: Experiment, params: Params, gradients: Params) -> Params:
    """The gradients with the penalty's slope; biases are left alone."""
    l1, l2 = _strengths(experiment)
    return [
        (slope + l1 * np.sign(weight) + l2 * weight, bias)
        for (slope, bias), (weight, _) in zip(gradients, params, strict=True)
    ]


def term(
    experiment: Experiment, weight: float, gradient: float, *, is_bias: bool
) -> tuple[list[str], float]:
    """What is added to the gradient of one weight, written out, and the sum."""
    l1, l2 = (0.0, 0.0) if is_bias else _strengths(experiment)
    terms = []
    if l1:
        terms.append(rf"{factor(l1)} \cdot {factor(float(np.sign(weight)))}")
    if l2:
        terms.append(rf"{factor(l2)} \cdot {factor(weight)}")
    return terms, gradient + l1 * float(np.sign(weight)) + l2 * weight


def formula(experiment: Experiment, symbol: str) -> str:
    """What is added, in general; empty where there is no penalty."""
    l1, l2 = _strengths(experiment)
    return (rf" + \lambda_1 \operatorname{{sign}} {symbol}" if l1 else "") + (
        rf" + \lambda_2\, {symbol}" if l2 else ""
    )
