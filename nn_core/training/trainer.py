"""The loop: draws batches, drives a backend, and says what happened.

It knows no framework. `Trainer` takes steps when it is asked to; `train` is the generator on
top of it, so that pausing is not asking for the next event and stopping is leaving the loop;
`fit` runs it to the end.

How many steps go into one call of a backend depends on the clock, but nothing that is
computed does: stop rules and divergence are found in the losses of the single steps, and the
model is then taken back to exactly that step.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from nn_core import backends, datasets, vocabulary
from nn_core.errors import DataUnavailable, InvalidExperiment, Problem
from nn_core.events import (
    Array,
    Event,
    Failed,
    Finished,
    LearningRateChanged,
    Params,
    ParamsEdited,
    Progress,
    Snapshot,
    Started,
    StopReason,
)
from nn_core.experiment import Experiment
from nn_core.networks import metrics
from nn_core.networks.dropout import Dropout
from nn_core.networks.initializers import initial_params
from nn_core.seeds import generator
from nn_core.training.batches import Batches
from nn_core.training.epoch_means import EpochMeans
from nn_core.training.stop_rules import StopRules

CHUNK_SECONDS = 1 / 25
"""How long one call of a backend should last: the picture stays live, the framework fast."""

MOST_STEPS = 20_000
"""Most steps in one call, so that a chunk's losses stay small."""

NEVER = 10**12
"""A step that no run reaches."""

SMALL_NETWORK = 2000
"""Parameters up to which a run is looked at again and again at fixed steps."""

MILESTONE_GROWTH = 1.12
"""Each of these steps is so many times the one before: about 70 of them in 3,000 steps."""

SMALL_STATE_BYTES = 300_000
"""What a backend needs to go on is sent with every snapshot up to this size, about."""

MOST_GRADIENT_ROWS = 2000
"""Snapshots of a small network carry its gradients where there are at most so many rows."""

CHEAP_EVALUATION = 2_000_000
"""Multiplications up to which all rows are evaluated with each snapshot: about 1 ms."""

SAMPLED_TEST_ROWS = 1000
"""Of images, all rows are evaluated only when an epoch ends, unless the network is small; each
snapshot measures the accuracy on the first so many test images."""

EVALUATED_TRAINING_ROWS = 10_000
"""Training accuracy is measured on at most this many rows: the first."""


class ChunkLength:
    """How many steps to ask for, so that they last about `CHUNK_SECONDS`."""

    def __init__(self) -> None:
        self.steps = 1

    def learn(self, steps: int, seconds: float) -> None:
        """Take note that `steps` steps lasted `seconds`; grow at most fourfold at a time."""
        fitting = int(steps * CHUNK_SECONDS / max(seconds, 1e-9))
        self.steps = max(1, min(fitting, 4 * self.steps, MOST_STEPS))


class _Taken(NamedTuple):
    """Steps of a chunk, and what was held before them."""

    state: dict[str, Array]
    batches: Array
    losses: Array
    unfinished: float  # see `EpochMeans`

    def first(self, steps: int) -> _Taken:
        """Only so many of its steps."""
        return self._replace(batches=self.batches[:steps], losses=self.losses[:steps])


