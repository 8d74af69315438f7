"""What the history is asked for, and what comes back: a filter, a line of the list, a kept run."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import Any, NamedTuple

from nn_core.runs.store.record import Record
from nn_core.runs.store.tables import Rows, places


class ListedRun(NamedTuple):
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


class StoredRun(NamedTuple):
    """A run with what its user wrote on it."""

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
        """What the tables say of it.

        Its facts stand apart from what is listed: a list of ten thousand runs must not lead past
        them.

        Parameters
        ----------
        owner : str
            Whose it is.
        size : int
            Of the file with its arrays, in bytes.
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
                parts.append(f"{column} IN ({places(wanted)})")
                values += wanted
        if self.text:
            # To find is not to match: what SQL takes for wildcards are letters like all others.
            parts.append("instr(lower(name || ' ' || title || ' ' || note), lower(?))")
            values.append(self.text)
        return " AND ".join(parts), values


def visitor_of(owner: str) -> str:
    """Under which name the runs of a session are kept: not the secret one that commands them."""
    return hashlib.sha256(owner.encode()).hexdigest()[:32]
