"""The clock of a run: its running time and its steps a second."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

SPEED_WINDOW_SECONDS = 2.0
SHORTEST_SECONDS = 0.02
"""The shortest time over which steps a second are measured."""


class RunClock:
    """Measures running time, without pauses, and recent steps.

    Parameters
    ----------
    now : callable
        Monotonic seconds.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        # Seconds before the last start, and the time of that start; None while it is stopped. They
        # are replaced as a pair, so that a reader in another thread never counts an interval twice.
        self._running: tuple[float, float | None] = (0.0, None)
        self._recent: deque[tuple[float, int]] = deque(maxlen=100)

    @property
    def seconds(self) -> float:
        """Time spent running so far."""
        before, since = self._running
        return before + (self._now() - since if since is not None else 0.0)

    @property
    def steps_per_second(self) -> float:
        """Steps a second over the last `SPEED_WINDOW_SECONDS`; 0 where it is not known."""
        recent = list(self._recent)
        if len(recent) < 2:
            return 0.0
        (first_time, first_step), (last_time, last_step) = recent[0], recent[-1]
        passed = last_time - first_time
        return (last_step - first_step) / passed if passed > SHORTEST_SECONDS else 0.0

    def start(self, step: int) -> None:
        """Start the clock, at a step."""
        now = self._now()
        self._running = (self._running[0], now)
        self._recent.clear()
        self._recent.append((now, step))

    def stop(self) -> None:
        """Stop the clock."""
        self._running = (self.seconds, None)

    def set_seconds(self, seconds: float) -> None:
        """Stop the clock at a running time: for a stored run."""
        self._running = (seconds, None)

    def reached(self, step: int) -> None:
        """Record that a step is reached now."""
        now = self._now()
        self._recent.append((now, step))
        while self._recent and self._recent[0][0] < now - SPEED_WINDOW_SECONDS:
            self._recent.popleft()

    def restart_speed(self) -> None:
        """Discard the recent steps, because the speed is about to change."""
        self._recent.clear()
