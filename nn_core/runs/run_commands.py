"""The commands to a run: sent to its worker, and pending until they take effect."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

Command = dict[str, Any]
Awaited = Literal["step", "edit", "learning rate"]


class RunCommands:
    """Sends the commands of one run to its worker. One thread at a time changes it.

    Parameters
    ----------
    run_id : str
        The run that the commands are for.
    edits : int
        Edits by hand that it takes over from the run that it continues.
    """

    def __init__(self, run_id: str, edits: int = 0) -> None:
        self._run_id = run_id
        self._send: Callable[[Command], None] | None = None
        self._is_over = False
        self._unsent: list[Command] = []
        self._awaited: frozenset[Awaited] = frozenset()
        self._last_edit_number = 0
        self._expected_edits = edits
        self._step_before = 0

    @property
    def are_awaited(self) -> bool:
        """Whether a command has not taken effect yet."""
        return bool(self._awaited)

    def connect(self, send: Callable[[Command], None], first: Command) -> None:
        """Connect to a worker: send the command that begins the run, then the unsent ones."""
        self._send = send
        for command in (first, *self._unsent):
            self.send(**command)

    def close(self) -> None:
        """Send nothing more, because the run is over."""
        self._send, self._is_over = None, True

    def send(self, **command: Any) -> None:
        """Send a command to the worker.

        Before there is one, steps and edits are stored; everything else is part of the command
        that begins the run.
        """
        if self._send:
            self._send({"id": self._run_id, **command})
        elif ("step" in command or "params" in command) and not self._is_over:
            self._unsent.append(command)

    def set_learning_rate(self, learning_rate: float, present: float) -> None:
        """Request a change of the learning rate."""
        if learning_rate != present:
            self._awaited |= {"learning rate"}
        self.send(learning_rate=learning_rate)

    def take_step(self, unit: str, number: int, step: int) -> None:
        """Request one step of a run that is paused at `step`."""
        self._step_before = step
        self._awaited |= {"step"}
        self.send(step={"unit": unit, "number": number})

    def edit_params(self, number: int, **edit: Any) -> None:
        """Request that a weight is set; a repeated number is ignored."""
        if number <= self._last_edit_number:
            return
        self._last_edit_number = number
        self._expected_edits += 1
        self._awaited |= {"edit"}
        self.send(params={**edit, "number": number})

    def learning_rate_changed(self) -> None:
        """Record that the worker uses the new learning rate."""
        self._awaited -= {"learning rate"}

    def snapshot_arrived(self, step: int, edits: int) -> None:
        """Record the commands that a snapshot includes.

        Parameters
        ----------
        step : int
            Step of the snapshot.
        edits : int
            Number of edits made before it.
        """
        if step > self._step_before:
            self._awaited -= {"step"}
        if edits >= self._expected_edits:
            self._awaited -= {"edit"}
