"""Permanent removal from the history: deleted runs after a day, and the oldest to limit its size.

`nn_core.runs.store.Store.delete` only marks a run as deleted.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from nn_core.runs.store.rescue import has_damaged
from nn_core.runs.store.storage import Storage
from nn_core.runs.store.tables import MOST_RUNS, places, portions

MOST_BYTES = 2_000_000_000
"""Limit for the arrays of all runs. The oldest runs that are not pinned are removed first."""

UNDO_SECONDS = 86_400.0
"""How long a deleted run can be restored."""


def tidy(storage: Storage) -> None:
    """Remove runs that were deleted a day ago, and incomplete files of killed processes."""
    old = time.time() - UNDO_SECONDS
    gone = storage.read("SELECT id FROM run WHERE deleted > 0 AND deleted < ?", (old,))
    remove(storage, [row[0] for row in gone])
    if storage.folder is None or storage.files is None:
        return
    if has_damaged(storage.folder):
        return  # unlisted files may belong to a damaged history that can still be repaired
    known = {row[0] for row in storage.read("SELECT id FROM run", ())}
    storage.files.remove_strays(known, old)


def keep_within_bounds(storage: Storage) -> None:
    """Remove the oldest runs that are not pinned, while there are too many or too large."""
    count, size = storage.read("SELECT count(*), coalesce(sum(bytes), 0) FROM run", ())[0]
    if count <= MOST_RUNS and size <= MOST_BYTES:
        return
    gone = []
    for run_id, its_bytes in storage.read(
        "SELECT id, bytes FROM run WHERE pinned = 0 ORDER BY ended LIMIT 1000", ()
    ):
        if count <= MOST_RUNS and size <= MOST_BYTES:
            break
        gone.append(run_id)
        count, size = count - 1, size - its_bytes
    remove(storage, gone)


def remove(storage: Storage, ids: Sequence[str]) -> None:
    """Remove runs permanently: first their rows, then their files."""
    for some in portions(ids):
        storage.write(
            lambda db, some=some: [  # type: ignore[misc]
                db.execute(f"DELETE FROM {table} WHERE id IN ({places(some)})", some)
                for table in ("run", "facts")
            ]
        )
    for run_id in ids:
        storage.remove(run_id)
