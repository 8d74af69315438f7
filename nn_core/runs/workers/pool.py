"""The pool: which worker trains which run, and who waits.

At most `slots` runs train at once; the others wait in line and know their place. A paused run
keeps its worker but gives its slot to the next in line. Workers stay warm after a run, within a
budget of memory, because importing a framework takes seconds.

A single gradient (`Pool.evaluate`), a single step (`Pool.evaluate_step`) or a file
(`Pool.write_file`) takes milliseconds and no slot: it is found by any worker of its framework that
trains nothing.

The pool is an ordinary object of an imported module (`nn_core.server`): anything kept in
Streamlit's caches could be cleared by any visitor.
"""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable, Iterable
from typing import Any

from nn_core import autodiff, backends
from nn_core.autodiff import Way
from nn_core.autodiff.expressions import Question
from nn_core.errors import NotYourRun, QueueFull
from nn_core.events import Failed, Finished, Params
from nn_core.experiment import Experiment
from nn_core.runs import wire
from nn_core.runs.history import Beginning
from nn_core.runs.run import Run, StepUnit, Want
from nn_core.runs.workers import machine
from nn_core.runs.workers.file_request import FileRequest
from nn_core.runs.workers.gradient_request import GradientRequest
from nn_core.runs.workers.leases import Leases
from nn_core.runs.workers.request import Request
from nn_core.runs.workers.step_request import StepQuestion, StepRequest
from nn_core.runs.workers.worker_process import Handle

WATCH_SECONDS = 0.1
SILENCE_SECONDS = 60.0
STOP_SECONDS = 5.0
ANSWER_SECONDS = 120.0
IDLE_SECONDS = 600.0
RUNS_BEFORE_RECYCLING = 20
GROWTH_BEFORE_RECYCLING = 400
QUEUE_LENGTH = 60
EVALUATIONS_PER_PLACE = 10
EXPECTED_MEGABYTES = {
    "numpy": 100,
    "autograd": 150,
    "mxnet": 250,
    "jax": 350,
    "torch": 450,
    "tensorflow": 1200,
    "keras-tensorflow": 1200,
    "keras-jax": 550,
    "keras-torch": 700,
}


