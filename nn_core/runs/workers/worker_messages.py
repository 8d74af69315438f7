"""Handles the messages of the workers: each updates the run or the request of its worker."""

from __future__ import annotations

from typing import Any

from nn_core.events import Failed, Finished
from nn_core.runs import wire
from nn_core.runs.run import Run
from nn_core.runs.workers.placement import SILENCE_SECONDS, Placement
from nn_core.runs.workers.request import Request
from nn_core.runs.workers.run_queue import RunQueue
from nn_core.runs.workers.worker_process import WorkerProcess


class WorkerMessages:
    """Handles the messages of all workers.

    Not thread-safe: the pool calls it under its lock.

    Parameters
    ----------
    placement : Placement
        The workers and their jobs.
    queue : RunQueue
        The runs that train and those that wait.
    """

    def __init__(self, placement: Placement, queue: RunQueue) -> None:
        self._placement = placement
        self._queue = queue
        self._is_closed = False

    def close(self) -> None:
        """Start no more warm workers."""
        self._is_closed = True

    def handle(self, worker: WorkerProcess, message: dict[str, Any] | None) -> bool:
        """Handle a message of a worker, or its end where the message is None.

        Returns
        -------
        is_free : bool
            Whether a worker or a slot may have become free.
        """
        job = self._placement.jobs.get(worker)
        if message is None:
            self._ended(worker)
            return True
        if "ready" in message:
            devices, seconds = list(message["devices"]), float(message["import_seconds"])
            self._placement.imported(worker, devices, seconds)
            if job:
                job.worker_is_ready()
            return True
        if "idle" in message:
            if self._placement.retire_if_worn(worker) and not self._is_closed:
                self._placement.warm(worker.name)
        elif "unavailable" in message:
            self._placement.unavailable[worker.name] = message["unavailable"]
            if job:
                job.fail("framework", message["unavailable"])
        elif job is None or message.get("id") != job.id:
            pass  # a heartbeat, or a late message for a job that is over
        elif isinstance(job, Request):
            job.receive(message)
            self._placement.free(worker)
            return True
        elif "event" in message:
            return self._event(worker, job, message)
        return False

    def end_unresponsive(self, worker: WorkerProcess) -> None:
        """End an unresponsive worker, and its job with a message."""
        job = self._placement.jobs[worker]
        if isinstance(job, Request):
            job.fail("worker", "The process that computed this no longer answers.")
        elif job:
            job.fail(
                "worker",
                f"The process that trained this run has not answered for {SILENCE_SECONDS:.0f} s "
                "and was ended. Press Train to start again.",
            )
        self._placement.retire(worker)

    def _event(self, worker: WorkerProcess, run: Run, message: dict[str, Any]) -> bool:
        try:
            event = wire.message_event(message)
            if isinstance(event, Finished | Failed):
                run.note_worker_memory(worker.megabytes)
            run.handle(event)
        except wire.WireError as error:
            worker.log.append(str(error))
            worker.kill()
        if run.is_over:
            self._queue.remove(run)
            self._placement.free(worker)
        return run.is_over or run.state == "paused"

    def _ended(self, worker: WorkerProcess) -> None:
        job = self._placement.ended(worker)
        if isinstance(job, Request):
            job.fail(
                "worker",
                f"The process that computed this is gone: {worker.why_it_ended()}. Ask once more.",
            )
        elif job:
            self._queue.remove(job)
            kept = f"What it learned up to step {job.step:,} is kept. " if job.step else ""
            job.fail(
                "worker",
                f"The process that trained this run is gone: {worker.why_it_ended()}. {kept}"
                "Press Train to start again.",
            )
