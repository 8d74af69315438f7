"""What is kept of a run: bounded, however long it runs.

Losses are kept one by one at first, then in bins that double their width; of each bin the
smallest and the largest, so that no spike is lost from the picture. Snapshots are thinned so
that what is left is spaced evenly on a logarithmic scale of steps.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from nn_core.events import Array, Snapshot

MOST_BINS = 4096
MOST_EXACT_LOSSES = 200_000
MOST_SNAPSHOTS = 300
MOST_SNAPSHOT_BYTES = 24_000_000
MOST_MEASUREMENTS = 2000


class Thinned(NamedTuple):
    """A curve of at most so many points.

    Attributes
    ----------
    steps : ndarray of shape (points,)
        First step of each bin.
    low, high : ndarray of shape (points,)
        Smallest and largest value in it.
    """

    steps: Array
    low: Array
    high: Array


class Curve:
    """A value for each step, kept in at most `most_bins` bins.

    Examples
    --------
    >>> curve = Curve(most_bins=4)
    >>> curve.extend(np.array([5.0, 4.0, 3.0, 9.0, 1.0]))
    >>> curve.thinned().high
    array([5., 9., 1.])
    """

    def __init__(self, most_bins: int = MOST_BINS) -> None:
        self.most_bins = most_bins
        self.count = 0
        self.last = float("nan")
        # Swapped as a whole, never written into: another thread may be reading.
        self._bins: tuple[int, Array, Array] = (1, np.empty(0), np.empty(0))

    @property
    def width(self) -> int:
        """Steps in a bin."""
        return self._bins[0]

    def extend(self, values: Array) -> None:
        """Append values for the next steps."""
        values = np.asarray(values, float)
        if not len(values):
            return
        width, low, high = self._bins
        room = -self.count % width  # in the last bin
        pieces_low, pieces_high = [low], [high]
        if room:
            first = values[:room]
            pieces_low = [low[:-1], np.minimum(low[-1:], first.min())]
            pieces_high = [high[:-1], np.maximum(high[-1:], first.max())]
        rest = values[room:]
        if len(rest):
            starts = np.arange(0, len(rest), width)
            pieces_low.append(np.minimum.reduceat(rest, starts))
            pieces_high.append(np.maximum.reduceat(rest, starts))
        low, high = np.concatenate(pieces_low), np.concatenate(pieces_high)
        while len(low) > self.most_bins:
            pairs = np.arange(0, len(low), 2)
            low, high = np.minimum.reduceat(low, pairs), np.maximum.reduceat(high, pairs)
            width *= 2
        self._bins = (width, low, high)
        self.count += len(values)
        self.last = float(values[-1])

    def thinned(self, most_points: int | None = None) -> Thinned:
        """The curve in at most `most_points` points."""
        width, low, high = self._bins
        bins = len(low)
        steps = np.arange(bins) * width
        if most_points and bins > most_points:
            starts = np.arange(0, bins, -(-bins // most_points))
            low, high = np.minimum.reduceat(low, starts), np.maximum.reduceat(high, starts)
            steps = steps[starts]
        return Thinned(steps, low, high)


class Measurement(NamedTuple):
    """Metrics at one step."""

    step: int
    epoch: float
    metrics: Mapping[str, float]


class History:
    """Losses, measurements and snapshots of one run.

    One thread adds, others read: what they read is replaced, never changed in place.
    """

    def __init__(self) -> None:
        self.losses = Curve()
        self.exact_losses = np.empty(0)
        self.measurements: list[Measurement] = []
        self.snapshots: list[Snapshot] = []

    def add_losses(self, losses: Array) -> None:
        """Append the losses of the next steps."""
        self.losses.extend(losses)
        room = MOST_EXACT_LOSSES - len(self.exact_losses)
        if room > 0:
            self.exact_losses = np.concatenate([self.exact_losses, losses[:room]])

    def add_measurement(self, step: int, epoch: float, metrics: Mapping[str, float]) -> None:
        """Append metrics, unless there are none, or some for this step already."""
        if not metrics or (self.measurements and self.measurements[-1].step >= step):
            return
        measurements = [*self.measurements, Measurement(step, epoch, metrics)]
        if len(measurements) > MOST_MEASUREMENTS:
            del measurements[1:-1:2]
        self.measurements = measurements

    def forget_measurements_from(self, step: int) -> None:
        """Drop what was measured at `step` or later: its weights are no longer those."""
        self.measurements = [kept for kept in self.measurements if kept.step < step]

    def add_snapshot(self, snapshot: Snapshot) -> None:
        """Append a snapshot, replacing one of the same step, and thin what is kept."""
        older = [kept for kept in self.snapshots if kept.step < snapshot.step]
        snapshots = [*older, snapshot]
        most = MOST_SNAPSHOT_BYTES // max(1, snapshot.nbytes)
        while len(snapshots) > max(4, min(MOST_SNAPSHOTS, most)):
            del snapshots[_least_missed(snapshots)]
        self.snapshots = snapshots


def _least_missed(snapshots: list[Snapshot]) -> int:
    """Position of the snapshot whose neighbours are closest on a logarithmic scale."""
    steps = np.array([snapshot.step for snapshot in snapshots], float)
    gaps = np.log1p(steps[2:]) - np.log1p(steps[:-2])
    return 1 + int(gaps.argmin())
