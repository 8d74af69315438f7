"""A study: several runs that belong together, submitted by a thread of their own.

The thread submits a few runs at a time to the pool, so that runs of others are not delayed, and
continues while its visitor is on another page. It ends when it is stopped, or when the pool ends
its runs because the visitor has left.
"""

from __future__ import annotations

import threading
from typing import Any, ClassVar, Self

from nn_core.errors import BackpropError, QueueFull
from nn_core.experiment import Experiment
from nn_core.runs.run import Run, Want
from nn_core.runs.workers.pool import Pool

RETRY_SECONDS = 0.5
"""Seconds between two attempts to join a full queue."""

MOST_SNAPSHOTS = 2
"""Snapshots that a run of a study stores: the first and the last."""


class Study:
    """Runs that belong together; subclasses submit them in `_work`.

    A run of a study stores all its losses and measurements, but only the first and the last
    snapshot: a study compares curves and final results, and may have the runs of seven backends in
    memory at once. The history of runs gets the same two snapshots.

    Parameters
    ----------
    pool : Pool
        Trains the runs.
    owner : str
        The session.

    Attributes
    ----------
    purpose : str
        The name of the study; see `nn_core.runs.run.RunKey`.
    phase : str
        What the study does while no run has a phase.
    problem : str
        Why the study ended early; empty where it did not.
    is_over : bool
        Whether it has ended.
    """

    purpose: ClassVar[str]

    def __init__(self, pool: Pool, owner: str) -> None:
        self.pool = pool
        self.owner = owner
        self.phase = ""
        self.problem = ""
        self.is_over = False
        self.stopping = threading.Event()
        self._lock = threading.Lock()
        self._under_way: dict[str, Run] = {}
        self._thread = threading.Thread(
            target=self._work_to_the_end, daemon=True, name=self.purpose
        )

    def begin(self) -> Self:
        """Start the study's thread, and return at once."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop the active runs, and start no more."""
        with self._lock:
            self.stopping.set()
            runs = list(self._under_way.values())
        for run in runs:
            self.pool.set_want(run, self.owner, "stopped")

    def wait(self, timeout: float) -> bool:
        """Wait until the study is over; False if it is not within `timeout` s."""
        self._thread.join(timeout)
        return self.is_over

    def _work(self) -> None:
        """Submit the runs and collect their results; called once, in the study's thread."""
        raise NotImplementedError

    def _work_to_the_end(self) -> None:
        try:
            self._work()
        except BackpropError as error:
            self.problem = str(error)
        finally:
            self.phase = ""
            self.is_over = True

    def _submit(self, experiment: Experiment, part: str, **how: Any) -> Run | None:
        """Submit a run as soon as the queue has room; None if the study is stopped.

        Parameters
        ----------
        experiment : Experiment
            The experiment to train.
        part : str
            The role of the run in the study: it replaces an earlier run of the same part.
        **how
            More arguments of `Pool.submit`.
        """
        while not self.stopping.is_set():
            try:
                with self._lock:
                    if self.stopping.is_set():
                        return None
                    run = self.pool.submit(
                        experiment,
                        self.owner,
                        purpose=self.purpose,
                        part=part,
                        most_snapshots=MOST_SNAPSHOTS,
                        **how,
                    )
                    self._under_way[part] = run
            except QueueFull:
                self.phase = "the line is full: waiting for room in it"
                self.stopping.wait(RETRY_SECONDS)
            else:
                self.phase = ""
                return run
        return None

    def _wait_for(self, run: Run) -> None:
        """Wait for the end of a run; if it was stopped from outside, the study ends."""
        while not run.wait(lambda run: run.is_over, RETRY_SECONDS):
            pass
        if run.state == "stopped":
            self.stopping.set()

    def _set_want(self, run: Run, want: Want) -> None:
        self.pool.set_want(run, self.owner, want)
