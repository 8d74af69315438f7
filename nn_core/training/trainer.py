"""The training loop: draws batches, calls a backend to train on them, and returns events.

It depends on no framework. Each call of a `Trainer` takes steps and returns their events; the
caller decides when to call, and pauses by not calling. `nn_core.training.fit` calls it until the
run ends, a worker as its commands allow.

The number of steps in one call of a backend depends on the clock, but no result does: stop rules
and divergence are decided from the losses of the single steps, and the model is then rewound to
exactly that step.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

import numpy as np

from nn_core import backends, datasets
from nn_core.errors import DataUnavailable, InvalidExperiment, Problem
from nn_core.events import (
    Array,
    Event,
    Failed,
    Finished,
    LearningRateChanged,
    ParamsEdited,
    Progress,
    Snapshot,
    Started,
    StopReason,
)
from nn_core.experiment import Experiment
from nn_core.networks.dropout import Dropout
from nn_core.networks.initializers import initial_params
from nn_core.seeds import generator
from nn_core.training import divergence
from nn_core.training.batches import Batches
from nn_core.training.chunks import Chunk, ChunkLength
from nn_core.training.epoch_means import EpochMeans
from nn_core.training.evaluator import Evaluation, Evaluator
from nn_core.training.milestones import Milestones
from nn_core.training.stop_rules import StopRules
from nn_core.training.weight_edit import with_value

SMALL_STATE_BYTES = 300_000
"""Approximate size up to which the state of the backend is sent with every snapshot."""


class Trainer:
    """Trains one model, step by step.

    Parameters
    ----------
    experiment : Experiment
        The experiment to train, with its backend.
    start : Snapshot, optional
        Where to begin instead of at step 0: a snapshot of a network of the same shape. The
        optimizer begins with the slots in its `state`, or with zeros where that is empty.

    Raises
    ------
    BackendUnavailable, DeviceUnavailable, DataUnavailable, InvalidExperiment
        If the experiment cannot begin on this machine, or ends before `start`.

    Attributes
    ----------
    step : int
        Optimizer steps taken, including those before `start`.
    end : Finished or Failed or None
        How the run ended; None before.
    chunk_length : ChunkLength
        Number of steps that `advance_chunk` takes next.
    is_at_milestone : bool
        Whether the last steps ended at a milestone: see `nn_core.training.milestones`.
    has_small_state : bool
        Whether the state of the backend is small enough to be sent with every snapshot.
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
        self.chunk_length = ChunkLength()
        self.is_at_milestone = False
        # Adam has the largest state: two numbers for each parameter besides the parameter.
        state_bytes = 3 * experiment.n_parameters * np.dtype(experiment.dtype).itemsize
        self.has_small_state = state_bytes <= SMALL_STATE_BYTES
        self._evaluator = Evaluator(experiment, self.data, self.model, self.batches.batch_size)
        self._milestones = Milestones(experiment.n_parameters)
        self._stop_rules = StopRules(experiment)
        self._epoch_means = EpochMeans()
        self._has_partial_batches = False
        self._previous: Chunk | None = None
        self._edited_at: int | None = None
        if start:
            self._begin_at(start)

    def _begin_at(self, start: Snapshot) -> None:
        """Restore optimizer, batches, stop rules and step count from a snapshot."""
        if start.epoch >= self.experiment.epochs:
            raise InvalidExperiment(
                [Problem("epochs", self.experiment.epochs,
                         f"the moment to go on from has seen {start.epoch:g}; choose more")]
            )  # fmt: skip
        if start.state:
            self.model.set_state(dict(start.state))
        n = len(self.data.x)
        is_same_place = round(start.epoch * n) == start.rows_seen
        # Other data have other epochs: the unfinished epoch starts again.
        self.batches.seek(start.rows_seen if is_same_place else int(start.epoch) * n)
        self.step = start.step
        self._stop_rules.set_state(start.stop_rules)
        unfinished = start.stop_rules.get("unfinished")
        self._epoch_means.resume(unfinished, self.batches.rows_seen, n)
        self._milestones.resume(start.step)

    @property
    def epoch(self) -> float:
        """Passes over the training data; the fraction belongs to the unfinished epoch."""
        return self.batches.epoch

    @property
    def has_gradients(self) -> bool:
        """Whether snapshots include the gradients of the training loss."""
        return self._evaluator.has_gradients

    def started(self) -> Started:
        """The event that describes the model and its data, before the first step."""
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

    def advance_chunk(self, most_steps: int | None = None) -> list[Event]:
        """Take as many steps as last about `nn_core.training.chunks.CHUNK_SECONDS`.

        Parameters
        ----------
        most_steps : int, optional
            Upper limit of the number of steps, at least 1.

        Returns
        -------
        events : list of Event
            As from `advance`.
        """
        steps = self.chunk_length.steps
        step, seconds = self.step, self.train_seconds
        events = self.advance(steps if most_steps is None else min(steps, most_steps))
        if events:
            self.chunk_length.update(max(1, self.step - step), self.train_seconds - seconds)
        return events

    def advance(self, steps: int) -> list[Event]:
        """Take up to `steps` steps, fewer where an epoch, a rule or the run ends first.

        Parameters
        ----------
        steps : int
            At least 1.

        Returns
        -------
        events : list of Event
            A `Progress`, and `Finished` or `Failed` where the run ended with these steps; empty
            where it had already ended.
        """
        if self.end:
            return []
        steps = min(steps, self._most_steps(), self._milestones.next - self.step)
        if self.dropout:
            steps = min(steps, self.dropout.most_steps)
        return self._take(self.batches.take(max(1, steps)))

    def advance_sample(self) -> list[Event]:
        """Take one step on the next single row, independent of the batch size."""
        return [] if self.end else self._take(self.batches.take_sample())

    def advance_epoch(self) -> list[Event]:
        """Take the remaining steps of this epoch."""
        events: list[Event] = []
        goal = int(self.epoch) + 1
        while self.epoch < goal and not self.end:
            events += self.advance(self.batches.steps_per_epoch)
        return events

    def stop(self) -> list[Event]:
        """End the run at this step, by request of the user."""
        if self.end:
            return []
        self.end = self._finished("stopped", self.evaluate().metrics)
        return [self.end]

    def set_learning_rate(self, learning_rate: float) -> LearningRateChanged:
        """Change the learning rate from the next step on."""
        self.learning_rate = learning_rate
        self.model.set_learning_rate(learning_rate)
        return LearningRateChanged(self.step, learning_rate)

    def edit_params(
        self, layer: int, source: int | None, target: int, value: float
    ) -> ParamsEdited:
        """Set one weight, or one bias where `source` is None; the optimizer's slots stay.

        Parameters and errors are those of `nn_core.training.weight_edit.with_value`.
        """
        params, held = with_value(self.model.get_params(), layer, source, target, value)
        self.model.set_params(params)
        self._previous = None  # its steps led to other parameters than these
        self._edited_at = self.step
        return ParamsEdited(self.step, layer, source, target, held)

    def evaluate(self) -> Evaluation:
        """Measure loss and accuracy at this step; see `Evaluator.evaluate`."""
        return self._evaluator.evaluate()

    def measured(self) -> Progress:
        """An event with loss and accuracy at this step, and no steps."""
        measured, _, confusion = self.evaluate()
        return self._progress(np.empty(0), measured, confusion)

    def snapshot(self, *, with_gradients: bool = True, with_state: bool = True) -> Snapshot:
        """The current parameters, with the backend's outputs and metrics.

        Where there are many rows, only the end of an epoch measures all metrics; for images, a
        snapshot measures ``test_accuracy_sample``: see `Evaluator.evaluate_sample`.

        Parameters
        ----------
        with_gradients : bool
            False omits the gradients, for which some frameworks have to compile first.
        with_state : bool
            False omits the state of the backend, which is many megabytes for a large network.
        """
        params = self.model.get_params()
        is_cheap = self._evaluator.is_cheap
        measured, outputs, confusion = (
            self.evaluate() if is_cheap else self._evaluator.evaluate_sample()
        )
        return Snapshot(
            self.step,
            self.epoch,
            params,
            outputs,
            measured,
            confusion,
            self.model.get_state() if with_state else {},
            self.batches.rows_seen,
            self._evaluator.gradients() if with_gradients and self.has_gradients else None,
            {**self._stop_rules.get_state(), "unfinished": self._epoch_means.unfinished},
            is_kept=with_state,
        )

    def _most_steps(self) -> int:
        """Steps until the run ends, or the epoch where an evaluation follows it."""
        batches = self.batches
        in_epoch = -(-batches.rows_left_in_epoch // batches.batch_size)
        if not self._evaluator.is_cheap:
            return in_epoch
        epochs_left = self.experiment.epochs - int(self.epoch) - 1
        return in_epoch + epochs_left * batches.steps_per_epoch

    def _take(self, batches: Array) -> list[Event]:
        """Train on `batches`, and end the run if the losses call for it."""
        chunk = self._train_chunk(batches)
        not_finite = divergence.first_not_finite(chunk.losses)
        if not_finite is not None:
            return self._diverged(chunk, not_finite)
        means, ends = self._add_to_epochs(chunk, len(batches))
        stop = self._stop_rules.first(means, ends)
        losses = chunk.losses
        if stop is not None and stop.steps < len(losses):
            losses = losses[: stop.steps]
            means = self._rewind(chunk, stop.steps)
        self.step += len(losses)
        self._previous = chunk
        self.is_at_milestone = self._milestones.reach(self.step)

        reason: StopReason | None = stop.reason if stop else None
        if reason is None and self.epoch >= self.experiment.epochs:
            reason = "epochs"
        at_epoch_end = self.batches.rows_seen % len(self.data.x) == 0
        measured: Mapping[str, float] = {}
        confusion = None
        if reason or (at_epoch_end and not self._evaluator.is_cheap):
            measured, _, confusion = self.evaluate()
        epoch_losses = self._epoch_losses(means, chunk.batch_size)
        events: list[Event] = [self._progress(losses, measured, confusion, epoch_losses)]
        if reason:
            self.end = self._finished(reason, measured)
            events.append(self.end)
        return events

    def _train_chunk(self, batches: Array) -> Chunk:
        """Take and time the steps on `batches`, which were just drawn."""
        state = self.model.get_state()
        start = time.perf_counter()
        losses = self._train(batches, self.step)
        seconds = time.perf_counter() - start
        self.train_seconds += seconds
        self.first_call_seconds = self.first_call_seconds or seconds
        rows_before = self.batches.rows_seen - batches.size
        return Chunk(state, self.step, rows_before, self._epoch_means.unfinished, batches, losses)

    def _train(self, batches: Array, first_step: int) -> Array:
        """Take the steps on `batches`; `first_step` steps were taken before."""
        with np.errstate(all="ignore"):  # an overflow shows in the losses, and is reported
            if self.dropout is None:
                return self.model.train(batches)
            return self.model.train(batches, self.dropout.masks(first_step, *batches.shape))

    def _add_to_epochs(self, chunk: Chunk, steps: int) -> tuple[Array, Array]:
        """Add the losses of the first steps to the means of their epochs; see `EpochMeans.add`."""
        return self._epoch_means.add(
            chunk.losses[:steps], chunk.batch_size, chunk.rows_before, len(self.data.x)
        )

    def _rewind(self, chunk: Chunk, steps: int) -> Array:
        """Restore the state before a chunk, and take its first steps again.

        The caller sets `step`.

        Returns
        -------
        means : ndarray of shape (epochs,)
            Mean losses of the epochs that end in these steps.
        """
        self.model.set_state(chunk.state)
        if steps:
            self._train(chunk.batches[:steps], chunk.first_step)
        self.batches.rows_seen = chunk.rows_after(steps)
        self._epoch_means.unfinished = chunk.unfinished
        means, _ = self._add_to_epochs(chunk, steps)
        return means

    def _diverged(self, chunk: Chunk, not_finite: int) -> list[Event]:
        """Rewind to the weights of the last finite loss, and report the failure.

        `not_finite` is the position in the chunk of the first step without a finite loss.
        """
        failed_step = self.step + not_finite
        self.batches.rows_seen = chunk.rows_after(not_finite)
        means, _ = self._add_to_epochs(chunk, not_finite)
        epoch_losses = self._epoch_losses(means, chunk.batch_size)
        self.step = failed_step
        progress = self._progress(chunk.losses[:not_finite], {}, None, epoch_losses)
        # The step before has overflowed the weights: it is undone. A continued run takes it again.
        if not_finite:
            self._rewind(chunk, not_finite - 1)
        elif self._previous:
            self._rewind(self._previous, len(self._previous.batches) - 1)
        if self._edited_at == failed_step:
            why = divergence.why_diverged_after_edit(failed_step)
        else:
            self.step = max(0, failed_step - 1)
            why = divergence.why_diverged(self.experiment, self.learning_rate, failed_step)
        self.end = Failed("diverged", why, failed_step)
        return [progress, self.end]

    def _epoch_losses(self, means: Array, batch_size: int) -> Array:
        """The mean losses of epochs, or none as long as each batch was a whole epoch.

        The mean losses then equal the losses of the steps.
        """
        self._has_partial_batches |= batch_size < len(self.data.x)
        return means if self._has_partial_batches else means[:0]

    def _progress(
        self,
        losses: Array,
        measured: Mapping[str, float],
        confusion: Array | None,
        epoch_losses: Array | None = None,
    ) -> Progress:
        return Progress(
            self.step,
            self.epoch,
            losses,
            measured,
            self.train_seconds,
            confusion,
            self.first_call_seconds,
            np.empty(0) if epoch_losses is None else epoch_losses,
        )

    def _finished(self, reason: StopReason, measured: Mapping[str, float]) -> Finished:
        return Finished(self.step, self.epoch, reason, measured, self.train_seconds)
