"""The mean training loss of each epoch, from the losses of its batches.

Each batch counts by its rows, as in the programs that `nn_core.exchange.programs` writes:
``Σ loss_of_batch · rows_of_batch / n``. The sums are taken from left to right, so that they do not
depend on the chunks. Only the sum of the unfinished epoch is stored.
"""

from __future__ import annotations

import math

import numpy as np

from nn_core.events import Array


class EpochMeans:
    """Accumulates losses, chunk by chunk, into the mean of each epoch.

    Attributes
    ----------
    unfinished : float
        The part of the unfinished epoch's mean so far; NaN where its first losses are not known.

    Examples
    --------
    Two batches of two rows and one of one; then the first of the next epoch:

    >>> means = EpochMeans()
    >>> means.add(np.array([3.0, 4.0]), batch_size=2, rows_before=0, n=5)
    (array([], dtype=float64), array([], dtype=int64))
    >>> means.add(np.array([5.0]), batch_size=1, rows_before=4, n=5)
    (array([3.8]), array([0]))
    """

    def __init__(self) -> None:
        self.unfinished = 0.0

    def resume(self, unfinished: float | None, rows_before: int, n: int) -> None:
        """Continue with the value of `unfinished` at that step; None where it is not known."""
        if rows_before % n == 0:
            self.unfinished = 0.0
        else:
            self.unfinished = math.nan if unfinished is None else unfinished

    def add(self, losses: Array, batch_size: int, rows_before: int, n: int) -> tuple[Array, Array]:
        """Add the losses of a chunk of steps.

        Parameters
        ----------
        losses : ndarray of shape (k,)
            Loss before each step.
        batch_size : int
            Rows in each of the batches.
        rows_before : int
            Rows seen before the chunk.
        n : int
            Rows in an epoch.

        Returns
        -------
        means : ndarray of shape (epochs,)
            Mean losses of the epochs that ended in the chunk.
        ends : ndarray of shape (epochs,), int
            Positions of their last steps.
        """
        shares = losses * (batch_size / n)
        rows = rows_before + batch_size * np.arange(1, len(losses) + 1)
        ends = np.flatnonzero(rows % n == 0)
        if not len(ends):
            self.unfinished = _sum(self.unfinished, shares)
            return np.empty(0), ends
        first = _sum(self.unfinished, shares[: ends[0] + 1])
        means = np.concatenate([[first], _epoch_sums(shares, ends)])
        self.unfinished = _sum(0.0, shares[ends[-1] + 1 :])
        return means, ends


def _sum(start: float, values: Array) -> float:
    """From left to right, unlike `np.sum`."""
    return float(np.cumsum(np.concatenate([[start], values]))[-1])


def _epoch_sums(shares: Array, ends: Array) -> Array:
    """Sums of the whole epochs after the first end; all have the same number of steps."""
    if len(ends) < 2:
        return np.empty(0)
    whole = shares[ends[0] + 1 : ends[-1] + 1].reshape(len(ends) - 1, -1)
    return np.asarray(np.cumsum(whole, axis=1)[:, -1])
