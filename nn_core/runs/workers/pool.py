"""The pool: runs and requests of all sessions, computed by worker processes.

* `run_queue`: the runs that train and those that wait.
* `request_queue`: single gradients, single steps and files, which take no slot.
* `placement`: the workers and their jobs.
* `worker_messages`: handles the messages of the workers.
* `leases`: disconnected sessions.

The pool is an ordinary object of an imported module (`nn_core.server`), because any visitor can
clear Streamlit's caches.
"""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable, Iterable
from typing import Any

from nn_core import autodiff, backends
from nn_core.autodiff import GradientMethod
from nn_core.autodiff.expressions import Question
from nn_core.errors import NotYourRun
from nn_core.events import Params
from nn_core.experiment import Experiment
from nn_core.runs.run import Run, RunKey, StepUnit, Want
from nn_core.runs.run_origin import Beginning
from nn_core.runs.workers import machine_limits
from nn_core.runs.workers.file_request import FileRequest
from nn_core.runs.workers.gradient_request import GradientRequest
from nn_core.runs.workers.leases import Leases
from nn_core.runs.workers.placement import Placement
from nn_core.runs.workers.request import Request
from nn_core.runs.workers.request_queue import ANSWER_SECONDS, RequestQueue
from nn_core.runs.workers.run_queue import RunQueue
from nn_core.runs.workers.step_request import StepQuestion, StepRequest
from nn_core.runs.workers.worker_messages import WorkerMessages
from nn_core.runs.workers.worker_process import WorkerProcess

WATCH_SECONDS = 0.1
QUEUE_LENGTH = 60
REQUESTS_PER_PLACE = 10


