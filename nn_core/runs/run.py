"""A run: one execution of an experiment, as the server sees it.

It is a handle and a history. Commands are desired states and go to the worker, through the
pool, as soon as there is one; events come back and are kept. Every attribute may be read from
any thread.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Literal

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
from nn_core.runs.history import Beginning, History, Measured

State = Literal["queued", "loading", "running", "paused", "finished", "stopped", "failed"]
Want = Literal["running", "paused", "stopped"]
StepUnit = Literal["sample", "batch", "epoch"]
SPEED_WINDOW_SECONDS = 2.0


class Run:
    """One execution of an experiment.

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
    history : History
        Losses, measurements and snapshots so far.
    started : Started or None
        Framework, device and times, once the model stands.
    end : Finished or Failed or None
        How it ended.
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
    ) -> None:
        self.id = secrets.token_hex(16)
        self.experiment = experiment
        self.owner = owner
        self.want: Want = want
        self.speed = speed
        self.learning_rate = experiment.learning_rate
        self.state: State = "queued"
        self.position = 0
        self.phase = ""
        self.beginning = beginning
        self.history = beginning.history if beginning else History()
        self.started: Started | None = None
        self.end: Finished | Failed | None = None
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
        self._last_edit_number = 0
        self._awaited_edits = len(self.edits)
        self._expected: set[str] = set()  # what a viewer of a paused run waits for
        self.changed = threading.Condition()
        self._clock = clock
        self._on_over = on_over
        self._step_before = 0
        self._send: Callable[[dict[str, Any]], None] | None = None
        self._steps_to_send: list[dict[str, Any]] = []
        self._seconds_before = 0.0  # spent running before the last pause
        self._running_since: float | None = None
        self._recent: deque[tuple[float, int]] = deque(maxlen=100)

    @classmethod
    def restored(
        cls,
        experiment: Experiment,
        owner: str,
        *,
        end: Finished | Failed,
        state: State,
        elapsed_seconds: float,
        beginning: Beginning | None = None,
        **attributes: Any,
    ) -> Run:
        """A run that was over long ago, and kept: see the attributes of the class."""
        run = cls(experiment, owner)
        run.beginning = beginning
        for name, value in attributes.items():
            setattr(run, name, value)
        run._seconds_before = elapsed_seconds
        run._over(end, state)
        return run

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
        return self.is_moving or (bool(self._expected) and not self.is_over)

    @property
    def elapsed_seconds(self) -> float:
        """Time spent running so far, pauses left out."""
        since = self._running_since
        passed = self._seconds_before + (self._clock() - since if since is not None else 0.0)
        # What is heard comes a little late, and together: less than the training took it is not.
        return max(passed, self.train_seconds)

    @property
    def steps_per_second(self) -> float:
        """Steps a second of the clock lately, or over the whole run once it is over."""
        if self.is_over:
            return self.steps_taken / self.elapsed_seconds if self.elapsed_seconds > 0.02 else 0.0
        recent = list(self._recent)
        if len(recent) < 2 or self.state != "running":
            return 0.0
        (first_time, first_step), (last_time, last_step) = recent[0], recent[-1]
        passed = last_time - first_time
        return (last_step - first_step) / passed if passed > 0.02 else 0.0

    @property
    def continued_from(self) -> tuple[str, int] | None:
        """The id of the run that this one goes on from, and the step; None from the start."""
        before = self.beginning
        return (before.run_id, before.snapshot.step) if before and before.run_id else None

    @property
    def steps_taken(self) -> int:
        """Optimizer steps of this run alone, without those of a run before."""
        return self.step - (self.beginning.snapshot.step if self.beginning else 0)

    @property
    def confusion(self) -> Measured | None:
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
        self._recent.clear()
        self.send(speed=speed)

    def set_learning_rate(self, learning_rate: float) -> None:
        """Use another step size from the next step on."""
        self.learning_rate = learning_rate
        if learning_rate != self.learning_rate_now:
            self._expected.add("learning_rate")
        self.send(learning_rate=learning_rate)

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
        self._step_before = self.step
        self._expected.add("step")
        self.send(step={"unit": unit, "number": number})

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
        if number <= self._last_edit_number:
            return
        self._last_edit_number = number
        self._awaited_edits += 1
        self._expected.add("edit")
        edit = {"layer": layer, "source": source, "target": target, "value": value}
        self.send(params={**edit, "number": number})

    def send(self, **command: Any) -> None:
        """Pass a command on to the worker, once there is one."""
        if self._send:
            self._send({"id": self.id, **command})
        elif ("step" in command or "params" in command) and not self.is_over:
            self._steps_to_send.append(command)

    def connect(self, send: Callable[[dict[str, Any]], None]) -> None:
        """Begin on a worker: `send` reaches it."""
        self._send = send
        self.state = "loading"
        self.position = 0
        send(
            {
                "id": self.id,
                "run": self.experiment.model_dump(),
                "want": self.want,
                "speed": self.speed,
                "learning_rate": self.learning_rate,
                **({"start": wire.packed_start(self.beginning.snapshot)} if self.beginning else {}),
            }
        )
        for command in self._steps_to_send:
            self.send(**command)
        self._notify()

    def fail(self, kind: FailureKind, message: str) -> None:
        """End the run from outside, with a sentence for the person at the screen."""
        if not self.is_over:
            self.handle(Failed(kind, message, self.step))

    def handle(self, event: Event) -> None:
        """Take in what the worker says."""
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
                if event.step > self._step_before:
                    self._expected.discard("step")
                if len(self.edits) >= self._awaited_edits:
                    self._expected.discard("edit")
                self.history.add_snapshot(event)
                self.edits_shown = len(self.edits)
                self.history.add_measurement(event.step, event.epoch, event.metrics)
                self._keep_confusion(event)
            case LearningRateChanged():
                self.learning_rate_changes.append(event)
                self._expected.discard("learning_rate")
            case ParamsEdited():
                self.edits.append(event)
                self.history.forget_measurements_from(event.step)
            # An answer to what is no longer wanted is passed over: the next one is on its way.
            case Paused():
                if self.want == "paused":
                    self._rest("paused")
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
        now = self._clock()
        self._recent.append((now, event.step))
        while self._recent and self._recent[0][0] < now - SPEED_WINDOW_SECONDS:
            self._recent.popleft()

    def _keep_confusion(self, event: Progress | Snapshot) -> None:
        if event.confusion is not None:
            self.history.add_confusion(event.step, event.confusion)

    def _go(self) -> None:
        if self.state == "running":
            return
        self.state, self.phase = "running", ""
        self._running_since = self._clock()
        self._recent.clear()
        self._recent.append((self._running_since, self.step))

    def _rest(self, state: State) -> None:
        self._seconds_before = self.elapsed_seconds
        self._running_since = None
        self.state, self.phase = state, ""

    def _over(self, end: Finished | Failed, state: State) -> None:
        self._rest(state)
        self.end = end
        self._send = None
        if self._on_over:
            self._on_over(self)

    def _notify(self) -> None:
        with self.changed:
            self.changed.notify_all()
