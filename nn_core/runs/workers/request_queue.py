"""The queue of evaluations: single gradients, single steps, and files of weights.

Each takes milliseconds and no slot: any idle worker of its framework computes it.
"""

from __future__ import annotations

from nn_core.errors import QueueFull
from nn_core.runs.workers.placement import Placement
from nn_core.runs.workers.request import Request

ANSWER_SECONDS = 120.0
"""How long an evaluation may take, including the wait for a worker."""


class RequestQueue:
    """Evaluations in the order of their requests.

    Not thread-safe: the pool calls it under its lock.

    Parameters
    ----------
    placement : Placement
        Assigns jobs to workers.
    most_waiting : int
        Limit of the waiting evaluations.
    slots : int
        Evaluations that may wait for an import at once, as many as runs may train, because
        imports are slow.
    """

    def __init__(self, placement: Placement, most_waiting: int, slots: int) -> None:
        self.most_waiting = most_waiting
        self.slots = slots
        self._placement = placement
        self._waiting: list[Request] = []

    def add(self, evaluation: Request) -> None:
        """Append an evaluation; it replaces a waiting one of the same owner and topic.

        Raises
        ------
        QueueFull
            If too many evaluations wait already.
        """
        same = (evaluation.owner, evaluation.topic)
        for before in [e for e in self._waiting if (e.owner, e.topic) == same]:
            self._waiting.remove(before)
            before.fail("abandoned", "Another evaluation was asked for since.")
        if len(self._waiting) >= self.most_waiting:
            raise QueueFull(
                f"{len(self._waiting)} evaluations are waiting already. Try again in a minute."
            )
        self._waiting.append(evaluation)

    def schedule(self) -> None:
        """Assign evaluations to idle workers: one at a time for each framework."""
        for evaluation in list(self._waiting):
            under_way = self._placement.evaluations()
            name = evaluation.worker
            if any(worker.name == name for worker in under_way):
                continue
            importing = sum(not worker.is_ready for worker in under_way)
            if not self._placement.has_warm(name) and importing >= self.slots:
                continue
            try:
                worker = self._placement.worker_for(name)
            except OSError as error:  # no more processes, files or memory
                self._waiting.remove(evaluation)
                evaluation.fail("worker", f"No process could be started for this: {error}.")
                continue
            if worker:
                self._waiting.remove(evaluation)
                evaluation.begin(self._placement.assign(worker, evaluation))
                worker.send(evaluation.command)

    def give_up_late(self, now: float) -> None:
        """End evaluations after their deadline, and the workers that still compute them."""
        sentence = f"There was no answer within {ANSWER_SECONDS:.0f} s. Ask once more."
        for evaluation in [e for e in self._waiting if e.deadline <= now]:
            self._waiting.remove(evaluation)
            evaluation.fail("worker", f"No worker became free. {sentence}")
        for worker, evaluation in self._placement.evaluations().items():
            if evaluation.deadline <= now:
                evaluation.fail("worker", sentence)
                if worker.is_ready:
                    self._placement.retire(worker)
                else:
                    self._placement.take_back(worker)

    def close(self) -> None:
        """End all evaluations, including those that a worker computes."""
        for evaluation in (*self._waiting, *self._placement.evaluations().values()):
            evaluation.fail("worker", "The app was closed before this was computed.")
        self._waiting.clear()