class Pool:
    """Trains runs on workers, and queues those that wait for one.

    Parameters
    ----------
    slots : int, optional
        Runs that may train at once; by default as many as there are cores for this app.
    queue_length : int
        Runs that may wait; ten times as many requests may wait.
    megabytes : float, optional
        Memory budget of all workers together; see `Placement`.
    clock : callable
        Monotonic seconds; tests use their own clock.
    on_over : callable, optional
        Called with each run that is over, under the pool's lock: it must not block.

    Attributes
    ----------
    placement : Placement
        The workers and their jobs.
    queue : RunQueue
        The runs that train and those that wait.
    leases : Leases
        Disconnected sessions.
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
        self.clock = clock
        self.placement = Placement(self._handle_message, megabytes, clock)
        self.leases = Leases()
        self._lock = threading.RLock()
        self.queue = RunQueue(self.placement, slots or machine_limits.cores(), queue_length, clock)
        self._requests = RequestQueue(
            self.placement, REQUESTS_PER_PLACE * queue_length, self.queue.slots
        )
        self._messages = WorkerMessages(self.placement, self.queue)
        self._runs: dict[RunKey, Run] = {}  # the newest of each key
        self._closed = threading.Event()
        threading.Thread(target=self._watch_forever, daemon=True, name="pool watch").start()

    @property
    def slots(self) -> int:
        """Runs that may train at once."""
        return self.queue.slots

    @property
    def megabytes(self) -> float:
        """Memory budget of all workers together."""
        return self.placement.megabytes

    @property
    def devices(self) -> dict[str, list[str]]:
        """The devices of each framework that was imported so far."""
        return self.placement.devices

    @property
    def import_seconds(self) -> dict[str, float]:
        """Duration of the last import of each framework."""
        return self.placement.import_seconds

    @property
    def unavailable(self) -> dict[str, str]:
        """Why a framework could not be imported, as a sentence."""
        return self.placement.unavailable

    def submit(
        self,
        experiment: Experiment,
        owner: str,
        want: Want = "running",
        speed: float | None = None,
        beginning: Beginning | None = None,
        *,
        purpose: str = "",
        part: str = "",
        most_snapshots: int | None = None,
    ) -> Run:
        """Begin a run, or queue it. The owner's earlier run of the same key is stopped.

        With a `beginning` (see `nn_core.runs.continuation`) it continues another run.

        A session that needs several runs at once starts them with a `purpose` and a `part`: see
        `RunKey`. Runs of a session whose lease has ended are stopped before they begin.

        Raises
        ------
        QueueFull
            If too many runs wait already.
        """
        with self._lock:
            if not purpose:  # a study also submits runs after its visitor has left
                self.leases.renew(owner, self.clock())
            before = self._runs.get(RunKey(owner, purpose, part))
            self.queue.check_room(before)
            if before and not before.is_over:
                self.queue.stop(before)
            run = Run(
                experiment, owner, want, speed, self.clock, beginning, self.on_over,
                purpose=purpose, part=part, most_snapshots=most_snapshots,
            )  # fmt: skip
            if self._closed.is_set() or self.leases.is_gone(owner, self.clock()):
                run.stop_now()
                return run
            self._runs[run.key] = run
            self.queue.add(run)
            self._schedule()
            return run

    def evaluate(self, method: GradientMethod, question: Question, owner: str) -> GradientRequest:
        """Request a value and a gradient from a framework.

        It replaces the owner's earlier request for the same method that has no worker yet.

        Raises
        ------
        QueueFull
            If too many requests wait already.
        """
        request = GradientRequest(method, question, owner, self.clock() + ANSWER_SECONDS)
        self._ask(request, autodiff.why_not(method.framework, question.expression))
        return request

    def evaluate_step(self, question: StepQuestion, owner: str) -> StepRequest:
        """Request one optimizer step of a network from a backend.

        It replaces the owner's earlier request of this kind that has no worker yet.

        Raises
        ------
        QueueFull
            If too many requests wait already.
        """
        request = StepRequest(question, owner, self.clock() + ANSWER_SECONDS)
        self._ask(request, _why_not_installed(request.worker))
        return request

    def write_file(
        self, suffix: str, experiment: Experiment, params: Params, owner: str
    ) -> FileRequest:
        """Request a file of weights in the format of a framework; see `FileRequest`.

        Raises
        ------
        QueueFull
            If too many requests wait already.
        """
        deadline = self.clock() + ANSWER_SECONDS
        request = FileRequest(suffix, experiment, params, owner, deadline)
        self._ask(request, _why_not_installed(request.worker))
        return request

    def _ask(self, request: Request, why_not: str) -> None:
        if why_not:
            request.fail("framework", why_not)
            return
        with self._lock:
            self._requests.add(request)
            self._schedule()

    def set_want(self, run: Run, owner: str, want: Want) -> None:
        """Resume, pause or stop a run.

        Raises
        ------
        NotYourRun
            If another session started it.
        """
        self._check(run, owner)
        with self._lock:
            self.queue.set_want(run, want)
            self._schedule()

    def take_step(self, run: Run, owner: str, unit: StepUnit, number: int) -> None:
        """Take one step of a paused run; see `Run.take_step`."""
        self._check(run, owner)
        with self._lock:
            run.take_step(unit, number)

    def set_speed(self, run: Run, owner: str, speed: float | None) -> None:
        """Limit the steps a second of a run; see `Run.set_speed`."""
        self._check(run, owner)
        with self._lock:
            run.set_speed(speed)

    def set_learning_rate(self, run: Run, owner: str, learning_rate: float) -> None:
        """Change the learning rate of a run during training; see `Run.set_learning_rate`."""
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

    def warm(self, name: str) -> None:
        """Start a worker that imports this framework, so that the next run begins at once."""
        with self._lock:
            self.placement.warm(name)

    def is_warming(self, name: str) -> float | None:
        """Seconds since a worker began to import this framework, or None if none is importing."""
        with self._lock:
            return self.placement.is_warming(name)

    def has_room_for(self, names: Iterable[str]) -> bool:
        """Whether workers of all these frameworks fit in the budget beside the active runs."""
        with self._lock:
            return self.placement.has_room_for(names)

    def release(self, owner: str, is_back: Callable[[], bool] | None = None) -> None:
        """Begin the grace period of a session whose page was disconnected.

        See `nn_core.runs.workers.leases`.

        Parameters
        ----------
        owner : str
            The session.
        is_back : callable, optional
            Returns whether the page is connected again; it is called regularly until `reconnect`.
        """
        with self._lock:
            self.leases.begin(owner, self.clock(), is_back)

    def renew(self, owner: str) -> None:
        """Restart the session's grace period, if it runs, because of a request of its page."""
        with self._lock:
            self.leases.renew(owner, self.clock())

    def reconnect(self, owner: str) -> None:
        """End the session's grace period, because its page is connected."""
        with self._lock:
            self.leases.end(owner)

    def workers(self) -> list[WorkerProcess]:
        """The worker processes that are alive."""
        with self._lock:
            return [worker for worker in self.placement.jobs if worker.is_alive]

    def close(self) -> None:
        """End every run and every worker."""
        self._closed.set()
        with self._lock:
            workers = list(self.placement.jobs)
            for run in self._runs.values():
                run.fail("worker", "The app was closed while this run was going on.")
            self._messages.close()
            self._requests.close()
            self.queue.close()
        for worker in workers:
            worker.kill()
        for worker in workers:
            worker.process.wait()

    def _check(self, run: Run, owner: str) -> None:
        if run.owner != owner:
            raise NotYourRun("This run belongs to another session. Start one of your own.")

    def _schedule(self) -> None:
        """Assign jobs to idle workers."""
        self.queue.schedule()
        self._requests.schedule()

    def _handle_message(self, worker: WorkerProcess, message: dict[str, Any] | None) -> None:
        """Handle a message of a worker, or its end; called from its reading thread."""
        with self._lock:
            if self._messages.handle(worker, message) and not self._closed.is_set():
                self._schedule()

    def _watch_forever(self) -> None:
        while not self._closed.wait(WATCH_SECONDS):
            try:
                self.watch()
            except Exception:  # one failure must not end the watching
                traceback.print_exc()

    def watch(self) -> None:
        """Check leases, unresponsive workers and idle workers; called regularly."""
        with self._lock:
            self._end_abandoned(self.clock())
            self.queue.end_unstopped()
            self._requests.give_up_late(self.clock())
            for worker in self.placement.unresponsive_workers():
                self._messages.end_unresponsive(worker)
            self.placement.retire_idle()
            self._schedule()

    def _end_abandoned(self, now: float) -> None:
        """Stop the runs of sessions whose grace period is over."""
        self.leases.look(now)
        for key in [key for key in self._runs if self.leases.is_gone(key.owner, now)]:
            run = self._runs.pop(key)
            if not run.is_over:
                self.queue.stop(run)
        self.leases.remove_old(now)


def _why_not_installed(name: str) -> str:
    """How to install a framework; empty where it is."""
    return "" if backends.is_installed(name) else backends.how_to_install(name)