class Trainer:
    """One model on its way through its training data.

    Parameters
    ----------
    experiment : Experiment
        What to train, and on which backend.
    start : Snapshot, optional
        Where to begin instead of at step 0: a moment of a network of the same shape. The
        optimizer remembers what its `state` holds, or nothing where that is empty.

    Raises
    ------
    BackendUnavailable, DeviceUnavailable, DataUnavailable, InvalidExperiment
        If the experiment cannot begin on this machine, or ends before `start`.

    Attributes
    ----------
    step : int
        Optimizer steps taken, those before `start` included.
    end : Finished or Failed or None
        How the run ended, once it has.
    is_at_milestone : bool
        Whether the last steps ended where a small network is to be looked at, so that its
        history shows the bends however fast its framework is.
    has_gradients : bool
        Whether snapshots carry the gradients of the training loss: network and data are small.
    has_small_state : bool
        Whether what is needed to go on is small enough to come with every snapshot.
    """

    def __init__(self, experiment: Experiment, start: Snapshot | None = None) -> None:
        self.experiment = experiment
        clock = time.perf_counter()
        backend = backends.load(experiment.worker)
        self.import_seconds = time.perf_counter() - clock
        backends.check_device(backend, experiment.device)

        self.data = datasets.load(experiment).astype(experiment.dtype)
        if not len(self.data.x):
            raise DataUnavailable("There is nothing to learn from yet: place a point first.")
        self.initial_params = start.params if start else initial_params(experiment)
        clock = time.perf_counter()
        self.model: backends.Model = backend.Model(
            experiment, self.initial_params, self.data.x, self.data.y, experiment.device
        )
        self.build_seconds = time.perf_counter() - clock
        self.batches = Batches(
            len(self.data.x),
            experiment.batch_size,
            experiment.shuffle,
            generator(experiment.seed, "batches"),
        )
        dropout = Dropout(experiment, self.batches.batch_size)
        self.dropout = dropout if experiment.dropout else None
        self.learning_rate = experiment.learning_rate
        self.step = 0
        self.train_seconds = 0.0
        self.first_call_seconds = 0.0
        self.end: Finished | Failed | None = None
        self._boundary = metrics.threshold(experiment.output, experiment.loss)
        self._before: _Taken | None = None
        self._edited_at: int | None = None
        self._stop_rules = StopRules(experiment)
        self._epoch_means = EpochMeans()
        self._has_parts = False
        self._milestone = 1 if experiment.n_parameters <= SMALL_NETWORK else NEVER
        self.is_at_milestone = False
        rows = len(self.data.x)
        self.has_gradients = experiment.n_parameters <= SMALL_NETWORK and rows <= MOST_GRADIENT_ROWS
        # Adam, the largest: the parameters and two numbers more for each.
        state_bytes = 3 * experiment.n_parameters * np.dtype(experiment.dtype).itemsize
        self.has_small_state = state_bytes <= SMALL_STATE_BYTES
        if start:
            self._begin_at(start)

    def _begin_at(self, start: Snapshot) -> None:
        """Take over optimizer, batches, stop rules and step of a moment."""
        if start.epoch >= self.experiment.epochs:
            raise InvalidExperiment(
                [Problem("epochs", self.experiment.epochs,
                         f"the moment to go on from has seen {start.epoch:g}; choose more")]
            )  # fmt: skip
        if start.state:
            self.model.set_state(dict(start.state))
        n = len(self.data.x)
        is_same_place = round(start.epoch * n) == start.rows_seen
        # Other data have other epochs: the one begun begins anew.
        self.batches.seek(start.rows_seen if is_same_place else int(start.epoch) * n)
        self.step = start.step
        self._stop_rules.remember(start.stop_rules)
        unfinished = start.stop_rules.get("unfinished")
        self._epoch_means.go_on(unfinished, self.batches.rows_seen, n)
        if self._milestone != NEVER:
            self._milestone = _next_milestone(start.step)

    @property
    def epoch(self) -> float:
        """Passes over the training data, with the fraction of the one begun."""
        return self.batches.epoch

    def started(self) -> Started:
        """What there is to say before the first step."""
        return Started(
            backend=self.experiment.backend,
            framework=self.model.framework,
            device=self.experiment.device,
            epsilon_form=self.model.epsilon_form,
            steps_per_epoch=self.batches.steps_per_epoch,
            n_train=len(self.data.x),
            n_test=0 if self.data.x_test is None else len(self.data.x_test),
            import_seconds=self.import_seconds,
            build_seconds=self.build_seconds,
            input_names=self.data.input_names,
            output_names=self.data.output_names,
            note=self.data.note,
            params=self.initial_params,
        )

    def advance(self, steps: int) -> list[Event]:
        """Take up to `steps` steps, fewer where an epoch, a rule or the run ends first.

        Parameters
        ----------
        steps : int
            At least 1.

        Returns
        -------
        events : list of Event
            A `Progress`, and `Finished` or `Failed` where the run has ended.
        """
        if self.end:
            return []
        steps = min(steps, self._steps_to_take(), self._milestone - self.step)
        if self.dropout:
            steps = min(steps, self.dropout.most_steps)
        return self._take(self.batches.take(max(1, steps)))

    def advance_sample(self) -> list[Event]:
        """Take one step on the next row alone, whatever the batch size."""
        return [] if self.end else self._take(self.batches.take_sample())

    def advance_epoch(self) -> list[Event]:
        """Take the steps that are left in this epoch."""
        events: list[Event] = []
        goal = int(self.epoch) + 1
        while self.epoch < goal and not self.end:
            events += self.advance(self.batches.steps_per_epoch)
        return events

    def stop(self) -> list[Event]:
        """End the run here, as the user asks."""
        if self.end:
            return []
        self.end = self._finished("stopped", self.evaluate()[0])
        return [self.end]

    def set_learning_rate(self, learning_rate: float) -> LearningRateChanged:
        """Use another step size from the next step on."""
        self.learning_rate = learning_rate
        self.model.set_learning_rate(learning_rate)
        return LearningRateChanged(self.step, learning_rate)

    def edit_params(
        self, layer: int, source: int | None, target: int, value: float
    ) -> ParamsEdited:
        """Set one weight, or one bias where `source` is None; the optimizer keeps its memory.

        Parameters
        ----------
        layer : int
            From 0, the first layer of weights.
        source, target : int
            The unit that the weight comes from, and the unit that it, or the bias, belongs to.
        value : float
            Rounded to the type that the framework computes with.

        Raises
        ------
        ValueError
            If the network has no such weight or bias, or the value is no finite number.
        """
        params = [
            (weight.copy(), None if bias is None else bias.copy())
            for weight, bias in self.model.get_params()
        ]
        if not 0 <= layer < len(params) or not math.isfinite(value):
            raise ValueError(f"no layer {layer}, or no finite number: {value}")
        weight, bias = params[layer]
        array = bias if source is None else weight
        place = (target,) if source is None else (source, target)
        if array is None or not all(0 <= i < n for i, n in zip(place, array.shape, strict=True)):
            raise ValueError(f"layer {layer} has nothing at {place}")
        array[place] = value
        self.model.set_params(params)
        self._before = None  # there is no way back to before the edit
        self._edited_at = self.step
        return ParamsEdited(self.step, layer, source, target, float(array[place]))

    def measured(self) -> Progress:
        """Loss and accuracy now, with no step taken."""
        measured, _, confusion = self.evaluate()
        return Progress(
            self.step,
            self.epoch,
            np.empty(0),
            measured,
            self.train_seconds,
            confusion,
            self.first_call_seconds,
        )

    def snapshot(self, *, with_gradients: bool = True, with_state: bool = True) -> Snapshot:
        """The parameters now, what the backend answers with them, and how good that is.

        Where there are many rows, the metrics are left to the ends of the epochs; of images,
        ``test_accuracy_sample`` is measured: on the first `SAMPLED_TEST_ROWS` of the test.

        Parameters
        ----------
        with_gradients : bool
            False leaves out the gradients, for which some frameworks compile at first.
        with_state : bool
            False leaves out what is needed to go on from here: many megabytes for a large
            network.
        """
        params = self.model.get_params()
        if self._evaluation_is_cheap():
            measured, outputs, confusion = self.evaluate()
        else:
            measured, outputs = self._sample()
            confusion = None
        return Snapshot(
            self.step,
            self.epoch,
            params,
            outputs,
            measured,
            confusion,
            self.model.get_state() if with_state else {},
            self.batches.rows_seen,
            self._gradients() if with_gradients and self.has_gradients else None,
            {**self._stop_rules.remembered(), "unfinished": self._epoch_means.unfinished},
            is_kept=with_state,
        )

    def _gradients(self) -> Params:
        """Gradients of the training loss, as `evaluate` measures it."""
        with np.errstate(all="ignore"):
            gradients = self.model.gradients(self.data.x, self.data.y)
        scale = self._loss_scale(len(self.data.x))
        if scale == 1.0:
            return gradients
        return [(w * scale, None if b is None else b * scale) for w, b in gradients]

    def _loss_scale(self, rows: int) -> float:
        """Brings a sum over so many rows to the size of a batch: comparable with the steps'."""
        is_sum = vocabulary.LOSSES[self.experiment.loss].reduction == "sum"
        return self.batches.batch_size / rows if is_sum else 1.0

    def evaluate(self) -> tuple[dict[str, float], Array, Array | None]:
        """Loss and accuracy on the training rows, and on the test rows where there are any.

        Returns
        -------
        metrics : dict
            ``train_loss``, ``train_accuracy`` (or ``train_r2``, as the data are measured), and
            the same for ``test``; of images ``test_accuracy_sample`` as well.
        outputs : ndarray of shape (n_shown, n_outputs)
            The backend's answers for the rows that are shown.
        confusion : ndarray of shape (n_classes, n_classes) or None
            Over all test rows, or training rows where there is no test set.
        """
        data, shown = self.data, self.data.n_shown
        x, y = data.x[:EVALUATED_TRAINING_ROWS], data.y[:EVALUATED_TRAINING_ROWS]
        measured, outputs = self._measure("train", x, y)
        if data.x_test is not None and data.y_test is not None:
            y = data.y_test
            test, outputs = self._measure("test", data.x_test, y)
            measured |= test
            measured |= self._accuracy_on_sample(outputs)
        confusion = metrics.confusion_matrix(outputs, y) if data.kind == "classes" else None
        return measured, outputs[:shown], confusion

    def _measure(self, name: str, x: Array, y: Array) -> tuple[dict[str, float], Array]:
        loss, outputs = self.model.evaluate(x, y)
        loss *= self._loss_scale(len(x))
        found = {"loss": float(loss)}
        found |= metrics.quality(outputs, y, self.data.kind, self._boundary, self.data.measure)
        return {f"{name}_{what}": value for what, value in found.items()}, outputs

    def _sample(self) -> tuple[dict[str, float], Array]:
        """Accuracy on the first test images, and the outputs of the rows shown."""
        x = self.data.x_test
        if x is None or self.data.image_shape is None:
            return {}, self.model.predict(self.data.shown[0])
        outputs = self.model.predict(x[:SAMPLED_TEST_ROWS])
        return self._accuracy_on_sample(outputs), outputs[: self.data.n_shown]

    def _accuracy_on_sample(self, outputs: Array) -> dict[str, float]:
        """Of images, by the outputs of the first test rows or of all of them."""
        data = self.data
        if data.y_test is None or data.image_shape is None:
            return {}
        y, outputs = data.y_test[:SAMPLED_TEST_ROWS], outputs[:SAMPLED_TEST_ROWS]
        accuracy = metrics.accuracy(outputs, y, data.kind, self._boundary)
        return {"test_accuracy_sample": accuracy}

    def _evaluation_is_cheap(self) -> bool:
        rows = sum(len(x) for x in (self.data.x, self.data.x_test) if x is not None)
        return rows * self.experiment.multiplications <= CHEAP_EVALUATION

    def _steps_to_take(self) -> int:
        """Steps until the run ends, or until the epoch does where it ends in an evaluation."""
        batches = self.batches
        in_epoch = -(-batches.rows_left_in_epoch // batches.batch_size)
        if not self._evaluation_is_cheap():
            return in_epoch
        epochs_left = self.experiment.epochs - int(self.epoch) - 1
        return in_epoch + epochs_left * batches.steps_per_epoch

    def _take(self, batches: Array) -> list[Event]:
        """Train on `batches`, and look in the losses for a reason to end."""
        before = self.model.get_state()
        start = time.perf_counter()
        losses = self._train(batches, self.step)
        seconds = time.perf_counter() - start
        self.train_seconds += seconds
        self.first_call_seconds = self.first_call_seconds or seconds

        rows_before = self.batches.rows_seen - batches.size
        taken = _Taken(before, batches, losses, self._epoch_means.unfinished)
        broken = _first_broken(losses)
        if broken is not None:
            return self._diverged(broken, taken, rows_before)
        means, ends = self._epoch_means.take(
            losses, batches.shape[1], rows_before, len(self.data.x)
        )
        stop = self._stop_rules.first(means, ends)
        if stop is not None and stop.steps < len(losses):
            losses = losses[: stop.steps]
            self._go_back(before, batches[: stop.steps], self.step)
            self.batches.rows_seen = rows_before + stop.steps * batches.shape[1]
            means, self._epoch_means.unfinished = means[ends < stop.steps], 0.0
        self.step += len(losses)
        self._before = taken
        self.is_at_milestone = self.step >= self._milestone
        if self.is_at_milestone:
            self._milestone = _next_milestone(self.step)

        reason: StopReason | None = stop.reason if stop else None
        if reason is None and self.epoch >= self.experiment.epochs:
            reason = "epochs"
        at_epoch_end = self.batches.rows_seen % len(self.data.x) == 0
        measured: Mapping[str, float] = {}
        confusion = None
        if reason or (at_epoch_end and not self._evaluation_is_cheap()):
            measured, _, confusion = self.evaluate()
        events: list[Event] = [
            Progress(
                self.step,
                self.epoch,
                losses,
                measured,
                self.train_seconds,
                confusion,
                self.first_call_seconds,
                self._told(means, batches.shape[1]),
            )
        ]
        if reason:
            self.end = self._finished(reason, measured)
            events.append(self.end)
        return events

    def _diverged(self, broken: int, taken: _Taken, rows_before: int) -> list[Event]:
        """Return to the weights of the last loss that was a number, and say what happened."""
        failed_step = self.step + broken
        size, n = taken.batches.shape[1], len(self.data.x)
        rows_seen = rows_before + broken * size
        taken = taken.first(broken)
        means, _ = self._epoch_means.take(taken.losses, size, rows_before, n)
        progress = Progress(
            failed_step,
            rows_seen / n,
            taken.losses,
            {},
            self.train_seconds,
            None,
            self.first_call_seconds,
            self._told(means, size),
        )
        # If no step of this chunk led to a number, the last step of the chunk before did it.
        last = taken if broken else self._before
        if last:
            size, steps = last.batches.shape[1], len(last.batches) - 1
            self._go_back(last.state, last.batches[:-1], failed_step - steps - 1)
            rows_seen -= size
            # The step that is undone is taken again where the run goes on from here.
            self._epoch_means.unfinished = last.unfinished
            self._epoch_means.take(last.losses[:-1], size, rows_seen - steps * size, n)
        self.batches.rows_seen = rows_seen
        if self._edited_at == failed_step:
            self.step = failed_step
            why = (
                f"With the weight or bias that was set by hand at step {failed_step:,}, the loss "
                "is no longer a finite number. Press Reset, and choose a smaller one."
            )
        else:
            self.step = max(0, failed_step - 1)
            why = _why_diverged(self.experiment, self.learning_rate, failed_step)
        self.end = Failed("diverged", why, failed_step)
        return [progress, self.end]

    def _told(self, means: Array, batch_size: int) -> Array:
        """The mean losses of epochs, where they are not those of the batches again.

        From the first batch on that is no epoch: also after rows that were taken alone.
        """
        self._has_parts |= batch_size < len(self.data.x)
        return means if self._has_parts else means[:0]

    def _train(self, batches: Array, first_step: int) -> Array:
        """Take the steps on `batches`, of which the first comes after `first_step` others."""
        with np.errstate(all="ignore"):  # what overflows is found in the losses, and said
            if self.dropout is None:
                return self.model.train(batches)
            return self.model.train(batches, self.dropout.masks(first_step, *batches.shape))

    def _go_back(self, state: dict[str, Array], batches: Array, first_step: int) -> None:
        """Return to the state after `first_step` steps, and take those on `batches` again."""
        self.model.set_state(state)
        if len(batches):
            self._train(batches, first_step)

    def _finished(self, reason: StopReason, measured: Mapping[str, float]) -> Finished:
        return Finished(self.step, self.epoch, reason, measured, self.train_seconds)


def _next_milestone(step: int) -> int:
    return max(step + 1, int(MILESTONE_GROWTH * step))


def _first_broken(losses: Array) -> int | None:
    """Position of the first loss that is NaN or infinite, or None."""
    broken = np.flatnonzero(~np.isfinite(losses))
    return int(broken[0]) if len(broken) else None


def _why_diverged(experiment: Experiment, learning_rate: float, step: int) -> str:
    """When the loss stopped being a number, and the likely cause."""
    when = f"The loss is no longer a finite number at step {step:,}."
    if experiment.initializer == "normal_large" and step <= 1:
        return (
            f"{when} The likely cause is the large start: the initial weights already overflow "
            f"{experiment.dtype}. Choose the Glorot initial weights."
        )
    return (
        f"{when} The likely cause is the learning rate of {learning_rate:g}: each step overshot "
        "further than the one before, until the weights overflowed. "
        f"Try {learning_rate / 10:g}, and press Reset to begin from the same weights."
    )


def train(experiment: Experiment) -> Iterator[Event]:
    """Train, and yield what happens as it happens.

    Parameters
    ----------
    experiment : Experiment
        What to train.

    Yields
    ------
    event : Event
        `Started` first; then `Progress` for the steps taken, with a `Snapshot` whenever the
        step count has grown by half and after the last step; `Finished` or `Failed` last.

    Raises
    ------
    BackendUnavailable, DeviceUnavailable, DataUnavailable, InvalidExperiment
        If the experiment cannot begin on this machine.
    """
    trainer = Trainer(experiment)
    chunk = ChunkLength()
    yield trainer.started()
    yield trainer.snapshot()
    next_snapshot = 1.0
    while not trainer.end:
        taken, seconds = trainer.step, trainer.train_seconds
        events = trainer.advance(chunk.steps)
        chunk.learn(max(1, trainer.step - taken), trainer.train_seconds - seconds)
        yield from (event for event in events if isinstance(event, Progress))
        if trainer.end or trainer.step >= next_snapshot:
            next_snapshot = 1.5 * trainer.step
            yield trainer.snapshot()
    yield trainer.end


@dataclass(frozen=True)
class Result:
    """What a run to the end has left.

    Attributes
    ----------
    losses : ndarray of shape (steps,), float64
        The loss before each step.
    initial_params, params : list of (weight, bias)
        Where training began and where it ended.
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
    model: backends.Model = field(repr=False)

    def predict(self, x: Array) -> Array:
        """The backend's outputs for the rows of `x`: shape (n, n_outputs)."""
        return self.model.predict(np.ascontiguousarray(x, self.experiment.dtype))


def fit(experiment: Experiment) -> Result:
    """Train to the end in this process.

    Parameters
    ----------
    experiment : Experiment
        What to train.

    Returns
    -------
    result : Result
        Also where the loss diverged: then `result.end` is a `Failed` that says so.

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
    chunk = ChunkLength()
    losses = []
    while not trainer.end:
        taken, seconds = trainer.step, trainer.train_seconds
        losses += [e.losses for e in trainer.advance(chunk.steps) if isinstance(e, Progress)]
        chunk.learn(max(1, trainer.step - taken), trainer.train_seconds - seconds)
    return Result(
        experiment=experiment,
        losses=np.concatenate(losses),
        initial_params=trainer.initial_params,
        params=trainer.model.get_params(),
        metrics=trainer.evaluate()[0],
        end=trainer.end,
        model=trainer.model,
    )
