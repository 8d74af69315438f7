"""The gradient of one expression, computed in a worker by `nn_core.autodiff`."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn_core.autodiff import GradientMethod, GradientResult
from nn_core.autodiff.expressions import Question
from nn_core.runs.workers.request import Request


class GradientRequest(Request):
    """The gradient of an expression, requested from one framework.

    Parameters
    ----------
    method : GradientMethod
        The framework, and how it finds the gradient.
    question : Question
        The expression, and the point.
    owner, deadline
        See `Request`.

    Attributes
    ----------
    answer : GradientResult or None
        Value and gradient; None before.
    """

    def __init__(
        self, method: GradientMethod, question: Question, owner: str, deadline: float
    ) -> None:
        super().__init__(owner, deadline)
        self.method = method
        self.question = question
        self.answer: GradientResult | None = None

    @property
    def worker(self) -> str:
        """The framework that finds the gradient."""
        return self.method.framework

    @property
    def topic(self) -> object:
        """The method to find the gradient."""
        return self.method

    @property
    def command(self) -> dict[str, Any]:
        """The command for the worker."""
        asked: dict[str, Any] = {
            "way": self.method.function,
            "expression": self.question.expression,
            "w": list(self.question.w),
            "x": list(self.question.x),
        }
        if self.method.takes_step:
            asked["step"] = self.question.step
        return {"id": self.id, "evaluate": asked}

    def _set_answer(self, fields: dict[str, Any]) -> None:
        gradient = np.array(fields["gradient"], dtype=np.float64)
        if gradient.shape != (len(self.question.w),):
            raise ValueError(f"a gradient of shape {gradient.shape}")
        self.answer = GradientResult(float(fields["value"]), gradient, float(fields["seconds"]))
