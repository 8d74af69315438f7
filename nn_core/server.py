"""The pool of this process, which writes every run that has ended into the history of runs."""

from __future__ import annotations

import atexit
import os
import threading

from nn_core.runs.store.recorder import get_recorder
from nn_core.runs.workers.pool import Pool

_pool: Pool | None = None


_pool_lock = threading.Lock()


def get_pool() -> Pool:
    """The pool of this process, made at first use."""
    global _pool
    with _pool_lock:
        if _pool is None:
            slots = os.environ.get("BACKPROP_LIVE_SLOTS")
            # The recorder first: at the end of the process it is the last to go, so that it also
            # hears of the runs that the pool ends then.
            recorder = get_recorder()
            _pool = Pool(slots=int(slots) if slots else None, on_over=recorder.put)
            atexit.register(_pool.close)
        return _pool
