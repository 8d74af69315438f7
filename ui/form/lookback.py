"""Where a visitor looks in the past of a run: at one kept step, or at one after the other."""

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

    It is a function of the clock and never changed, so that whoever draws may read it at any
    time, from any thread, and all see the same.

    Attributes
    ----------
    run_id : str
        Whose past it is.
    step : int
        The step, or where the replay began.
    per_second : float
        Kept steps that are replayed in a second; 0 stands still.
    since : float
        Monotonic seconds when the replay began.
    """

    run_id: str
    step: int
    per_second: float = 0.0
    since: float = 0.0

    def step_at(self, kept: Sequence[int], now: float) -> int:
        """The kept step that is shown at a time.

        Examples
        --------
        >>> Lookback("a", 2, per_second=10.0, since=5.0).step_at([0, 1, 2, 4, 8], 5.15)
        4
        """
        place = max(0, bisect.bisect_right(kept, self.step) - 1)
        place += int(max(0.0, now - self.since) * self.per_second)
        return kept[min(place, len(kept) - 1)]


def can_look_back(run: Run | None) -> bool:
    """Whether a run rests, and there is more of it than one moment."""
    rests = run is not None and (run.state == "paused" or run.is_over)
    return rests and run is not None and len(run.history.snapshots) > 1


def shown_step(run: Run | None, lookback: Lookback | None) -> int | None:
    """The step that is looked back at; None where what is now is shown."""
    if run is None or lookback is None or lookback.run_id != run.id or not can_look_back(run):
        return None
    kept = run.history.kept_steps
    step = lookback.step_at(kept, time.monotonic())
    return step if step < kept[-1] else None


def is_replaying(run: Run | None, lookback: Lookback | None) -> bool:
    """Whether the step that is shown will be another one soon."""
    return bool(lookback and lookback.per_second) and shown_step(run, lookback) is not None


def lookback_of(page: str) -> Lookback | None:
    """Where the visitor looks in the past of a page's run, if anywhere."""
    return session.peek(keys.lookback(page))  # type: ignore[no-any-return]


def to_now(page: str) -> None:
    """Look at what is now."""
    session.put(keys.lookback(page), None)
