"""What is removed from the history for good: deleted runs after a day, the oldest for want of room.

Marking a run as deleted is a write like others: `nn_core.runs.store.Store.delete`.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from nn_core.runs.store.rescue import has_damaged
from nn_core.runs.store.storage import Storage
from nn_core.runs.store.tables import MOST_RUNS, places, portions

MOST_BYTES = 2_000_000_000
"""For the arrays of all runs. The oldest runs that are not pinned go first."""

UNDO_SECONDS = 86_400.0
"""How long a deleted run can be brought back."""


def tidy(storage: Storage) -> None:
    """Remove what was deleted a day ago, and files that a killed process left half written."""
    old = time.time() - UNDO_SECONDS
    gone = storage.read("SELECT id FROM run WHERE deleted > 0 AND deleted < ?", (old,))
    remove(storage, [row[0] for row in gone])
    if storage.folder is None or storage.files is None:
        return
    if has_damaged(storage.folder):
        return  # what is not listed may be of a history that somebody will mend
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
    """Remove runs for good: first what lists them, then their files."""
    for some in portions(ids):
        storage.write(
            lambda db, some=some: [  # type: ignore[misc]
                db.execute(f"DELETE FROM {table} WHERE id IN ({places(some)})", some)
                for table in ("run", "facts")
            ]
        )
    for run_id in ids:
        storage.remove(run_id)
