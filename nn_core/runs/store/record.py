"""What is kept of a run that is over, and the run that is made of it again.

The facts are a strict model, written as JSON. How the arrays are made and read back:
`nn_core.runs.store.record_arrays`.
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
from nn_core.runs.beginning import Origin
from nn_core.runs.run import Run
from nn_core.runs.store.bounded import Bounded, Count, Seconds, Sentence, Short, StrictModel
from nn_core.runs.store.record_arrays import arrays_of, history_of

MOST_EDITS = 2000
LONGEST_NAME = 120
LONGEST_NOTE = 4000
PACKAGES = {"tensorflow": ("tensorflow", "keras"), "keras": ("keras",), "jax": ("jax", "jaxlib")}
"""What is asked for its version besides the package of a backend's own name."""

Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
Metrics = Annotated[dict[Short, float], Field(max_length=50)]


class Facts(StrictModel):
    """All that is known of a run that is over, but its arrays.

    Attributes
    ----------
    format : int
        Of this record.
    id : str
        Of the run.
    source : str
        The study that the run was part of, such as ``compare``; empty for a run of a page.
    experiment : Experiment
        What was trained.
    state : {'finished', 'stopped', 'failed'}
        How it ended; `reason`, or `kind` and `message`, say why.
    ended : float
        When, in seconds since 1970, UTC.
    step, epoch : int, float
        How far it came.
    loss : float or None
        The last one; None where no step was taken.
    metrics : dict of str to float
        At the end.
    elapsed_seconds, train_seconds, first_call_seconds
        See `nn_core.runs.run.Run`.
    versions : dict of str to str
        Of Python and of the packages that trained it.
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
        """What a run is called that was given no name."""
        return title_of(self.experiment)

    @property
    def score(self) -> tuple[str, float] | None:
        """Name and value of the best answer to “how good is it”; None where nothing was measured.

        Of the test rows where there are any, else of the training rows.
        """
        for name in ("test_accuracy", "test_r2", "train_accuracy", "train_r2"):
            if name in self.metrics:
                return name, self.metrics[name]
        return None


class Record(NamedTuple):
    """A run as it is kept.

    Attributes
    ----------
    facts : Facts
        What is known of it.
    arrays : dict of str to ndarray
        Losses, measurements, and the moments that the scrubber shows, the last one among them:
        ``weight_1`` has the shape (moments, n_in, n_out), and so on.
    """

    facts: Facts
    arrays: dict[str, Array]


def title_of(experiment: Experiment) -> str:
    """Task, network and training of an experiment in a line.

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
    """Whether something happened in a run; one that was stopped before its first step is none."""
    return run.state != "stopped" or run.steps_taken > 0


def record_of(run: Run) -> Record:
    """What is kept of a run that is over."""
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
    """The run again, over and with its past: to be looked at, and to be continued.

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

    Those of a backend with a Python of its own are not known here; it names itself in `started`.
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
