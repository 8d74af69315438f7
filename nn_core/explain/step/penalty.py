"""Gradient of the L1 and L2 penalty ``λ₁ Σ|w| + λ₂/2 Σ w²``."""

from __future__ import annotations

import numpy as np

from nn_core.events import Params
from nn_core.experiment import Experiment
from nn_core.explain.step.notation import factor


def with_penalty(experiment: Experiment, params: Params, gradients: Params) -> Params:
    """Add the gradient of the penalty to the weight gradients; biases have no penalty."""
    return [
        (slope + experiment.l1 * np.sign(weight) + experiment.l2 * weight, bias)
        for (slope, bias), (weight, _) in zip(gradients, params, strict=True)
    ]


def penalty_terms(
    experiment: Experiment, weight: float, gradient: float, *, is_bias: bool
) -> tuple[list[str], float]:
    """The penalty terms of one weight in LaTeX, and its gradient with penalty."""
    l1, l2 = (0.0, 0.0) if is_bias else (experiment.l1, experiment.l2)
    terms = []
    if l1:
        terms.append(rf"{factor(l1)} \cdot {factor(float(np.sign(weight)))}")
    if l2:
        terms.append(rf"{factor(l2)} \cdot {factor(weight)}")
    return terms, gradient + l1 * float(np.sign(weight)) + l2 * weight


def formula(experiment: Experiment, symbol: str) -> str:
    """The penalty terms as a general formula; empty without penalty."""
    return (rf" + \lambda_1 \operatorname{{sign}} {symbol}" if experiment.l1 else "") + (
        rf" + \lambda_2\, {symbol}" if experiment.l2 else ""
    )
