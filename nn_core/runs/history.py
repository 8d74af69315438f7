"""The history of a run, in bounded memory.

Losses are stored one by one at first, then in bins that double their width, each with its smallest
and largest loss, so that no spike is lost. Snapshots are thinned so that the remaining ones are
evenly spaced on a logarithmic scale of steps. Each stored snapshot has the state from which a
backend can continue.
"""

from __future__ import annotations

import bisect
import threading
import weakref
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from nn_core.events import Array, Snapshot
from nn_core.runs.binned_curve import BinnedCurve

MOST_EXACT_LOSSES = 200_000
MOST_SNAPSHOTS = 300
MOST_SNAPSHOT_BYTES = 96_000_000
"""Memory for the snapshots of one run: about 40 of MNIST with 200 hidden units and Adam."""

SHARED_SNAPSHOT_BYTES = 1_000_000_000
"""Memory for the snapshots of all runs together. Once it is used up, a new run has less ..."""

LEAST_SNAPSHOT_BYTES = 24_000_000
"""... but never less than this."""

LEAST_SNAPSHOTS = 4
MOST_MEASUREMENTS = 2000
MOST_CONFUSIONS = 500


class Measurement(NamedTuple):
    """Metrics at one step."""

    step: int
    epoch: float
    metrics: Mapping[str, float]


def is_whole(measurement: Measurement) -> bool:
    """Whether all rows were measured, and not only a sample of the test rows."""
    return "train_loss" in measurement.metrics


class ConfusionMatrix(NamedTuple):
    """A confusion matrix, and the step at which it was measured."""

    step: int
    counts: Array


