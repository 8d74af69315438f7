"""The queue of runs, and the slots that they share.

Runs are served in order of arrival. A paused run keeps its worker and releases its slot to the next
in the queue; when it is resumed, it joins the end of the queue.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from nn_core.errors import QueueFull
from nn_core.runs.run import Run, Want
from nn_core.runs.workers.placement import Placement

STOP_SECONDS = 5.0
"""How long a worker may take to stop a run before its process is ended."""


class RunQueue:
    """The runs that wait for a slot, and those that are stopping.

    Not thread-safe: the pool calls it under its lock.

    Parameters
    ----------
    placement : Placement
        The workers and their jobs.
    slots : int
        Runs that may train at once.
    most_waiting : int
        Limit of the waiting runs.
    clock : callable
        Monotonic seconds.
    """

    def __init__(
        self,
        placement: Placement,
        slots: int,
        most_waiting: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.slots = slots
        self.most_waiting = most_waiting
        self._placement = placement
        self._clock = clock
        self._waiting: list[Run] = []
        self._stopping: dict[Run, float] = {}  # and when the worker of each is ended

    def check_room(self, replaced: Run | None) -> None:
        """Check that one more run may wait, which may replace another one.

        Raises
        ------
        QueueFull
            If too many runs wait already.
        """
        if len([run for run in self._waiting if run is not replaced]) >= self.most_waiting:
            raise QueueFull(
                f"{len(self._waiting)} runs are waiting already. "
                "Try again in a minute, or run the app on your own machine."
            )

    def add(self, run: Run) -> None:
        """Append a run to the queue."""
        self._waiting.append(run)

    def set_want(self, run: Run, want: Want) -> None:
        """Resume, pause or stop a run."""
        if run.is_over or run.want == "stopped":
            return
        if want == "stopped":
            self.stop(run)
            return
        run.set_want(want)
        if not self._placement.worker_of(run):
            return  # it will begin as it is wanted
        if want == "paused" and run in self._waiting:
            self._waiting.remove(run)
            run.leave_queue()
        elif want == "running" and run.state == "paused":
            self._waiting.append(run)
        else:  # it holds a slot
            run.send_want()

    def stop(self, run: Run) -> None:
        """Stop a run: the worker gets the command, and is ended after `STOP_SECONDS`."""
        run.set_want("stopped")
        if run in self._waiting:
            self._waiting.remove(run)
        worker = self._placement.worker_of(run)
        run.send_want()
        if worker and worker.is_ready:
            self._stopping[run] = self._clock() + STOP_SECONDS
            return
        # It has not begun, so it ends at once. A worker that is importing continues.
        run.stop_now()
        if worker:
            self._placement.take_back(worker)

    def end_unstopped(self) -> None:
        """End the workers that have not stopped their run in time."""
        now = self._clock()
        for run in [run for run, deadline in self._stopping.items() if deadline <= now]:
            del self._stopping[run]
            worker = self._placement.worker_of(run)
            if worker:
                run.stop_now()
                self._placement.retire(worker)

    def remove(self, run: Run) -> None:
        """Remove a run that has no worker any more."""
        self._stopping.pop(run, None)

    def schedule(self) -> None:
        """Give free slots to the first runs in the queue, and the others their positions."""
        while self._waiting and self._taken_slots() < self.slots:
            run = self._waiting[0]
            if self._placement.worker_of(run):
                run.resume_in_slot()
            elif not self._begin(run):
                break
            self._waiting.pop(0)
        for place, run in enumerate(self._waiting, 1):
            run.wait_in_queue(place, len(self._waiting))

    def close(self) -> None:
        """Stop all waiting runs."""
        self._waiting.clear()

    def _begin(self, run: Run) -> bool:
        """Begin a run on a worker, or end it where no process can be started; False to wait."""
        name = run.experiment.worker
        leaving = (other for other in self._stopping if other.key == run.key)
        if any(other.experiment.worker == name for other in leaving):
            return False  # the worker of the owner's run before is warm, and free in a moment
        try:
            worker = self._placement.worker_for(name)
        except OSError as error:  # no more processes, files or memory
            run.fail("worker", f"No process could be started for this run: {error}. "
                     "Close other programs, and press Train again.")  # fmt: skip
            return True
        if worker is None:
            return False
        run.connect(worker.send, self._placement.assign(worker, run))
        return True

    def _taken_slots(self) -> int:
        return sum(run.is_moving and run not in self._waiting for run in self._placement.runs())
