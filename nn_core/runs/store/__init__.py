"""The history of runs on disk: facts in an SQLite file, arrays in a file for each run beside it.

Several processes may write at once. The arrays of a run are written whole or not at all, and
before its facts: whatever is listed can be read. Where the disk cannot be written, the history is
kept in memory, and `Store.note` says so; once the disk takes it again, it is written there.

* `entries`: what is asked for and what comes back.
* `store`: the questions and the writes.
* `housekeeping`: what is removed for good, and when.
* `storage`: where the history lies, on the disk or else in memory.
* `memory`: what waits there until the disk takes it.
* `rescue`: a database that is damaged, or can only be read.
* `refusals`: what SQLite means when it refuses something.
* `tables` and `files`: the two halves of it, each by itself.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import threading
from pathlib import Path

import platformdirs

from nn_core.errors import StoreError
from nn_core.runs.store.entries import Filter, ListedRun, StoredRun, visitor_of
from nn_core.runs.store.files import FOLDER
from nn_core.runs.store.store import Store
from nn_core.runs.store.tables import DATABASE

__all__ = [
    "DATABASE",
    "FOLDER",
    "Filter",
    "ListedRun",
    "Store",
    "StoredRun",
    "get_store",
    "visitor_of",
]

_store: Store | None = None
_store_lock = threading.Lock()


def get_store() -> Store:
    """The store of this process, opened at first use.

    It lies in the folder that BACKPROP_LIVE_HOME names, or else in the user's data folder.
    """
    global _store
    with _store_lock:
        if _store is None:
            named = os.environ.get("BACKPROP_LIVE_HOME")
            _store = Store(
                Path(named).expanduser()
                if named
                else Path(platformdirs.user_data_dir("backprop-live"))
            )
            atexit.register(_store.look_again, at_once=True)  # the last chance of what is in memory
            with contextlib.suppress(StoreError):
                _store.tidy()
        return _store
