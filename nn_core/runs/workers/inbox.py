"""The commands to a worker (see `nn_core.runs.workers.worker`), stored as a desired state.

A command that arrives twice has no effect the second time. A command for a run that is over is
ignored.
"""

from __future__ import annotations

import json
import os
import threading
from collections import deque
from typing import Any, BinaryIO, NamedTuple

from nn_core.runs.workers.log import log

REPLACED_BEFORE_START = ("want", "speed", "learning_rate")
COLLECTED_BEFORE_START = {"step": "steps", "params": "edits"}


class Orders(NamedTuple):
    """The desired state of the run, at one moment.

    Attributes
    ----------
    want : {'running', 'paused', 'stopped'}
        The state that the run should be in.
    want_number : int
        Number of commands with a `want` so far: each of them, or a later one, is acknowledged.
    speed : float or None
        Limit in steps a second; None for no limit.
    learning_rate : float or None
        The new learning rate; None where it was not changed.
    edits : deque of dict
        Weights and biases to be set by hand.
    step_unit : {'sample', 'batch', 'epoch'} or None
        A single step to be taken while the run is paused.
    """

    want: str
    want_number: int
    speed: float | None
    learning_rate: float | None
    edits: deque[dict[str, Any]]
    step_unit: str | None


class Inbox:
    """The desired state, shared by the thread that reads commands and the one that trains."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._next_job: dict[str, Any] | None = None
        self._run_id = ""
        self._want = "stopped"
        self._want_number = 0
        self._speed: float | None = None
        self._learning_rate: float | None = None
        self._steps: deque[str] = deque()
        self._last_step_number = 0
        self._edits: deque[dict[str, Any]] = deque()
        self._last_edit_number = 0

    def listen_forever(self, stream: BinaryIO) -> None:
        """Read commands until the stream ends, and then end the process."""
        for line in stream:
            try:
                command = json.loads(line)
                with self._changed:
                    self._receive(command)
                    self._changed.notify_all()
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                log(f"a command that cannot be read: {error}")
        os._exit(0)

    def next_job(self) -> dict[str, Any]:
        """Wait for the next run or request, and return its command."""
        with self._changed:
            while self._next_job is None:
                self._changed.wait()
            command, self._next_job = self._next_job, None
            self._run_id = command["id"]
            self._want = command.get("want", "running")
            self._want_number += 1
            self._speed = command.get("speed")
            self._learning_rate = command.get("learning_rate")
            self._steps.clear()
            self._last_step_number = 0
            for step in command.get("steps", ()):
                self._add_step(step)
            self._edits.clear()
            self._last_edit_number = 0
            for edit in command.get("edits", ()):
                self._add_edit(edit)
            return command

    def take_orders(self) -> Orders:
        """The desired state now; edits, a learning rate and a step are returned only once."""
        with self._changed:
            learning_rate, self._learning_rate = self._learning_rate, None
            edits, self._edits = self._edits, deque()
            is_step = self._want == "paused" and self._steps
            step_unit = self._steps.popleft() if is_step else None
            return Orders(
                self._want, self._want_number, self._speed, learning_rate, edits, step_unit
            )

    def wait_while_paused(self, want_number: int) -> None:
        """Wait for a command, unless one waits already or `want_number` is outdated."""
        with self._changed:
            has_work = self._steps or self._edits or self._learning_rate is not None
            if self._want_number == want_number and not has_work:
                self._changed.wait()

    def wait(self, seconds: float) -> None:
        """Wait for a command, at most `seconds`."""
        with self._changed:
            self._changed.wait(seconds)

    def _receive(self, command: dict[str, Any]) -> None:
        if "run" in command or "evaluate" in command:
            self._next_job = command
            self._want = "stopped"  # the current run
        elif self._next_job and command["id"] == self._next_job["id"]:
            self._add_to_next_job(self._next_job, command)
        elif command["id"] == self._run_id:
            self._change_run(command)

    @staticmethod
    def _add_to_next_job(job: dict[str, Any], command: dict[str, Any]) -> None:
        """Merge a command for a run that has not begun into the command that begins it."""
        job |= {name: command[name] for name in REPLACED_BEFORE_START if name in command}
        for name, names in COLLECTED_BEFORE_START.items():
            if name in command:
                job.setdefault(names, []).append(command[name])

    def _change_run(self, command: dict[str, Any]) -> None:
        if "want" in command and self._want != "stopped":
            self._want = command["want"]
            self._want_number += 1
            if self._want == "running":
                self._steps.clear()
        if "speed" in command:
            self._speed = command["speed"]
        if "learning_rate" in command:
            self._learning_rate = float(command["learning_rate"])
        if "step" in command:
            self._add_step(command["step"])
        if "params" in command:
            self._add_edit(command["params"])

    def _add_edit(self, edit: dict[str, Any]) -> None:
        if edit["number"] > self._last_edit_number:
            self._last_edit_number = edit["number"]
            self._edits.append(edit)

    def _add_step(self, step: dict[str, Any]) -> None:
        if step["number"] > self._last_step_number:
            self._last_step_number = step["number"]
            self._steps.append(step["unit"])
