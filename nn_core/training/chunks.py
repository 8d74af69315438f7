"""Chunks of steps: a backend trains one chunk a call, and the clock decides its length.

No result depends on the length of a chunk: `Trainer` undoes the steps after the end of a run.
"""

from __future__ import annotations

from typing import NamedTuple

from nn_core.events import Array

CHUNK_SECONDS = 1 / 25
"""Duration of one call of a backend: short enough for a live picture, long enough to be fast."""

MOST_STEPS = 20_000
"""Most steps in one call, so that a chunk's losses stay small."""


class ChunkLength:
    """The number of steps that last about `CHUNK_SECONDS`.

    Attributes
    ----------
    steps : int
        Length of the next chunk; at least 1, at most `MOST_STEPS`.
    """

    def __init__(self) -> None:
        self.steps = 1

    def update(self, steps: int, seconds: float) -> None:
        """Adapt the length after `steps` steps took `seconds`; at most by a factor of four."""
        fitting = int(steps * CHUNK_SECONDS / max(seconds, 1e-9))
        self.steps = max(1, min(fitting, 4 * self.steps, MOST_STEPS))


class Chunk(NamedTuple):
    """Steps that were taken, and what is needed to undo them.

    Attributes
    ----------
    state : dict of str to ndarray
        `Model.get_state` before the first of the steps.
    first_step, rows_before : int
        Steps taken and rows seen before.
    unfinished : float
        `EpochMeans.unfinished` before.
    batches : ndarray of shape (steps, batch_size), int64
        The rows of each step.
    losses : ndarray of shape (steps,)
        The loss before each step.
    """

    state: dict[str, Array]
    first_step: int
    rows_before: int
    unfinished: float
    batches: Array
    losses: Array

    @property
    def batch_size(self) -> int:
        """Rows of each step."""
        return int(self.batches.shape[1])

    def rows_after(self, steps: int) -> int:
        """Rows seen after the first `steps` steps of the chunk."""
        return self.rows_before + steps * self.batch_size
