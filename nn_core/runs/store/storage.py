"""The place of the history: a database with files beside it, on the disk if that can be written.

`Storage.read`, `Storage.write` and `Storage.keep` use the disk or else memory, and repair a damaged
database, so that their callers need not distinguish these cases.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from nn_core.errors import StoreError
from nn_core.runs.store import rescue
from nn_core.runs.store.files import Files
from nn_core.runs.store.refusals import is_busy, is_damage
from nn_core.runs.store.tables import DATABASE, Row, insert, opened
from nn_core.runs.store.unsaved_runs import Waiting

RETRY_SECONDS = 20.0
"""Seconds between two attempts of a history in memory to use the disk again."""

T = TypeVar("T")


class Storage:
    """The place of a history.

    Parameters
    ----------
    folder : Path or None
        Its folder; None for memory only.

    Attributes
    ----------
    files : Files or None
        The files beside the database; None for memory only.
    lock : threading.RLock
        Held during several writes that belong together.
    note : str
        Why the history is in memory, or what was damaged; otherwise empty.
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.files = None if folder is None else Files(folder)
        self.lock = threading.RLock()
        self.note = ""
        self._waiting = Waiting()
        self._tried = 0.0
        self._is_detached = False
        try:
            self._db = self._open()
        except (OSError, sqlite3.Error) as error:
            old = None if folder is None else rescue.readable(folder)
            self._db = self._in_memory(error, old)
            if old is not None:
                old.close()

    @property
    def is_on_disk(self) -> bool:
        """Whether recorded runs remain after this process."""
        return self.folder is not None and not self._is_detached

    def look_again(self, *, at_once: bool = False) -> None:
        """Check the folder again: see `nn_core.runs.store.Store.look_again`."""
        with self.lock:
            if self.folder is None or self.files is None:
                return
            was_detached, before = self._is_detached, self.note
            if was_detached:
                is_due = at_once or time.monotonic() - self._tried >= RETRY_SECONDS
            else:
                is_due = rescue.identity(self.folder / DATABASE) != self._file
            if not is_due:
                return
            ours, self._tried, self.note = self._db, time.monotonic(), ""
            try:
                disk = self._open()
                try:
                    self._waiting.write_to_disk(ours, disk, self.files)
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
                self._waiting.contents.clear()
                if not was_detached:
                    self.note = self.note or (
                        f"The history in {self.folder} was removed while the app was running; a "
                        "new one was begun there."
                    )
            self._db = disk
            ours.close()

    def read(self, sql: str, values: Iterable[object]) -> list[Row]:
        """The rows that a query returns.

        Raises
        ------
        StoreError
            If the database can be neither read nor repaired.
        """
        with self.lock:
            try:
                try:
                    return self._db.execute(sql, tuple(values)).fetchall()
                except sqlite3.DatabaseError as error:
                    if not self._is_damaged(error):
                        raise
                    self._repair(error)
                return self._db.execute(sql, tuple(values)).fetchall()
            except sqlite3.Error as error:
                raise StoreError(
                    f"The history of runs cannot be read: {error}. Start the app again."
                ) from error

    def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run a transaction; if the disk cannot be written, the history continues in memory.

        Raises
        ------
        StoreError
            If another process holds the lock for too long.
        """
        with self.lock:
            self.look_again()
            try:
                return self._transaction(work)
            except sqlite3.DatabaseError as error:
                is_damaged = is_damage(error)
                is_ours = not isinstance(error, sqlite3.OperationalError) and not is_damaged
                if is_ours:  # a value that the schema refuses
                    raise
                if not self.is_on_disk or is_busy(error):
                    raise StoreError(f"The history of runs is busy: {error}.") from error
                if is_damaged:
                    self._repair(error)
                else:
                    self._detach(error)
                return self._transaction(work)

    def keep(self, run_id: str, content: bytes) -> None:
        """Store the packed arrays of a run in a file, or else in memory."""
        if self.files is None or not self.is_on_disk:
            self._waiting.contents[run_id] = content
            return
        try:
            self.files.write(run_id, content)
        except OSError as error:
            self._detach(error)
            self._waiting.contents[run_id] = content

    def content(self, run_id: str) -> bytes:
        """The packed arrays of a run.

        Raises
        ------
        OSError
            If they do not exist, or cannot be read.
        """
        if run_id in self._waiting.contents:
            return self._waiting.contents[run_id]
        if self.files is None:
            raise FileNotFoundError(run_id)
        return self.files.path(run_id).read_bytes()

    def remove(self, run_id: str) -> None:
        """Remove the packed arrays of a run permanently."""
        self._waiting.contents.pop(run_id, None)
        if self.files is not None and self.is_on_disk:
            self.files.remove(run_id)

    def close(self) -> None:
        """Close the database."""
        with self.lock:
            self._db.close()

    def _open(self) -> sqlite3.Connection:
        self._file: tuple[int, int] | None = None
        if self.folder is None or self.files is None:
            return opened(":memory:")
        self.files.folder.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(OSError):
            self.folder.chmod(0o700)
        path = self.folder / DATABASE
        found = rescue.identity(path)
        try:
            db = opened(str(path))
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            self.note = rescue.put_aside(self.folder, found)
            db = opened(str(path))
        self._file = rescue.identity(path)
        return db

    def _is_damaged(self, error: sqlite3.Error) -> bool:
        return self.is_on_disk and is_damage(error)

    def _repair(self, error: sqlite3.Error) -> None:
        """Put a damaged history aside, and begin a new one with its readable rows."""
        assert self.folder is not None
        assert self.files is not None
        damaged = self._db
        runs = [rows for rows in rescue.salvaged(damaged) if self.files.path(rows[0][0]).exists()]
        damaged.close()
        try:
            self.note = rescue.put_aside(self.folder, self._file)
            self._db = self._open()
        except (OSError, sqlite3.Error):
            self._db = self._in_memory(error)
        with contextlib.suppress(sqlite3.Error):
            self._transaction(lambda db: insert(db, runs))
        self.note += f" {len(runs):,} of its runs could still be read, and are listed."

    def _detach(self, error: Exception) -> None:
        """Continue in memory, with all rows of the disk."""
        before, self._db = self._db, self._in_memory(error, self._db)
        before.close()

    def _in_memory(
        self, error: Exception, before: sqlite3.Connection | None = None
    ) -> sqlite3.Connection:
        """A history in memory, with a note that explains it."""
        self._is_detached, self._tried = True, time.monotonic()
        self.note = (
            f"The history cannot be written to {self.folder}: {error}. New runs are kept in "
            "memory, and written there once it can be. If the app ends before, they are gone: "
            "download them as a zip. Make room there; or name another folder in "
            "BACKPROP_LIVE_HOME, and start the app again."
        )
        return self._waiting.begin(before)

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
