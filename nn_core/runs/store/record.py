"""The record of a run that is over, and the run that is restored from it.

The facts are a strict model, written as JSON. `nn_core.runs.store.record_arrays` writes and reads
the arrays.
"""

from __future__ import annotations

import platform
import time
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated, Literal, NamedTuple

from pydantic import Field, StringConstraints

from nn_core import backends, datasets, vocabulary
from nn_core.events import (
    Array,
    Failed,
    FailureKind,
    Finished,
    LearningRateChanged,
    ParamsEdited,
    Started,
    StopReason,
)
from nn_core.experiment import Experiment
from nn_core.runs.run import Run
from nn_core.runs.run_origin import Origin
from nn_core.runs.store.bounded_fields import Bounded, Count, Seconds, Sentence, Short, StrictModel
from nn_core.runs.store.record_arrays import arrays_of, history_of

MOST_EDITS = 2000
LONGEST_NAME = 120
LONGEST_NOTE = 4000
PACKAGES = {"tensorflow": ("tensorflow", "keras"), "keras": ("keras",), "jax": ("jax", "jaxlib")}
"""Packages whose versions are stored, besides the package that a backend is named after."""

Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
Metrics = Annotated[dict[Short, float], Field(max_length=50)]


class Facts(StrictModel):
    """The facts of a run that is over; its arrays are stored separately.

    Attributes
    ----------
    format : int
        Version of this record.
    id : str
        Id of the run.
    source : str
        The study that the run was part of, such as ``compare``; empty for a run of a page.
    experiment : Experiment
        The experiment of the run.
    state : {'finished', 'stopped', 'failed'}
        How it ended; `reason`, or `kind` and `message`, give the cause.
    ended : float
        Time of the end, in seconds since 1970, UTC.
    step, epoch : int, float
        Steps and epochs at the end.
    loss : float or None
        The last loss; None where no step was taken.
    metrics : dict of str to float
        Metrics at the end.
    elapsed_seconds, train_seconds, first_call_seconds
        See `nn_core.runs.run.Run`.
    versions : dict of str to str
        Versions of Python and of the packages that trained it.
    """

    format: Literal[1] = 1
    id: Id
    source: Short = ""
    experiment: Experiment
    state: Literal["finished", "stopped", "failed"]
    reason: StopReason | None = None
    kind: FailureKind | None = None
    message: Sentence = ""
    ended: Seconds
    step: Count
    epoch: Seconds
    loss: float | None = None
    metrics: Metrics = Field(default_factory=dict)
    elapsed_seconds: Seconds = 0.0
    train_seconds: Seconds = 0.0
    first_call_seconds: Seconds = 0.0
    worker_megabytes: Seconds = 0.0
    started: Annotated[Started, Bounded(Started, left_out=("params",), note=Sentence)] | None = None
    versions: Annotated[dict[Short, Short], Field(max_length=50)] = Field(default_factory=dict)
    learning_rate_changes: Annotated[
        tuple[tuple[Count, float], ...], Field(max_length=MOST_EDITS)
    ] = ()
    edits: Annotated[
        tuple[Annotated[ParamsEdited, Bounded(ParamsEdited, value=float)], ...],
        Field(max_length=MOST_EDITS),
    ] = ()
    took_samples: bool = False
    continued_from: (
        Annotated[Origin, Bounded(Origin, run_id=Id | Literal[""], sentence=Sentence)] | None
    ) = None

    @property
    def title(self) -> str:
        """The title of a run without a name."""
        return title_of(self.experiment)

    @property
    def score(self) -> tuple[str, float] | None:
        """Name and value of the accuracy or R²; None where nothing was measured.

        It is that of the test rows where there are any, else that of the training rows.
        """
        for name in ("test_accuracy", "test_r2", "train_accuracy", "train_r2"):
            if name in self.metrics:
                return name, self.metrics[name]
        return None


