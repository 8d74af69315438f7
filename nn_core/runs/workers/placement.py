"""The worker processes and their jobs: started, reused, evicted and replaced within a budget.

Workers stay warm after a run, because importing a framework takes seconds. Where memory is needed,
the longest idle workers are evicted; a worker is replaced after many runs, or when it has grown.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from nn_core import backends
from nn_core.runs.run import Run
from nn_core.runs.workers import machine_limits
from nn_core.runs.workers.request import Request
from nn_core.runs.workers.worker_process import WorkerProcess

Job = Run | Request

IDLE_SECONDS = 600.0
SILENCE_SECONDS = 60.0
RUNS_BEFORE_RECYCLING = 20
GROWTH_BEFORE_RECYCLING = 400
"""Megabytes by which a worker may grow after its imports before it is replaced."""

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


class Placement:
    """Assigns jobs to workers, and starts and ends the workers.

    Not thread-safe: the pool calls it under its lock.

    Parameters
    ----------
    on_message : callable
        Called with a worker and each of its messages, from the thread that reads them.
    megabytes : float, optional
        Memory budget of all workers together, by default 60 % of the limit of the machine or its
        container. Only a single run that trains alone may exceed it.
    clock : callable
        Monotonic seconds.

    Attributes
    ----------
    jobs : dict of WorkerProcess to Run, Request or None
        The job of each worker; None where it is idle.
    devices : dict of str to list of str
        The devices of each framework that was imported so far.
    import_seconds : dict of str to float
        Duration of the last import of each framework.
    unavailable : dict of str to str
        Why a framework could not be imported, as a sentence.
    """

    def __init__(
        self,
        on_message: Callable[[WorkerProcess, dict[str, Any] | None], None],
        megabytes: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.megabytes = megabytes or 0.6 * machine_limits.megabytes()
        self.jobs: dict[WorkerProcess, Job | None] = {}
        self.devices: dict[str, list[str]] = {}
        self.import_seconds: dict[str, float] = {}
        self.unavailable: dict[str, str] = {}
        self._base_megabytes: dict[WorkerProcess, float] = {}  # once the framework is imported
        self._on_message = on_message
        self._clock = clock

    def worker_of(self, job: Job) -> WorkerProcess | None:
        """The worker of a job; None while it has none."""
        return next((worker for worker, its_job in self.jobs.items() if its_job is job), None)

    def runs(self) -> list[Run]:
        """The runs that have a worker."""
        return [job for job in self.jobs.values() if isinstance(job, Run)]

    def requests(self) -> dict[WorkerProcess, Request]:
        """The requests that have a worker, by worker."""
        return {worker: job for worker, job in self.jobs.items() if isinstance(job, Request)}

    def worker_for(self, name: str) -> WorkerProcess | None:
        """An idle worker of a framework, ready if possible, or a new one; None without room.

        Raises
        ------
        OSError
            If no process can be started.
        """
        idle = self._idle(name)
        if idle:
            return min(idle, key=lambda worker: not worker.is_ready)
        is_busy = any(job and job.is_moving for job in self.jobs.values())
        # A single run may exceed the budget: refusing it would free no memory.
        if self._make_room(name) or not is_busy:
            return self._start(name)
        return None

    def has_warm(self, name: str) -> bool:
        """Whether a worker of a framework is idle and ready."""
        return any(worker.is_ready for worker in self._idle(name))

    def assign(self, worker: WorkerProcess, job: Job) -> str:
        """Give a job to an idle worker; return what it does first, such as an import."""
        self.jobs[worker] = job
        if worker.is_ready:
            return ""
        seconds = self.import_seconds.get(worker.name)
        lasts = f" (took {seconds:.0f} s last time)" if seconds else ""
        return f"importing {backends.label(worker.name)}{lasts}"

    def free(self, worker: WorkerProcess) -> None:
        """Keep a worker warm after its job."""
        if isinstance(self.jobs.get(worker), Run):
            worker.runs_done += 1
        self.jobs[worker] = None
        worker.idle_since = self._clock()

    def take_back(self, worker: WorkerProcess) -> None:
        """Take the job from a worker that is still importing; the import continues."""
        self.jobs[worker] = None

    def warm(self, name: str) -> None:
        """Start a worker of a framework, unless an idle one exists or there is no room."""
        if not self._idle(name) and backends.is_installed(name) and self._make_room(name):
            self._start(name)

    def is_warming(self, name: str) -> float | None:
        """Seconds since a worker began to import a framework, or None if none is importing."""
        starts = [
            worker.started_at for worker in self.jobs if worker.name == name and not worker.is_ready
        ]
        return self._clock() - min(starts) if starts else None

    def has_room_for(self, names: Iterable[str]) -> bool:
        """Whether workers of all these frameworks fit in the budget beside the active runs."""
        held = sum(worker.megabytes for worker, job in self.jobs.items() if job)
        return held + sum(map(expected_megabytes, names)) <= self.megabytes

    def retire(self, worker: WorkerProcess) -> None:
        """End the process of a worker at once, and drop its job."""
        self._remove(worker)
        worker.kill()

    def unresponsive_workers(self) -> list[WorkerProcess]:
        """Workers that have sent nothing for too long; the limit is three times as long in imports.

        The sending thread of a worker sends a message every second, also while a framework
        compiles.
        """
        now = self._clock()
        return [
            worker
            for worker in self.jobs
            if now - worker.last_message_at > SILENCE_SECONDS * (1 if worker.is_ready else 3)
        ]

    def retire_idle(self) -> None:
        """End the workers that have been idle for `IDLE_SECONDS`."""
        now = self._clock()
        for worker, job in list(self.jobs.items()):
            if job is None and worker.is_ready and now - worker.idle_since > IDLE_SECONDS:
                self.retire(worker)

    def imported(self, worker: WorkerProcess, devices: list[str], seconds: float) -> None:
        """Record that a worker has imported its framework."""
        worker.is_ready = True
        self.devices[worker.name] = devices
        self.import_seconds[worker.name] = seconds
        self.unavailable.pop(worker.name, None)
        self._base_megabytes[worker] = worker.megabytes

    def ended(self, worker: WorkerProcess) -> Job | None:
        """Record that the process of a worker has ended; return its job."""
        was_retired = worker not in self.jobs
        job = self._remove(worker)
        if not (worker.is_ready or was_retired or worker.name in self.unavailable):
            # Reported once, and not tried again until the user presses Train.
            self.unavailable[worker.name] = (
                f"{backends.label(worker.name)} could not be imported: {worker.why_it_ended()}. "
                "Reinstall it, or choose another backend."
            )
        return job

    def retire_if_worn(self, worker: WorkerProcess) -> bool:
        """End an idle worker after many runs, or if it has grown large; return whether it was."""
        if worker not in self.jobs or self.jobs[worker] is not None:
            return False
        growth = worker.megabytes - self._base_megabytes.get(worker, 0.0)
        is_worn = worker.runs_done >= RUNS_BEFORE_RECYCLING or growth > GROWTH_BEFORE_RECYCLING
        if is_worn:
            self.retire(worker)
        return is_worn

    def _idle(self, name: str) -> list[WorkerProcess]:
        return [worker for worker, job in self.jobs.items() if job is None and worker.name == name]

    def _make_room(self, name: str) -> bool:
        """Retire idle workers, longest idle first, until one more fits in the budget."""
        needed = expected_megabytes(name)
        idle = sorted(
            (worker for worker, job in self.jobs.items() if job is None),
            key=lambda worker: worker.idle_since,
        )
        held = sum(
            # A worker that is still importing will use more memory than now.
            max(worker.megabytes, 0 if worker.is_ready else expected_megabytes(worker.name))
            for worker in self.jobs
        )
        while held + needed > self.megabytes and idle:
            worker = idle.pop(0)
            held -= worker.megabytes
            self.retire(worker)
        return held + needed <= self.megabytes

    def _start(self, name: str) -> WorkerProcess:
        worker = WorkerProcess(name, self._on_message, self._clock)
        self.jobs[worker] = None
        return worker

    def _remove(self, worker: WorkerProcess) -> Job | None:
        self._base_megabytes.pop(worker, None)
        return self.jobs.pop(worker, None)


def expected_megabytes(name: str) -> float:
    """Expected memory of a worker of a framework."""
    return EXPECTED_MEGABYTES.get(name, 500)