class History:
    """Losses, measurements and snapshots of one run.

    One thread adds and others read: attributes are replaced, never changed in place.

    Attributes
    ----------
    losses, epoch_losses : BinnedCurve
        The loss before each step, and the mean loss of each epoch.
    exact_losses : ndarray of shape (steps,)
        The first `MOST_EXACT_LOSSES` of `losses`, one by one.
    measurements : list of Measurement
        Metrics, by step.
    confusions : list of ConfusionMatrix
        By step.
    snapshots : list of Snapshot
        The stored snapshots, by step.
    nbytes : int
        Memory of the snapshots in bytes.
    """

    def __init__(self) -> None:
        self.losses = BinnedCurve()
        self.exact_losses = np.empty(0)
        self.epoch_losses = BinnedCurve()
        self.measurements: list[Measurement] = []
        self.confusions: list[ConfusionMatrix] = []
        self._most_snapshots = MOST_SNAPSHOTS
        self._hold([])
        with _lock:
            _histories.add(self)

    @classmethod
    def restored(
        cls,
        *,
        losses: BinnedCurve,
        exact_losses: Array,
        epoch_losses: BinnedCurve,
        measurements: list[Measurement],
        confusions: list[ConfusionMatrix],
        snapshots: list[Snapshot],
    ) -> History:
        """A history read from the store: see the attributes of the class."""
        history = cls()
        history.losses, history.exact_losses = losses, exact_losses
        history.epoch_losses = epoch_losses
        history.measurements, history.confusions = measurements, confusions
        history._hold(snapshots)
        return history

    @property
    def kept_steps(self) -> list[int]:
        """Steps at which there is a snapshot, in ascending order."""
        return [snapshot.step for snapshot in self.snapshots]

    def snapshot_at(self, step: int) -> Snapshot | None:
        """The last snapshot at or before a step; None where there is none."""
        snapshots = self.snapshots
        place = bisect.bisect_right([snapshot.step for snapshot in snapshots], step)
        return snapshots[place - 1] if place else None

    def loss_at(self, step: int) -> float:
        """The loss before the step that led to `step`; NaN where there is none.

        The last loss and the first `MOST_EXACT_LOSSES` are exact; for those between, it is the
        middle of the bin.
        """
        if step == self.losses.count:
            return self.losses.last
        return self.losses.at(step - 1, self.exact_losses)

    def confusion_at(self, step: int) -> ConfusionMatrix | None:
        """The last confusion matrix at or before a step; None where there is none."""
        confusions = self.confusions
        place = bisect.bisect_right([measured.step for measured in confusions], step)
        return confusions[place - 1] if place else None

    def metrics_at(self, step: int) -> dict[str, float]:
        """The last value of each metric at or before a step."""
        found: dict[str, float] = {}
        measurements = self.measurements
        place = bisect.bisect_right([measured.step for measured in measurements], step)
        for measured in reversed(measurements[:place]):
            found = {**measured.metrics, **found}
            if is_whole(measured):  # it has all metrics; earlier ones are older
                break
        return found

    def add_losses(self, losses: Array) -> None:
        """Append the losses of the next steps."""
        self.losses.extend(losses)
        room = MOST_EXACT_LOSSES - len(self.exact_losses)
        if room > 0:
            self.exact_losses = np.concatenate([self.exact_losses, losses[:room]])

    def add_epoch_losses(self, epoch: int, means: Array) -> None:
        """Append the mean losses of the epochs up to and including number `epoch`, from 1.

        Epochs without a reported mean are NaN, such as one in which a run was continued.
        """
        if not len(means):
            return
        missing = epoch - len(means) - self.epoch_losses.count
        self.epoch_losses.extend(np.concatenate([np.full(max(0, missing), np.nan), means]))

    def epoch_loss_at(self, epoch: int) -> float:
        """The mean loss of an epoch, counted from 1; NaN where it is not known exactly."""
        curve = self.epoch_losses
        if epoch == curve.count:
            return curve.last
        return curve.at(epoch - 1, np.empty(0)) if curve.width == 1 else float("nan")

    def has_epoch_loss(self, epoch: int) -> bool:
        """Whether the mean loss of the epoch was reported; it is not where a batch is an epoch."""
        return bool(np.isfinite(self.epoch_losses.at(epoch - 1, np.empty(0))))

    def add_measurement(self, step: int, epoch: float, metrics: Mapping[str, float]) -> None:
        """Append metrics, if there are any; those already stored for this step stay unchanged."""
        if not metrics or (self.measurements and self.measurements[-1].step > step):
            return
        older, found = self.measurements, dict(metrics)
        if older and older[-1].step == step:
            found |= older[-1].metrics
            older = older[:-1]
        measurements = [*older, Measurement(step, epoch, found)]
        if len(measurements) > MOST_MEASUREMENTS:
            # Measurements on a sample are removed first: the curves are drawn from the others.
            samples = [i for i, kept in enumerate(measurements[:-1]) if not is_whole(kept)]
            gone = set(samples[::2] or range(1, len(measurements) - 1, 2))
            measurements = [kept for i, kept in enumerate(measurements) if i not in gone]
        self.measurements = measurements

    def add_confusion(self, step: int, counts: Array) -> None:
        """Append a confusion matrix, replacing one of the same step."""
        confusions = [it for it in self.confusions if it.step < step]
        confusions.append(ConfusionMatrix(step, counts))
        if len(confusions) > MOST_CONFUSIONS:
            del confusions[1:-1:2]
        self.confusions = confusions

    def remove_measurements_from(self, step: int) -> None:
        """Remove measurements at `step` or later, because the weights have changed."""
        self.measurements = [kept for kept in self.measurements if kept.step < step]
        self.confusions = [kept for kept in self.confusions if kept.step < step]

    def add_snapshot(self, snapshot: Snapshot) -> None:
        """Append a snapshot, replacing one of the same step, and thin the stored ones.

        A snapshot that is not to be kept is replaced by the next one of any step.
        """
        older = [it for it in self.snapshots if it.is_kept and it.step < snapshot.step]
        snapshots = [*older, snapshot]
        # All have the same size, except one without its state.
        size = max(1, snapshot.nbytes, snapshots[0].nbytes)
        fitting = max(LEAST_SNAPSHOTS, self._allowance() // size)
        self._hold(spaced(snapshots, min(self._most_snapshots, fitting)))

    def keep_at_most(self, count: int) -> None:
        """Limit the number of snapshots from now on, and remove those above the limit.

        Parameters
        ----------
        count : int
            At least 2: the first and the last snapshot are always stored.
        """
        self._most_snapshots = count
        self._hold(spaced(self.snapshots, count))

    def up_to(self, step: int) -> History:
        """A copy that ends at a step that has a snapshot.

        Both share their arrays. Where the losses at that step are stored in bins, the last bin of
        the curve may extend a few steps further.
        """
        copy = History()
        copy.exact_losses = self.exact_losses[:step]
        copy.losses = self.losses.up_to(step, self.exact_losses)
        if snapshot := self.snapshot_at(step):
            epochs = min(int(snapshot.epoch), self.epoch_losses.count)
            copy.epoch_losses = self.epoch_losses.up_to(epochs, np.empty(0))
        copy.measurements = [it for it in self.measurements if it.step <= step]
        copy.confusions = [it for it in self.confusions if it.step <= step]
        copy._hold([it for it in self.snapshots if it.step <= step])
        return copy

    def _hold(self, snapshots: list[Snapshot]) -> None:
        """Replace the snapshots, and update the count of their memory."""
        self.snapshots = snapshots
        self.nbytes = sum(snapshot.nbytes for snapshot in snapshots)

    def _allowance(self) -> int:
        """Bytes that the snapshots of this run may take."""
        with _lock:
            others = sum(history.nbytes for history in _histories if history is not self)
        left = SHARED_SNAPSHOT_BYTES - others
        return max(LEAST_SNAPSHOT_BYTES, min(MOST_SNAPSHOT_BYTES, left))


def spaced(snapshots: list[Snapshot], most: int) -> list[Snapshot]:
    """At most `most` of the snapshots, and at least 2: the first, the last, and some between.

    They are evenly spaced on a logarithmic scale of steps.
    """
    kept = list(snapshots)
    while len(kept) > max(2, most):
        del kept[_closest_neighbours(kept)]
    return kept


_histories: weakref.WeakSet[History] = weakref.WeakSet()
_lock = threading.Lock()


def _closest_neighbours(snapshots: list[Snapshot]) -> int:
    """Position of the snapshot whose neighbours are closest on a logarithmic scale."""
    steps = np.array([snapshot.step for snapshot in snapshots], float)
    gaps = np.log1p(steps[2:]) - np.log1p(steps[:-2])
    return 1 + int(gaps.argmin())
