"""The messages that a worker sends, in order and in as few frames as possible.

Training never waits for the server. The events since the last frame are sent together, at most
every `FRAME_SECONDS`; of several snapshots only the newest is sent.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from typing import Any, BinaryIO

import numpy as np

from nn_core.events import Event, Progress, Snapshot
from nn_core.runs import wire

FRAME_SECONDS = 1 / 20
HEARTBEAT_SECONDS = 1.0
MOST_WAITING_LOSSES = 1_000_000


class Outbox:
    """The queue between the training thread, which fills it, and the sending thread.

    Parameters
    ----------
    stream : binary file
        The frames are written to it.

    Attributes
    ----------
    run_id : str
        The run whose events are added.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self.run_id = ""
        self._stream = stream
        self._changed = threading.Condition()
        self._messages: deque[dict[str, Any]] = deque()
        self._progress: list[Progress] = []
        self._snapshot: Snapshot | None = None

    @property
    def has_snapshot(self) -> bool:
        """Whether a snapshot is waiting that a newer one may replace."""
        return self._snapshot is not None

    def add(self, event: Event, is_kept: bool = False) -> None:
        """Add an event of the run.

        Progress is merged with waiting progress, and a snapshot replaces a waiting one.

        Parameters
        ----------
        event : Event
            The event.
        is_kept : bool
            Whether no newer snapshot may replace this one.
        """
        with self._changed:
            if isinstance(event, Progress):
                while sum(len(p.losses) for p in self._progress) > MOST_WAITING_LOSSES:
                    self._changed.wait()
                self._progress.append(event)
            elif isinstance(event, Snapshot) and not is_kept:
                self._snapshot = event
            else:
                self._queue_waiting()
                self._messages.append(self._message(event))
            self._changed.notify_all()

    def add_message(self, **message: Any) -> None:
        """Add a message that is not an event of a run."""
        with self._changed:
            self._messages.append(message)
            self._changed.notify_all()

    def send_forever(self) -> None:
        """Send waiting messages, at most every `FRAME_SECONDS`, and otherwise a heartbeat."""
        while True:
            with self._changed:
                if not (self._messages or self._progress or self._snapshot):
                    self._changed.wait(HEARTBEAT_SECONDS)
                self._queue_waiting()
                messages, self._messages = self._messages, deque()
                self._changed.notify_all()
            messages.append({"heartbeat": True})
            try:
                for message in messages:
                    self._stream.write(wire.encode(message))
                self._stream.flush()
            except (BrokenPipeError, ValueError):
                os._exit(0)  # the server is gone
            time.sleep(FRAME_SECONDS)

    def _queue_waiting(self) -> None:
        """Move the waiting progress and snapshot to the messages."""
        waiting: list[Event] = list(_merged(self._progress))
        if self._snapshot:
            waiting.append(self._snapshot)
        self._messages.extend(self._message(event) for event in waiting)
        self._progress, self._snapshot = [], None

    def _message(self, event: Event) -> dict[str, Any]:
        return {"id": self.run_id, **wire.event_message(event)}


def _merged(progress: list[Progress]) -> list[Progress]:
    """The same progress in fewer events: one for each with metrics, and the last."""
    merged: list[Progress] = []
    losses: list[np.ndarray] = []
    epoch_losses: list[np.ndarray] = []
    for i, event in enumerate(progress):
        losses.append(event.losses)
        epoch_losses.append(event.epoch_losses)
        if event.metrics or i == len(progress) - 1:
            merged.append(
                Progress(
                    event.step,
                    event.epoch,
                    np.concatenate(losses),
                    event.metrics,
                    event.train_seconds,
                    event.confusion,
                    event.first_call_seconds,
                    np.concatenate(epoch_losses),
                )
            )
            losses, epoch_losses = [], []
    return merged
