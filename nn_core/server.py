"""The pool of this process, whose runs are recorded in the history when they end."""

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
            # The recorder comes first, because `atexit` closes in reverse order: it still records
            # the runs that the pool ends at exit.
            recorder = get_recorder()
            _pool = Pool(slots=int(slots) if slots else None, on_over=recorder.put)
            atexit.register(_pool.close)
        return _pool
