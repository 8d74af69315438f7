"""One experiment with many seeds: how often it is solved, and the spread of the losses."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nn_core import seeds
from nn_core.events import Array, Failed
from nn_core.experiment import Experiment
from nn_core.runs.binned_curve import Envelope
from nn_core.runs.run import Run
from nn_core.runs.studies.comparison import final_accuracy
from nn_core.runs.studies.study import Study
from nn_core.runs.workers.pool import Pool

FEWEST_SEEDS, MOST_SEEDS = 2, 60

CURVE_POINTS = 100
"""Points of each seed's curve: few enough for sixty curves in one chart."""

MOST_AT_ONCE = 4
"""Runs of one study that may train at once, even if there are more slots."""

HOPELESS = ("framework", "device", "data", "invalid", "memory")
"""Failures that do not depend on the seed, so that the first one ends the study."""


@dataclass(frozen=True)
class Trial:
    """The result of the run of one seed.

    Attributes
    ----------
    seed : int
        Seed of the run.
    step : int
        Steps taken.
    epoch_steps : int
        Steps of an epoch.
    curve : Envelope
        The losses of the run.
    loss : float
        The last loss.
    accuracy : float or None
        See `nn_core.runs.studies.comparison.final_accuracy`; None where the run failed.
    message : str
        Why it failed; empty where it did not.
    """

    seed: int
    step: int
    epoch_steps: int
    curve: Envelope
    loss: float
    accuracy: float | None
    message: str

    def is_solved(self, target: float = 1.0) -> bool:
        """Whether the accuracy at the end is at least `target`."""
        return self.accuracy is not None and self.accuracy >= target


class Convergence(Study):
    """Trains the same experiment with several seeds.

    Parameters
    ----------
    pool, owner
        See `Study`.
    experiment : Experiment
        The experiment to train; its seed is the first.
    count : int
        Number of consecutive seeds.

    Attributes
    ----------
    trials : tuple of Trial
        The results so far, by seed.
    """

    purpose = "convergence"

    def __init__(self, pool: Pool, owner: str, experiment: Experiment, count: int) -> None:
        super().__init__(pool, owner)
        self.experiment = experiment
        self.seeds = [(experiment.seed + i) % seeds.COUNT for i in range(count)]
        self.trials: tuple[Trial, ...] = ()
        self._runs: deque[tuple[int, Run]] = deque()

    @property
    def seeds_under_way(self) -> list[int]:
        """Seeds whose runs train or wait now."""
        return [seed for seed, run in list(self._runs) if not run.is_over]

    def solved(self, target: float = 1.0) -> list[Trial]:
        """The trials that reached the target accuracy."""
        return [trial for trial in self.trials if trial.is_solved(target)]

    def unsolved(self, target: float = 1.0) -> list[Trial]:
        """The trials that did not reach it."""
        return [trial for trial in self.trials if not trial.is_solved(target)]

    def _work(self) -> None:
        # One more than may train, so that no slot is idle until this thread submits the next.
        width = min(self.pool.slots, MOST_AT_ONCE) + 1
        for number, seed in enumerate(self.seeds):
            if len(self._runs) == width:
                self._collect_oldest()
            run = self._submit(self.experiment.replace(seed=seed), f"{number % width}")
            if run is None:
                break
            self._runs.append((seed, run))
        while self._runs:
            self._collect_oldest()

    def _collect_oldest(self) -> None:
        """Wait for the run that was submitted first, and store its result."""
        seed, run = self._runs[0]
        self._wait_for(run)
        end = run.end
        if isinstance(end, Failed) and end.kind in HOPELESS:
            self.problem = end.message
            self.stop()
        elif run.state != "stopped":
            self.trials = (*self.trials, trial_of(seed, run))
        self._runs.popleft()


def trial_of(seed: int, run: Run) -> Trial:
    """The result of a run that is over."""
    losses = run.history.losses
    return Trial(
        seed=seed,
        step=run.step,
        epoch_steps=run.started.steps_per_epoch if run.started else 1,
        curve=losses.envelope(CURVE_POINTS),
        loss=losses.last,
        accuracy=final_accuracy(run),
        message=run.end.message if isinstance(run.end, Failed) else "",
    )


@dataclass(frozen=True)
class Band:
    """The spread of the losses of several runs, at some of the steps.

    Attributes
    ----------
    steps : ndarray of shape (points,)
        Counted from 0.
    lowest, lower_quartile, median, upper_quartile, highest : ndarray of shape (points,)
        Statistics over the runs.
    """

    steps: Array
    lowest: Array
    lower_quartile: Array
    median: Array
    upper_quartile: Array
    highest: Array


def middle(curve: Envelope) -> Array:
    """The value of a curve in the middle of each of its bins."""
    return np.asarray(curve.low / 2 + curve.high / 2)


def band(trials: Sequence[Trial], points: int = CURVE_POINTS) -> Band:
    """Lowest, quartiles and highest loss at each step; a run that ended keeps its last loss."""
    trials = [trial for trial in trials if len(trial.curve.steps)]
    end = max((int(trial.curve.steps[-1]) for trial in trials), default=0)
    steps = np.unique(np.linspace(0, end, points).round()) if trials else np.empty(0)
    values = np.array(
        [np.interp(steps, trial.curve.steps, middle(trial.curve)) for trial in trials]
    )
    if not trials:
        values = np.empty((1, 0))
    return Band(steps, *np.quantile(values, (0, 0.25, 0.5, 0.75, 1), axis=0))
