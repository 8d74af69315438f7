"""The tables of the history, and functions that open a database with them."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Sequence
from typing import Any

from nn_core.runs.store.refusals import is_busy

VERSION = 1
BUSY_SECONDS = 30.0
"""How long to wait for the lock of another process."""

MOST_RUNS = 20_000
DATABASE = "runs.sqlite3"
TABLES = {"run", "facts"}
MARKS = "name, note, pinned, deleted"
"""The columns that can change after a run is recorded; they are adjacent."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS run (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    source TEXT NOT NULL,
    title TEXT NOT NULL,
    name TEXT NOT NULL DEFAULT '',
    note TEXT NOT NULL DEFAULT '',
    pinned INTEGER NOT NULL DEFAULT 0,
    deleted REAL NOT NULL DEFAULT 0,
    state TEXT NOT NULL,
    dataset TEXT NOT NULL,
    backend TEXT NOT NULL,
    framework TEXT NOT NULL,
    step INTEGER NOT NULL,
    loss REAL,
    score_name TEXT NOT NULL,
    score REAL,
    seconds REAL NOT NULL,
    ended REAL NOT NULL,
    bytes INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS facts (id TEXT PRIMARY KEY, json TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS run_by_time ON run (deleted, pinned DESC, ended DESC, id);
CREATE INDEX IF NOT EXISTS run_by_owner ON run (owner, deleted, pinned DESC, ended DESC, id);
CREATE INDEX IF NOT EXISTS run_by_word ON run (deleted, owner, dataset, backend, state, source);
CREATE INDEX IF NOT EXISTS run_by_size ON run (pinned, ended, bytes);
"""

Row = tuple[Any, ...]
Rows = tuple[Row, Row]
"""The rows of one run: in the table `run`, and in the table `facts`."""


def opened(path: str) -> sqlite3.Connection:
    """Open a writable database, and create the tables if it is empty.

    Parameters
    ----------
    path : str
        Path of its file, or ``:memory:``.

    Raises
    ------
    sqlite3.Error
        If it cannot be written, is damaged, or belongs to another program or a newer version.
    """
    db = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        known = db.execute("PRAGMA user_version").fetchone()[0]
        if known > VERSION:
            raise sqlite3.OperationalError("it was written by a newer version of the app")
        tables = check_tables(db)
        write_ahead(db)
        # A run is recorded once, so the milliseconds of a synchronous write are affordable.
        db.execute("PRAGMA synchronous = FULL")
        if known < VERSION or tables != TABLES:
            db.executescript(SCHEMA + f"PRAGMA user_version = {VERSION};")
        # Only an actual write shows whether it is possible.
        db.execute("BEGIN IMMEDIATE")
        db.execute("DELETE FROM run WHERE id = ''")
        db.execute("COMMIT")
    except sqlite3.Error:
        db.close()
        raise
    return db


def write_ahead(db: sqlite3.Connection) -> None:
    """Switch a database to write-ahead logging (WAL), also if another process opens it now.

    SQLite waits `BUSY_SECONDS` for every other lock, but refuses this change at once.

    Raises
    ------
    sqlite3.OperationalError
        If it is still in use after that time, or cannot be changed.
    """
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if not is_busy(error) or time.monotonic() > deadline:
                raise
        time.sleep(0.01)


def check_tables(db: sqlite3.Connection) -> set[str]:
    """The names of a database's tables, all of which must be tables of the history.

    Raises
    ------
    sqlite3.OperationalError
        If a table is not one of the history, or has other columns.
    """
    names = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')"
    found = {row[0] for row in db.execute(names) if not row[0].startswith("sqlite_")}
    ours = sqlite3.connect(":memory:")
    ours.executescript(SCHEMA)
    for table in found:
        columns = f"SELECT group_concat(name) FROM pragma_table_info('{table}')"
        is_ours = table in TABLES
        if not is_ours or db.execute(columns).fetchone() != ours.execute(columns).fetchone():
            raise sqlite3.OperationalError(f"{DATABASE} there is a database of another kind")
    ours.close()
    return found


def insert(db: sqlite3.Connection, runs: Sequence[Rows]) -> None:
    """Insert the rows of runs, except those that exist already."""
    for row, facts in runs:
        db.execute("INSERT OR IGNORE INTO facts VALUES (?, ?)", facts)
        db.execute(f"INSERT OR IGNORE INTO run VALUES ({places(row)})", row)


def places(values: Sequence[Any]) -> str:
    """Placeholders for values in SQL, separated by commas.

    Examples
    --------
    >>> places("abc")
    '?, ?, ?'
    """
    return ", ".join("?" * len(values))


def portions(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    """Split ids into portions that fit into one SQL statement."""
    return (ids[i : i + 500] for i in range(0, len(ids), 500))
