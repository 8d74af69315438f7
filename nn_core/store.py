"""The history of runs on disk: facts in an SQLite file, arrays in a file for each run beside it.

Several processes may write at once. The arrays of a run are written whole or not at all, and
before its facts: whatever is listed can be read. Where the disk cannot be written, the history is
kept in memory, and `Store.note` says so; once the disk takes it again, it is written there.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import os
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import platformdirs
from pydantic import ValidationError

from nn_core.arrays import packed, unpacked
from nn_core.errors import ArchiveError, StoreError
from nn_core.events import Array
from nn_core.record import LONGEST_NAME, LONGEST_NOTE, Facts, Record

VERSION = 1
BUSY_SECONDS = 30.0
MOST_RUNS = 20_000
MOST_BYTES = 2_000_000_000
"""For the arrays of all runs. The oldest runs that are not pinned go first."""

UNDO_SECONDS = 86_400.0
"""How long a deleted run can be brought back."""

RETRY_SECONDS = 20.0
"""How long a history in memory waits before it tries the disk again."""

DATABASE, FOLDER = "runs.sqlite3", "arrays"
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_DAMAGED = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)

_SCHEMA = """
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

_TABLES = {"run", "facts"}
_MARKS = "name, note, pinned, deleted"
"""The columns that change after a run is recorded; they stand beside each other."""

T = TypeVar("T")


class Line(NamedTuple):
    """A run in the list: what can be read without opening it. Names as in `Facts`."""

    id: str
    title: str
    name: str
    note: str
    pinned: bool
    state: str
    dataset: str
    backend: str
    framework: str
    source: str
    step: int
    loss: float | None
    score_name: str
    score: float | None
    seconds: float
    ended: float
    bytes: int

    @property
    def label(self) -> str:
        """Its name, or what it is called without one."""
        return self.name or self.title


class Kept(NamedTuple):
    """A run with what its user wrote on it."""

    record: Record
    name: str = ""
    note: str = ""
    pinned: bool = False

    @property
    def label(self) -> str:
        """Its name, or what it is called without one."""
        return self.name or self.record.facts.title


@dataclass(frozen=True)
class Filter:
    """Which runs are listed; what is left open lists all.

    Attributes
    ----------
    owner : str or None
        Whose runs; None for everybody's.
    datasets, backends, states, sources : tuple of str
        Any of these.
    text : str
        What the name, the title or the note contains.
    """

    owner: str | None = None
    datasets: tuple[str, ...] = ()
    backends: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    text: str = ""

    def condition(self) -> tuple[str, list[Any]]:
        """What stands behind WHERE, and its values."""
        parts, values = ["deleted = 0"], []
        if self.owner is not None:
            parts.append("owner = ?")
            values.append(self.owner)
        for column, wanted in (
            ("dataset", self.datasets),
            ("backend", self.backends),
            ("state", self.states),
            ("source", self.sources),
        ):
            if wanted:
                parts.append(f"{column} IN ({_marks(wanted)})")
                values += wanted
        if self.text:
            # To find is not to match: what SQL takes for wildcards are letters like all others.
            parts.append("instr(lower(name || ' ' || title || ' ' || note), lower(?))")
            values.append(self.text)
        return " AND ".join(parts), values


