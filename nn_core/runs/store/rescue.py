"""Databases that are damaged or read-only: moved aside, and recovered as far as possible."""

from __future__ import annotations

import contextlib
import secrets
import sqlite3
import time
from pathlib import Path

from nn_core.runs.store.tables import DATABASE, MOST_RUNS, TABLES, Row, Rows, check_tables


def identity(path: Path) -> tuple[int, int] | None:
    """The identity of the file at a path; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def put_aside(folder: Path, damaged: tuple[int, int] | None) -> str:
    """Rename a damaged database, so that it is no longer used but can still be found.

    Parameters
    ----------
    folder : Path
        Its folder.
    damaged : tuple of int, or None
        Its `identity`; a new database of another process is not renamed.

    Returns
    -------
    note : str
        A sentence for the screen.
    """
    path = folder / DATABASE
    if identity(path) != damaged:
        return "The history was damaged. It was put aside, and a new one was begun."
    # Two processes that do so in the same second must not overwrite each other's file.
    aside = f"{DATABASE}.damaged-{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(2)}"
    for ending in ("", "-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(DATABASE + ending).replace(path.with_name(aside + ending))
    return (
        f"The history was damaged. It was put aside as {aside}, in {folder}, and a new one was "
        "begun."
    )


def has_damaged(folder: Path) -> bool:
    """Whether the folder has a damaged database that was put aside."""
    return any(folder.glob(f"{DATABASE}.damaged-*"))


def rows_of(db: sqlite3.Connection) -> list[Rows]:
    """The rows of all runs in a history, as far as they can be read."""
    try:
        facts = {row[0]: row for row in db.execute("SELECT * FROM facts")}
        return [(row, facts[row[0]]) for row in db.execute("SELECT * FROM run") if row[0] in facts]
    except sqlite3.Error:
        return salvaged(db)


def salvaged(db: sqlite3.Connection) -> list[Rows]:
    """The readable rows of a damaged history, one by one: a scan ends at the first bad page."""
    found: dict[str, dict[str, Row]] = {table: {} for table in TABLES}
    for table, rows in found.items():
        last = 2 * MOST_RUNS
        with contextlib.suppress(sqlite3.Error):
            last = db.execute(f"SELECT max(rowid) FROM {table}").fetchone()[0] or 0
        for number in range(1, min(last, 100 * MOST_RUNS) + 1):
            with contextlib.suppress(sqlite3.Error):
                for row in db.execute(f"SELECT * FROM {table} WHERE rowid = ?", (number,)):
                    rows[row[0]] = row
    facts = found["facts"]
    return [(row, facts[run_id]) for run_id, row in found["run"].items() if run_id in facts]


def readable(folder: Path) -> sqlite3.Connection | None:
    """The history in a read-only folder, if it can be read and has the right tables."""
    address = (folder / DATABASE).absolute().as_uri()
    for how in ("mode=ro", "mode=ro&immutable=1"):  # the second for read-only folders
        with contextlib.suppress(OSError, sqlite3.Error):
            db = sqlite3.connect(f"{address}?{how}", uri=True, check_same_thread=False)
            try:
                if check_tables(db) == TABLES:
                    return db
            except sqlite3.Error:
                pass
            db.close()
    return None
