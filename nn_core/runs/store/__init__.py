"""The history of runs on disk: facts in an SQLite file, and a file of arrays for each run.

Several processes may write at once. The arrays of a run are written atomically and before its
facts, so that every listed run can be read. If the disk cannot be written, the history is kept in
memory, and `Store.note` reports it; it is written to the disk once that is possible again.

* `entries`: the filter of the list, its rows, and stored runs.
* `store`: the queries and the writes.
* `housekeeping`: permanent removal of old and deleted runs.
* `storage`: the place of the history, on the disk or else in memory.
* `memory`: changes in memory that are not yet on the disk.
* `rescue`: databases that are damaged or read-only.
* `refusals`: classifies SQLite's errors.
* `tables` and `files`: the database, and the files of arrays.
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

    Its folder is that of the variable BACKPROP_LIVE_HOME, or else the user's data folder.
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
            atexit.register(_store.look_again, at_once=True)  # writes what is still in memory
            with contextlib.suppress(StoreError):
                _store.tidy()
        return _store
