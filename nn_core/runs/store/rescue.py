"""A database that is damaged, or can only be read: what of it is saved, and where it goes."""

from __future__ import annotations

import contextlib
import secrets
import sqlite3
import time
from pathlib import Path

from nn_core.runs.store.tables import DATABASE, MOST_RUNS, TABLES, Row, Rows, check_tables


def identity(path: Path) -> tuple[int, int] | None:
    """Which file a path leads to; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def put_aside(folder: Path, damaged: tuple[int, int] | None) -> str:
    """Give a damaged database a name under which nobody looks for it, but which can be found.

    Parameters
    ----------
    folder : Path
        Where it lies.
    damaged : tuple of int, or None
        Its `identity`: the new one of a process that was here before is left alone.

    Returns
    -------
    note : str
        The sentence that says so.
    """
    path = folder / DATABASE
    if identity(path) != damaged:
        return "The history was damaged. It was put aside, and a new one was begun."
    # Two that do so in the same second must not write over each other's.
    aside = f"{DATABASE}.damaged-{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(2)}"
    for ending in ("", "-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(DATABASE + ending).replace(path.with_name(aside + ending))
    return (
        f"The history was damaged. It was put aside as {aside}, in {folder}, and a new one was "
        "begun."
    )


def has_damaged(folder: Path) -> bool:
    """Whether a damaged database was put aside there."""
    return any(folder.glob(f"{DATABASE}.damaged-*"))


def rows_of(db: sqlite3.Connection) -> list[Rows]:
    """All that a history says of its runs, or what of it can be read."""
    try:
        facts = {row[0]: row for row in db.execute("SELECT * FROM facts")}
        return [(row, facts[row[0]]) for row in db.execute("SELECT * FROM run") if row[0] in facts]
    except sqlite3.Error:
        return salvaged(db)


def salvaged(db: sqlite3.Connection) -> list[Rows]:
    """What can be read of a damaged history: row by row, for a scan ends at the first bad page."""
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
    """The history in a folder that cannot be written, if it can be read and is one of ours."""
    address = (folder / DATABASE).absolute().as_uri()
    for how in ("mode=ro", "mode=ro&immutable=1"):  # the second where no file may be made
        with contextlib.suppress(OSError, sqlite3.Error):
            db = sqlite3.connect(f"{address}?{how}", uri=True, check_same_thread=False)
            try:
                if check_tables(db) == TABLES:
                    return db
            except sqlite3.Error:
                pass
            db.close()
    return None
