"""A run: one execution of an experiment, as the server sees it.

Commands are desired states and go to the worker as soon as there is one; its events come back and
are kept.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

from nn_core.events import (
    Event,
    Failed,
    FailureKind,
    Finished,
    LearningRateChanged,
    ParamsEdited,
    Paused,
    Phase,
    Progress,
    Resumed,
    Snapshot,
    Started,
)
from nn_core.experiment import Experiment
from nn_core.runs import wire
from nn_core.runs.beginning import Beginning, Origin
from nn_core.runs.history import ConfusionMatrix, History
from nn_core.runs.run_clock import RunClock
from nn_core.runs.run_commands import RunCommands

State = Literal["queued", "loading", "running", "paused", "finished", "stopped", "failed"]
Want = Literal["running", "paused", "stopped"]
StepUnit = Literal["sample", "batch", "epoch"]


class RunKey(NamedTuple):
    """What tells the runs of a session apart: of each key, one run at a time goes on.

    Attributes
    ----------
    owner : str
        The session that may command the run.
    purpose : str
        What the run is for: the name of its study, such as ``compare``, or ``check`` for NumPy's
        run beside that of a page; empty for the run of a page.
    part : str
        Which run of the study it is, such as the name of a backend.
    """

    owner: str
    purpose: str = ""
    part: str = ""


class Run:
    """One execution of an experiment.

    A run owns all of its fields: no other file assigns one. The pool says what happens to the run
    by calling its methods, always with its own lock held, so that one thread at a time changes a
    run. Every attribute may be read from any thread: a field is replaced and never changed in
    place, and `end` is there before `state` says that the run is over.

    Parameters
    ----------
    experiment : Experiment
        What is trained.
    owner : str
        The session that may command it.
    want : {'running', 'paused'}
        Whether it trains at once, or waits at its first step.
    speed : float, optional
        Most steps a second; None for as many as the framework can.
    clock : callable
        Monotonic seconds.
    beginning : Beginning, optional
        Where it goes on from, if not from step 0: then its history is that of the run before
        up to there, and its steps and epochs are counted on.
    on_over : callable, optional
        Called with the run once it is over, from the thread that ended it: it must not wait.
    purpose, part : str
        See `RunKey`.
    most_snapshots : int, optional
        How many moments its history keeps; see `History.keep_at_most`.

    Attributes
    ----------
    id : str
        128 random bits.
    state : str
        Where it is: queued, loading, running, paused, finished, stopped or failed.
    position : int
        Place in the queue, from 1; 0 when it does not wait.
    phase : str
        What is going on while there are no numbers yet.
    want : str
        What its owner last asked for: running, paused or stopped.
    history : History
        Losses, measurements and snapshots so far.
    started : Started or None
        Framework, device and times, once the model stands.
    end : Finished or Failed or None
        How it ended.
    origin : Origin or None
        Where it goes on from; None where it begins at its initial weights.
    edits : list of ParamsEdited
        Weights and biases that were set by hand.
    edits_shown : int
        How many of them the newest snapshot knows of.
    train_seconds, first_call_seconds : float
        Time inside the framework's training calls so far, and the part of the first of them.
    worker_megabytes : float
        Resident memory of the worker at the end of the run, the framework included; 0 before.
    """

    def __init__(
        self,
        experiment: Experiment,
        owner: str,
        want: Want = "running",
        speed: float | None = None,
        clock: Callable[[], float] = time.monotonic,
        beginning: Beginning | None = None,
        on_over: Callable[[Run], None] | None = None,
        *,
        purpose: str = "",
        part: str = "",
        most_snapshots: int | None = None,
    ) -> None:
        self.id = secrets.token_hex(16)
        self.experiment = experiment
        self.key = RunKey(owner, purpose, part)
        self.want: Want = want
        self.speed = speed
        self.learning_rate = experiment.learning_rate
        self.state: State = "queued"
        self.position = 0
        self.phase = ""
        self.history = beginning.history if beginning else History()
        if most_snapshots is not None:
            self.history.keep_at_most(most_snapshots)
        self.started: Started | None = None
        self.end: Finished | Failed | None = None
        self.origin: Origin | None = beginning.origin if beginning else None
        self.step = beginning.snapshot.step if beginning else 0
        self.epoch = beginning.snapshot.epoch if beginning else 0.0
        self.train_seconds = 0.0
        self.first_call_seconds = 0.0
        self.worker_megabytes = 0.0
        self.learning_rate_changes: list[LearningRateChanged] = (
            list(beginning.learning_rate_changes) if beginning else []
        )
        self.took_samples = beginning.took_samples if beginning else False
        self.edits: list[ParamsEdited] = list(beginning.edits) if beginning else []
        self.edits_shown = len(self.edits)
        self.changed = threading.Condition()
        self._clock = RunClock(clock)
        self._on_over = on_over
        self._start = beginning.snapshot if beginning else None
        self._commands = RunCommands(self.id, len(self.edits))

    @classmethod
    def restored(
        cls,
        experiment: Experiment,
        owner: str,
        *,
        end: Finished | Failed,
        state: State,
        elapsed_seconds: float,
        **attributes: Any,
    ) -> Run:
        """A run that was over long ago, and kept: see the attributes of the class."""
        run = cls(experiment, owner)
        for name, value in attributes.items():
            setattr(run, name, value)
        run._clock.set_seconds(elapsed_seconds)
        run._over(end, state)
        return run

    @property
    def owner(self) -> str:
        """The session that may command it."""
        return self.key.owner

    @property
    def purpose(self) -> str:
        """What it is for; see `RunKey`."""
        return self.key.purpose

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come."""
        return self.state in ("finished", "stopped", "failed")

    @property
    def is_moving(self) -> bool:
        """Whether it trains, or will without being told."""
        return self.state in ("queued", "loading", "running")

    @property
    def is_changing(self) -> bool:
        """Whether a viewer has something to wait for: it moves, or something was asked of it."""
        return self.is_moving or (self._commands.are_awaited and not self.is_over)

    @property
    def elapsed_seconds(self) -> float:
        """Time spent running so far, pauses left out."""
        # Events arrive a little late, several at once: it is never less than the training took.
        return max(self._clock.seconds, self.train_seconds)

    @property
    def steps_per_second(self) -> float:
        """Steps a second of the clock lately, or over the whole run once it is over."""
        if self.is_over:
            return self.steps_taken / self.elapsed_seconds if self.elapsed_seconds > 0.02 else 0.0
        return self._clock.steps_per_second if self.state == "running" else 0.0

    @property
    def continued_from(self) -> tuple[str, int] | None:
        """The id of the run that this one goes on from, and the step; None from the start."""
        origin = self.origin
        return (origin.run_id, origin.step) if origin and origin.run_id else None

    @property
    def steps_taken(self) -> int:
        """Optimizer steps of this run alone, without those of a run before."""
        return self.step - (self.origin.step if self.origin else 0)

    @property
    def confusion(self) -> ConfusionMatrix | None:
        """The newest confusion matrix, with its step."""
        confusions = self.history.confusions
        return confusions[-1] if confusions else None

    @property
    def latest(self) -> Snapshot | None:
        """The newest snapshot."""
        snapshots = self.history.snapshots
        return snapshots[-1] if snapshots else None

    @property
    def learning_rate_now(self) -> float:
        """The learning rate that the worker uses at present."""
        changes = self.learning_rate_changes
        return changes[-1].learning_rate if changes else self.experiment.learning_rate

    def learning_rate_at(self, step: int) -> float:
        """The learning rate with which the run went on from a step."""
        rates = [c.learning_rate for c in self.learning_rate_changes if c.step <= step]
        return rates[-1] if rates else self.experiment.learning_rate

    def set_speed(self, speed: float | None) -> None:
        """Take at most so many steps a second; None for as many as the framework can."""
        self.speed = speed
        self._clock.forget_speed()
        self.send(speed=speed)

    def set_learning_rate(self, learning_rate: float) -> None:
        """Use another step size from the next step on."""
        self.learning_rate = learning_rate
        self._commands.set_learning_rate(learning_rate, self.learning_rate_now)

    def take_step(self, unit: StepUnit, number: int) -> None:
        """Take one step of a paused run.

        Parameters
        ----------
        unit : {'sample', 'batch', 'epoch'}
            How far.
        number : int
            Greater than that of the step before; a repeat is ignored.
        """
        self.took_samples |= unit == "sample"
        self._commands.take_step(unit, number, self.step)

    def edit_params(
        self, layer: int, source: int | None, target: int, value: float, number: int
    ) -> None:
        """Set a weight, or a bias where `source` is None, between two steps.

        Parameters
        ----------
        layer : int
            From 0, the first layer of weights.
        source, target : int
            Units of the layers before and after the weight.
        value : float
            What it shall be.
        number : int
            Greater than that of the edit before; a repeat is ignored.
        """
        self._commands.edit_params(number, layer=layer, source=source, target=target, value=value)

    def set_want(self, want: Want) -> None:
        """Note what the owner wants; `tell_want` passes it on."""
        self.want = want

    def tell_want(self) -> None:
        """Let the worker know what the owner wants."""
        self.send(want=self.want)

    def send(self, **command: Any) -> None:
        """Pass a command on to the worker; see `RunCommands.send`."""
        self._commands.send(**command)

    def wait_in_line(self, place: int, length: int) -> None:
        """Wait for a slot, as number `place` of `length` runs."""
        self.state, self.position = "queued", place
        self.phase = f"waiting in line, place {place} of {length}"

    def leave_line(self) -> None:
        """Rest on its worker, as it did before it waited for a slot."""
        self.state, self.position = "paused", 0

    def connect(self, send: Callable[[dict[str, Any]], None], phase: str) -> None:
        """Begin on a worker.

        Parameters
        ----------
        send : callable
            Passes a command on to the worker.
        phase : str
            What goes on there before the run begins, such as an import.
        """
        self.state, self.position, self.phase = "loading", 0, phase
        first: dict[str, Any] = {
            "run": self.experiment.model_dump(),
            "want": self.want,
            "speed": self.speed,
            "learning_rate": self.learning_rate,
        }
        if self._start:
            first["start"] = wire.packed_start(self._start)
        self._commands.connect(send, first)
        self._notify()

    def worker_is_ready(self) -> None:
        """Note that the worker has imported its framework."""
        self.phase = ""

    def go_on(self) -> None:
        """Go on with the slot that it waited for; it runs once the worker says so."""
        self.state, self.position = "loading", 0
        self.tell_want()

    def note_worker_memory(self, megabytes: float) -> None:
        """Note how much memory its worker holds at the end."""
        self.worker_megabytes = megabytes

    def stop_now(self) -> None:
        """End the run as stopped, without waiting for its worker."""
        self.handle(Finished(self.step, self.epoch, "stopped", {}, self.train_seconds))

    def fail(self, kind: FailureKind, message: str) -> None:
        """End the run from outside, with a sentence for the person at the screen."""
        if not self.is_over:
            self.handle(Failed(kind, message, self.step))

    def handle(self, event: Event) -> None:
        """Take in an event of the worker; what comes after the end is passed over."""
        if self.is_over:
            return
        match event:
            case Phase(text):
                self.phase = text
            case Started():
                self.started = event
            case Progress():
                self._progress(event)
            case Snapshot():
                self.history.add_snapshot(event)
                self.history.add_measurement(event.step, event.epoch, event.metrics)
                self._keep_confusion(event)
                self.edits_shown = len(self.edits)
                self._commands.snapshot_arrived(event.step, len(self.edits))
            case LearningRateChanged():
                self.learning_rate_changes = [*self.learning_rate_changes, event]
                self._commands.learning_rate_changed()
            case ParamsEdited():
                self.edits = [*self.edits, event]
                self.history.forget_measurements_from(event.step)
            # An answer to what is no longer wanted is passed over: the next one is on its way.
            case Paused():
                if self.want == "paused":
                    self._clock.stop()
                    self.state, self.phase = "paused", ""
            case Resumed():
                if self.want == "running":
                    self._go()
            case Finished():
                self.step, self.epoch = event.step, event.epoch
                self.history.add_measurement(event.step, event.epoch, event.metrics)
                self._over(event, "stopped" if event.reason == "stopped" else "finished")
            case Failed():
                self._over(event, "failed")
        self._notify()

    def wait(self, is_true: Callable[[Run], bool], timeout: float) -> bool:
        """Wait until something is true of the run; False if it is not within `timeout` s."""
        with self.changed:
            return self.changed.wait_for(lambda: is_true(self), timeout)

    def _progress(self, event: Progress) -> None:
        if len(event.losses):
            self.phase = ""
        self.history.add_losses(event.losses)
        self.history.add_epoch_losses(int(event.epoch), event.epoch_losses)
        self.history.add_measurement(event.step, event.epoch, event.metrics)
        self._keep_confusion(event)
        self.step, self.epoch = event.step, event.epoch
        self.train_seconds = event.train_seconds
        self.first_call_seconds = event.first_call_seconds
        self._clock.reached(event.step)

    def _keep_confusion(self, event: Progress | Snapshot) -> None:
        if event.confusion is not None:
            self.history.add_confusion(event.step, event.confusion)

    def _go(self) -> None:
        if self.state == "running":
            return
        self._clock.start(self.step)
        self.state, self.phase = "running", ""

    def _over(self, end: Finished | Failed, state: State) -> None:
        self._clock.stop()
        self.end = end
        self.state, self.phase = state, ""
        self._start = None
        self._commands.close()
        if self._on_over:
            self._on_over(self)

    def _notify(self) -> None:
        with self.changed:
            self.changed.notify_all()
