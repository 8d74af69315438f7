"""When a worker takes a snapshot, and whether the snapshot includes the backend's state."""

from __future__ import annotations

import time

from nn_core.events import Snapshot
from nn_core.runs.workers.outbox import FRAME_SECONDS, Outbox
from nn_core.training.milestones import MILESTONE_GROWTH
from nn_core.training.trainer import Trainer

SNAPSHOT_BYTES_PER_SECOND = 10_000_000


class SnapshotSchedule:
    """Takes the snapshots of one run: at its milestones, and as often as time and pipe allow.

    Parameters
    ----------
    trainer : Trainer
        The run.
    outbox : Outbox
        Sends the snapshots.
    """

    def __init__(self, trainer: Trainer, outbox: Outbox) -> None:
        self._trainer = trainer
        self._outbox = outbox
        self._next_time = 0.0
        self._step_with_state = trainer.step

    def add_if_due(self, is_forced: bool) -> None:
        """Add a snapshot to the outbox if one is due.

        `is_forced` forces one; otherwise milestones, the end of the run and the clock decide.
        """
        trainer, now = self._trainer, time.monotonic()
        is_kept = is_forced or bool(trainer.end) or trainer.is_at_milestone
        if not is_kept and (now < self._next_time or self._outbox.has_snapshot):
            return
        # A large state is included about as often as the history stores snapshots.
        if not is_kept and not trainer.has_small_state:
            is_kept = trainer.step >= MILESTONE_GROWTH * self._step_with_state
            if is_kept:
                self._step_with_state = trainer.step
        snapshot = trainer.snapshot(with_state=is_kept or trainer.has_small_state)
        self._outbox.add(snapshot, is_kept)
        self._next_time = now + _pause_after(snapshot, time.monotonic() - now)


def _pause_after(snapshot: Snapshot, seconds: float) -> float:
    """Seconds until the next snapshot, if this one took `seconds`.

    Snapshots use at most a tenth of the time, and of the bandwidth of the pipe.
    """
    return max(FRAME_SECONDS, 10 * seconds, snapshot.nbytes / SNAPSHOT_BYTES_PER_SECOND)
