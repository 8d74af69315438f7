"""A curve of bounded size: one value for each step at first, later bins of several steps.

This is min-max downsampling: each bin stores its smallest and its largest value.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from nn_core.events import Array

MOST_BINS = 4096


class Envelope(NamedTuple):
    """The smallest and the largest value of a curve in each of some bins.

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


class BinnedCurve:
    """A curve of one value for each step, stored in at most `most_bins` bins.

    The bins double their width as the curve grows, so that memory is bounded and no spike is lost.

    Examples
    --------
    >>> curve = BinnedCurve(most_bins=4)
    >>> curve.extend(np.array([5.0, 4.0, 3.0, 9.0, 1.0]))
    >>> curve.envelope().high
    array([5., 9., 1.])
    """

    def __init__(self, most_bins: int = MOST_BINS) -> None:
        self.most_bins = most_bins
        self.count = 0
        self.last = float("nan")
        # Replaced as a whole, never changed in place: another thread may be reading.
        self._bins: tuple[int, Array, Array] = (1, np.empty(0), np.empty(0))

    @classmethod
    def restored(cls, width: int, low: Array, high: Array, count: int, last: float) -> BinnedCurve:
        """A curve that was stored as the width of its bins, their lows and highs."""
        curve = cls()
        curve._bins = (width, low, high)
        curve.count, curve.last = count, last
        return curve

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

    def at(self, index: int, exact: Array) -> float:
        """The value of a step, counted from 0: from `exact` if it is there, else from its bin.

        NaN where there is no such step.
        """
        if 0 <= index < len(exact):
            return float(exact[index])
        width, low, high = self._bins
        if not 0 <= index < self.count:
            return float("nan")
        return float((low[index // width] + high[index // width]) / 2)

    def up_to(self, count: int, exact: Array) -> BinnedCurve:
        """The curve of the first `count` values; `exact` holds those known one by one."""
        copy = BinnedCurve(self.most_bins)
        if count <= len(exact):
            copy.extend(exact[:count])
            return copy
        width, low, high = self._bins
        bins = -(-min(count, self.count) // width)
        copy.count = min(count, self.count)
        copy._bins = (width, low[:bins], high[:bins])
        copy.last = self.at(copy.count - 1, exact)
        return copy

    def envelope(self, most_points: int | None = None) -> Envelope:
        """The curve in at most `most_points` bins."""
        width, low, high = self._bins
        bins = len(low)
        steps = np.arange(bins) * width
        if most_points and bins > most_points:
            starts = np.arange(0, bins, -(-bins // most_points))
            low, high = np.minimum.reduceat(low, starts), np.maximum.reduceat(high, starts)
            steps = steps[starts]
        return Envelope(steps, low, high)
