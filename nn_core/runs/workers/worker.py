"""The worker: ``python -m nn_core.runs.workers.worker NAME`` trains what it is told to.

Commands come as JSON lines on standard input, frames go out on standard output (see
`nn_core.runs.wire`), the log goes to standard error. The worker ends when its standard input does:
then the server is gone.

Commands, each for the run named by ``id``::

    {"id": ..., "run": {an experiment}, "want": "running" | "paused", "speed": steps/s or null,
     "learning_rate": x or null, "start": optional, where to begin
     (`nn_core.runs.wire.packed_start`)}
    {"id": ..., "want": "running" | "paused" | "stopped"}
    {"id": ..., "step": {"unit": "sample" | "batch" | "epoch", "number": n}}
    {"id": ..., "learning_rate": x}
    {"id": ..., "params": {"layer": n, "source": n or null for a bias, "target": n, "value": x,
     "number": n}}
    {"id": ..., "speed": steps/s or null}

They say what is wanted, not what to toggle, so that one heard twice does no harm; a step
carries a number, and one that is not greater than the last is ignored. So does a weight or bias
that is set by hand.

A worker that trains nothing also finds single gradients (`nn_core.autodiff`), and what one
optimizer step does to a network (`nn_core.runs.workers.questions.take_step`)::

    {"id": ..., "evaluate": {"way": ..., "expression": ..., "w": [...], "x": [...], "step": h}}
    {"id": ..., "evaluate": {"experiment": {...}, "start": where to begin
    (`nn_core.runs.wire.packed`),
                             "rows": [...], "learning_rate": x}}

and writes weights as a file of its framework (`nn_core.runs.workers.questions.write_file`)::

    {"id": ..., "evaluate": {"export": {an experiment}, "start": as that of a run}}

It answers with one message, which carries ``evaluated`` or, as a sentence, ``refused``.

Three threads: the main one trains, one listens, one sends. Training never waits for a viewer:
what has happened since the last frame goes out together, at most 20 times a second, and of
several snapshots the newest.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Iterable
from typing import Any, BinaryIO

import numpy as np

from nn_core import autodiff, backends
from nn_core.errors import (
    BackendUnavailable,
    BackpropError,
    DataUnavailable,
    DeviceUnavailable,
    InvalidExperiment,
)
from nn_core.events import Event, Failed, FailureKind, Paused, Phase, Progress, Resumed, Snapshot
from nn_core.experiment import Experiment
from nn_core.runs import wire
from nn_core.runs.workers.questions import take_step, write_file
from nn_core.training.milestones import MILESTONE_GROWTH
from nn_core.training.trainer import Trainer

FRAME_SECONDS = 1 / 20
HEARTBEAT_SECONDS = 1.0
SNAPSHOT_BYTES_PER_SECOND = 10_000_000
MOST_WAITING_LOSSES = 1_000_000
NICENESS = 10


class Outbox:
    """What waits to be sent. Filled by the training thread, emptied by the sending one."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream
        self.ready = threading.Condition()
        self.run_id = ""
        self.messages: deque[dict[str, Any]] = deque()
        self.progress: list[Progress] = []
        self.snapshot: Snapshot | None = None

    def add(self, event: Event, is_kept: bool = False) -> None:
        """Put an event in line.

        Progress is put together with what waits, and a snapshot takes the place of one that
        waits, unless it is to be kept.
        """
        with self.ready:
            if isinstance(event, Progress):
                while sum(len(p.losses) for p in self.progress) > MOST_WAITING_LOSSES:
                    self.ready.wait()
                self.progress.append(event)
            elif isinstance(event, Snapshot) and not is_kept:
                self.snapshot = event
            else:
                self._collect()
                self.messages.append({"id": self.run_id, **wire.event_message(event)})
            self.ready.notify_all()

    def say(self, **message: Any) -> None:
        """Put in line what is no event of a run."""
        with self.ready:
            self.messages.append(message)
            self.ready.notify_all()

    def send_forever(self) -> None:
        """Send what waits, at most every `FRAME_SECONDS`, and a heartbeat when nothing does."""
        while True:
            with self.ready:
                if not (self.messages or self.progress or self.snapshot):
                    self.ready.wait(HEARTBEAT_SECONDS)
                self._collect()
                messages, self.messages = self.messages, deque()
                self.ready.notify_all()
            messages.append({"heartbeat": True})
            try:
                for message in messages:
                    self.stream.write(wire.encode(message))
                self.stream.flush()
            except (BrokenPipeError, ValueError):
                os._exit(0)  # nobody listens any more
            time.sleep(FRAME_SECONDS)

    def _collect(self) -> None:
        """Move progress and snapshot into the line, as few messages as tell it all."""
        waiting: list[Event] = list(_merged(self.progress))
        if self.snapshot:
            waiting.append(self.snapshot)
        self.messages.extend({"id": self.run_id, **wire.event_message(e)} for e in waiting)
        self.progress, self.snapshot = [], None


