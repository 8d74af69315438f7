"""When a run has learned enough: target loss and patience.

Both are decided from the mean training loss of each epoch. The sums are taken from left to
right, so that the decision is the same however the steps were cut into chunks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from nn_core.events import Array, StopReason
from nn_core.experiment import Experiment


@dataclass(frozen=True)
class Stop:
    """A rule says stop.

    Attributes
    ----------
    reason : str
        The rule.
    steps : int
        Steps of the chunk up to and including the one that ends the epoch.
    """

    reason: StopReason
    steps: int


class StopRules:
    """Target loss and patience of an experiment, and what they remember."""

    def __init__(self, experiment: Experiment) -> None:
        self.target_loss = experiment.target_loss
        self.patience = experiment.patience
        self.best = np.inf
        self.epochs_without_better = 0
        self.unfinished = 0.0  # what the epoch begun has added to its mean so far

    def remembered(self) -> dict[str, float]:
        """What the next decisions depend on; empty where no rule is set."""
        if self.target_loss is None and self.patience is None:
            return {}
        return {
            "best": self.best,
            "epochs_without_better": self.epochs_without_better,
            "unfinished": self.unfinished,
        }

    def remember(self, remembered: Mapping[str, float]) -> None:
        """Go on from what `remembered` gave; from the beginning where that is empty."""
        self.best = remembered.get("best", np.inf)
        self.epochs_without_better = int(remembered.get("epochs_without_better", 0))
        self.unfinished = remembered.get("unfinished", 0.0)

    def first(self, losses: Array, batch_size: int, rows_before: int, n: int) -> Stop | None:
        """Where in a chunk a rule first says stop, or None.

        Parameters
        ----------
        losses : ndarray of shape (k,)
            Loss before each step of the chunk.
        batch_size : int
            Rows in each of its batches.
        rows_before : int
            Rows seen before the chunk.
        n : int
            Rows in an epoch.
        """
        if self.target_loss is None and self.patience is None:
            return None
        shares = losses * (batch_size / n)
        rows = rows_before + batch_size * np.arange(1, len(losses) + 1)
        ends = np.flatnonzero(rows % n == 0)
        if not len(ends):
            self.unfinished = _sum(self.unfinished, shares)
            return None
        means = np.concatenate(
            [[_sum(self.unfinished, shares[: ends[0] + 1])], _epoch_sums(shares, ends)]
        )
        self.unfinished = _sum(0.0, shares[ends[-1] + 1 :])
        before = self.remembered()
        enough = np.zeros(len(means), bool)
        if self.target_loss is not None:
            enough = means <= self.target_loss
        tired = self._without_better(means) >= (self.patience or np.inf)
        stops = np.flatnonzero(enough | tired)
        if not len(stops):
            return None
        first = stops[0]
        # The steps after it are taken back: they are not remembered either.
        self.remember(before | {"unfinished": 0.0})
        self._without_better(means[: first + 1])
        return Stop("target_loss" if enough[first] else "patience", int(ends[first]) + 1)

    def _without_better(self, means: Array) -> Array:
        """After each epoch, how many in a row brought no better loss."""
        best = np.minimum.accumulate(np.concatenate([[self.best], means]))
        position = np.arange(len(means))
        last_better = np.maximum.accumulate(np.where(means < best[:-1], position, -1))
        waits = np.where(
            last_better >= 0, position - last_better, self.epochs_without_better + position + 1
        )
        self.best, self.epochs_without_better = float(best[-1]), int(waits[-1])
        return waits


def _sum(start: float, values: Array) -> float:
    """From left to right, unlike `np.sum`."""
    return float(np.cumsum(np.concatenate([[start], values]))[-1])


def _epoch_sums(shares: Array, ends: Array) -> Array:
    """Sums of the whole epochs after the first end; all have the same number of steps."""
    if len(ends) < 2:
        return np.empty(0)
    whole = shares[ends[0] + 1 : ends[-1] + 1].reshape(len(ends) - 1, -1)
    return np.asarray(np.cumsum(whole, axis=1)[:, -1])
