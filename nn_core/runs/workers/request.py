"""A request to a worker that trains nothing, as the server holds it.

There are three kinds: a gradient (`nn_core.runs.workers.gradient_request`), an optimizer step
(`step_request`) and a file of weights (`file_request`).
"""

from __future__ import annotations

import secrets
import threading
from abc import ABC, abstractmethod
from typing import Any

from nn_core import backends
from nn_core.events import FailureKind


class Request(ABC):
    """Something that a worker is asked to compute once, and the answer when it is there.

    Every attribute may be read from any thread.

    Parameters
    ----------
    owner : str
        The session that asks.
    deadline : float
        When, on the pool's clock, the request is given up.

    Attributes
    ----------
    id : str
        128 random bits.
    phase : str
        What is going on until there is an answer.
    error : str
        Why there is no answer; empty otherwise.
    """

    def __init__(self, owner: str, deadline: float) -> None:
        self.id = secrets.token_hex(16)
        self.owner = owner
        self.deadline = deadline
        self.phase = "waiting for a worker"
        self.error = ""
        self._over = threading.Event()

    @property
    @abstractmethod
    def worker(self) -> str:
        """What the worker that answers has to import."""

    @property
    @abstractmethod
    def topic(self) -> object:
        """Of one owner, a newer request on the same topic replaces one that waits."""

    @property
    @abstractmethod
    def command(self) -> dict[str, Any]:
        """The command for the worker; see `nn_core.runs.workers.worker`."""

    @abstractmethod
    def _set_answer(self, fields: dict[str, Any]) -> None:
        """Store the answer that has these fields.

        Raises
        ------
        KeyError, TypeError, ValueError
            If they are no answer.
        """

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come."""
        return self._over.is_set()

    @property
    def is_moving(self) -> bool:
        """Whether something is going on that a viewer should see."""
        return not self.is_over

    def begin(self, phase: str) -> None:
        """Note that a worker has it, and what the worker does before it computes."""
        self.phase = phase

    def worker_is_ready(self) -> None:
        """Note that the worker has imported its framework."""
        self.phase = ""

    def receive(self, message: dict[str, Any]) -> None:
        """Store the answer that a message of the worker carries, or the reason for none."""
        if "refused" in message:
            self.fail("framework", str(message["refused"]))
            return
        try:
            self._set_answer(message["evaluated"])
        except (KeyError, TypeError, ValueError) as error:
            name = backends.label(self.worker)
            self.fail("framework", f"{name} gave an answer that cannot be read: {error}.")
        else:
            self._end()

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