def _merged(progress: list[Progress]) -> list[Progress]:
    """The same progress in fewer events: one for each that carries metrics."""
    merged: list[Progress] = []
    losses: list[np.ndarray] = []
    epoch_losses: list[np.ndarray] = []
    for i, event in enumerate(progress):
        losses.append(event.losses)
        epoch_losses.append(event.epoch_losses)
        if event.metrics or i == len(progress) - 1:
            merged.append(
                Progress(
                    event.step,
                    event.epoch,
                    np.concatenate(losses),
                    event.metrics,
                    event.train_seconds,
                    event.confusion,
                    event.first_call_seconds,
                    np.concatenate(epoch_losses),
                )
            )
            losses, epoch_losses = [], []
    return merged


class Inbox:
    """What the server wants. Filled by the listening thread, read by the training one."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.next_run: dict[str, Any] | None = None
        self.run_id = ""
        self.want = "stopped"
        self.wants_heard = 0  # each is answered, or a later one in its place
        self.speed: float | None = None
        self.learning_rate: float | None = None
        self.steps: deque[str] = deque()
        self.last_step_number = 0
        self.edits: deque[dict[str, Any]] = deque()
        self.last_edit_number = 0

    def listen_forever(self, stream: BinaryIO) -> None:
        """Take commands until the stream ends, and the process with it."""
        for line in stream:
            try:
                command = json.loads(line)
                with self.changed:
                    self._take(command)
                    self.changed.notify_all()
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                log(f"a command that cannot be read: {error}")
        os._exit(0)

    def _take(self, command: dict[str, Any]) -> None:
        if "run" in command or "evaluate" in command:
            self.next_run = command
            self.want = "stopped"  # whatever ran until now
            return
        if self.next_run and command["id"] == self.next_run["id"]:
            wishes = ("want", "speed", "learning_rate")
            self.next_run |= {name: command[name] for name in wishes if name in command}
            if "step" in command:
                self.next_run.setdefault("steps", []).append(command["step"])
            if "params" in command:
                self.next_run.setdefault("edits", []).append(command["params"])
            return
        if command["id"] != self.run_id:
            return  # a late word for a run that is over
        if "want" in command and self.want != "stopped":
            self.want = command["want"]
            self.wants_heard += 1
            if self.want == "running":
                self.steps.clear()
        if "speed" in command:
            self.speed = command["speed"]
        if "learning_rate" in command:
            self.learning_rate = float(command["learning_rate"])
        if "step" in command:
            self._take_step(command["step"])
        if "params" in command:
            self._take_edit(command["params"])

    def _take_edit(self, edit: dict[str, Any]) -> None:
        if edit["number"] > self.last_edit_number:
            self.last_edit_number = edit["number"]
            self.edits.append(edit)

    def _take_step(self, step: dict[str, Any]) -> None:
        if step["number"] > self.last_step_number:
            self.last_step_number = step["number"]
            self.steps.append(step["unit"])

    def next(self) -> dict[str, Any]:
        """Wait for the next run or evaluation."""
        with self.changed:
            while self.next_run is None:
                self.changed.wait()
            command, self.next_run = self.next_run, None
            self.run_id = command["id"]
            self.want = command.get("want", "running")
            self.wants_heard += 1
            self.speed = command.get("speed")
            self.learning_rate = command.get("learning_rate")
            self.steps.clear()
            self.last_step_number = 0
            for step in command.get("steps", ()):
                self._take_step(step)
            self.edits.clear()
            self.last_edit_number = 0
            for edit in command.get("edits", ()):
                self._take_edit(edit)
            return command


class Pacer:
    """Holds training back to a number of steps a second, where the user asks for that."""

    def __init__(self) -> None:
        self.speed: float | None = None
        self.start = 0.0
        self.allowed = 0.0

    def most_steps(self, speed: float | None) -> int | None:
        """How many steps may be taken now; 0 means wait, None as many as one likes."""
        if speed is None:
            self.speed = None
            return None
        now = time.monotonic()
        if speed != self.speed:
            self.speed, self.allowed = speed, 1.0
        else:
            # What was missed while paused or compiling is not caught up.
            self.allowed += min(now - self.start, 2 * FRAME_SECONDS + 1 / speed) * speed
        self.start = now
        return int(self.allowed)

    def took(self, steps: int) -> None:
        """Take note that `steps` steps were taken."""
        self.allowed -= steps


def train_run(inbox: Inbox, outbox: Outbox, command: dict[str, Any]) -> None:
    """Train one run to its end, heeding what the server wants meanwhile."""
    outbox.run_id = command["id"]
    try:
        outbox.add(Phase("loading the data and building the network"))
        start = wire.unpacked_start(command.pop("start")) if "start" in command else None
        trainer = Trainer(Experiment(**command["run"]), start)
        del start
        outbox.add(trainer.started())
        outbox.add(trainer.measured())
        outbox.add(trainer.snapshot(with_gradients=False))  # what is to be seen comes first
        if trainer.has_gradients:
            outbox.add(Phase("finding the first gradients; some frameworks compile this now"))
            outbox.add(trainer.snapshot())
        _train(trainer, inbox, outbox)
    except Exception as error:  # whatever a framework may raise ends the run, not the worker
        log(traceback.format_exc())
        outbox.add(_failure(error, command["run"].get("backend", "")))


def _train(trainer: Trainer, inbox: Inbox, outbox: Outbox) -> None:
    pacer = Pacer()
    answered = -1
    next_snapshot = 0.0
    kept_step = trainer.step
    while not trainer.end:
        with inbox.changed:
            want, speed, unit, heard = inbox.want, inbox.speed, None, inbox.wants_heard
            learning_rate, inbox.learning_rate = inbox.learning_rate, None
            edits, inbox.edits = inbox.edits, deque()
            if want == "paused" and inbox.steps:
                unit = inbox.steps.popleft()
        if learning_rate is not None and learning_rate != trainer.learning_rate:
            outbox.add(trainer.set_learning_rate(learning_rate))
        if edits:
            _edit(edits, trainer, outbox)
        if heard != answered and not unit:
            answered = heard
            _answer(want, trainer, outbox)
        if want == "stopped":
            events = trainer.stop()
        elif unit:
            events = _single_step(trainer, unit)
        elif want == "paused":
            with inbox.changed:
                is_asked = inbox.steps or inbox.edits or inbox.learning_rate is not None
                if inbox.wants_heard == heard and not is_asked:
                    inbox.changed.wait()
            continue
        else:
            most_steps = pacer.most_steps(speed)
            if most_steps == 0:
                with inbox.changed:
                    inbox.changed.wait(min(1 / (speed or 1), FRAME_SECONDS))
                continue
            step = trainer.step
            events = trainer.advance_chunk(most_steps)
            pacer.took(trainer.step - step)
        for event in events:
            if isinstance(event, Progress):
                outbox.add(event)
        now = time.monotonic()
        is_kept = bool(unit) or bool(trainer.end) or trainer.is_at_milestone
        if is_kept or (now >= next_snapshot and outbox.snapshot is None):
            # A large state comes along as often as the history keeps snapshots, about.
            is_rare = not (trainer.has_small_state or is_kept)
            if is_rare and (is_kept := trainer.step >= MILESTONE_GROWTH * kept_step):
                kept_step = trainer.step
            snapshot = trainer.snapshot(with_state=is_kept or trainer.has_small_state)
            outbox.add(snapshot, is_kept)
            next_snapshot = now + _rest_after(snapshot, time.monotonic() - now)
    outbox.add(trainer.end)


def _edit(edits: Iterable[dict[str, Any]], trainer: Trainer, outbox: Outbox) -> None:
    """Set weights and biases by hand, and say at once what comes of it."""
    for edit in edits:
        try:
            found = trainer.edit_params(
                int(edit["layer"]),
                None if edit["source"] is None else int(edit["source"]),
                int(edit["target"]),
                float(edit["value"]),
            )
        except (ValueError, KeyError, TypeError) as error:
            log(f"an edit that cannot be made: {error}")
        else:
            outbox.add(found)
    outbox.add(trainer.measured())
    outbox.add(trainer.snapshot(), is_kept=True)


def _answer(want: str, trainer: Trainer, outbox: Outbox) -> None:
    """Say that the training thread has taken note of what is wanted."""
    if want == "paused":
        outbox.add(trainer.snapshot())
        outbox.add(Paused(trainer.step))
    elif want == "running":
        outbox.add(Resumed(trainer.step))
        if trainer.step == 0:
            outbox.add(Phase("taking the first step; some frameworks compile it now"))


def _single_step(trainer: Trainer, unit: str) -> list[Event]:
    if unit == "sample":
        return trainer.advance_sample()
    if unit == "epoch":
        return trainer.advance_epoch()
    return trainer.advance(1)


def _rest_after(snapshot: Snapshot, cost: float) -> float:
    """Seconds until the next snapshot: at most a tenth of the time, and of the pipe."""
    return max(FRAME_SECONDS, 10 * cost, snapshot.nbytes / SNAPSHOT_BYTES_PER_SECOND)


def evaluate(outbox: Outbox, framework: str, command: dict[str, Any]) -> None:
    """Answer one question of `questions`, or send the reason why there is no answer."""
    try:
        asked = command["evaluate"]
        answer: Any
        if "export" in asked:
            answer = write_file(framework, **asked)
        elif "experiment" in asked:
            answer = take_step(**asked)
        else:
            method, arguments = asked["way"], {k: v for k, v in asked.items() if k != "way"}
            answer = autodiff.evaluate(framework, method, **arguments)
        outbox.say(id=command["id"], evaluated=vars(answer))
    except Exception as error:  # whatever a framework may raise ends the answer, not the worker
        log(traceback.format_exc())
        text = str(error) if isinstance(error, BackpropError) else _stopped_with(error, framework)
        outbox.say(id=command["id"], refused=text)


def _stopped_with(error: Exception, framework: str) -> str:
    text = _plain(f"{type(error).__name__}: {error}")
    known = framework in autodiff.names()
    label = autodiff.label(framework) if known else backends.label(framework)
    return f"{label} stopped with an error: {text}"


def devices_of(framework: str) -> list[str]:
    """Import a framework, and ask it where it can compute."""
    found: list[str] = backends.load(framework).devices()
    return found


def _failure(error: Exception, backend: str) -> Failed:
    """What to tell the person at the screen about an exception."""
    kinds: dict[type[Exception], FailureKind] = {
        BackendUnavailable: "framework",
        DeviceUnavailable: "device",
        DataUnavailable: "data",
        InvalidExperiment: "invalid",
    }
    for kind, name in kinds.items():
        if isinstance(error, kind):
            return Failed(name, str(error))
    if isinstance(error, BackpropError):
        return Failed("framework", str(error))
    text = f"{type(error).__name__}: {error}"
    if _is_about_memory(text):
        return Failed(
            "memory",
            "This network needs more memory than the app allows a run. "
            "Choose fewer hidden units, a smaller batch or float32.",
        )
    return Failed(
        "framework",
        f"{backends.label(backend) if backend in backends.names() else 'The framework'} stopped "
        f"with an error: {_plain(text)} Press Train to try again, or choose another backend.",
    )


def _is_about_memory(text: str) -> bool:
    words = ("MemoryError", "RESOURCE_EXHAUSTED", "ResourceExhausted", "DefaultCPUAllocator",
             "bad_alloc", "out of memory", "Unable to allocate")  # fmt: skip
    return any(word in text for word in words)


def _plain(text: str) -> str:
    """One line of printable text, at most 300 characters."""
    line = "".join(c if c.isprintable() else " " for c in text)
    return (line if len(line) <= 300 else line[:297] + "...").rstrip(".") + "."


def limit_memory(megabytes: int) -> None:
    """Let this process allocate at most so much more than it holds now, where the system can.

    Set after the imports, as a limit on data: a limit on address space would make TensorFlow
    and JAX abort instead of raising.
    """
    if not sys.platform.startswith("linux"):
        return
    import resource

    with open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123 - no file, a view
        data_pages = int(statm.read().split()[5])
    limit = data_pages * resource.getpagesize() + megabytes * 2**20
    resource.setrlimit(resource.RLIMIT_DATA, (limit, resource.getrlimit(resource.RLIMIT_DATA)[1]))


def log(text: str) -> None:
    """Write to standard error, for whoever looks into a failure."""
    sys.stderr.write(text.rstrip() + "\n")
    sys.stderr.flush()


def main() -> None:
    """Serve one server until its end."""
    name = sys.argv[1]
    # A library that prints must not write into the frames: they get a stream of their own.
    frames = os.fdopen(os.dup(1), "wb", buffering=1 << 16)
    os.dup2(2, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the server
    if hasattr(os, "nice"):
        os.nice(NICENESS)

    inbox, outbox = Inbox(), Outbox(frames)
    commands = os.fdopen(os.dup(0), "rb")
    threading.Thread(target=inbox.listen_forever, args=(commands,), daemon=True).start()
    threading.Thread(target=outbox.send_forever, daemon=True).start()

    start = time.perf_counter()
    try:
        devices = devices_of(name)
    except BackpropError as error:
        outbox.say(unavailable=str(error))
        time.sleep(10 * FRAME_SECONDS)  # the sending thread needs one frame
        os._exit(1)
    outbox.say(ready=True, devices=devices, import_seconds=time.perf_counter() - start)
    megabytes = int(os.environ.get("BACKPROP_LIVE_WORKER_MB", "1536"))
    limit_memory(megabytes)
    while True:
        command = inbox.next()
        if "evaluate" in command:
            evaluate(outbox, name, command)
        else:
            train_run(inbox, outbox, command)
            gc.collect()  # the data of a run are large: let go of them before the next
        outbox.say(idle=True)


if __name__ == "__main__":
    main()
