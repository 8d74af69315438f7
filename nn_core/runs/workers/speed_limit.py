"""Limits training to a number of steps a second."""

from __future__ import annotations

import time

from nn_core.runs.workers.outbox import FRAME_SECONDS


class SpeedLimit:
    """Computes how many steps may be taken at a time."""

    def __init__(self) -> None:
        self._speed: float | None = None
        self._asked_at = 0.0
        self._allowed = 0.0

    def most_steps(self, speed: float | None) -> int | None:
        """The number of steps that may be taken now.

        Parameters
        ----------
        speed : float or None
            Limit in steps a second; None for no limit.

        Returns
        -------
        steps : int or None
            0 for none yet; None where there is no limit.
        """
        if speed is None:
            self._speed = None
            return None
        now = time.monotonic()
        if speed != self._speed:
            self._speed, self._allowed = speed, 1.0
        else:
            # Steps missed during a pause or a compilation are not caught up.
            self._allowed += min(now - self._asked_at, 2 * FRAME_SECONDS + 1 / speed) * speed
        self._asked_at = now
        return int(self._allowed)

    def count(self, steps: int) -> None:
        """Count steps that were taken."""
        self._allowed -= steps
