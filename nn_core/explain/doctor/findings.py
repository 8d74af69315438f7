"""The run doctor: diagnoses a run from measurements and proposes a cure.

A finding always rests on measurements, never on the settings alone, and there is none for a run
that learns. Each check is one function; `examine` calls the checks in causal order: a finding that
explains another one comes first.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

import numpy as np

from nn_core import vocabulary
from nn_core.datasets import Dataset
from nn_core.events import Array, Failed, Params
from nn_core.experiment import Experiment
from nn_core.explain.doctor import unit_health
from nn_core.explain.doctor.separability import (
    MOST_INPUTS,
    is_separable,
    max_correct_by_line,
    max_correct_by_threshold,
)
from nn_core.networks.metrics import r_squared
from nn_core.runs.history import Measurement
from nn_core.runs.run import Run
from nn_core.vocabulary import ACTIVATIONS, counted

Kind = Literal[
    "diverged",
    "unable",
    "symmetric",
    "dead",
    "saturated",
    "vanishing",
    "overfit",
    "unfinished",
    "stuck",
    "solved",
]

MOST_FINDINGS = 3
LEAST_STEPS = 100
"""An active run with fewer steps is not examined."""

FLAT_SHARE = 0.02
"""A loss is flat if its relative change over the last third is at most this."""

SATURATED_SHARE = 0.75
"""Fraction of all (unit, row) pairs from which a layer counts as saturated. With inputs from −6 to
6, one half is usual and harmless."""

VANISHED_RATIO = 1e-2
OVERFIT_RISE = 1.1
OVERFIT_LEAST = 0.005
"""The test loss must rise by more than this fraction of its first value; less is noise."""

SOLVED_R_SQUARED = 0.9
"""R² from which a regression counts as solved."""

SAFE_LEARNING_RATES = {
    "sgd": 0.1,
    "momentum": 0.02,
    "nesterov": 0.02,
    "adagrad": 0.1,
    "rmsprop": 0.01,
    "adam": 0.01,
}


@dataclass(frozen=True)
class Finding:
    """A diagnosis with its proposed cure.

    Attributes
    ----------
    kind : str
        The diagnosis; "solved" is the healthy one.
    sentence : str
        The measurements that support it.
    cure : str
        Label of the button; empty if there is nothing to cure.
    changes : mapping of str to object
        The fields of the experiment that the cure changes.
    """

    kind: Kind
    sentence: str
    cure: str = ""
    changes: Mapping[str, Any] = field(default_factory=dict)

    def cured(self, experiment: Experiment) -> Experiment:
        """The experiment with the cure applied."""
        return experiment.replace(**self.changes)


@dataclass(frozen=True)
class RunEvidence:
    """The measurements of a run that the checks use.

    Attributes
    ----------
    experiment : Experiment
        The experiment of the run.
    run : Run
        The run and its history.
    data : Dataset or None
        The training rows; None for large data sets.
    params : list of (weight, bias)
        The parameters of the latest snapshot.
    """

    experiment: Experiment
    run: Run
    data: Dataset | None
    params: Params

    @property
    def losses(self) -> Array:
        """The training loss over time, thinned to at most 300 values."""
        curve = self.run.history.losses.envelope(300)
        return np.asarray((curve.low + curve.high) / 2)

    @property
    def latest_metrics(self) -> dict[str, float]:
        """The latest value of each metric."""
        return self.run.history.metrics_at(self.run.step)

    @property
    def accuracy(self) -> float:
        """Training accuracy as a fraction; NaN if it was not measured."""
        return self.latest_metrics.get("train_accuracy", math.nan)

    @property
    def r_squared_train(self) -> float:
        """R² on the training rows; NaN for classification."""
        return self.latest_metrics.get("train_r2", math.nan)

    @property
    def is_solved(self) -> bool:
        """Whether training accuracy or R² reaches the value that counts as solved."""
        return self.accuracy >= self.solved_accuracy or self.r_squared_train >= SOLVED_R_SQUARED

    @property
    def solved_accuracy(self) -> float:
        """Training accuracy that counts as solved: 1 for a truth table, less for noisy points."""
        started = self.run.started
        if started and started.n_test:
            return 0.9
        return 1.0 if not started or started.n_train <= 64 else 0.95

    @property
    def is_flat(self) -> bool:
        """Whether the loss hardly changed over the last third."""
        losses = self.losses
        if self.run.step < LEAST_STEPS or len(losses) < 9:
            return False
        tail = losses[2 * len(losses) // 3 :]
        third = max(1, len(tail) // 3)
        change = abs(tail[:third].mean() - tail[-third:].mean())
        return bool(change <= FLAT_SHARE * abs(tail.mean()))

    @property
    def flat_since_step(self) -> int:
        """The first step from which the loss stays within the range of its last third."""
        curve = self.run.history.losses.envelope(300)
        middle = self.losses
        tail = middle[2 * len(middle) // 3 :]
        margin = max(float(np.ptp(tail)), FLAT_SHARE * abs(float(tail.mean())))
        outside = np.flatnonzero(np.abs(middle - tail.mean()) > margin)
        return int(curve.steps[min(outside[-1] + 1, len(middle) - 1)]) if len(outside) else 0


def evidence_of(run: Run, data: Dataset | None) -> RunEvidence | None:
    """The evidence of a run; None before its first snapshot and loss.

    Parameters
    ----------
    run : Run
        An active or ended run.
    data : Dataset or None
        Its training rows; None for large data sets.
    """
    if run.latest is None or not run.history.losses.count:
        return None
    return RunEvidence(run.experiment, run, data, run.latest.params)


def examine(run: Run, data: Dataset | None) -> list[Finding]:
    """Diagnose a run: at most three problems, or one verdict if there are none.

    For an active run the result is empty unless its loss is flat and the task is unsolved.

    Parameters
    ----------
    run, data
        See `evidence_of`.
    """
    evidence = evidence_of(run, data)
    if evidence is None:
        return []
    if isinstance(run.end, Failed):
        return [_diverged(evidence)] if run.end.kind == "diverged" else []
    if run.state == "stopped" and run.step < LEAST_STEPS:
        return []
    is_over = run.is_over
    if not is_over and (run.step < LEAST_STEPS or not evidence.is_flat or evidence.is_solved):
        return []
    found = [finding for check in CHECKS if (finding := check(evidence))]
    if found or not is_over:
        return found[:MOST_FINDINGS]
    return [_verdict(evidence)]


def _diverged(evidence: RunEvidence) -> Finding:
    """Finding for a loss that overflowed: the learning rate is too high."""
    run, experiment = evidence.run, evidence.experiment
    losses = run.history.exact_losses
    # The learning rate at the end of the run; the slider may have changed it.
    rate = run.learning_rate_now
    lower_rate = _lower_learning_rate(experiment, rate)
    step = run.end.step if isinstance(run.end, Failed) else run.step
    grew = ""
    if len(losses) > 1 and losses[-1] > losses[0]:
        grew = f" The loss grew from {losses[0]:.3g} to {losses[-1]:.3g} before."
    return Finding(
        "diverged",
        f"Diverged at step {step:,}: with the learning rate {rate:g} each step overshot further "
        f"than the one before.{grew}",
        f"Learning rate {lower_rate:g}",
        {"learning_rate": lower_rate, **_narrower_initializer(experiment)},
    )


def _cannot_represent(evidence: RunEvidence) -> Finding | None:
    """Finding for a linear network on a task that no linear function solves."""
    experiment, data = evidence.experiment, evidence.data
    bends = [name for name in experiment.hidden_activations if name != "identity"]
    if bends or data is None or not len(data.x):
        return None
    limit = (
        _regression_limit(evidence, data)
        if data.measure == "r2"
        else _separation_limit(evidence, data)
    )
    if not limit:
        return None
    hidden = experiment.hidden
    why = "has no hidden layer" if not hidden else "has only identity units, which bend nothing"
    changes: dict[str, Any] = {"activations": (), "activation": "tanh"}
    label = "tanh units"
    if not hidden:
        is_table = data.plane is None
        changes["hidden"] = (max(4, 2 * data.x.shape[1]),) if is_table else (8, 8)
        label = (
            f"A hidden layer of {changes['hidden'][0]} tanh units"
            if is_table
            else "Two hidden layers of 8 tanh units"
        )
    if not vocabulary.LOSSES[experiment.loss].has_gradient:  # its step output has no gradient
        changes |= {"output": "sigmoid", "loss": "bce"}
    changes |= _settings_to_train(evidence)
    return Finding(
        "unable", f"This network cannot represent the task: it {why}, so it {limit}", label, changes
    )


def _separation_limit(evidence: RunEvidence, data: Dataset) -> str:
    """A sentence on the best possible accuracy of a single layer; empty if it is sufficient."""
    rows, inputs = data.x.shape
    is_one = data.y.shape[1] == 1
    if data.kind == "number" or (data.kind == "binary" and not is_one):
        return ""
    is_table = data.plane is None and inputs <= MOST_INPUTS and rows == 2**inputs
    if is_one and is_table and np.isin(data.x, (0, 1)).all():
        order = np.argsort(data.x @ (1 << np.arange(inputs - 1, -1, -1)))
        best = max_correct_by_threshold(data.y[order, 0])
    elif data.plane is None or not np.isfinite(data.x).all():
        return ""
    elif is_one and inputs <= 2:
        best = _max_correct_by_line(_HashableRows(data))
    else:
        # The best possible count is unknown, so require a flat loss and an unsolved task.
        if evidence.is_solved or not evidence.is_flat or _is_separable(_HashableRows(data)):
            return ""
        right = round(evidence.accuracy * rows)
        return (
            f"separates by weighted sums of its {inputs} inputs, and a linear program shows that "
            f"no weights are right on all {rows:,} rows. It got {right:,}."
        )
    if best >= evidence.solved_accuracy * rows:
        return ""
    where = (
        ""
        if tuple(data.input_names) == ("x1", "x2") or data.plane is None
        else (f" in {' and '.join(data.input_names)}")
    )
    got = (
        f" It got {round(evidence.accuracy * rows):,}." if math.isfinite(evidence.accuracy) else ""
    )
    return (
        f"separates by a straight line{where}, and no line is right on more than {best:,} of these "
        f"{rows:,} rows ({100 * best / rows:.4g} %).{got}"
    )


def _regression_limit(evidence: RunEvidence, data: Dataset) -> str:
    """A sentence on the best R² of a linear function; empty if it is sufficient."""
    if evidence.experiment.output != "identity" or not np.isfinite(data.x).all():
        return ""
    x = np.column_stack([data.x, np.ones(len(data.x))]).astype(float)
    y = np.asarray(data.y, float)
    fitted = x @ np.linalg.lstsq(x, y, rcond=None)[0]
    best = r_squared(fitted, y)
    if not best < SOLVED_R_SQUARED:  # or NaN: all targets are equal
        return ""
    got = (
        f" It got {evidence.r_squared_train:.3f}."
        if math.isfinite(evidence.r_squared_train)
        else ""
    )
    return (
        "predicts by a plane over its inputs, and no plane explains more than "
        f"R² = {best:.3f} of these {len(x):,} rows (least squares).{got}"
    )


class _HashableRows:
    """Rows of a data set, hashable by content, so that results can be cached."""

    def __init__(self, data: Dataset) -> None:
        self.x = np.asarray(data.x, float)
        self.classes = data.y[:, 0] if data.y.shape[1] == 1 else data.y.argmax(axis=1)
        self.key = (self.x.shape, self.x.tobytes(), self.classes.tobytes())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _HashableRows) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


@lru_cache(maxsize=16)
def _is_separable(rows: _HashableRows) -> bool:
    return is_separable(rows.x, rows.classes)


@lru_cache(maxsize=16)
def _max_correct_by_line(rows: _HashableRows) -> int:
    x = rows.x if rows.x.shape[1] == 2 else np.column_stack([rows.x, np.zeros(len(rows.x))])
    return len(x) if is_separable(x, rows.classes) else max_correct_by_line(x, rows.classes)


def _symmetric_units(evidence: RunEvidence) -> Finding | None:
    """Finding for hidden units with identical weights: the symmetry was never broken."""
    if evidence.is_solved:
        return None
    for layer, ((weight, bias), (above, _)) in enumerate(
        zip(evidence.params, evidence.params[1:], strict=False), 1
    ):
        units = weight.shape[-1]
        rows = [weight.reshape(-1, units).T, _outgoing_weights(above, units)]
        each = np.concatenate(rows if bias is None else [*rows, bias[:, None]], axis=1)
        scale = max(float(np.abs(each).max()), 1e-12)
        if units > 1 and np.abs(each - each[0]).max() <= 1e-6 * scale:
            return Finding(
                "symmetric",
                f"The start was never broken: after {counted(evidence.run.step, 'step')} the "
                f"{units} units of hidden layer {layer} are still copies of each other, so "
                "together they can do what one of them can.",
                "Glorot initial weights",
                {"initializer": "glorot_uniform", "given": None},
            )
    return None


def _outgoing_weights(above: Array, units: int) -> Array:
    """The outgoing weights of each of `units`: shape (units, weights).

    Flattened feature maps are laid out (place, map), so the units are the second last axis.
    """
    split = above.reshape(-1, units, above.shape[-1])
    return np.moveaxis(split, 1, 0).reshape(units, -1)


def _dead_units(evidence: RunEvidence) -> Finding | None:
    """Finding for dead ReLUs: they are 0 on every training row and get no gradient."""
    if evidence.data is None or evidence.is_solved:
        return None
    layers = unit_health.layers_health(evidence.experiment, evidence.params, evidence.data.x)
    dead = sum(layer.dead or 0 for layer in layers)
    total = sum(layer.units for layer in layers if layer.dead is not None)
    if not dead:
        return None
    changes: dict[str, Any] = _narrower_initializer(evidence.experiment)
    cures = []
    dense = layers[len(evidence.experiment.front) :]
    if any(layer.dead for layer in dense):  # the activation of convolutions is fixed
        names = tuple("leaky_relu" if layer.dead else layer.activation for layer in dense)
        is_one = len(set(names)) == 1
        changes["activations"] = () if is_one else names
        if is_one:
            changes["activation"] = names[0]
        cures.append("leaky ReLU")
    rate = evidence.run.learning_rate_now
    lower_rate = _lower_learning_rate(evidence.experiment, rate)
    if lower_rate < rate:
        changes["learning_rate"] = lower_rate
        cures.append(f"learning rate {lower_rate:g}")
    if not cures and changes:
        cures.append("Glorot initial weights")
    label = ", ".join(cures)
    label = label[:1].upper() + label[1:]
    return Finding(
        "dead",
        f"{dead} of {total} ReLUs {'is' if dead == 1 else 'are'} dead: 0 on all "
        f"{len(evidence.data.x):,} training rows, so no gradient reaches "
        f"{'it' if dead == 1 else 'them'} any more.",
        label,
        changes,
    )


def _saturated_units(evidence: RunEvidence) -> Finding | None:
    """Finding for sigmoid or tanh units that are saturated on most rows."""
    if evidence.data is None or evidence.is_solved:
        return None
    layers = unit_health.layers_health(evidence.experiment, evidence.params, evidence.data.x)
    worst = max(layers, key=lambda layer: layer.saturated or 0.0, default=None)
    if worst is None or (worst.saturated or 0.0) < SATURATED_SHARE:
        return None
    rows = len(evidence.data.x)
    pairs = worst.units * rows
    count = round((worst.saturated or 0.0) * pairs)
    changes: dict[str, Any] = _narrower_initializer(evidence.experiment)
    rate = evidence.run.learning_rate_now
    label = "Glorot initial weights" if changes else ""
    if not changes:
        lower_rate = _lower_learning_rate(evidence.experiment, rate)
        changes = {"learning_rate": lower_rate if lower_rate < rate else rate / 10}
        label = f"Learning rate {changes['learning_rate']:g}"
    name = ACTIVATIONS[worst.activation].label
    return Finding(
        "saturated",
        f"Hidden layer {worst.layer} is saturated: on {count:,} of {pairs:,} pairs of unit and row "
        f"({100 * count / pairs:.0f} %) the slope of its {name} is below "
        f"{100 * unit_health.SATURATED_SLOPE:.0f} % of its largest, so hardly any gradient passes.",
        label,
        changes,
    )


def _vanishing_gradient(evidence: RunEvidence) -> Finding | None:
    """Finding for a flat loss with a gradient that vanishes towards the input."""
    if evidence.is_solved or not evidence.is_flat:
        return None
    kept = [it for it in evidence.run.history.snapshots if it.gradients is not None]
    # On a plateau all gradients are small, so the first snapshot counts as well as the last.
    ratios = [
        (*_smallest_and_last_gradient(it.gradients), it)
        for it in (*kept[:1], *kept[-1:])
        if it.gradients
    ]
    if not ratios:
        return None
    size, layer, last, snapshot = min(ratios, key=lambda found: found[0] / found[2])
    if not 0 < size < VANISHED_RATIO * last:
        return None
    is_tanh = "tanh" in evidence.experiment.hidden_activations
    changes: dict[str, Any] = {
        "activation": "leaky_relu" if is_tanh else "tanh",
        "activations": (),
        "initializer": "he_normal" if is_tanh else "glorot_uniform",
        "given": None,
    }
    if (lower_rate := _safe_rate_if_high(evidence)) is not None:
        changes["learning_rate"] = lower_rate
    return Finding(
        "vanishing",
        f"The loss has stayed near {evidence.losses[-1]:.3g} since step "
        f"{evidence.flat_since_step:,}: the gradient vanishes on its way back. At step "
        f"{snapshot.step:,} it was {size:.2g} in layer {layer} and {last:.2g} in the last, "
        f"{last / size:,.0f} times as much.",
        "Leaky ReLU, He initial weights" if is_tanh else "tanh, Glorot initial weights",
        changes,
    )


def _smallest_and_last_gradient(gradients: Params) -> tuple[float, int, float]:
    """Smallest gradient RMS before the last layer, its layer number, RMS of the last layer."""
    *before, last = unit_health.gradient_sizes(gradients)
    if not before or not last:
        return 1.0, 0, 1.0
    return min(before), 1 + int(np.argmin(before)), last


def _overfit(evidence: RunEvidence) -> Finding | None:
    """Finding for over-fitting: the test loss rises while the training loss falls."""
    tests = [m for m in evidence.run.history.measurements if "test_loss" in m.metrics]
    if len(tests) < 5:
        return None
    best = min(tests, key=lambda m: m.metrics["test_loss"])
    last = tests[-1]
    low, high = best.metrics["test_loss"], last.metrics["test_loss"]
    fell = last.metrics.get("train_loss", math.inf) < best.metrics.get("train_loss", -math.inf)
    least = OVERFIT_LEAST * tests[0].metrics["test_loss"]
    rose = high > OVERFIT_RISE * low and high - low > least
    if not (fell and rose and best.epoch < last.epoch):
        return None
    epoch = max(1, math.ceil(best.epoch))
    return Finding(
        "overfit",
        f"Over-fitting from epoch {epoch:,}: since then the training loss fell from "
        f"{best.metrics['train_loss']:.3g} to {last.metrics['train_loss']:.3g}, but the test loss "
        f"rose from {low:.3g} to {high:.3g}.",
        f"Stop at epoch {epoch:,}",
        {"epochs": epoch, "target_loss": None, "patience": None},
    )


CHECKS: tuple[Callable[[RunEvidence], Finding | None], ...] = (
    _cannot_represent,
    _symmetric_units,
    _dead_units,
    _saturated_units,
    _vanishing_gradient,
    _overfit,
)
"""In causal order: a finding may explain those after it."""


def _verdict(evidence: RunEvidence) -> Finding:
    """The verdict on a run without problems: solved, stuck or unfinished."""
    run, loss = evidence.run, evidence.run.history.losses.last
    if math.isnan(evidence.accuracy) and math.isnan(evidence.r_squared_train):
        return Finding(
            "unfinished", f"The loss came down to {loss:.3g} in {counted(run.step, 'step')}."
        )
    if evidence.is_solved:
        epoch, now = _solved_epoch(evidence), math.ceil(run.epoch)
        later = "" if epoch == now else f". At epoch {now:,}"
        return Finding(
            "solved",
            f"Solved at epoch {epoch:,}{later}: "
            f"{_training_score(evidence)}{_test_score(evidence)}; the loss is {loss:.3g}.",
        )
    losses = evidence.losses
    if evidence.is_flat:
        seed = evidence.experiment.seed + 1
        return Finding(
            "stuck",
            f"Stuck since step {evidence.flat_since_step:,} at a loss of {losses[-1]:.3g}: "
            f"{_training_score(evidence)}, and nothing measured tells why. Other initial weights "
            "may lead elsewhere.",
            f"Seed {seed}",
            {"seed": seed % 2**31},
        )
    tail = losses[2 * len(losses) // 3 :]
    fell = tail[-1] < tail[0]
    epochs = min(1_000_000, max(2 * evidence.experiment.epochs, 2 * math.ceil(run.epoch)))
    return Finding(
        "unfinished",
        f"Not solved yet: {_training_score(evidence)} after {counted(run.epoch, 'epoch', ',.4g')}, "
        "and the loss "
        + (f"still falls, to {loss:.3g} now." if fell else f"of {loss:.3g} still moves."),
        counted(epochs, "epoch"),
        {"epochs": epochs, "target_loss": None, "patience": None},
    )


def _solved_epoch(evidence: RunEvidence) -> int:
    """The first epoch from which every measurement counts as solved."""
    since: Measurement | None = None
    for measurement in evidence.run.history.measurements:
        accuracy = measurement.metrics.get("train_accuracy")
        r_squared_train = measurement.metrics.get("train_r2")
        if accuracy is not None:
            since = (since or measurement) if accuracy >= evidence.solved_accuracy else None
        elif r_squared_train is not None:
            since = (since or measurement) if r_squared_train >= SOLVED_R_SQUARED else None
    return math.ceil(since.epoch) if since else math.ceil(evidence.run.epoch)


def _training_score(evidence: RunEvidence) -> str:
    """The current score on the training rows, as text."""
    if math.isfinite(evidence.r_squared_train):
        return f"R² is {evidence.r_squared_train:.3f} on the training rows"
    rows = evidence.run.started.n_train if evidence.run.started else 0
    right = round(evidence.accuracy * rows)
    if rows <= 64:
        of = f"of {rows} " if right < rows else ""
        return f"{'all ' if right == rows else ''}{right} {of}rows right"
    return f"{100 * evidence.accuracy:.4g} % of the training rows right"


def _test_score(evidence: RunEvidence) -> str:
    """The current score on the test rows, as text; empty if there are none."""
    latest_metrics = evidence.latest_metrics
    if (r_squared_train := latest_metrics.get("test_r2")) is not None:
        return f", {r_squared_train:.3f} on the test rows"
    if (share := latest_metrics.get("test_accuracy")) is not None:
        return f", {100 * share:.4g} % of the test rows"
    return ""


def _lower_learning_rate(experiment: Experiment, rate: float) -> float:
    """A safe learning rate for the optimizer, at most a tenth of `rate`."""
    return float(f"{min(rate / 10, SAFE_LEARNING_RATES[experiment.optimizer]):.1g}")


def _safe_rate_if_high(evidence: RunEvidence) -> float | None:
    rate, safe_rate = (
        evidence.run.learning_rate_now,
        SAFE_LEARNING_RATES[evidence.experiment.optimizer],
    )
    return safe_rate if rate > safe_rate else None


def _narrower_initializer(experiment: Experiment) -> dict[str, Any]:
    """Changes that replace an initializer of large weights; empty for others."""
    is_wide = experiment.initializer == "normal_large"
    return {"initializer": "glorot_uniform", "given": None} if is_wide else {}


def _settings_to_train(evidence: RunEvidence) -> dict[str, Any]:
    """Further changes that let the new nonlinear network train: initializer, optimizer, epochs."""
    experiment, is_plane = evidence.experiment, bool(evidence.data and evidence.data.plane)
    rate, least = (0.03, 10_000) if is_plane else (0.1, 1000)
    changes: dict[str, Any] = {}
    if experiment.initializer in ("zeros", "given", "normal_large", "normal_small"):
        changes |= {"initializer": "glorot_uniform", "given": None, "given_offset": 0.0}
    if experiment.optimizer != "adam":
        changes["optimizer"] = "adam"
    if experiment.learning_rate > rate or experiment.optimizer != "adam":
        changes["learning_rate"] = rate
    elif experiment.learning_rate < 0.01:
        changes["learning_rate"] = rate / 2
    steps_per_epoch = (
        evidence.run.started.steps_per_epoch if evidence.run.started and is_plane else 1
    )
    if experiment.epochs * steps_per_epoch < least:
        changes["epochs"] = math.ceil(least / steps_per_epoch)
    return changes
