"""The store: reads and writes the history of runs."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from nn_core.errors import ArchiveError, StoreError
from nn_core.events import Array
from nn_core.runs.store import housekeeping
from nn_core.runs.store.entries import Filter, ListedRun, StoredRun
from nn_core.runs.store.packed_arrays import packed, unpacked
from nn_core.runs.store.record import LONGEST_NAME, LONGEST_NOTE, Facts, Record
from nn_core.runs.store.storage import Storage
from nn_core.runs.store.tables import insert, places, portions


class Store:
    """The history of runs.

    Parameters
    ----------
    folder : Path or None
        Its folder; None for memory only.

    Attributes
    ----------
    storage : Storage
        The database and the files.
    """

    def __init__(self, folder: Path | None) -> None:
        self.storage = Storage(folder)

    @property
    def folder(self) -> Path | None:
        """Its folder; None for memory only."""
        return self.storage.folder

    @property
    def note(self) -> str:
        """Why the history is in memory, or what was damaged; otherwise empty."""
        return self.storage.note

    @property
    def is_on_disk(self) -> bool:
        """Whether recorded runs remain after this process."""
        return self.storage.is_on_disk

    def look_again(self, *, at_once: bool = False) -> None:
        """Check the folder again, and move the history if necessary.

        A history in memory is written to the disk once that is possible. If the folder was removed
        while the app was running, a new history is created there; otherwise runs would be written
        to a removed file and lost at the end of the app.

        Parameters
        ----------
        at_once : bool
            Try the disk even if the last attempt was only just now.
        """
        self.storage.look_again(at_once=at_once)

    def lines(self, which: Filter, first: int = 0, count: int = 25) -> list[ListedRun]:
        """Rows of the list from position `first`: pinned runs, then the newest first."""
        where, values = which.condition()
        rows = self.storage.read(
            f"SELECT {', '.join(ListedRun._fields)} FROM run WHERE {where} "
            "ORDER BY pinned DESC, ended DESC, id LIMIT ? OFFSET ?",
            (*values, count, first),
        )
        return [ListedRun(*row)._replace(pinned=bool(row[4])) for row in rows]

    def count(self, which: Filter) -> int:
        """The number of runs in the list."""
        where, values = which.condition()
        return int(self.storage.read(f"SELECT count(*) FROM run WHERE {where}", values)[0][0])

    def ids(self, which: Filter, most: int) -> list[str]:
        """The ids of the first runs of the list."""
        return [line.id for line in self.lines(which, 0, most)]

    def filter_values(self, owner: str | None) -> dict[str, list[str]]:
        """The values for the filters: each data set, backend, state and source in the list."""
        where, values = Filter(owner=owner).condition()
        columns = ("dataset", "backend", "state", "source")
        rows = self.storage.read(
            f"SELECT DISTINCT {', '.join(columns)} FROM run WHERE {where}", values
        )
        return {
            column: sorted({row[place] for row in rows}) for place, column in enumerate(columns)
        }

    def chosen(self, ids: Sequence[str], owner: str | None) -> list[ListedRun]:
        """The existing runs with these ids, in the order of `ids`."""
        found: dict[str, ListedRun] = {}
        where, values = Filter(owner=owner).condition()
        for some in portions(ids):
            rows = self.storage.read(
                f"SELECT {', '.join(ListedRun._fields)} FROM run WHERE {where} "
                f"AND id IN ({places(some)})",
                (*values, *some),
            )
            found |= {row[0]: ListedRun(*row)._replace(pinned=bool(row[4])) for row in rows}
        return [found[one] for one in ids if one in found]

    def facts(self, run_id: str, owner: str | None) -> Facts:
        """The facts of a run.

        Raises
        ------
        StoreError
            If there is no such run, or this version cannot read its record.
        """
        where, values = Filter(owner=owner).condition()
        rows = self.storage.read(
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
            If their file is missing or damaged.
        """
        try:
            return unpacked(self.storage.content(run_id))
        except OSError:
            reason = "is no longer there"
        except ArchiveError as error:
            reason = f"is damaged. {error}"
        raise StoreError(f"The file with the weights and curves of this run {reason}") from None

    def kept(self, run_id: str, owner: str | None) -> StoredRun:
        """A stored run with facts and arrays.

        Raises
        ------
        StoreError
            If there is no such run, or it cannot be read.
        """
        (line,) = self.chosen([run_id], owner) or (None,)
        record = Record(self.facts(run_id, owner), self.arrays(run_id))
        return StoredRun(record, line.name, line.note, line.pinned) if line else StoredRun(record)

    def add(self, record: Record, owner: str) -> None:
        """Record a run, unless it is already stored."""
        self.add_all([StoredRun(record)], owner, owner)

    def add_all(self, runs: Sequence[StoredRun], owner: str, seen_by: str | None) -> int:
        """Record runs, all or none of them.

        A deleted run is restored unchanged. A run whose id belongs to a run of another visitor is
        recorded under a new id.

        Parameters
        ----------
        runs : sequence of StoredRun
            The runs to record.
        owner : str
            The visitor to whom they belong from now on.
        seen_by : str or None
            The visitor whose stored runs are recognized; None for all visitors.

        Returns
        -------
        added : int
            Number of runs that were not stored before.
        """
        self.look_again()
        ids = [run.record.facts.id for run in runs]
        known = {line.id for line in self.chosen(ids, seen_by)}
        restored = self.restore([run_id for run_id in ids if run_id not in known], seen_by)
        known = {line.id for line in self.chosen(ids, seen_by)}
        runs = [run for run in runs if run.record.facts.id not in known]
        taken = self._taken([run.record.facts.id for run in runs])
        runs = [run.renewed() if run.record.facts.id in taken else run for run in runs]
        rows = []
        with self.storage.lock:
            for run in runs:
                content = packed(run.record.arrays)
                self.storage.keep(run.record.facts.id, content)
                rows.append(run.rows(owner, len(content)))
            self.storage.write(lambda db: insert(db, rows))
            housekeeping.keep_within_bounds(self.storage)
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
        """Change the name, note or pin of a run; None leaves a field unchanged."""
        new = {
            "name": name if name is None else name.strip()[:LONGEST_NAME],
            "note": note if note is None else note[:LONGEST_NOTE],
            "pinned": pinned,
        }
        new = {column: value for column, value in new.items() if value is not None}
        where, values = Filter(owner=owner).condition()
        columns = ", ".join(f"{column} = ?" for column in new)
        self.storage.write(
            lambda db: db.execute(
                f"UPDATE run SET {columns} WHERE {where} AND id = ?",
                (*new.values(), *values, run_id),
            )
        )

    def delete(self, ids: Sequence[str], owner: str | None) -> int:
        """Remove runs from the list; `restore` undoes it for a day.

        Returns
        -------
        deleted : int
            Number of deleted runs; those of others are not deleted.
        """
        where, values = Filter(owner=owner).condition()
        return self._mark(ids, where, values, time.time())

    def restore(self, ids: Sequence[str], owner: str | None) -> int:
        """Restore deleted runs to the list."""
        where, values = Filter(owner=owner).condition()
        return self._mark(ids, where.replace("deleted = 0", "deleted > 0"), values, 0.0)

    def tidy(self) -> None:
        """Remove runs that were deleted a day ago, and incomplete files of killed processes."""
        housekeeping.tidy(self.storage)

    def plan(self, which: Filter) -> str:
        """SQLite's query plan for a page of the list."""
        where, values = which.condition()
        rows = self.storage.read(
            f"EXPLAIN QUERY PLAN SELECT {', '.join(ListedRun._fields)} FROM run WHERE {where} "
            "ORDER BY pinned DESC, ended DESC, id LIMIT 25 OFFSET 0",
            values,
        )
        return "; ".join(str(row[3]) for row in rows)

    def close(self) -> None:
        """Close the database."""
        self.storage.close()

    def _mark(self, ids: Sequence[str], where: str, values: list[Any], deleted: float) -> int:
        return sum(
            self.storage.write(
                lambda db, some=some: (
                    db.execute(  # type: ignore[misc]
                        f"UPDATE run SET deleted = ? WHERE {where} AND id IN ({places(some)})",
                        (deleted, *values, *some),
                    ).rowcount
                )
            )
            for some in portions(ids)
        )

    def _taken(self, ids: Sequence[str]) -> set[str]:
        return {
            row[0]
            for some in portions(ids)
            for row in self.storage.read(f"SELECT id FROM run WHERE id IN ({places(some)})", some)
        }