class Pool:
    """Workers, and the runs that wait for them.

    Parameters
    ----------
    slots : int, optional
        Runs that may train at once; by default as many as there are cores for this app.
    queue_length : int
        Runs that may wait, and a tenth of the evaluations that may.
    megabytes : float, optional
        Memory that all workers together may hold, by default 60 % of what the machine or its
        container gives this app. More is used only for the one run that trains.
    clock : callable
        Monotonic seconds; tests move their own.
    on_over : callable, optional
        Called with each run that is over, under the pool's lock: it must not wait.
    """

    def __init__(
        self,
        slots: int | None = None,
        queue_length: int = QUEUE_LENGTH,
        megabytes: float | None = None,
        clock: Callable[[], float] = time.monotonic,
        on_over: Callable[[Run], None] | None = None,
    ) -> None:
        self.on_over = on_over
        self.slots = slots or machine.cores()
        self.queue_length = queue_length
        self.megabytes = megabytes or 0.6 * machine.megabytes()
        self.clock = clock
        self.devices: dict[str, list[str]] = {}
        self.import_seconds: dict[str, float] = {}
        self.unavailable: dict[str, str] = {}
        self._lock = threading.RLock()
        self._workers: dict[Handle, Run | Request | None] = {}
        self._base_megabytes: dict[Handle, float] = {}
        self._waiting: list[Run] = []
        self._asked: list[Request] = []
        self._runs: dict[str, Run] = {}  # by owner: one each
        self.leases = Leases()
        self._stopping: dict[Run, float] = {}
        self._closed = threading.Event()
        threading.Thread(target=self._watch_forever, daemon=True, name="pool watch").start()

    def submit(
        self,
        experiment: Experiment,
        owner: str,
        want: Want = "running",
        speed: float | None = None,
        beginning: Beginning | None = None,
    ) -> Run:
        """Begin a run, or put it in line. The owner's run before is stopped.

        With a `beginning` (see `nn_core.runs.continuation`) it goes on from a step of another run.

        A session that needs several runs at once starts them under owners that begin with its
        own name and a slash. Those of a session that is gone are stopped before they begin.

        Raises
        ------
        QueueFull
            If too many runs wait already.
        """
        with self._lock:
            self.leases.renew(owner, self.clock())
            before = self._runs.get(owner)
            if len([run for run in self._waiting if run is not before]) >= self.queue_length:
                raise QueueFull(
                    f"{len(self._waiting)} runs are waiting already. "
                    "Try again in a minute, or run the app on your own machine."
                )
            if before and not before.is_over:
                self._stop(before)
            run = Run(experiment, owner, want, speed, self.clock, beginning, self.on_over)
            if self._closed.is_set() or self.leases.is_gone(owner, self.clock()):
                run.handle(Finished(run.step, run.epoch, "stopped", {}, 0.0))
                return run
            self._runs[owner] = run
            self._waiting.append(run)
            self._schedule()
            return run

    def evaluate(self, way: Way, question: Question, owner: str) -> GradientRequest:
        """Ask a framework for a value and a gradient.

        What the owner asked before of the same way, and has no worker yet, is given up.

        Raises
        ------
        QueueFull
            If too many evaluations wait already.
        """
        evaluation = GradientRequest(way, question, owner, self.clock() + ANSWER_SECONDS)
        if reason := autodiff.why_not(way.framework, question.expression):
            evaluation.fail("framework", reason)
        else:
            self._ask(evaluation)
        return evaluation

    def evaluate_step(self, question: StepQuestion, owner: str) -> StepRequest:
        """Ask a backend what one optimizer step does to a network.

        What the owner asked before of this kind, and has no worker yet, is given up.

        Raises
        ------
        QueueFull
            If too many evaluations wait already.
        """
        evaluation = StepRequest(question, owner, self.clock() + ANSWER_SECONDS)
        if backends.is_installed(evaluation.worker):
            self._ask(evaluation)
        else:
            evaluation.fail("framework", backends.how_to_install(evaluation.worker))
        return evaluation

    def write_file(
        self, suffix: str, experiment: Experiment, params: Params, owner: str
    ) -> FileRequest:
        """Ask a framework to write weights as a file of its own; see `FileRequest`.

        Raises
        ------
        QueueFull
            If too many evaluations wait already.
        """
        evaluation = FileRequest(suffix, experiment, params, owner, self.clock() + ANSWER_SECONDS)
        if backends.is_installed(evaluation.worker):
            self._ask(evaluation)
        else:
            evaluation.fail("framework", backends.how_to_install(evaluation.worker))
        return evaluation

    def _ask(self, evaluation: Request) -> None:
        """Put an evaluation in line, in the place of an older one on the same topic."""
        with self._lock:
            mine = (evaluation.owner, evaluation.topic)
            for before in [e for e in self._asked if (e.owner, e.topic) == mine]:
                self._asked.remove(before)
                before.fail("abandoned", "Another evaluation was asked for since.")
            if len(self._asked) >= EVALUATIONS_PER_PLACE * self.queue_length:
                raise QueueFull(
                    f"{len(self._asked)} evaluations are waiting already. Try again in a minute."
                )
            self._asked.append(evaluation)
            self._schedule()

    def set_want(self, run: Run, owner: str, want: Want) -> None:
        """Say whether a run should go on, rest or end.

        Raises
        ------
        NotYourRun
            If another session started it.
        """
        self._check(run, owner)
        with self._lock:
            if run.is_over or run.want == "stopped":
                return
            run.want = want
            if want == "stopped":
                self._stop(run)
            elif not self._worker_of(run):
                pass  # it will begin as it is wanted
            elif want == "paused" and run in self._waiting:
                self._waiting.remove(run)  # it rests already, and goes on resting
                run.state, run.position = "paused", 0
            elif want == "running" and run.state == "paused":
                self._waiting.append(run)
            else:
                run.send(want=want)  # it holds a slot
            self._schedule()

    def take_step(self, run: Run, owner: str, unit: StepUnit, number: int) -> None:
        """Take one step of a paused run; see `Run.take_step`."""
        self._check(run, owner)
        with self._lock:
            run.take_step(unit, number)

    def set_speed(self, run: Run, owner: str, speed: float | None) -> None:
        """Bound the steps a second of a run; see `Run.set_speed`."""
        self._check(run, owner)
        with self._lock:
            run.set_speed(speed)

    def set_learning_rate(self, run: Run, owner: str, learning_rate: float) -> None:
        """Change the step size of a run while it goes on; see `Run.set_learning_rate`."""
        self._check(run, owner)
        with self._lock:
            run.set_learning_rate(learning_rate)

    def edit_params(
        self,
        run: Run,
        owner: str,
        *,
        layer: int,
        source: int | None,
        target: int,
        value: float,
        number: int,
    ) -> None:
        """Set a weight or a bias of a run by hand; see `Run.edit_params`."""
        self._check(run, owner)
        with self._lock:
            run.edit_params(layer, source, target, value, number)

    def warm(self, worker: str) -> None:
        """Have a worker import this framework, so that the next run begins at once."""
        with self._lock:
            idle = any(h.worker == worker for h, run in self._workers.items() if run is None)
            if not idle and backends.is_installed(worker) and self._make_room(worker):
                self._start_worker(worker)

    def is_warming(self, worker: str) -> float | None:
        """Seconds since a worker began to import this framework, or None if none does."""
        with self._lock:
            starts = [h.started_at for h in self._workers if h.worker == worker and not h.is_ready]
            return self.clock() - min(starts) if starts else None

    def has_room_for(self, names: Iterable[str]) -> bool:
        """Whether workers of all these frameworks fit beside the runs that go on."""
        with self._lock:
            held = sum(handle.megabytes for handle, run in self._workers.items() if run)
        return held + sum(map(_expected_megabytes, names)) <= self.megabytes

    def release(self, owner: str, is_back: Callable[[], bool] | None = None) -> None:
        """The session's page is gone, perhaps for a moment: all its runs have a grace left.

        See `nn_core.runs.workers.leases`.

        Parameters
        ----------
        owner : str
            The session.
        is_back : callable, optional
            Says whether the page is there again, and is asked all the time until `welcome`.
        """
        with self._lock:
            self.leases.begin(owner, self.clock(), is_back)

    def renew(self, owner: str) -> None:
        """The session's page has asked for something: its grace, if it runs, begins anew."""
        with self._lock:
            self.leases.renew(owner, self.clock())

    def welcome(self, owner: str) -> None:
        """The session's page is connected, for the first time or again."""
        with self._lock:
            self.leases.end(owner)

    def workers(self) -> list[Handle]:
        """The worker processes that are alive."""
        with self._lock:
            return [handle for handle in self._workers if handle.is_alive]

    def close(self) -> None:
        """End every run and every worker."""
        self._closed.set()
        with self._lock:
            handles = list(self._workers)
            for run in self._runs.values():
                run.fail("worker", "The app was closed while this run was going on.")
            for job in (*self._asked, *self._workers.values()):
                if isinstance(job, Request):
                    job.fail("worker", "The app was closed before this was computed.")
            self._waiting.clear()
            self._asked.clear()
        for handle in handles:
            handle.kill()
        for handle in handles:
            handle.process.wait()

    def _check(self, run: Run, owner: str) -> None:
        if run.owner != owner:
            raise NotYourRun("This run belongs to another session. Start one of your own.")

    def _worker_of(self, run: Run) -> Handle | None:
        return next((handle for handle, busy in self._workers.items() if busy is run), None)

    def _schedule(self) -> None:
        """Give free slots to those in line, first come first served, and answer what is asked."""
        while self._waiting and self._taken_slots() < self.slots:
            run = self._waiting[0]
            if self._worker_of(run):
                run.send(want="running")
                run.state = "loading"  # until the worker says that it goes on
            else:
                try:
                    handle = self._worker_for(run.experiment.worker, run.owner)
                except OSError as error:  # no more processes, files or memory
                    self._waiting.pop(0)
                    run.fail("worker", f"No process could be started for this run: {error}. "
                             "Close other programs, and press Train again.")  # fmt: skip
                    continue
                if handle is None:
                    break
                self._workers[handle] = run
                run.phase = self._import_phase(handle)
                run.connect(handle.send)
            run.position = 0
            self._waiting.pop(0)
        for place, run in enumerate(self._waiting, 1):
            run.state, run.position = "queued", place
            run.phase = f"waiting in line, place {place} of {len(self._waiting)}"
        self._schedule_evaluations()

    def _schedule_evaluations(self) -> None:
        """Give evaluations to workers that train nothing: one at a time for each framework.

        Imports are what is dear: no more of them go on at once, for all evaluations, than runs
        may train.
        """
        for evaluation in list(self._asked):
            asked = {h: job for h, job in self._workers.items() if isinstance(job, Request)}
            name = evaluation.worker
            if any(handle.worker == name for handle in asked):
                continue
            is_warm = any(
                h.worker == name and h.is_ready for h, job in self._workers.items() if job is None
            )
            if not is_warm and sum(not handle.is_ready for handle in asked) >= self.slots:
                continue
            try:
                handle = self._worker_for(name)
            except OSError as error:  # no more processes, files or memory
                self._asked.remove(evaluation)
                evaluation.fail("worker", f"No process could be started for this: {error}.")
                continue
            if handle is None:
                continue
            self._asked.remove(evaluation)
            self._workers[handle] = evaluation
            evaluation.phase = self._import_phase(handle)
            handle.send(evaluation.command)

    def _taken_slots(self) -> int:
        busy = [run for run in self._workers.values() if isinstance(run, Run)]
        return sum(run.is_moving and run not in self._waiting for run in busy)

    def _import_phase(self, handle: Handle) -> str:
        if handle.is_ready:
            return ""
        name = _label(handle.worker)
        seconds = self.import_seconds.get(handle.worker)
        lasts = f" (took {seconds:.0f} s last time)" if seconds else ""
        return f"importing {name}{lasts}"

    def _worker_for(self, worker: str, owner: str = "") -> Handle | None:
        """An idle worker of this framework, ready if possible, or a new one; None if no room.

        None as well while the run that the owner had before is leaving such a worker: that one
        is warm, and free in a moment.
        """
        leaving = [run for run in self._stopping if run.owner == owner]
        if any(run.experiment.worker == worker for run in leaving):
            return None
        idle = [h for h, run in self._workers.items() if run is None and h.worker == worker]
        idle.sort(key=lambda handle: not handle.is_ready)
        if idle:
            return idle[0]
        busy = any(run and run.is_moving for run in self._workers.values())
        # The only run there is may go over the budget: refusing it would help nobody.
        if self._make_room(worker) or not busy:
            return self._start_worker(worker)
        return None

    def _make_room(self, worker: str) -> bool:
        """Retire idle workers, longest idle first, until one of `worker` fits in the budget."""
        needed = _expected_megabytes(worker)
        idle = sorted(
            (h for h, run in self._workers.items() if run is None), key=lambda h: h.idle_since
        )
        held = sum(
            # One that is still importing will hold more than it does now.
            max(h.megabytes, 0 if h.is_ready else _expected_megabytes(h.worker))
            for h in self._workers
        )
        while held + needed > self.megabytes and idle:
            handle = idle.pop(0)
            held -= handle.megabytes
            self._retire(handle)
        return held + needed <= self.megabytes

    def _start_worker(self, worker: str) -> Handle:
        handle = Handle(worker, self._hear, self.clock)
        self._workers[handle] = None
        return handle

    def _retire(self, handle: Handle) -> None:
        self._workers.pop(handle, None)
        self._base_megabytes.pop(handle, None)
        handle.kill()

    def _hear(self, handle: Handle, message: dict[str, Any] | None) -> None:
        """Take in a message of a worker, or its end; called from its reading thread."""
        with self._lock:
            job = self._workers.get(handle)
            if message is None:
                self._ended(handle, job)
            elif "ready" in message:
                self._ready(handle, job, message)
            elif "idle" in message:
                self._replace_if_worn(handle)
            elif "unavailable" in message:
                self.unavailable[handle.worker] = message["unavailable"]
                if job:
                    job.fail("framework", message["unavailable"])
            elif job is None or message.get("id") != job.id:
                pass  # a heartbeat, or a late word of a job that is over
            elif isinstance(job, Request):
                job.receive(message)
                self._free(handle)
            elif "event" in message:
                self._event(handle, job, message)

    def _event(self, handle: Handle, run: Run, message: dict[str, Any]) -> None:
        try:
            event = wire.message_event(message)
            if isinstance(event, Finished | Failed):
                run.worker_megabytes = handle.megabytes
            run.handle(event)
        except wire.WireError as error:
            handle.log.append(str(error))
            handle.kill()
        if run.is_over:
            self._free(handle)
        elif run.state == "paused":
            self._schedule()

    def _ready(self, handle: Handle, job: Run | Request | None, message: dict[str, Any]) -> None:
        handle.is_ready = True
        self.devices[handle.worker] = list(message["devices"])
        self.import_seconds[handle.worker] = float(message["import_seconds"])
        self.unavailable.pop(handle.worker, None)
        self._base_megabytes[handle] = handle.megabytes
        if job:
            job.phase = ""
        self._schedule()

    def _free(self, handle: Handle) -> None:
        """A worker's job is over: keep the worker warm."""
        job = self._workers.get(handle)
        if isinstance(job, Run):
            self._stopping.pop(job, None)
            handle.runs_done += 1
        self._workers[handle] = None
        handle.idle_since = self.clock()
        self._schedule()

    def _replace_if_worn(self, handle: Handle) -> None:
        """Retire a worker that rests and has done much or grown large, and warm another."""
        if handle not in self._workers or self._workers[handle] is not None:
            return
        growth = handle.megabytes - self._base_megabytes.get(handle, 0.0)
        if handle.runs_done >= RUNS_BEFORE_RECYCLING or growth > GROWTH_BEFORE_RECYCLING:
            self._retire(handle)
            if not self._closed.is_set():
                self.warm(handle.worker)

    def _ended(self, handle: Handle, job: Run | Request | None) -> None:
        was_retired = handle not in self._workers
        self._workers.pop(handle, None)
        self._base_megabytes.pop(handle, None)
        if not (handle.is_ready or was_retired or handle.worker in self.unavailable):
            # Said once, and not tried again until somebody presses Train.
            self.unavailable[handle.worker] = (
                f"{_label(handle.worker)} could not be imported: {handle.why_it_ended()}. "
                "Reinstall it, or choose another backend."
            )
        if isinstance(job, Request):
            job.fail(
                "worker",
                f"The process that computed this is gone: {handle.why_it_ended()}. Ask once more.",
            )
        elif job:
            self._stopping.pop(job, None)
            kept = f"What it learned up to step {job.step:,} is kept. " if job.step else ""
            job.fail(
                "worker",
                f"The process that trained this run is gone: {handle.why_it_ended()}. {kept}"
                "Press Train to start again.",
            )
        if not self._closed.is_set():
            self._schedule()

    def _stop(self, run: Run) -> None:
        """End a run: kindly if it listens, by force if it does not within `STOP_SECONDS`."""
        run.want = "stopped"
        if run in self._waiting:
            self._waiting.remove(run)
        handle = self._worker_of(run)
        run.send(want="stopped")
        if handle and handle.is_ready:
            self._stopping[run] = self.clock() + STOP_SECONDS
            return
        # It has not begun: nothing to wait for. A worker that is importing goes on importing.
        run.handle(Finished(run.step, run.epoch, "stopped", {}, 0.0))
        if handle:
            self._workers[handle] = None

    def _watch_forever(self) -> None:
        while not self._closed.wait(WATCH_SECONDS):
            try:
                self.watch()
            except Exception:  # whatever went wrong this time, go on watching
                traceback.print_exc()

    def watch(self) -> None:
        """Look after leases, workers that do not answer, and idle ones. Called all the time."""
        with self._lock:
            now = self.clock()
            self.leases.look(now)
            for owner in [owner for owner in self._runs if self.leases.is_gone(owner, now)]:
                run = self._runs.pop(owner)
                if not run.is_over:
                    self._stop(run)
            self.leases.forget(now)
            for run in [run for run, deadline in self._stopping.items() if deadline <= now]:
                del self._stopping[run]
                handle = self._worker_of(run)
                if handle:
                    run.handle(Finished(run.step, run.epoch, "stopped", {}, run.train_seconds))
                    self._retire(handle)
            self._give_up(now)
            for handle, busy in list(self._workers.items()):
                # The sending thread speaks every second, also while a framework compiles.
                if now - handle.heard_at > SILENCE_SECONDS * (1 if handle.is_ready else 3):
                    if isinstance(busy, Request):
                        busy.fail("worker", "The process that computed this no longer answers.")
                    elif busy:
                        busy.fail(
                            "worker",
                            f"The process that trained this run has not answered for "
                            f"{SILENCE_SECONDS:.0f} s and was ended. Press Train to start again.",
                        )
                    self._retire(handle)
                elif busy is None and handle.is_ready and now - handle.idle_since > IDLE_SECONDS:
                    self._retire(handle)
            self._schedule()

    def _give_up(self, now: float) -> None:
        """End evaluations that took too long, and workers that are stuck in one."""
        sentence = f"There was no answer within {ANSWER_SECONDS:.0f} s. Ask once more."
        for evaluation in [e for e in self._asked if e.deadline <= now]:
            self._asked.remove(evaluation)
            evaluation.fail("worker", f"No worker became free. {sentence}")
        for handle, job in list(self._workers.items()):
            if isinstance(job, Request) and job.deadline <= now:
                job.fail("worker", sentence)
                if handle.is_ready:
                    self._retire(handle)
                else:
                    self._workers[handle] = None  # it goes on importing


def _label(framework: str) -> str:
    """How a framework calls itself, whether it trains networks or only finds gradients."""
    if framework in autodiff.names() and framework not in backends.names():
        return autodiff.label(framework)
    return backends.label(framework)


def _expected_megabytes(backend: str) -> float:
    return EXPECTED_MEGABYTES.get(backend, 500)
