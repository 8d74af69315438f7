"""The rules that end a run early: target loss and patience.

Both depend on the mean training loss of each epoch: see `nn_core.training.epoch_means`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from nn_core.events import Array, StopReason
from nn_core.experiment import Experiment


@dataclass(frozen=True)
class Stop:
    """The decision of a rule to stop.

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
    """Target loss and patience of an experiment, and the best mean loss so far."""

    def __init__(self, experiment: Experiment) -> None:
        self.target_loss = experiment.target_loss
        self.patience = experiment.patience
        self.best = np.inf
        self.epochs_without_better = 0

    def get_state(self) -> dict[str, float]:
        """The state that later decisions depend on; empty where no rule is set."""
        if self.target_loss is None and self.patience is None:
            return {}
        return {"best": self.best, "epochs_without_better": self.epochs_without_better}

    def set_state(self, state: Mapping[str, float]) -> None:
        """Continue from a state of `get_state`; an empty one starts from the beginning."""
        self.best = state.get("best", np.inf)
        self.epochs_without_better = int(state.get("epochs_without_better", 0))

    def first(self, means: Array, ends: Array) -> Stop | None:
        """The first position in a chunk at which a rule stops the run, or None.

        Parameters
        ----------
        means : ndarray of shape (epochs,)
            Mean losses of the epochs that ended in the chunk; NaN where one is not known.
        ends : ndarray of shape (epochs,), int
            Positions of their last steps: see `nn_core.training.epoch_means`.
        """
        known = np.isfinite(means)
        means, ends = means[known], ends[known]
        if (self.target_loss is None and self.patience is None) or not len(means):
            return None
        before = self.get_state()
        is_low = np.zeros(len(means), bool)
        if self.target_loss is not None:
            is_low = means <= self.target_loss
        is_impatient = self._epochs_without_better(means) >= (self.patience or np.inf)
        stops = np.flatnonzero(is_low | is_impatient)
        if not len(stops):
            return None
        first = stops[0]
        # The steps after it are undone, and do not count here either.
        self.set_state(before)
        self._epochs_without_better(means[: first + 1])
        return Stop("target_loss" if is_low[first] else "patience", int(ends[first]) + 1)

    def _epochs_without_better(self, means: Array) -> Array:
        """After each epoch, the number of epochs in a row without a better loss."""
        best = np.minimum.accumulate(np.concatenate([[self.best], means]))
        position = np.arange(len(means))
        last_better = np.maximum.accumulate(np.where(means < best[:-1], position, -1))
        waits = np.where(
            last_better >= 0, position - last_better, self.epochs_without_better + position + 1
        )
        self.best, self.epochs_without_better = float(best[-1]), int(waits[-1])
        return waits
