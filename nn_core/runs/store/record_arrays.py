"""The arrays of a record: writes the history of a run as arrays, and reads it back.

The arrays are stacked: those that all snapshots have, such as the weights of a layer, form one
array whose first axis is the snapshot.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from nn_core.errors import ArchiveError
from nn_core.events import Array, Params, Snapshot
from nn_core.experiment import Experiment
from nn_core.runs.binned_curve import MOST_BINS, BinnedCurve
from nn_core.runs.history import (
    MOST_CONFUSIONS,
    MOST_MEASUREMENTS,
    ConfusionMatrix,
    History,
    Measurement,
    spaced,
)

MOST_SNAPSHOTS = 60
MOST_SNAPSHOT_BYTES = 16_000_000
MOST_EXACT_LOSSES = 20_000


def arrays_of(history: History) -> dict[str, Array]:
    """The arrays of a history: losses, measurements, and some of its snapshots.

    Returns
    -------
    arrays : dict of str to ndarray
        ``weight_1`` has the shape (snapshots, n_in, n_out), and so on; ``layout`` lists which
        snapshots have which array.
    """
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


def history_of(arrays: Mapping[str, Array], experiment: Experiment) -> History:
    """The history from the arrays of a record.

    Parameters
    ----------
    arrays : mapping of str to ndarray
        As from `arrays_of`; they are not trusted.
    experiment : Experiment
        The experiment of the run; the arrays must have its shapes.

    Raises
    ------
    ArchiveError
        If the arrays are not those of a run of the experiment.
    """
    try:
        return _history_of(arrays, experiment)
    except (KeyError, IndexError, TypeError, ValueError, OverflowError, RecursionError) as error:
        if isinstance(error, ArchiveError):
            raise
        raise ArchiveError("The arrays of this run do not fit its settings.") from None


def curve_of(arrays: Mapping[str, Array]) -> BinnedCurve:
    """The losses among the arrays of a record.

    Raises
    ------
    ArchiveError
        If they are not valid.
    """
    if "loss_low" in arrays:
        return _binned("loss", arrays)
    curve = BinnedCurve()
    curve.extend(arrays["losses"])
    return curve


def _history_of(arrays: Mapping[str, Array], experiment: Experiment) -> History:
    exact = arrays["losses"]
    if exact.ndim != 1 or len(exact) > MOST_EXACT_LOSSES:
        raise ArchiveError("The losses of this run are damaged.")
    layout = json.loads(arrays["layout"].tobytes())
    snapshots = [
        _snapshot(frame, experiment)
        for frame in _unstacked("", arrays, layout, MOST_SNAPSHOTS)
    ]  # fmt: skip
    measurements = [
        Measurement(int(f["step"]), float(f["epoch"]), _named(f, "metric/"))
        for f in _unstacked("measured_", arrays, layout, MOST_MEASUREMENTS)
    ]
    confusions = [
        ConfusionMatrix(int(f["step"]), _square(f["counts"]))
        for f in _unstacked("confusion_", arrays, layout, MOST_CONFUSIONS)
    ]
    for kept in (snapshots, measurements, confusions):
        steps = [it.step for it in kept]
        if any(a >= b for a, b in itertools.pairwise(steps)) or min(steps, default=0) < 0:
            raise ArchiveError("The moments of this run are out of order.")
    return History.restored(
        losses=curve_of(arrays),
        exact_losses=exact.astype(float),
        # A run whose batches are epochs has no means of its epochs.
        epoch_losses=_binned("epoch_loss", arrays) if "epoch_loss_low" in arrays else BinnedCurve(),
        measurements=measurements,
        confusions=confusions,
        snapshots=snapshots,
    )


def _binned(name: str, arrays: Mapping[str, Array]) -> BinnedCurve:
    """A curve as `_bins_of` writes it."""
    low, high = arrays[f"{name}_low"], arrays[f"{name}_high"]
    width, count = (int(number) for number in arrays[f"{name}_bins"])
    if low.shape != high.shape or low.ndim != 1 or not 0 < len(low) <= MOST_BINS:
        raise ArchiveError("The losses of this run are damaged.")
    if width < 1 or -(-count // width) != len(low):
        raise ArchiveError("The losses of this run are damaged.")
    return BinnedCurve.restored(width, low, high, count, float(arrays[f"{name}_last"]))


def _bins_of(name: str, curve: BinnedCurve) -> dict[str, Array]:
    """A curve as arrays: the ends of its bins, their width and number, and its last value."""
    envelope = curve.envelope()
    return {
        f"{name}_low": envelope.low,
        f"{name}_high": envelope.high,
        f"{name}_bins": np.array([curve.width, curve.count]),
        f"{name}_last": np.array(curve.last),
    }


def _frame(snapshot: Snapshot) -> dict[str, Array]:
    """A snapshot as named arrays; a very large one without the state of the backend."""
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

    `layout` gets a row for each array: group, name in a frame, name of the array, and the
    positions of the frames that have it, or None for all frames.
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
    """The frames from the stacked arrays."""
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
