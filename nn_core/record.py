"""What is kept of a run that is over, and the run that is made of it again.

The facts are a strict model, written as JSON. The arrays are stacked: what all kept moments of a
run have, such as the weights of a layer, is one array with a first axis over the moments.
"""

from __future__ import annotations

import itertools
import json
import platform
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from nn_core import backends, datasets, vocabulary
from nn_core.errors import ArchiveError
from nn_core.events import (
    Array,
    Failed,
    FailureKind,
    Finished,
    LearningRateChanged,
    Params,
    ParamsEdited,
    Snapshot,
    Started,
    StopReason,
)
from nn_core.experiment import Experiment
from nn_core.history import (
    MOST_BINS,
    MOST_CONFUSIONS,
    MOST_MEASUREMENTS,
    Beginning,
    Curve,
    History,
    Measured,
    Measurement,
    spaced,
)
from nn_core.runs import Run

MOST_SNAPSHOTS = 60
MOST_SNAPSHOT_BYTES = 16_000_000
MOST_EXACT_LOSSES = 20_000
MOST_EDITS = 2000
LONGEST_NAME = 120
LONGEST_NOTE = 4000
PACKAGES = {"tensorflow": ("tensorflow", "keras"), "keras": ("keras",), "jax": ("jax", "jaxlib")}
"""What is asked for its version besides the package of a backend's own name."""

Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
Short = Annotated[str, StringConstraints(max_length=200)]
Sentence = Annotated[str, StringConstraints(max_length=4000)]
Count = Annotated[int, Field(ge=0, le=2**53)]
Seconds = Annotated[float, Field(ge=0, le=1e10, allow_inf_nan=False)]
Metrics = Annotated[dict[Short, float], Field(max_length=50)]


class _Kept(BaseModel):
    # Losses and metrics of a run that diverged are no numbers, and have to be written all the same.
    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")


class StartedFacts(_Kept):
    """See `nn_core.events.Started`; without the weights, which are among the arrays."""

    backend: Short
    framework: Short
    device: Short
    epsilon_form: Short
    steps_per_epoch: Count
    n_train: Count
    n_test: Count
    import_seconds: Seconds
    build_seconds: Seconds
    input_names: Annotated[tuple[Short, ...], Field(max_length=1000)]
    output_names: Annotated[tuple[Short, ...], Field(max_length=1000)]
    note: Sentence


class ContinuedFacts(_Kept):
    """Which run another one went on from, and where; no run where it began with a file."""

    run_id: Id | Literal[""]
    step: Count
    epoch: Seconds
    changed: Annotated[tuple[Short, ...], Field(max_length=100)]
    sentence: Sentence


class EditFacts(_Kept):
    """See `nn_core.events.ParamsEdited`."""

    step: Count
    layer: Count
    source: Count | None
    target: Count
    value: float


class Facts(_Kept):
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
        See `nn_core.runs.Run`.
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
    metrics: Metrics = {}
    elapsed_seconds: Seconds = 0.0
    train_seconds: Seconds = 0.0
    first_call_seconds: Seconds = 0.0
    worker_megabytes: Seconds = 0.0
    started: StartedFacts | None = None
    versions: Annotated[dict[Short, Short], Field(max_length=50)] = {}
    learning_rate_changes: Annotated[
        tuple[tuple[Count, float], ...], Field(max_length=MOST_EDITS)
    ] = ()
    edits: Annotated[tuple[EditFacts, ...], Field(max_length=MOST_EDITS)] = ()
    took_samples: bool = False
    continued_from: ContinuedFacts | None = None

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


