"""Training to the end in this process: event by event with `train`, or at once with `fit`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from nn_core.backends import Model
from nn_core.events import Array, Event, Failed, Finished, Params, Progress
from nn_core.experiment import Experiment
from nn_core.training.trainer import Trainer

SNAPSHOT_GROWTH = 1.5
"""`train` yields a snapshot whenever the step count has grown by this factor."""


def train(experiment: Experiment) -> Iterator[Event]:
    """Train, and yield each event as it happens.

    The caller pauses by not requesting the next event, and stops by leaving the loop.

    Parameters
    ----------
    experiment : Experiment
        The experiment to train.

    Yields
    ------
    event : Event
        `Started` first; then those of `train_to_end`, with a `Snapshot` whenever the step count
        has grown by half.

    Raises
    ------
    BackendUnavailable, DeviceUnavailable, DataUnavailable, InvalidExperiment
        If the experiment cannot begin on this machine.
    """
    trainer = Trainer(experiment)
    yield trainer.started()
    yield from train_to_end(trainer, SNAPSHOT_GROWTH)


def train_to_end(trainer: Trainer, snapshot_growth: float | None = None) -> Iterator[Event]:
    """Take the remaining steps, in chunks, and yield the events.

    Parameters
    ----------
    trainer : Trainer
        Not yet at its end. It may be read between two events.
    snapshot_growth : float, optional
        Take a snapshot at the beginning, after the last step, and whenever the step count has
        grown by this factor; None takes no snapshots.

    Yields
    ------
    event : Event
        `Progress` for the steps taken, each `Snapshot` right after the steps that led to it,
        and `Finished` or `Failed` last.
    """
    next_snapshot = float(trainer.step)
    while True:
        if snapshot_growth and (trainer.end or trainer.step >= next_snapshot):
            next_snapshot = max(trainer.step + 1, snapshot_growth * trainer.step)
            yield trainer.snapshot()
        if trainer.end:
            yield trainer.end
            return
        yield from (event for event in trainer.advance_chunk() if isinstance(event, Progress))


@dataclass(frozen=True)
class Result:
    """The result of a whole run.

    Attributes
    ----------
    losses : ndarray of shape (steps,), float64
        The loss before each step.
    initial_params, params : list of (weight, bias)
        Parameters before the first and after the last step.
    metrics : mapping of str to float
        At the end: ``train_loss``, ``train_accuracy``, and ``test_...`` where there is a test
        set. Accuracies are fractions.
    end : Finished or Failed
        Why the run ended.
    """

    experiment: Experiment
    losses: Array
    initial_params: Params
    params: Params
    metrics: Mapping[str, float]
    end: Finished | Failed
    model: Model = field(repr=False)

    def predict(self, x: Array) -> Array:
        """The backend's outputs for the rows of `x`: shape (n, n_outputs)."""
        return self.model.predict(np.ascontiguousarray(x, self.experiment.dtype))


def fit(experiment: Experiment) -> Result:
    """Train to the end.

    Parameters
    ----------
    experiment : Experiment
        The experiment to train.

    Returns
    -------
    result : Result
        Where the loss diverged, `result.end` is a `Failed` with the reason.

    Raises
    ------
    BackendUnavailable, DeviceUnavailable, DataUnavailable, InvalidExperiment
        If the experiment cannot begin on this machine.

    Examples
    --------
    >>> result = fit(Experiment(dataset="or", hidden=(), epochs=300, dtype="float64"))
    >>> (result.predict([[0, 0], [0, 1]]) > 0.5).ravel()
    array([False,  True])
    """
    trainer = Trainer(experiment)
    losses = [event.losses for event in train_to_end(trainer) if isinstance(event, Progress)]
    assert trainer.end
    return Result(
        experiment=experiment,
        losses=np.concatenate(losses),
        initial_params=trainer.initial_params,
        params=trainer.model.get_params(),
        metrics=trainer.evaluate().metrics,
        end=trainer.end,
        model=trainer.model,
    )
