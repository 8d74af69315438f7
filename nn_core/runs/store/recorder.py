"""The recorder: writes each run that is over into the store, in its own thread.

Runs end under the lock of the pool, where nothing may block. The recorder packs and writes them,
one after the other.
"""

from __future__ import annotations

import atexit
import queue
import threading
import traceback
from collections.abc import Callable

from nn_core.runs.run import Run
from nn_core.runs.store import Store, get_store, visitor_of
from nn_core.runs.store.record import is_worth_keeping, record_of

MOST_WAITING = 500
TRIES = 3
CLOSING_SECONDS = 10.0
UNRECORDED = ("check",)
"""Purposes of runs that are only compared with another run, and not stored."""


class Recorder:
    """A thread that writes runs into the store.

    Parameters
    ----------
    store_of : callable
        Returns the store; called when the first run is written.
    most_waiting : int
        Limit of the runs that wait to be written.

    Attributes
    ----------
    missed : int
        Runs that could not be recorded.
    why_missed : str
        The reason, for the last of them.
    """

    def __init__(
        self, store_of: Callable[[], Store] = get_store, most_waiting: int = MOST_WAITING
    ) -> None:
        self.missed = 0
        self.why_missed = ""
        self._store_of = store_of
        self._waiting: queue.Queue[Run | None] = queue.Queue(most_waiting)
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def put(self, run: Run) -> None:
        """Queue a run that is over for recording; return at once."""
        if not is_worth_keeping(run) or run.purpose in UNRECORDED:
            return
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._write_forever, daemon=True, name="recorder"
                )
                self._thread.start()
        try:
            self._waiting.put_nowait(run)
        except queue.Full:
            self._count_missed("more runs ended at once than could be written")

    def wait(self, timeout: float) -> bool:
        """Wait until all queued runs are written; False if they are not within `timeout` s."""
        with self._waiting.all_tasks_done:
            return self._waiting.all_tasks_done.wait_for(
                lambda: not self._waiting.unfinished_tasks, timeout
            )

    def _write_forever(self) -> None:
        while True:
            run = self._waiting.get()
            try:
                if run is None:
                    return
                self._write(run)
            except Exception as error:  # a run that cannot be written must not end the thread
                traceback.print_exc()
                self._count_missed(str(error))
            finally:
                self._waiting.task_done()

    def _write(self, run: Run) -> None:
        record = record_of(run)
        for attempt in range(TRIES):
            try:
                self._store_of().add(record, visitor_of(run.owner))
            except Exception:
                if attempt == TRIES - 1:
                    raise
            else:
                return

    def _count_missed(self, why: str) -> None:
        self.missed += 1
        self.why_missed = why

    def close(self) -> None:
        """Write the queued runs, and end; later runs are not recorded."""
        thread = self._thread
        if thread and thread.is_alive():
            try:
                self._waiting.put(None, timeout=CLOSING_SECONDS)
            except queue.Full:
                return
            thread.join(CLOSING_SECONDS)


_recorder: Recorder | None = None
_recorder_lock = threading.Lock()


def get_recorder() -> Recorder:
    """The recorder of this process, made at first use."""
    global _recorder
    with _recorder_lock:
        if _recorder is None:
            _recorder = Recorder()
            atexit.register(_recorder.close)
        return _recorder