def record_of(run: Run, source: str = "") -> Record:
    """What is kept of a run that is over.

    Parameters
    ----------
    run : Run
        The run.
    source : str
        The study that it was part of; empty where it was a page's.
    """
    end, started, beginning = run.end, run.started, run.beginning
    losses = run.history.losses
    facts = Facts(
        id=run.id,
        source=source,
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
        started=StartedFacts(**{name: getattr(started, name) for name in StartedFacts.model_fields})
        if started
        else None,
        versions=versions_of(run.experiment.backend, run.experiment.engine),
        learning_rate_changes=tuple(
            (c.step, c.learning_rate) for c in run.learning_rate_changes[-MOST_EDITS:]
        ),
        edits=tuple(EditFacts(**vars(edit)) for edit in run.edits[-MOST_EDITS:]),
        took_samples=run.took_samples,
        continued_from=ContinuedFacts(
            run_id=beginning.run_id,
            step=beginning.snapshot.step,
            epoch=beginning.snapshot.epoch,
            changed=beginning.changed,
            sentence=beginning.sentence,
        )
        if beginning
        else None,
    )
    return Record(facts, _arrays_of(run.history))


def run_of(record: Record, owner: str) -> Run:
    """The run again, over and with its past: to be looked at, and to be continued.

    Raises
    ------
    ArchiveError
        If the arrays are not those of such a run.
    """
    facts = record.facts
    try:
        history = _history_of(record.arrays, facts.experiment)
    except (KeyError, IndexError, TypeError, ValueError, OverflowError, RecursionError) as error:
        if isinstance(error, ArchiveError):
            raise
        raise ArchiveError("The arrays of this run do not fit its settings.") from None
    end: Finished | Failed
    if facts.state == "failed":
        end = Failed(facts.kind or "worker", facts.message, facts.step)
    else:
        reason = facts.reason or ("stopped" if facts.state == "stopped" else "epochs")
        end = Finished(facts.step, facts.epoch, reason, facts.metrics, facts.train_seconds)
    started = None
    if facts.started:
        params = history.snapshots[0].params if history.snapshots else []
        started = Started(**dict(facts.started), params=params)
    return Run.restored(
        facts.experiment,
        owner,
        end=end,
        state=facts.state,
        elapsed_seconds=facts.elapsed_seconds,
        beginning=_beginning_of(facts.continued_from),
        id=facts.id,
        history=history,
        started=started,
        step=facts.step,
        epoch=facts.epoch,
        train_seconds=facts.train_seconds,
        first_call_seconds=facts.first_call_seconds,
        worker_megabytes=facts.worker_megabytes,
        learning_rate_changes=[LearningRateChanged(*c) for c in facts.learning_rate_changes],
        edits=[ParamsEdited(**dict(edit)) for edit in facts.edits],
        took_samples=facts.took_samples,
    )


def curve_of(arrays: Mapping[str, Array]) -> Curve:
    """The losses among the arrays of a record.

    Raises
    ------
    ArchiveError
        If they are none.
    """
    if "loss_low" in arrays:
        return _binned("loss", arrays)
    curve = Curve()
    curve.extend(arrays["losses"])
    return curve


