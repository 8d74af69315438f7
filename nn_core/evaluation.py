"""One gradient asked of one framework, as the server sees it: asked, computing, answered."""

from __future__ import annotations

import secrets
import threading
from typing import Any

import numpy as np

from nn_core import autodiff
from nn_core.autodiff import Answer, Way
from nn_core.events import FailureKind
from nn_core.expressions import Question


class Evaluation:
    """A question on its way to a worker, and the answer once it is there.

    Every attribute may be read from any thread.

    Parameters
    ----------
    way : Way
        Which framework is asked, and how it shall find the gradient.
    question : Question
        What, and where.
    owner : str
        The session that asks.
    deadline : float
        When, on the pool's clock, it is given up.

    Attributes
    ----------
    id : str
        128 random bits.
    phase : str
        What is going on until there is an answer.
    answer : Answer or None
        Value and gradient.
    error : str
        Why there is none; empty otherwise.
    """

    def __init__(self, way: Way, question: Question, owner: str, deadline: float) -> None:
        self.id = secrets.token_hex(16)
        self.way = way
        self.question = question
        self.owner = owner
        self.deadline = deadline
        self.phase = "waiting for a worker"
        self.answer: Answer | None = None
        self.error = ""
        self._over = threading.Event()

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come."""
        return self._over.is_set()

    @property
    def is_moving(self) -> bool:
        """Whether something is going on that a viewer should see."""
        return not self.is_over

    @property
    def command(self) -> dict[str, Any]:
        """What the worker is told."""
        asked: dict[str, Any] = {
            "way": self.way.function,
            "expression": self.question.expression,
            "w": list(self.question.w),
            "x": list(self.question.x),
        }
        if self.way.takes_step:
            asked["step"] = self.question.step
        return {"id": self.id, "evaluate": asked}

    def hear(self, message: dict[str, Any]) -> None:
        """Take in the worker's answer."""
        try:
            if "refused" in message:
                self.fail("framework", str(message["refused"]))
                return
            found = message["evaluated"]
            gradient = np.array(found["gradient"], dtype=np.float64)
            if gradient.shape != (len(self.question.w),):
                raise ValueError(f"a gradient of shape {gradient.shape}")
            self.answer = Answer(float(found["value"]), gradient, float(found["seconds"]))
            self._end()
        except (KeyError, TypeError, ValueError) as error:
            name = autodiff.label(self.way.framework)
            self.fail("framework", f"{name} gave an answer that cannot be read: {error}.")

    def fail(self, kind: FailureKind, message: str) -> None:
        """End it without an answer, unless it has one."""
        if not self.is_over:
            self.error = message
            self._end()

    def wait(self, timeout: float) -> bool:
        """Wait until it is over; False if it is not within `timeout` s."""
        return self._over.wait(timeout)

    def _end(self) -> None:
        self.phase = ""
        self._over.set()
