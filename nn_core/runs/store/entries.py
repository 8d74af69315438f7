"""The types of the store's queries and results: a filter, a row of the list, a stored run."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import Any, NamedTuple

from nn_core.runs.store.record import Record
from nn_core.runs.store.tables import Rows, places


class ListedRun(NamedTuple):
    """A row of the list of runs. Attributes are named as in `Facts`."""

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


class StoredRun(NamedTuple):
    """A run with its name, note and pin."""

    record: Record
    name: str = ""
    note: str = ""
    pinned: bool = False

    @property
    def label(self) -> str:
        """Its name, or what it is called without one."""
        return self.name or self.record.facts.title

    def renewed(self) -> StoredRun:
        """The same run under a new id."""
        facts = self.record.facts.model_copy(update={"id": secrets.token_hex(16)})
        return self._replace(record=self.record._replace(facts=facts))

    def rows(self, owner: str, size: int) -> Rows:
        """Its rows in the tables `run` and `facts`.

        The facts have their own table, so that a query of the list does not read them.

        Parameters
        ----------
        owner : str
            The visitor it belongs to.
        size : int
            Size of the file with its arrays, in bytes.
        """
        facts = self.record.facts
        score_name, score = facts.score or ("", None)
        started = facts.started
        listed = (
            facts.id, owner, facts.source, facts.title, self.name, self.note, int(self.pinned),
            0.0, facts.state, facts.experiment.dataset, facts.experiment.backend,
            started.framework if started else "", facts.step, facts.loss, score_name, score,
            facts.elapsed_seconds, facts.ended, size,
        )  # fmt: skip
        return listed, (facts.id, facts.model_dump_json())


@dataclass(frozen=True)
class Filter:
    """Selects the runs of the list; by default all runs.

    Attributes
    ----------
    owner : str or None
        The visitor whose runs are listed; None for all visitors.
    datasets, backends, states, sources : tuple of str
        The allowed values; empty for all.
    text : str
        A text that the name, the title or the note contains.
    """

    owner: str | None = None
    datasets: tuple[str, ...] = ()
    backends: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    text: str = ""

    def condition(self) -> tuple[str, list[Any]]:
        """The condition of a WHERE clause, and its parameters."""
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
                parts.append(f"{column} IN ({places(wanted)})")
                values += wanted
        if self.text:
            # The wildcards of LIKE are escaped: the text is searched literally.
            parts.append("instr(lower(name || ' ' || title || ' ' || note), lower(?))")
            values.append(self.text)
        return " AND ".join(parts), values


def visitor_of(owner: str) -> str:
    """The public name under which a session's runs are stored; its owner's name stays secret."""
    return hashlib.sha256(owner.encode()).hexdigest()[:32]
