"""The questions that are asked of the history, and what is written into it."""

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
        Where it lies; None for memory only.

    Attributes
    ----------
    storage : Storage
        The database and the files.
    """

    def __init__(self, folder: Path | None) -> None:
        self.storage = Storage(folder)

    @property
    def folder(self) -> Path | None:
        """Where it lies; None for memory only."""
        return self.storage.folder

    @property
    def note(self) -> str:
        """Why it is kept in memory, or what was found damaged; empty where all is well."""
        return self.storage.note

    @property
    def is_on_disk(self) -> bool:
        """Whether what is recorded outlives this process."""
        return self.storage.is_on_disk

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
        self.storage.look_again(at_once=at_once)

    def lines(self, which: Filter, first: int = 0, count: int = 25) -> list[ListedRun]:
        """So many runs of the list, from position `first` on: pinned ones, then newest first."""
        where, values = which.condition()
        rows = self.storage.read(
            f"SELECT {', '.join(ListedRun._fields)} FROM run WHERE {where} "
            "ORDER BY pinned DESC, ended DESC, id LIMIT ? OFFSET ?",
            (*values, count, first),
        )
        return [ListedRun(*row)._replace(pinned=bool(row[4])) for row in rows]

    def count(self, which: Filter) -> int:
        """How many runs the list has."""
        where, values = which.condition()
        return int(self.storage.read(f"SELECT count(*) FROM run WHERE {where}", values)[0][0])

    def ids(self, which: Filter, most: int) -> list[str]:
        """Ids of the first runs of the list."""
        return [line.id for line in self.lines(which, 0, most)]

    def words(self, owner: str | None) -> dict[str, list[str]]:
        """What there is to filter by: each dataset, backend, state and source in the list."""
        where, values = Filter(owner=owner).condition()
        columns = ("dataset", "backend", "state", "source")
        rows = self.storage.read(
            f"SELECT DISTINCT {', '.join(columns)} FROM run WHERE {where}", values
        )
        return {
            column: sorted({row[place] for row in rows}) for place, column in enumerate(columns)
        }

    def chosen(self, ids: Sequence[str], owner: str | None) -> list[ListedRun]:
        """The runs with these ids that there are, in the order of `ids`."""
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
        """What is known of a run.

        Raises
        ------
        StoreError
            If there is none, or it is of a kind that this version does not know.
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
            If their file is gone or damaged.
        """
        try:
            return unpacked(self.storage.content(run_id))
        except OSError:
            reason = "is no longer there"
        except ArchiveError as error:
            reason = f"is damaged. {error}"
        raise StoreError(f"The file with the weights and curves of this run {reason}") from None

    def kept(self, run_id: str, owner: str | None) -> StoredRun:
        """A run with all that is kept of it.

        Raises
        ------
        StoreError
            If there is none, or it cannot be read.
        """
        (line,) = self.chosen([run_id], owner) or (None,)
        record = Record(self.facts(run_id, owner), self.arrays(run_id))
        return StoredRun(record, line.name, line.note, line.pinned) if line else StoredRun(record)

    def add(self, record: Record, owner: str) -> None:
        """Record a run; one that is there already is left as it is."""
        self.add_all([StoredRun(record)], owner, owner)

    def add_all(self, runs: Sequence[StoredRun], owner: str, seen_by: str | None) -> int:
        """Record runs, all or none of them.

        One that was deleted comes back as it was. A run whose id somebody else's has is recorded
        under a new one.

        Parameters
        ----------
        runs : sequence of StoredRun
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
        """Rename a run, write a note on it, or pin it; what is None stays as it is."""
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
        housekeeping.tidy(self.storage)

    def plan(self, which: Filter) -> str:
        """How SQLite finds a page of the list, in its own words."""
        where, values = which.condition()
        rows = self.storage.read(
            f"EXPLAIN QUERY PLAN SELECT {', '.join(ListedRun._fields)} FROM run WHERE {where} "
            "ORDER BY pinned DESC, ended DESC, id LIMIT 25 OFFSET 0",
            values,
        )
        return "; ".join(str(row[3]) for row in rows)

    def close(self) -> None:
        """Let go of the files."""
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
