"""A study: one question that takes several runs, answered by a thread of its own.

The thread hands its runs to the pool a few at a time, so that others in the line get their
turn, and goes on while its visitor looks at another page. It ends when it is stopped, or when
the pool ends its runs because the visitor has left.
"""

from __future__ import annotations

import threading
from typing import Any, ClassVar, Self

from nn_core.errors import BackpropError, QueueFull
from nn_core.experiment import Experiment
from nn_core.runs.run import Run, Want
from nn_core.runs.workers.pool import Pool

RETRY_SECONDS = 0.5
"""Between two attempts to enter a line that is full."""

MOST_SNAPSHOTS = 2
"""Moments that a run of a study keeps: the first and the last."""


class Study:
    """Runs that belong together; subclasses say which, in `_work`.

    A run of a study keeps all its losses and measurements, and of its moments the first and the
    last: a study compares curves and ends, and may hold the runs of seven backends at once. The
    history of runs gets the same two.

    Parameters
    ----------
    pool : Pool
        Where the runs are trained.
    owner : str
        The session.

    Attributes
    ----------
    purpose : str
        What the runs of such a study are for; see `nn_core.runs.run.RunKey`.
    phase : str
        What is going on, where no run says it.
    problem : str
        Why the study ended early; empty where it did not.
    is_over : bool
        Whether nothing more will come.
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
        """Start the runs; returns at once."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """End the runs that go on, and start no more."""
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
        """Submit the runs and take in what they bring; called once, in the study's thread."""
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
        """Put a run in line as soon as the line has room; None where the study is stopped.

        Parameters
        ----------
        experiment : Experiment
            What is trained.
        part : str
            Which run of the study it is: it takes the place of an earlier one of this name.
        **how
            More for `Pool.submit`.
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
        """Wait for a run's end. One that others have stopped ends the study."""
        while not run.wait(lambda run: run.is_over, RETRY_SECONDS):
            pass
        if run.state == "stopped":
            self.stopping.set()

    def _set_want(self, run: Run, want: Want) -> None:
        self.pool.set_want(run, self.owner, want)
