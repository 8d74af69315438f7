"""Changes to a history in memory while the disk cannot be written, and their transfer to it."""

from __future__ import annotations

import contextlib
import sqlite3

from nn_core.runs.store.files import Files
from nn_core.runs.store.rescue import rows_of
from nn_core.runs.store.tables import MARKS, SCHEMA, Row, insert, places


class Waiting:
    """The part of a history in memory that is not on the disk.

    Attributes
    ----------
    contents : dict of str to bytes
        The packed arrays of runs, by their ids.
    """

    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}
        self._left: dict[str, Row] = {}
        """What the disk said of each run when it was left: its name, note, pin and deletion."""

    def begin(self, before: sqlite3.Connection | None) -> sqlite3.Connection:
        """A database in memory that starts with the rows `before`."""
        db = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        db.executescript(SCHEMA)
        if before is not None:
            insert(db, rows_of(before))
        self._left = {row[0]: row[1:] for row in db.execute(f"SELECT id, {MARKS} FROM run")}
        return db

    def write_to_disk(
        self, ours: sqlite3.Connection, disk: sqlite3.Connection, files: Files
    ) -> None:
        """Write the changes to the disk in one transaction.

        Parameters
        ----------
        ours : sqlite3.Connection
            The history in memory.
        disk : sqlite3.Connection
            The history on the disk, to which other processes may have written meanwhile; their
            changes to runs that did not change here are kept.
        files : Files
            The files beside it.

        Raises
        ------
        OSError or sqlite3.Error
            If the disk still cannot be written.
        """
        there = {row[0] for row in disk.execute("SELECT id FROM run")}
        written = []
        try:
            for run_id, content in self.contents.items():
                if run_id not in there:
                    written.append(files.write(run_id, content))
            disk.execute("BEGIN IMMEDIATE")
            for row, facts in rows_of(ours):
                run_id, said = row[0], tuple(row[4:8])
                if run_id not in there and files.path(run_id).exists():
                    insert(disk, [(row, facts)])
                elif said != self._left.get(run_id, said):
                    disk.execute(
                        f"UPDATE run SET ({MARKS}) = ({places(said)}) WHERE id = ?",
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