def _binned(name: str, arrays: Mapping[str, Array]) -> Curve:
    """A curve as `_bins_of` writes it."""
    low, high = arrays[f"{name}_low"], arrays[f"{name}_high"]
    width, count = (int(number) for number in arrays[f"{name}_bins"])
    if low.shape != high.shape or low.ndim != 1 or not 0 < len(low) <= MOST_BINS:
        raise ArchiveError("The losses of this run are damaged.")
    if width < 1 or -(-count // width) != len(low):
        raise ArchiveError("The losses of this run are damaged.")
    return Curve.restored(width, low, high, count, float(arrays[f"{name}_last"]))


def _bins_of(name: str, curve: Curve) -> dict[str, Array]:
    """A curve as arrays: the ends of its bins, their width and number, and its last value."""
    thinned = curve.thinned()
    return {
        f"{name}_low": thinned.low,
        f"{name}_high": thinned.high,
        f"{name}_bins": np.array([curve.width, curve.count]),
        f"{name}_last": np.array(curve.last),
    }


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


def _beginning_of(facts: ContinuedFacts | None) -> Beginning | None:
    if facts is None:
        return None
    snapshot = Snapshot(facts.step, facts.epoch, [], np.empty((0, 0)), is_kept=False)
    return Beginning(
        facts.run_id, snapshot, History(), [], [], False, facts.changed, facts.sentence
    )


def _arrays_of(history: History) -> dict[str, Array]:
    curve, exact = history.losses, history.exact_losses
    arrays = {"losses": exact[:MOST_EXACT_LOSSES]}
    if curve.count > min(len(exact), MOST_EXACT_LOSSES):
        arrays |= _bins_of("loss", curve)
    if history.epoch_losses.count:
        arrays |= _bins_of("epoch_loss", history.epoch_losses)
    size = max((snapshot.nbytes for snapshot in history.snapshots), default=1)
    most = min(MOST_SNAPSHOTS, MOST_SNAPSHOT_BYTES // max(size, 1))
    kept = spaced(history.snapshots, most)
    layout: list[list[Any]] = []
    for group, frames in (
        ("", [_frame(snapshot) for snapshot in kept]),
        ("measured_", [_measurement_frame(it) for it in history.measurements]),
        ("confusion_", [{"step": _whole(it.step), "counts": it.counts}
                        for it in history.confusions]),
    ):  # fmt: skip
        arrays |= _stacked(group, frames, layout)
    arrays["layout"] = np.frombuffer(json.dumps(layout).encode(), np.uint8)
    return arrays


def _history_of(arrays: Mapping[str, Array], experiment: Experiment) -> History:
    history = History()
    exact = arrays["losses"]
    if exact.ndim != 1 or len(exact) > MOST_EXACT_LOSSES:
        raise ArchiveError("The losses of this run are damaged.")
    history.exact_losses = exact.astype(float)
    history.losses = curve_of(arrays)
    if "epoch_loss_low" in arrays:  # a run whose batches are epochs has none
        history.epoch_losses = _binned("epoch_loss", arrays)
    layout = json.loads(arrays["layout"].tobytes())
    snapshots = [
        _snapshot(frame, experiment)
        for frame in _unstacked("", arrays, layout, MOST_SNAPSHOTS)
    ]  # fmt: skip
    measured = _unstacked("measured_", arrays, layout, MOST_MEASUREMENTS)
    confusions = _unstacked("confusion_", arrays, layout, MOST_CONFUSIONS)
    history.measurements = [
        Measurement(int(f["step"]), float(f["epoch"]), _named(f, "metric/")) for f in measured
    ]
    history.confusions = [Measured(int(f["step"]), _square(f["counts"])) for f in confusions]
    for kept in (snapshots, history.measurements, history.confusions):
        steps = [it.step for it in kept]
        if any(a >= b for a, b in itertools.pairwise(steps)) or min(steps, default=0) < 0:
            raise ArchiveError("The moments of this run are out of order.")
    history.snapshots = snapshots
    history.nbytes = sum(snapshot.nbytes for snapshot in snapshots)
    return history


def _frame(snapshot: Snapshot) -> dict[str, Array]:
    """A moment as named arrays; a very large one without what is needed to go on from it."""
    if 2 * snapshot.nbytes > MOST_SNAPSHOT_BYTES:
        snapshot = replace(snapshot, state={}, is_kept=False)
    frame = {
        "step": _whole(snapshot.step),
        "epoch": np.array(float(snapshot.epoch)),
        "rows_seen": _whole(snapshot.rows_seen),
        "is_kept": _whole(snapshot.is_kept),
        "outputs": snapshot.outputs,
        **_flat("", snapshot.params),
        **_flat("gradient_", snapshot.gradients or []),
        **{f"state/{name}": np.asarray(array) for name, array in snapshot.state.items()},
        **{f"metric/{name}": np.array(float(v)) for name, v in snapshot.metrics.items()},
        **{f"rule/{name}": np.array(float(v)) for name, v in snapshot.stop_rules.items()},
    }
    if snapshot.confusion is not None:
        frame["confusion"] = snapshot.confusion
    return frame


def _measurement_frame(measured: Measurement) -> dict[str, Array]:
    return {
        "step": _whole(measured.step),
        "epoch": np.array(float(measured.epoch)),
        **{f"metric/{name}": np.array(float(v)) for name, v in measured.metrics.items()},
    }


def _snapshot(frame: Mapping[str, Array], experiment: Experiment) -> Snapshot:
    outputs = frame["outputs"]
    if outputs.ndim != 2 or outputs.shape[1] != experiment.n_outputs:
        raise ArchiveError("The answers of this run are not those of its network.")
    has_gradients = "gradient_weight_1" in frame
    return Snapshot(
        step=int(frame["step"]),
        epoch=float(frame["epoch"]),
        params=_params("", frame, experiment),
        outputs=outputs,
        metrics=_named(frame, "metric/"),
        confusion=_square(frame["confusion"]) if "confusion" in frame else None,
        state={name.removeprefix("state/"): array for name, array in frame.items()
               if name.startswith("state/")},
        rows_seen=int(frame["rows_seen"]),
        gradients=_params("gradient_", frame, experiment) if has_gradients else None,
        stop_rules=_named(frame, "rule/"),
        is_kept=bool(frame["is_kept"]),
    )  # fmt: skip


def _flat(prefix: str, params: Params) -> dict[str, Array]:
    found = {}
    for number, (weight, bias) in enumerate(params, 1):
        found[f"{prefix}weight_{number}"] = weight
        if bias is not None:
            found[f"{prefix}bias_{number}"] = bias
    return found


def _params(prefix: str, frame: Mapping[str, Array], experiment: Experiment) -> Params:
    """The (weight, bias) pairs of a network of the experiment's shape, or an error."""
    params: Params = []
    for number, shape in enumerate(experiment.weight_shapes, 1):
        weight = frame[f"{prefix}weight_{number}"]
        bias = frame.get(f"{prefix}bias_{number}")
        shapes = (weight.shape, None if bias is None else bias.shape)
        if shapes != (shape, shape[-1:] if experiment.bias else None):
            raise ArchiveError("The weights of this run are not those of its network.")
        params.append((weight, bias))
    return params


def _square(counts: Array) -> Array:
    if counts.ndim != 2 or len({*counts.shape}) != 1:
        raise ArchiveError("A confusion matrix of this run is none.")
    return counts


def _named(frame: Mapping[str, Array], prefix: str) -> dict[str, float]:
    return {
        name.removeprefix(prefix): float(value)
        for name, value in frame.items()
        if name.startswith(prefix)
    }


def _whole(number: int) -> Array:
    return np.array(int(number), np.int64)


def _stacked(
    group: str, frames: Sequence[Mapping[str, Array]], layout: list[list[Any]]
) -> dict[str, Array]:
    """Frames as arrays with a first axis over those that have them.

    `layout` gets a line for each array: group, name in a frame, name of the array, and the
    positions of the frames that have it, or None where all have.
    """
    places: dict[tuple[str, str, tuple[int, ...]], list[int]] = {}
    for place, frame in enumerate(frames):
        for name, array in frame.items():
            places.setdefault((name, array.dtype.name, array.shape), []).append(place)
    arrays: dict[str, Array] = {}
    for name, dtype, shape in places:
        at = places[name, dtype, shape]
        plain = group + name.replace("/", "_")
        unused = (f"{plain}~{n}" for n in itertools.count(2))
        key = plain if plain not in arrays else next(k for k in unused if k not in arrays)
        arrays[key] = np.stack([frames[place][name] for place in at])
        layout.append([group, name, key, None if len(at) == len(frames) else at])
    return arrays


def _unstacked(
    group: str, arrays: Mapping[str, Array], layout: Iterable[Sequence[Any]], most: int
) -> list[dict[str, Array]]:
    """The frames again."""
    lines = [(name, arrays[key], at) for of, name, key, at in layout if of == group]
    whole = {len(array) for _, array, at in lines if at is None}
    if len(whole) != (1 if lines else 0) or max(whole, default=0) > most:
        raise ArchiveError("The moments of this run are damaged.")
    frames: list[dict[str, Array]] = [{} for _ in range(max(whole, default=0))]
    for name, array, at in lines:
        places = range(len(frames)) if at is None else at
        for place, item in zip(places, array, strict=True):
            if not 0 <= place < len(frames):
                raise ArchiveError("The moments of this run are damaged.")
            frames[place][str(name)] = np.asarray(item)
    return frames
