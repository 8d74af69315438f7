"""Why a dialect cannot write a loss."""

from __future__ import annotations

from collections.abc import Container

from nn_core import vocabulary
from nn_core.exchange.programs.plan import Plan

PERCEPTRON = (
    "The perceptron rule follows no gradient, so there is nothing for autograd to find: it is "
    "written by hand, in NumPy."
)


def refusal_of_loss(plan: Plan, losses: Container[str]) -> str:
    """Why a dialect with these losses cannot write that of the plan; empty where it can.

    Parameters
    ----------
    plan : Plan
    losses : container of str
        Names of the losses that the dialect has a formula for.
    """
    if plan.loss in losses:
        return ""
    record = vocabulary.LOSSES[plan.loss]
    if not record.has_gradient:
        return PERCEPTRON
    return f"This program has no formula for the loss “{record.label}”. Choose another loss."
