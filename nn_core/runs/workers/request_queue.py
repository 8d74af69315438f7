"""The queue of requests: single gradients, single steps, and files of weights.

Each takes milliseconds and no slot: any idle worker of its framework computes it.
"""

from __future__ import annotations

from nn_core.errors import QueueFull
from nn_core.runs.workers.placement import Placement
from nn_core.runs.workers.request import Request

ANSWER_SECONDS = 120.0
"""How long a request may take, including the wait for a worker."""


class RequestQueue:
    """Requests in the order of their arrival.

    Not thread-safe: the pool calls it under its lock.

    Parameters
    ----------
    placement : Placement
        Assigns jobs to workers.
    most_waiting : int
        Limit of the waiting requests.
    slots : int
        Requests that may wait for an import at once, as many as runs may train, because
        imports are slow.
    """

    def __init__(self, placement: Placement, most_waiting: int, slots: int) -> None:
        self.most_waiting = most_waiting
        self.slots = slots
        self._placement = placement
        self._waiting: list[Request] = []

    def add(self, request: Request) -> None:
        """Append a request; it replaces a waiting one of the same owner and topic.

        Raises
        ------
        QueueFull
            If too many requests wait already.
        """
        same = (request.owner, request.topic)
        for before in [e for e in self._waiting if (e.owner, e.topic) == same]:
            self._waiting.remove(before)
            before.fail("abandoned", "Another evaluation was asked for since.")
        if len(self._waiting) >= self.most_waiting:
            raise QueueFull(
                f"{len(self._waiting)} evaluations are waiting already. Try again in a minute."
            )
        self._waiting.append(request)

    def schedule(self) -> None:
        """Assign requests to idle workers: one at a time for each framework."""
        for request in list(self._waiting):
            under_way = self._placement.requests()
            name = request.worker
            if any(worker.name == name for worker in under_way):
                continue
            importing = sum(not worker.is_ready for worker in under_way)
            if not self._placement.has_warm(name) and importing >= self.slots:
                continue
            try:
                worker = self._placement.worker_for(name)
            except OSError as error:  # no more processes, files or memory
                self._waiting.remove(request)
                request.fail("worker", f"No process could be started for this: {error}.")
                continue
            if worker:
                self._waiting.remove(request)
                request.begin(self._placement.assign(worker, request))
                worker.send(request.command)

    def give_up_late(self, now: float) -> None:
        """End requests after their deadline, and the workers that still compute them."""
        sentence = f"There was no answer within {ANSWER_SECONDS:.0f} s. Ask once more."
        for request in [e for e in self._waiting if e.deadline <= now]:
            self._waiting.remove(request)
            request.fail("worker", f"No worker became free. {sentence}")
        for worker, request in self._placement.requests().items():
            if request.deadline <= now:
                request.fail("worker", sentence)
                if worker.is_ready:
                    self._placement.retire(worker)
                else:
                    self._placement.take_back(worker)

    def close(self) -> None:
        """End all requests, including those that a worker computes."""
        for request in (*self._waiting, *self._placement.requests().values()):
            request.fail("worker", "The app was closed before this was computed.")
        self._waiting.clear()
