"""A request to a worker that trains nothing, on the side of the server.

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
    """A single computation of a worker, with its answer when it has arrived.

    Every attribute may be read from any thread.

    Parameters
    ----------
    owner : str
        The session of the request.
    deadline : float
        Time on the pool's clock at which the request ends without an answer.

    Attributes
    ----------
    id : str
        128 random bits.
    phase : str
        What the worker does until there is an answer.
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
        """The name of the worker that can compute it."""

    @property
    @abstractmethod
    def topic(self) -> object:
        """A newer request of the same owner and topic replaces a waiting one."""

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
            If the fields are not those of an answer.
        """

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self._over.is_set()

    @property
    def is_moving(self) -> bool:
        """Whether it is still in progress."""
        return not self.is_over

    def begin(self, phase: str) -> None:
        """Record that a worker has it, and what the worker does before it computes."""
        self.phase = phase

    def worker_is_ready(self) -> None:
        """Record that the worker has imported its framework."""
        self.phase = ""

    def receive(self, message: dict[str, Any]) -> None:
        """Store the answer in a message of the worker, or the reason why there is none."""
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
        """End it without an answer, unless it has ended."""
        if not self.is_over:
            self.error = message
            self._end()

    def wait(self, timeout: float) -> bool:
        """Wait until it is over; False if it is not within `timeout` s."""
        return self._over.wait(timeout)

    def _end(self) -> None:
        self.phase = ""
        self._over.set()
