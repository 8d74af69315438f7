"""The earlier step of a run that a visitor views: a fixed one, or a replay of the stored steps."""

from __future__ import annotations

import bisect
import time
from collections.abc import Sequence
from dataclasses import dataclass

from nn_core.runs.run import Run
from ui import session
from ui import session_keys as keys


@dataclass(frozen=True)
class Lookback:
    """A step of a run, or a replay that began there.

    It is immutable, and the shown step is a function of the clock, so that all threads that draw
    agree on it.

    Attributes
    ----------
    run_id : str
        The run.
    step : int
        The step, or the first step of the replay.
    per_second : float
        Stored steps that are replayed in a second; 0 for a fixed step.
    since : float
        Monotonic seconds when the replay began.
    """

    run_id: str
    step: int
    per_second: float = 0.0
    since: float = 0.0

    def step_at(self, kept: Sequence[int], now: float) -> int:
        """The stored step that is shown at a time.

        Examples
        --------
        >>> Lookback("a", 2, per_second=10.0, since=5.0).step_at([0, 1, 2, 4, 8], 5.15)
        4
        """
        place = max(0, bisect.bisect_right(kept, self.step) - 1)
        place += int(max(0.0, now - self.since) * self.per_second)
        return kept[min(place, len(kept) - 1)]


def can_look_back(run: Run | None) -> bool:
    """Whether a run is paused or over, and has more than one snapshot."""
    rests = run is not None and (run.state == "paused" or run.is_over)
    return rests and run is not None and len(run.history.snapshots) > 1


def shown_step(run: Run | None, lookback: Lookback | None) -> int | None:
    """The earlier step that is shown; None where the newest one is."""
    if run is None or lookback is None or lookback.run_id != run.id or not can_look_back(run):
        return None
    kept = run.history.kept_steps
    step = lookback.step_at(kept, time.monotonic())
    return step if step < kept[-1] else None


def is_replaying(run: Run | None, lookback: Lookback | None) -> bool:
    """Whether the shown step is about to change."""
    return bool(lookback and lookback.per_second) and shown_step(run, lookback) is not None


def lookback_of(page: str) -> Lookback | None:
    """The earlier step of a page's run that the visitor views, or None."""
    return session.peek(keys.lookback(page))  # type: ignore[no-any-return]


def to_now(page: str) -> None:
    """Return to the newest step."""
    session.put(keys.lookback(page), None)
