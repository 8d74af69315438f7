"""The clock of a run: how long it has been running, and how fast it takes its steps."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

SPEED_WINDOW_SECONDS = 2.0
SHORTEST_SECONDS = 0.02
"""Over less than this, a number of steps a second says nothing."""


class RunClock:
    """Time spent running, pauses left out, and the steps that were taken lately.

    Parameters
    ----------
    now : callable
        Monotonic seconds.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        # Seconds before the last start, and when that was; None while it stands still. Replaced as
        # a pair, so that a reader in another thread never counts a stretch twice.
        self._running: tuple[float, float | None] = (0.0, None)
        self._recent: deque[tuple[float, int]] = deque(maxlen=100)

    @property
    def seconds(self) -> float:
        """Time spent running so far."""
        before, since = self._running
        return before + (self._now() - since if since is not None else 0.0)

    @property
    def steps_per_second(self) -> float:
        """Steps a second over the last `SPEED_WINDOW_SECONDS`; 0 where that cannot be told."""
        recent = list(self._recent)
        if len(recent) < 2:
            return 0.0
        (first_time, first_step), (last_time, last_step) = recent[0], recent[-1]
        passed = last_time - first_time
        return (last_step - first_step) / passed if passed > SHORTEST_SECONDS else 0.0

    def start(self, step: int) -> None:
        """Run from now on, beginning at a step."""
        now = self._now()
        self._running = (self._running[0], now)
        self._recent.clear()
        self._recent.append((now, step))

    def stop(self) -> None:
        """Stand still from now on."""
        self._running = (self.seconds, None)

    def set_seconds(self, seconds: float) -> None:
        """Stand still, with so much time spent: for a run that was over long ago."""
        self._running = (seconds, None)

    def reached(self, step: int) -> None:
        """Note that a step was reached now."""
        now = self._now()
        self._recent.append((now, step))
        while self._recent and self._recent[0][0] < now - SPEED_WINDOW_SECONDS:
            self._recent.popleft()

    def forget_speed(self) -> None:
        """Measure the steps a second anew: they are about to change."""
        self._recent.clear()
