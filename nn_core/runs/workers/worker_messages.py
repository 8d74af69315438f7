"""What a worker says, and what that means for the run or the evaluation that it works on."""

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
    """The messages of all workers.

    Not to be used by several threads at once: the pool has a lock around it.

    Parameters
    ----------
    placement : Placement
        Which worker works on what.
    queue : RunQueue
        Who trains and who waits.
    """

    def __init__(self, placement: Placement, queue: RunQueue) -> None:
        self._placement = placement
        self._queue = queue
        self._is_closed = False

    def close(self) -> None:
        """Warm no more workers."""
        self._is_closed = True

    def take_in(self, worker: WorkerProcess, message: dict[str, Any] | None) -> bool:
        """Take in a message of a worker, or its end where there is none.

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

    def end_silent(self, worker: WorkerProcess) -> None:
        """End a worker that no longer answers, and its job with a sentence."""
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
            self._queue.forget(run)
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
            self._queue.forget(job)
            kept = f"What it learned up to step {job.step:,} is kept. " if job.step else ""
            job.fail(
                "worker",
                f"The process that trained this run is gone: {worker.why_it_ended()}. {kept}"
                "Press Train to start again.",
            )
