"""A run: one execution of an experiment, on the side of the server.

Commands are desired states and are sent to the worker as soon as there is one; the run stores the
events that the worker sends back.
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
from nn_core.runs.history import ConfusionMatrix, History
from nn_core.runs.run_clock import RunClock
from nn_core.runs.run_commands import RunCommands
from nn_core.runs.run_origin import Beginning, Origin

State = Literal["queued", "loading", "running", "paused", "finished", "stopped", "failed"]
Want = Literal["running", "paused", "stopped"]
StepUnit = Literal["sample", "batch", "epoch"]


class RunKey(NamedTuple):
    """The key of a run in its session: at most one run of each key is active at a time.

    Attributes
    ----------
    owner : str
        The session that may control the run.
    purpose : str
        The name of its study, such as ``compare``, or ``check`` for NumPy's run beside that of a
        page; empty for the run of a page.
    part : str
        The role of the run in its study, such as the name of a backend.
    """

    owner: str
    purpose: str = ""
    part: str = ""


class Run:
    """One execution of an experiment.

    No other module assigns the fields of a run. The pool calls its methods, always under the
    pool's lock, so that one thread at a time changes a run. Every attribute may be read from any
    thread: a field is replaced and never changed in place, and `end` is set before `state`
    becomes that of a run that is over.

    Parameters
    ----------
    experiment : Experiment
        The experiment to train.
    owner : str
        The session that may control it.
    want : {'running', 'paused'}
        Whether it trains at once, or waits at its first step.
    speed : float, optional
        Limit in steps a second; None for no limit.
    clock : callable
        Monotonic seconds.
    beginning : Beginning, optional
        Where it begins, if not at step 0: its history then starts with that of the earlier run,
        and its steps and epochs continue the count.
    on_over : callable, optional
        Called with the run when it is over, from the thread that ended it; it must not block.
    purpose, part : str
        See `RunKey`.
    most_snapshots : int, optional
        Limit of the snapshots in its history; see `History.keep_at_most`.

    Attributes
    ----------
    id : str
        128 random bits.
    state : str
        One of queued, loading, running, paused, finished, stopped and failed.
    position : int
        Place in the queue, from 1; 0 when it does not wait.
    phase : str
        What the worker does before the first results.
    want : str
        The state that its owner last requested: running, paused or stopped.
    history : History
        Losses, measurements and snapshots so far.
    started : Started or None
        Framework, device and times, once the model is built.
    end : Finished or Failed or None
        How it ended.
    origin : Origin or None
        The run or file that it continues; None where it begins at its initial weights.
    edits : list of ParamsEdited
        Weights and biases that were set by hand.
    edits_shown : int
        How many of them the newest snapshot includes.
    train_seconds, first_call_seconds : float
        Time inside the framework's training calls so far, and the part of the first call.
    worker_megabytes : float
        Resident memory of the worker at the end of the run, framework included; 0 before.
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
        """A run read from the store: see the attributes of the class."""
        run = cls(experiment, owner)
        for name, value in attributes.items():
            setattr(run, name, value)
        run._clock.set_seconds(elapsed_seconds)
        run._over(end, state)
        return run

    @property
    def owner(self) -> str:
        """The session that may control it."""
        return self.key.owner

    @property
    def purpose(self) -> str:
        """The name of its study, or empty; see `RunKey`."""
        return self.key.purpose

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self.state in ("finished", "stopped", "failed")

    @property
    def is_moving(self) -> bool:
        """Whether it trains, or will train without another command."""
        return self.state in ("queued", "loading", "running")

    @property
    def is_changing(self) -> bool:
        """Whether the picture will change: it trains, or a command has not taken effect yet."""
        return self.is_moving or (self._commands.are_awaited and not self.is_over)

    @property
    def elapsed_seconds(self) -> float:
        """Time spent running so far, without pauses."""
        # Events arrive late, several at once: the result is at least the time of the training.
        return max(self._clock.seconds, self.train_seconds)

    @property
    def steps_per_second(self) -> float:
        """Recent steps a second; once the run is over, those of the whole run."""
        if self.is_over:
            return self.steps_taken / self.elapsed_seconds if self.elapsed_seconds > 0.02 else 0.0
        return self._clock.steps_per_second if self.state == "running" else 0.0

    @property
    def continued_from(self) -> tuple[str, int] | None:
        """The id of the run that this one continues, and the step; None for other runs."""
        origin = self.origin
        return (origin.run_id, origin.step) if origin and origin.run_id else None

    @property
    def steps_taken(self) -> int:
        """Optimizer steps of this run, without those of the run that it continues."""
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
        """The learning rate that the worker uses now."""
        changes = self.learning_rate_changes
        return changes[-1].learning_rate if changes else self.experiment.learning_rate

    def learning_rate_at(self, step: int) -> float:
        """The learning rate of the run after a step."""
        rates = [c.learning_rate for c in self.learning_rate_changes if c.step <= step]
        return rates[-1] if rates else self.experiment.learning_rate

    def set_speed(self, speed: float | None) -> None:
        """Limit the steps a second; None for no limit."""
        self.speed = speed
        self._clock.restart_speed()
        self.send(speed=speed)

    def set_learning_rate(self, learning_rate: float) -> None:
        """Change the learning rate from the next step on."""
        self.learning_rate = learning_rate
        self._commands.set_learning_rate(learning_rate, self.learning_rate_now)

    def take_step(self, unit: StepUnit, number: int) -> None:
        """Take one step of a paused run.

        Parameters
        ----------
        unit : {'sample', 'batch', 'epoch'}
            Length of the step.
        number : int
            Greater than that of the last step; a repeated number is ignored.
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
            The new value.
        number : int
            Greater than that of the last edit; a repeated number is ignored.
        """
        self._commands.edit_params(number, layer=layer, source=source, target=target, value=value)

    def set_want(self, want: Want) -> None:
        """Store the state that the owner wants; `send_want` sends it to the worker."""
        self.want = want

    def send_want(self) -> None:
        """Send the state that the owner wants to the worker."""
        self.send(want=self.want)

    def send(self, **command: Any) -> None:
        """Send a command to the worker; see `RunCommands.send`."""
        self._commands.send(**command)

    def wait_in_queue(self, place: int, length: int) -> None:
        """Wait for a slot, as number `place` of `length` runs."""
        self.state, self.position = "queued", place
        self.phase = f"waiting in line, place {place} of {length}"

    def leave_queue(self) -> None:
        """Return to a pause on its worker, without waiting for a slot any more."""
        self.state, self.position = "paused", 0

    def connect(self, send: Callable[[dict[str, Any]], None], phase: str) -> None:
        """Begin on a worker.

        Parameters
        ----------
        send : callable
            Sends a command to the worker.
        phase : str
            What the worker does before the run begins, such as an import.
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
        """Handle the end of the worker's import of its framework."""
        self.phase = ""

    def resume_in_slot(self) -> None:
        """Continue with the slot that it waited for; it runs once the worker confirms."""
        self.state, self.position = "loading", 0
        self.send_want()

    def note_worker_memory(self, megabytes: float) -> None:
        """Store the memory of its worker at the end."""
        self.worker_megabytes = megabytes

    def stop_now(self) -> None:
        """End the run as stopped, without waiting for the worker."""
        self.handle(Finished(self.step, self.epoch, "stopped", {}, self.train_seconds))

    def fail(self, kind: FailureKind, message: str) -> None:
        """End the run as failed, with a message for the screen."""
        if not self.is_over:
            self.handle(Failed(kind, message, self.step))

    def handle(self, event: Event) -> None:
        """Handle an event of the worker; events after the end are ignored."""
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
                self.history.remove_measurements_from(event.step)
            # A reply to an outdated request is ignored: the reply to the newest one follows.
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
        """Wait until a condition is true of the run; False if it is not within `timeout` s."""
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