class Store:
    """The history of runs.

    Parameters
    ----------
    folder : Path or None
        Where it lies; None for memory only.

    Attributes
    ----------
    note : str
        Why it is kept in memory, or what was found damaged; empty where all is well.
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.note = ""
        self._lock = threading.RLock()
        self._memory: dict[str, bytes] = {}
        self._left: dict[str, tuple[Any, ...]] = {}
        """What the disk said of each run when it was left: its name, note, pin and deletion."""
        self._tried = 0.0
        self._is_detached = False
        try:
            self._db = self._open()
        except (OSError, sqlite3.Error) as error:
            old = self._readable()
            self._db = self._in_memory(error, old)
            if old is not None:
                old.close()

    @property
    def is_on_disk(self) -> bool:
        """Whether what is recorded outlives this process."""
        return self.folder is not None and not self._is_detached

    def look_again(self, *, at_once: bool = False) -> None:
        """Be where the folder is.

        A history in memory goes back to the disk once that takes it. Where the folder was removed
        while the app was running, a new one is begun there; else it would go on in a file that has
        no name any more, and ends with the app.

        Parameters
        ----------
        at_once : bool
            Try the disk also where it has refused only just now.
        """
        with self._lock:
            if self.folder is None:
                return
            was_detached, before = self._is_detached, self.note
            if was_detached:
                is_due = at_once or time.monotonic() - self._tried >= RETRY_SECONDS
            else:
                is_due = _identity(self.folder / DATABASE) != self._file
            if not is_due:
                return
            ours, self._tried, self.note = self._db, time.monotonic(), ""
            try:
                disk = self._open()
                try:
                    self._bring(ours, disk)
                except BaseException:
                    disk.close()
                    raise
            except (OSError, sqlite3.Error) as error:
                if was_detached:
                    self.note = before
                    return
                disk = self._in_memory(error, ours)
            else:
                self._is_detached = False
                self._memory.clear()
                if not was_detached:
                    self.note = self.note or (
                        f"The history in {self.folder} was removed while the app was running; a "
                        "new one was begun there."
                    )
            self._db = disk
            ours.close()

    def lines(self, which: Filter, first: int = 0, count: int = 25) -> list[Line]:
        """So many runs of the list, from position `first` on: pinned ones, then newest first."""
        where, values = which.condition()
        rows = self._read(
            f"SELECT {', '.join(Line._fields)} FROM run WHERE {where} "
            "ORDER BY pinned DESC, ended DESC, id LIMIT ? OFFSET ?",
            (*values, count, first),
        )
        return [Line(*row)._replace(pinned=bool(row[4])) for row in rows]

    def count(self, which: Filter) -> int:
        """How many runs the list has."""
        where, values = which.condition()
        return int(self._read(f"SELECT count(*) FROM run WHERE {where}", values)[0][0])

    def ids(self, which: Filter, most: int) -> list[str]:
        """Ids of the first runs of the list."""
        return [line.id for line in self.lines(which, 0, most)]

    def words(self, owner: str | None) -> dict[str, list[str]]:
        """What there is to filter by: each dataset, backend, state and source in the list."""
        where, values = Filter(owner=owner).condition()
        columns = ("dataset", "backend", "state", "source")
        rows = self._read(f"SELECT DISTINCT {', '.join(columns)} FROM run WHERE {where}", values)
        return {
            column: sorted({row[place] for row in rows}) for place, column in enumerate(columns)
        }

    def chosen(self, ids: Sequence[str], owner: str | None) -> list[Line]:
        """The runs with these ids that there are, in the order of `ids`."""
        found: dict[str, Line] = {}
        where, values = Filter(owner=owner).condition()
        for some in _portions(ids):
            rows = self._read(
                f"SELECT {', '.join(Line._fields)} FROM run WHERE {where} "
                f"AND id IN ({_marks(some)})",
                (*values, *some),
            )
            found |= {row[0]: Line(*row)._replace(pinned=bool(row[4])) for row in rows}
        return [found[one] for one in ids if one in found]

    def facts(self, run_id: str, owner: str | None) -> Facts:
        """What is known of a run.

        Raises
        ------
        StoreError
            If there is none, or it is of a kind that this version does not know.
        """
        where, values = Filter(owner=owner).condition()
        rows = self._read(
            f"SELECT json FROM run JOIN facts USING (id) WHERE {where} AND id = ?",
            (*values, run_id),
        )
        if not rows:
            raise StoreError("This run is no longer in the history: it was deleted since.")
        try:
            return Facts.model_validate_json(rows[0][0])
        except (ValidationError, ValueError):
            raise StoreError(
                "This run was recorded by another version of the app, with settings that this "
                "version does not have. It can be listed, and not opened."
            ) from None

    def arrays(self, run_id: str) -> dict[str, Array]:
        """The arrays of a run.

        Raises
        ------
        StoreError
            If their file is gone or damaged.
        """
        try:
            return unpacked(self._content(run_id))
        except OSError:
            reason = "is no longer there"
        except ArchiveError as error:
            reason = f"is damaged. {error}"
        raise StoreError(f"The file with the weights and curves of this run {reason}") from None

    def kept(self, run_id: str, owner: str | None) -> Kept:
        """A run with all that is kept of it.

        Raises
        ------
        StoreError
            If there is none, or it cannot be read.
        """
        (line,) = self.chosen([run_id], owner) or (None,)
        record = Record(self.facts(run_id, owner), self.arrays(run_id))
        return Kept(record, line.name, line.note, line.pinned) if line else Kept(record)

    def add(self, record: Record, owner: str) -> None:
        """Record a run; one that is there already is left as it is."""
        self.add_all([Kept(record)], owner, owner)

    def add_all(self, runs: Sequence[Kept], owner: str, seen_by: str | None) -> int:
        """Record runs, all or none of them.

        One that was deleted comes back as it was. A run whose id somebody else's has is recorded
        under a new one.

        Parameters
        ----------
        runs : sequence of Kept
            What is recorded.
        owner : str
            Whose they are from now on.
        seen_by : str or None
            Whose runs are known already; None for everybody's.

        Returns
        -------
        added : int
            How many were not there before.
        """
        self.look_again()
        ids = [run.record.facts.id for run in runs]
        known = {line.id for line in self.chosen(ids, seen_by)}
        restored = self.restore([run_id for run_id in ids if run_id not in known], seen_by)
        known = {line.id for line in self.chosen(ids, seen_by)}
        runs = [run for run in runs if run.record.facts.id not in known]
        taken = self._taken([run.record.facts.id for run in runs])
        runs = [_renamed(run) if run.record.facts.id in taken else run for run in runs]
        rows = []
        with self._lock:
            for run in runs:
                content = packed(run.record.arrays)
                self._write_file(run.record.facts.id, content)
                rows.append((run.record.facts, _row(run, owner, len(content))))
            self._write(lambda db: _insert(db, rows))
            self._keep_within_bounds()
        return restored + len(runs)

    def change(
        self,
        run_id: str,
        owner: str | None,
        *,
        name: str | None = None,
        note: str | None = None,
        pinned: bool | None = None,
    ) -> None:
        """Rename a run, write a note on it, or pin it; what is None stays as it is."""
        new = {
            "name": name if name is None else name.strip()[:LONGEST_NAME],
            "note": note if note is None else note[:LONGEST_NOTE],
            "pinned": pinned,
        }
        new = {column: value for column, value in new.items() if value is not None}
        where, values = Filter(owner=owner).condition()
        columns = ", ".join(f"{column} = ?" for column in new)
        self._write(
            lambda db: db.execute(
                f"UPDATE run SET {columns} WHERE {where} AND id = ?",
                (*new.values(), *values, run_id),
            )
        )

    def delete(self, ids: Sequence[str], owner: str | None) -> int:
        """Take runs out of the list; `restore` brings them back for a day.

        Returns
        -------
        deleted : int
            How many; runs of others are not.
        """
        where, values = Filter(owner=owner).condition()
        return self._mark(ids, where, values, time.time())

    def restore(self, ids: Sequence[str], owner: str | None) -> int:
        """Bring deleted runs back into the list."""
        where, values = Filter(owner=owner).condition()
        return self._mark(ids, where.replace("deleted = 0", "deleted > 0"), values, 0.0)

    def tidy(self) -> None:
        """Remove what was deleted a day ago, and files that a killed process left half written."""
        old = time.time() - UNDO_SECONDS
        gone = self._read("SELECT id FROM run WHERE deleted > 0 AND deleted < ?", (old,))
        self._remove([row[0] for row in gone])
        if self.folder is None:
            return
        if any(self.folder.glob(f"{DATABASE}.damaged-*")):
            return  # what is not listed may be of a history that somebody will mend
        known = {row[0] for row in self._read("SELECT id FROM run", ())}
        with contextlib.suppress(OSError):
            for path in (self.folder / FOLDER).iterdir():
                is_ours = path.suffix == ".npz" and path.stem in known
                if not is_ours and path.stat().st_mtime < old:
                    path.unlink()

    def plan(self, which: Filter) -> str:
        """How SQLite finds a page of the list, in its own words."""
        where, values = which.condition()
        rows = self._read(
            f"EXPLAIN QUERY PLAN SELECT {', '.join(Line._fields)} FROM run WHERE {where} "
            "ORDER BY pinned DESC, ended DESC, id LIMIT 25 OFFSET 0",
            values,
        )
        return "; ".join(str(row[3]) for row in rows)

    def close(self) -> None:
        """Let go of the files."""
        with self._lock:
            self._db.close()

    def _open(self) -> sqlite3.Connection:
        self._file: tuple[int, int] | None = None
        if self.folder is None:
            return self._prepared(":memory:")
        (self.folder / FOLDER).mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(OSError):
            self.folder.chmod(0o700)
        path = self.folder / DATABASE
        try:
            db = self._prepared(str(path))
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF not in _DAMAGED:
                raise
            self._put_aside(path)
            db = self._prepared(str(path))
        self._file = _identity(path)
        return db

    def _mend(self, error: sqlite3.Error) -> None:
        """Put a damaged history aside, and begin a new one with what of it can still be read."""
        assert self.folder is not None
        path, damaged = self.folder / DATABASE, self._db
        rows = [pair for pair in _salvaged(damaged) if self._path(pair[0][0]).exists()]
        damaged.close()
        try:
            if _identity(path) == self._file:  # or another process was here before
                self._put_aside(path)
            self._db = self._open()
        except (OSError, sqlite3.Error):
            self._db = self._in_memory(error)
        with contextlib.suppress(sqlite3.Error):
            self._transaction(lambda db: _insert_rows(db, rows))
        self.note += f" {len(rows):,} of its runs could still be read, and are listed."

    def _put_aside(self, path: Path) -> None:
        aside = f"{DATABASE}.damaged-{time.strftime('%Y%m%d-%H%M%S')}"
        for ending in ("", "-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                path.with_name(DATABASE + ending).replace(path.with_name(aside + ending))
        self.note = (
            f"The history was damaged. It was put aside as {aside}, in {self.folder}, and a new "
            "one was begun."
        )

    def _readable(self) -> sqlite3.Connection | None:
        """The history in a folder that cannot be written, if it can be read."""
        if self.folder is None:
            return None
        address = (self.folder / DATABASE).absolute().as_uri()
        for how in ("mode=ro", "mode=ro&immutable=1"):  # the second where no file may be made
            with contextlib.suppress(OSError, sqlite3.Error):
                db = sqlite3.connect(f"{address}?{how}", uri=True, check_same_thread=False)
                try:
                    if _check_tables(db) == _TABLES:
                        return db
                except sqlite3.Error:
                    pass
                db.close()
        return None

    def _prepared(self, path: str) -> sqlite3.Connection:
        db = sqlite3.connect(
            path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            known = db.execute("PRAGMA user_version").fetchone()[0]
            if known > VERSION:
                raise sqlite3.OperationalError("it was written by a newer version of the app")
            tables = _check_tables(db)
            db.execute("PRAGMA journal_mode = WAL")
            # A run is over once; that it is safe then is worth the milliseconds of a real write.
            db.execute("PRAGMA synchronous = FULL")
            if known < VERSION or tables != _TABLES:
                db.executescript(_SCHEMA + f"PRAGMA user_version = {VERSION};")
            # Whether it can be written shows only when something is.
            db.execute("BEGIN IMMEDIATE")
            db.execute("DELETE FROM run WHERE id = ''")
            db.execute("COMMIT")
        except sqlite3.Error:
            db.close()
            raise
        return db

    def _in_memory(
        self, error: Exception, before: sqlite3.Connection | None = None
    ) -> sqlite3.Connection:
        """A history that ends with this process; it begins with what was known `before`."""
        self._is_detached, self._tried = True, time.monotonic()
        self.note = (
            f"The history cannot be written to {self.folder}: {error}. New runs are kept in "
            "memory, and written there once it can be. If the app ends before, they are gone: "
            "download them as a zip. Make room there; or name another folder in "
            "BACKPROP_LIVE_HOME, and start the app again."
        )
        db = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        if before is not None:
            with contextlib.suppress(sqlite3.Error):
                before.backup(db)
        db.executescript(_SCHEMA)
        self._left = {row[0]: row[1:] for row in db.execute(f"SELECT id, {_MARKS} FROM run")}
        return db

    def _bring(self, ours: sqlite3.Connection, disk: sqlite3.Connection) -> None:
        """Write what the disk does not know, all or nothing of it."""
        there = {row[0] for row in disk.execute("SELECT id FROM run")}
        written = []
        try:
            for run_id, content in self._memory.items():
                if run_id not in there:
                    written.append(self._put_file(run_id, content))
            disk.execute("BEGIN IMMEDIATE")
            for row in ours.execute("SELECT * FROM run").fetchall():
                run_id, said = row[0], tuple(row[4:8])
                if run_id not in there and self._path(run_id).exists():
                    facts = ours.execute("SELECT * FROM facts WHERE id = ?", (run_id,)).fetchone()
                    _insert_rows(disk, [(row, facts)])
                elif said != self._left.get(run_id, said):
                    disk.execute(
                        f"UPDATE run SET ({_MARKS}) = ({_marks(said)}) WHERE id = ?",
                        (*said, run_id),
                    )
            disk.execute("COMMIT")
        except BaseException:
            if disk.in_transaction:
                disk.execute("ROLLBACK")
            for path in written:
                with contextlib.suppress(OSError):
                    path.unlink()
            raise

    def _read(self, sql: str, values: Iterable[Any]) -> list[tuple[Any, ...]]:
        with self._lock:
            try:
                try:
                    return self._db.execute(sql, tuple(values)).fetchall()
                except sqlite3.DatabaseError as error:
                    if not self._is_damaged(error):
                        raise
                    self._mend(error)
                return self._db.execute(sql, tuple(values)).fetchall()
            except sqlite3.Error as error:
                raise StoreError(
                    f"The history of runs cannot be read: {error}. Start the app again."
                ) from error

    def _is_damaged(self, error: sqlite3.Error) -> bool:
        return self.is_on_disk and getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED

    def _write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """One transaction; where the disk refuses it, the history goes on in memory."""
        with self._lock:
            self.look_again()
            try:
                return self._transaction(work)
            except sqlite3.DatabaseError as error:
                code = error.sqlite_errorcode & 0xFF
                is_ours = not isinstance(error, sqlite3.OperationalError) and code not in _DAMAGED
                if is_ours:  # a value that the schema refuses
                    raise
                if not self.is_on_disk or code in _BUSY:
                    raise StoreError(f"The history of runs is busy: {error}.") from error
                if self._is_damaged(error):
                    self._mend(error)
                else:
                    before, self._db = self._db, self._in_memory(error, self._db)
                    before.close()
                return self._transaction(work)

    def _transaction(self, work: Callable[[sqlite3.Connection], T]) -> T:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            result = work(self._db)
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise
        return result

    def _content(self, run_id: str) -> bytes:
        """The bytes of a run's file."""
        if run_id in self._memory:
            return self._memory[run_id]
        if self.folder is None:
            raise FileNotFoundError(run_id)
        return self._path(run_id).read_bytes()

    def _path(self, run_id: str) -> Path:
        """Where the file of a run lies."""
        assert self.folder is not None
        return self.folder / FOLDER / f"{run_id}.npz"

    def _write_file(self, run_id: str, content: bytes) -> None:
        """Keep the arrays of a run: in a file, or else in memory."""
        if not self.is_on_disk:
            self._memory[run_id] = content
            return
        try:
            self._put_file(run_id, content)
        except OSError as error:
            before, self._db = self._db, self._in_memory(error, self._db)
            before.close()
            self._memory[run_id] = content

    def _put_file(self, run_id: str, content: bytes) -> Path:
        """Write a file whole or not at all: it gets its name once all of it is on the disk."""
        path = self._path(run_id)
        unnamed = path.with_suffix(f".{secrets.token_hex(8)}.part")
        path.parent.mkdir(exist_ok=True)
        try:
            with unnamed.open("xb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            unnamed.replace(path)
        except OSError:
            with contextlib.suppress(OSError):
                unnamed.unlink()
            raise
        return path

    def _mark(self, ids: Sequence[str], where: str, values: list[Any], deleted: float) -> int:
        return sum(
            self._write(
                lambda db, some=some: (
                    db.execute(  # type: ignore[misc]
                        f"UPDATE run SET deleted = ? WHERE {where} AND id IN ({_marks(some)})",
                        (deleted, *values, *some),
                    ).rowcount
                )
            )
            for some in _portions(ids)
        )

    def _remove(self, ids: Sequence[str]) -> None:
        """Remove runs for good: first what lists them, then their files."""
        for some in _portions(ids):
            self._write(
                lambda db, some=some: [  # type: ignore[misc]
                    db.execute(f"DELETE FROM {table} WHERE id IN ({_marks(some)})", some)
                    for table in ("run", "facts")
                ]
            )
        for run_id in ids:
            self._memory.pop(run_id, None)
            if self.is_on_disk and self.folder is not None:
                with contextlib.suppress(OSError):
                    self._path(run_id).unlink()

    def _taken(self, ids: Sequence[str]) -> set[str]:
        return {
            row[0]
            for some in _portions(ids)
            for row in self._read(f"SELECT id FROM run WHERE id IN ({_marks(some)})", some)
        }

    def _keep_within_bounds(self) -> None:
        """Remove the oldest runs that are not pinned, while there are too many or too large."""
        count, size = self._read("SELECT count(*), coalesce(sum(bytes), 0) FROM run", ())[0]
        if count <= MOST_RUNS and size <= MOST_BYTES:
            return
        gone = []
        for run_id, its_bytes in self._read(
            "SELECT id, bytes FROM run WHERE pinned = 0 ORDER BY ended LIMIT 1000", ()
        ):
            if count <= MOST_RUNS and size <= MOST_BYTES:
                break
            gone.append(run_id)
            count, size = count - 1, size - its_bytes
        self._remove(gone)


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file a path leads to; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _check_tables(db: sqlite3.Connection) -> set[str]:
    """The tables of a database; an error if one of them is not of this history."""
    names = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')"
    found = {row[0] for row in db.execute(names) if not row[0].startswith("sqlite_")}
    ours = sqlite3.connect(":memory:")
    ours.executescript(_SCHEMA)
    for table in found:
        columns = f"SELECT group_concat(name) FROM pragma_table_info('{table}')"
        is_ours = table in _TABLES
        if not is_ours or db.execute(columns).fetchone() != ours.execute(columns).fetchone():
            raise sqlite3.OperationalError(f"{DATABASE} there is a database of another kind")
    ours.close()
    return found


def visitor_of(owner: str) -> str:
    """Under which name the runs of a session are kept: not the secret one that commands them."""
    return hashlib.sha256(owner.partition("/")[0].encode()).hexdigest()[:32]


def _renamed(run: Kept) -> Kept:
    facts = run.record.facts.model_copy(update={"id": secrets.token_hex(16)})
    return run._replace(record=run.record._replace(facts=facts))


def _row(run: Kept, owner: str, size: int) -> tuple[Any, ...]:
    facts = run.record.facts
    score_name, score = facts.score or ("", None)
    started = facts.started
    return (
        facts.id, owner, facts.source, facts.title, run.name, run.note, int(run.pinned), 0.0,
        facts.state, facts.experiment.dataset, facts.experiment.backend,
        started.framework if started else "", facts.step, facts.loss, score_name, score,
        facts.elapsed_seconds, facts.ended, size,
    )  # fmt: skip


def _insert(db: sqlite3.Connection, rows: Sequence[tuple[Facts, tuple[Any, ...]]]) -> None:
    """Facts apart from what is listed: a list of ten thousand runs must not lead past them."""
    _insert_rows(db, [(row, (facts.id, facts.model_dump_json())) for facts, row in rows])


def _insert_rows(
    db: sqlite3.Connection, rows: Sequence[tuple[tuple[Any, ...], tuple[Any, ...]]]
) -> None:
    """Rows of the table `run` with those of `facts`."""
    for row, facts in rows:
        db.execute("INSERT OR IGNORE INTO facts VALUES (?, ?)", facts)
        db.execute(f"INSERT OR IGNORE INTO run VALUES ({_marks(row)})", row)


def _salvaged(db: sqlite3.Connection) -> list[tuple[tuple[Any, ...], tuple[Any, ...]]]:
    """What can be read of a damaged history: row by row, for a scan ends at the first bad page."""
    found: dict[str, dict[str, tuple[Any, ...]]] = {table: {} for table in _TABLES}
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


def _marks(values: Sequence[Any]) -> str:
    return ", ".join("?" * len(values))


def _portions(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    """Ids in portions that SQLite takes at once."""
    return (ids[i : i + 500] for i in range(0, len(ids), 500))


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