class Record(NamedTuple):
    """A run as it is stored.

    Attributes
    ----------
    facts : Facts
        Its facts.
    arrays : dict of str to ndarray
        Losses, measurements, and snapshots, including the last one: ``weight_1`` has the shape
        (snapshots, n_in, n_out), and so on.
    """

    facts: Facts
    arrays: dict[str, Array]


def title_of(experiment: Experiment) -> str:
    """Task, network and training of an experiment in one line.

    Examples
    --------
    >>> title_of(Experiment(dataset="xor", hidden=(3,), seed=2))
    'XOR 2-3-1 · Adam 0.1 · seed 2'
    """
    rule = vocabulary.OPTIMIZERS[experiment.optimizer].label
    return (
        f"{datasets.describe(experiment.dataset).label} {experiment.shape} · {rule} "
        f"{experiment.learning_rate:g} · seed {experiment.seed}"
    )


def is_worth_keeping(run: Run) -> bool:
    """Whether a run is stored; not if it was stopped before its first step."""
    return run.state != "stopped" or run.steps_taken > 0


def record_of(run: Run) -> Record:
    """The record of a run that is over."""
    end = run.end
    losses = run.history.losses
    facts = Facts(
        id=run.id,
        source=run.purpose,
        experiment=run.experiment,
        state=run.state,
        reason=end.reason if isinstance(end, Finished) else None,
        kind=end.kind if isinstance(end, Failed) else None,
        message=end.message[:4000] if isinstance(end, Failed) else "",
        ended=time.time(),
        step=run.step,
        epoch=run.epoch,
        loss=losses.last if losses.count else None,
        metrics={k: float(v) for k, v in run.history.metrics_at(run.step).items()},
        elapsed_seconds=run.elapsed_seconds,
        train_seconds=run.train_seconds,
        first_call_seconds=run.first_call_seconds,
        worker_megabytes=run.worker_megabytes,
        started=run.started,
        versions=versions_of(run.experiment.backend, run.experiment.engine),
        learning_rate_changes=tuple(
            (c.step, c.learning_rate) for c in run.learning_rate_changes[-MOST_EDITS:]
        ),
        edits=tuple(run.edits[-MOST_EDITS:]),
        took_samples=run.took_samples,
        continued_from=run.origin,
    )
    return Record(facts, arrays_of(run.history))


def run_of(record: Record, owner: str) -> Run:
    """The run of a record, with its history; it can be displayed and continued.

    Raises
    ------
    ArchiveError
        If the arrays are not those of such a run.
    """
    facts = record.facts
    history = history_of(record.arrays, facts.experiment)
    end: Finished | Failed
    if facts.state == "failed":
        end = Failed(facts.kind or "worker", facts.message, facts.step)
    else:
        reason = facts.reason or ("stopped" if facts.state == "stopped" else "epochs")
        end = Finished(facts.step, facts.epoch, reason, facts.metrics, facts.train_seconds)
    started = facts.started
    if started and history.snapshots:
        started = replace(started, params=history.snapshots[0].params)
    return Run.restored(
        facts.experiment,
        owner,
        end=end,
        state=facts.state,
        elapsed_seconds=facts.elapsed_seconds,
        origin=facts.continued_from,
        id=facts.id,
        history=history,
        started=started,
        step=facts.step,
        epoch=facts.epoch,
        train_seconds=facts.train_seconds,
        first_call_seconds=facts.first_call_seconds,
        worker_megabytes=facts.worker_megabytes,
        learning_rate_changes=[LearningRateChanged(*c) for c in facts.learning_rate_changes],
        edits=list(facts.edits),
        took_samples=facts.took_samples,
    )


def versions_of(backend: str, engine: str = "") -> dict[str, str]:
    """Versions of Python, NumPy and the packages that train on a backend.

    Those of a backend with its own Python are not known here; `started` has its version.
    """
    if not backends.is_here(backend):
        return {}
    names = ["numpy", *PACKAGES.get(backend, (backend,)), *PACKAGES.get(engine, (engine,))]
    found = {"python": platform.python_version()}
    for name in filter(None, names):
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # installed under another name
            continue
    return found
