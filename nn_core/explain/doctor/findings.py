"""The run doctor: what ails a run, in one sentence of measured facts, and a cure.

A finding is made from what was measured, never from the settings alone, and a run that learns is
left in peace. Each examination is one function; `examine` asks them in the order in which one
ailment explains the next.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

import numpy as np

from nn_core.datasets import Dataset
from nn_core.events import Array, Failed, Params
from nn_core.experiment import Experiment
from nn_core.explain.doctor import gauges
from nn_core.explain.doctor.separability import (
    MOST_INPUTS,
    is_separable,
    most_right,
    most_right_by_a_line,
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
"""Steps before which a run that still goes on is not judged."""

FLAT_SHARE = 0.02
"""A loss that changed by less than this share of itself over the last third is flat."""

SATURATED_SHARE = 0.75
"""Of all pairs of unit and row. Where inputs reach from −6 to 6, half of them is usual, and does
no harm: a tanh there is a step."""

VANISHED_RATIO = 1e-2
OVERFIT_RISE = 1.1
OVERFIT_LEAST = 0.005
"""Share of the first test loss by which it has to rise: what is next to nothing may waver."""

EXPLAINED = 0.9
"""Share of the variance from which on numbers count as predicted."""

CALM_LEARNING_RATES = {
    "sgd": 0.1,
    "momentum": 0.02,
    "nesterov": 0.02,
    "adagrad": 0.1,
    "rmsprop": 0.01,
    "adam": 0.01,
}


@dataclass(frozen=True)
class Finding:
    """What the doctor says.

    Attributes
    ----------
    kind : str
        Which ailment; "solved" is none.
    sentence : str
        What was measured, with its numbers.
    cure : str
        Label of the button; empty where there is nothing to cure.
    changes : mapping of str to object
        What the cure changes in the experiment.
    """

    kind: Kind
    sentence: str
    cure: str = ""
    changes: Mapping[str, Any] = field(default_factory=dict)

    def cured(self, experiment: Experiment) -> Experiment:
        """The experiment with the cure applied."""
        return experiment.replace(**self.changes)


@dataclass(frozen=True)
class Chart:
    """What the doctor knows of a patient.

    Attributes
    ----------
    experiment : Experiment
        What is trained.
    run : Run
        What was measured.
    data : Dataset or None
        The training rows, where they are few.
    params : list of (weight, bias)
        The newest weights that are kept.
    """

    experiment: Experiment
    run: Run
    data: Dataset | None
    params: Params

    @property
    def losses(self) -> Array:
        """One number for each epoch, or each so many steps: the loss over time, thinned."""
        curve = self.run.history.losses.envelope(300)
        return np.asarray((curve.low + curve.high) / 2)

    @property
    def measured(self) -> dict[str, float]:
        """The newest of each metric."""
        return self.run.history.metrics_at(self.run.step)

    @property
    def accuracy(self) -> float:
        """Share of the training rows answered rightly; NaN where it was not measured."""
        return self.measured.get("train_accuracy", math.nan)

    @property
    def explained(self) -> float:
        """R² of the training rows; NaN where they are not measured by it."""
        return self.measured.get("train_r2", math.nan)

    @property
    def is_solved(self) -> bool:
        """Whether every training row, or nearly every one of many, is answered rightly.

        Where numbers are predicted: whether nearly all of their variance is explained.
        """
        return self.accuracy >= self.enough or self.explained >= EXPLAINED

    @property
    def enough(self) -> float:
        """The training accuracy that counts as solved: all of a table, most of noisy points."""
        started = self.run.started
        if started and started.n_test:
            return 0.9
        return 1.0 if not started or started.n_train <= 64 else 0.95

    @property
    def is_flat(self) -> bool:
        """Whether the loss hardly moved over the last third."""
        losses = self.losses
        if self.run.step < LEAST_STEPS or len(losses) < 9:
            return False
        tail = losses[2 * len(losses) // 3 :]
        third = max(1, len(tail) // 3)
        change = abs(tail[:third].mean() - tail[-third:].mean())
        return bool(change <= FLAT_SHARE * abs(tail.mean()))

    @property
    def flat_since(self) -> int:
        """The step from which on the loss stayed within the band of its last third."""
        curve = self.run.history.losses.envelope(300)
        middle = self.losses
        tail = middle[2 * len(middle) // 3 :]
        margin = max(float(np.ptp(tail)), FLAT_SHARE * abs(float(tail.mean())))
        outside = np.flatnonzero(np.abs(middle - tail.mean()) > margin)
        return int(curve.steps[min(outside[-1] + 1, len(middle) - 1)]) if len(outside) else 0


def chart_of(run: Run, data: Dataset | None) -> Chart | None:
    """What is known of a run; None before there is anything to examine.

    Parameters
    ----------
    run : Run
        Finished, failed, or going on.
    data : Dataset or None
        Its training rows; None where they are too many to look at.
    """
    if run.latest is None or not run.history.losses.count:
        return None
    return Chart(run.experiment, run, data, run.latest.params)


def examine(run: Run, data: Dataset | None) -> list[Finding]:
    """What ails a run: at most three findings, or one verdict where it is well.

    While a run goes on, only what keeps it from learning is said; nothing while it learns.

    Parameters
    ----------
    run, data
        See `chart_of`.
    """
    chart = chart_of(run, data)
    if chart is None:
        return []
    if isinstance(run.end, Failed):
        return [_diverged(chart)] if run.end.kind == "diverged" else []
    if run.state == "stopped" and run.step < LEAST_STEPS:
        return []
    is_over = run.is_over
    if not is_over and (run.step < LEAST_STEPS or not chart.is_flat or chart.is_solved):
        return []
    found = [finding for ailment in AILMENTS if (finding := ailment(chart))]
    if found or not is_over:
        return found[:MOST_FINDINGS]
    return [_verdict(chart)]


def _diverged(chart: Chart) -> Finding:
    """The loss is no longer a number: the steps were too long."""
    run, experiment = chart.run, chart.experiment
    losses = run.history.exact_losses
    # The rate of the run when it ended, which the slider may have changed.
    rate = run.learning_rate_now
    calmer = _calmer(experiment, rate)
    step = run.end.step if isinstance(run.end, Failed) else run.step
    grew = ""
    if len(losses) > 1 and losses[-1] > losses[0]:
        grew = f" The loss grew from {losses[0]:.3g} to {losses[-1]:.3g} before."
    return Finding(
        "diverged",
        f"Diverged at step {step:,}: with the learning rate {rate:g} each step overshot further "
        f"than the one before.{grew}",
        f"Learning rate {calmer:g}",
        {"learning_rate": calmer, **_tame_start(experiment)},
    )


def _unable(chart: Chart) -> Finding | None:
    """A network without a bend, and a task that nothing straight can do."""
    experiment, data = chart.experiment, chart.data
    bends = [name for name in experiment.hidden_activations if name != "identity"]
    if bends or data is None or not len(data.x):
        return None
    limit = _limit_of_numbers(chart, data) if data.measure == "r2" else _limit(chart, data)
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
    if experiment.loss == "perceptron":  # its step output passes no gradient on
        changes |= {"output": "sigmoid", "loss": "bce"}
    changes |= _enough_to_learn(chart)
    return Finding(
        "unable", f"This network cannot represent the task: it {why}, so it {limit}", label, changes
    )


def _limit(chart: Chart, data: Dataset) -> str:
    """What a single layer can at most do with the rows; empty where it can do enough."""
    rows, inputs = data.x.shape
    is_one = data.y.shape[1] == 1
    if data.kind == "number" or (data.kind == "binary" and not is_one):
        return ""
    is_table = data.plane is None and inputs <= MOST_INPUTS and rows == 2**inputs
    if is_one and is_table and np.isin(data.x, (0, 1)).all():
        order = np.argsort(data.x @ (1 << np.arange(inputs - 1, -1, -1)))
        best = most_right(data.y[order, 0])
    elif data.plane is None or not np.isfinite(data.x).all():
        return ""
    elif is_one and inputs <= 2:
        best = _most_right_by_a_line(_Rows(data))
    else:
        # How many rows it could do is not known, so it must have come to rest short of enough.
        if chart.is_solved or not chart.is_flat or _is_separable(_Rows(data)):
            return ""
        right = round(chart.accuracy * rows)
        return (
            f"separates by weighted sums of its {inputs} inputs, and a linear program shows that "
            f"no weights are right on all {rows:,} rows. It got {right:,}."
        )
    if best >= chart.enough * rows:
        return ""
    where = (
        ""
        if tuple(data.input_names) == ("x1", "x2") or data.plane is None
        else (f" in {' and '.join(data.input_names)}")
    )
    got = f" It got {round(chart.accuracy * rows):,}." if math.isfinite(chart.accuracy) else ""
    return (
        f"separates by a straight line{where}, and no line is right on more than {best:,} of these "
        f"{rows:,} rows ({100 * best / rows:.4g} %).{got}"
    )


def _limit_of_numbers(chart: Chart, data: Dataset) -> str:
    """How much of the variance a linear function explains; empty where that is enough."""
    if chart.experiment.output != "identity" or not np.isfinite(data.x).all():
        return ""
    x = np.column_stack([data.x, np.ones(len(data.x))]).astype(float)
    y = np.asarray(data.y, float)
    fitted = x @ np.linalg.lstsq(x, y, rcond=None)[0]
    best = r_squared(fitted, y)
    if not best < EXPLAINED:  # or NaN: all targets are equal
        return ""
    got = f" It got {chart.explained:.3f}." if math.isfinite(chart.explained) else ""
    return (
        "predicts by a plane over its inputs, and no plane explains more than "
        f"R² = {best:.3f} of these {len(x):,} rows (least squares).{got}"
    )


class _Rows:
    """Rows of a data set by what they hold, so that an answer about them can be kept."""

    def __init__(self, data: Dataset) -> None:
        self.x = np.asarray(data.x, float)
        self.classes = data.y[:, 0] if data.y.shape[1] == 1 else data.y.argmax(axis=1)
        self.key = (self.x.shape, self.x.tobytes(), self.classes.tobytes())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Rows) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


@lru_cache(maxsize=16)
def _is_separable(rows: _Rows) -> bool:
    return is_separable(rows.x, rows.classes)


@lru_cache(maxsize=16)
def _most_right_by_a_line(rows: _Rows) -> int:
    x = rows.x if rows.x.shape[1] == 2 else np.column_stack([rows.x, np.zeros(len(rows.x))])
    return len(x) if is_separable(x, rows.classes) else most_right_by_a_line(x, rows.classes)


def _symmetric(chart: Chart) -> Finding | None:
    """Hidden units that are copies of each other, and stay so."""
    if chart.is_solved:
        return None
    for layer, ((weight, bias), (above, _)) in enumerate(
        zip(chart.params, chart.params[1:], strict=False), 1
    ):
        units = weight.shape[-1]
        rows = [weight.reshape(-1, units).T, _onward(above, units)]
        each = np.concatenate(rows if bias is None else [*rows, bias[:, None]], axis=1)
        scale = max(float(np.abs(each).max()), 1e-12)
        if units > 1 and np.abs(each - each[0]).max() <= 1e-6 * scale:
            return Finding(
                "symmetric",
                f"The start was never broken: after {counted(chart.run.step, 'step')} the {units} "
                f"units of hidden layer {layer} are still copies of each other, so together they "
                "can do what one of them can.",
                "Glorot initial weights",
                {"initializer": "glorot_uniform", "given": None},
            )
    return None


def _onward(above: Array, units: int) -> Array:
    """The weights that lead on from each of `units`: shape (units, weights).

    What a convolution hands on lies behind its places, so the units are the last axis but one.
    """
    split = above.reshape(-1, units, above.shape[-1])
    return np.moveaxis(split, 1, 0).reshape(units, -1)


def _dead(chart: Chart) -> Finding | None:
    """ReLUs that are 0 on every training row: no gradient reaches them any more."""
    if chart.data is None or chart.is_solved:
        return None
    layers = gauges.layers_health(chart.experiment, chart.params, chart.data.x)
    dead = sum(layer.dead or 0 for layer in layers)
    total = sum(layer.units for layer in layers if layer.dead is not None)
    if not dead:
        return None
    changes: dict[str, Any] = _tame_start(chart.experiment)
    cures = []
    dense = layers[len(chart.experiment.front) :]
    if any(layer.dead for layer in dense):  # the ReLUs of convolutions are not to be chosen
        names = tuple("leaky_relu" if layer.dead else layer.activation for layer in dense)
        is_one = len(set(names)) == 1
        changes["activations"] = () if is_one else names
        if is_one:
            changes["activation"] = names[0]
        cures.append("leaky ReLU")
    rate = chart.run.learning_rate_now
    calmer = _calmer(chart.experiment, rate)
    if calmer < rate:
        changes["learning_rate"] = calmer
        cures.append(f"learning rate {calmer:g}")
    if not cures and changes:
        cures.append("Glorot initial weights")
    label = ", ".join(cures)
    label = label[:1].upper() + label[1:]
    return Finding(
        "dead",
        f"{dead} of {total} ReLUs {'is' if dead == 1 else 'are'} dead: 0 on all "
        f"{len(chart.data.x):,} training rows, so no gradient reaches "
        f"{'it' if dead == 1 else 'them'} any more.",
        label,
        changes,
    )


def _saturated(chart: Chart) -> Finding | None:
    """Sigmoids and tanhs far out, where they are flat."""
    if chart.data is None or chart.is_solved:
        return None
    layers = gauges.layers_health(chart.experiment, chart.params, chart.data.x)
    worst = max(layers, key=lambda layer: layer.saturated or 0.0, default=None)
    if worst is None or (worst.saturated or 0.0) < SATURATED_SHARE:
        return None
    rows = len(chart.data.x)
    pairs = worst.units * rows
    count = round((worst.saturated or 0.0) * pairs)
    changes: dict[str, Any] = _tame_start(chart.experiment)
    rate = chart.run.learning_rate_now
    label = "Glorot initial weights" if changes else ""
    if not changes:
        calmer = _calmer(chart.experiment, rate)
        changes = {"learning_rate": calmer if calmer < rate else rate / 10}
        label = f"Learning rate {changes['learning_rate']:g}"
    name = ACTIVATIONS[worst.activation].label
    return Finding(
        "saturated",
        f"Hidden layer {worst.layer} is saturated: on {count:,} of {pairs:,} pairs of unit and row "
        f"({100 * count / pairs:.0f} %) the slope of its {name} is below "
        f"{100 * gauges.SATURATED_SLOPE:.0f} % of its largest, so hardly any gradient passes.",
        label,
        changes,
    )


def _vanishing(chart: Chart) -> Finding | None:
    """A flat loss, and a gradient that fades on its way back."""
    if chart.is_solved or not chart.is_flat:
        return None
    kept = [it for it in chart.run.history.snapshots if it.gradients is not None]
    # On a plateau all gradients are small: the first ones tell how little gets through.
    ratios = [(*_faded(it.gradients), it) for it in (*kept[:1], *kept[-1:]) if it.gradients]
    if not ratios:
        return None
    size, layer, last, snapshot = min(ratios, key=lambda found: found[0] / found[2])
    if not 0 < size < VANISHED_RATIO * last:
        return None
    is_tanh = "tanh" in chart.experiment.hidden_activations
    changes: dict[str, Any] = {
        "activation": "leaky_relu" if is_tanh else "tanh",
        "activations": (),
        "initializer": "he_normal" if is_tanh else "glorot_uniform",
        "given": None,
    }
    if (calmer := _calmer_if_high(chart)) is not None:
        changes["learning_rate"] = calmer
    return Finding(
        "vanishing",
        f"The loss has stayed near {chart.losses[-1]:.3g} since step {chart.flat_since:,}: the "
        f"gradient vanishes on its way back. At step {snapshot.step:,} it was {size:.2g} in layer "
        f"{layer} and {last:.2g} in the last, {last / size:,.0f} times as much.",
        "Leaky ReLU, He initial weights" if is_tanh else "tanh, Glorot initial weights",
        changes,
    )


def _faded(gradients: Params) -> tuple[float, int, float]:
    """Size of the smallest gradient before the last layer, its layer, and that of the last."""
    *before, last = gauges.gradient_sizes(gradients)
    if not before or not last:
        return 1.0, 0, 1.0
    return min(before), 1 + int(np.argmin(before)), last


def _overfit(chart: Chart) -> Finding | None:
    """The test loss rises while the training loss falls."""
    tests = [m for m in chart.run.history.measurements if "test_loss" in m.metrics]
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


AILMENTS: tuple[Callable[[Chart], Finding | None], ...] = (
    _unable,
    _symmetric,
    _dead,
    _saturated,
    _vanishing,
    _overfit,
)
"""In the order in which one explains the next."""


def _verdict(chart: Chart) -> Finding:
    """One plain sentence on a run that has none of these ailments."""
    run, loss = chart.run, chart.run.history.losses.last
    if math.isnan(chart.accuracy) and math.isnan(chart.explained):
        return Finding(
            "unfinished", f"The loss came down to {loss:.3g} in {counted(run.step, 'step')}."
        )
    if chart.is_solved:
        epoch, now = _solved_at(chart), math.ceil(run.epoch)
        later = "" if epoch == now else f". At epoch {now:,}"
        return Finding(
            "solved",
            f"Solved at epoch {epoch:,}{later}: {_standing(chart)}{_on_test_rows(chart)}; the loss "
            f"is {loss:.3g}.",
        )
    losses = chart.losses
    if chart.is_flat:
        seed = chart.experiment.seed + 1
        return Finding(
            "stuck",
            f"Stuck since step {chart.flat_since:,} at a loss of {losses[-1]:.3g}: "
            f"{_standing(chart)}, and nothing measured tells why. Other initial weights may lead "
            "elsewhere.",
            f"Seed {seed}",
            {"seed": seed % 2**31},
        )
    tail = losses[2 * len(losses) // 3 :]
    fell = tail[-1] < tail[0]
    epochs = min(1_000_000, max(2 * chart.experiment.epochs, 2 * math.ceil(run.epoch)))
    return Finding(
        "unfinished",
        f"Not solved yet: {_standing(chart)} after {counted(run.epoch, 'epoch', ',.4g')}, and the "
        "loss " + (f"still falls, to {loss:.3g} now." if fell else f"of {loss:.3g} still moves."),
        counted(epochs, "epoch"),
        {"epochs": epochs, "target_loss": None, "patience": None},
    )


def _solved_at(chart: Chart) -> int:
    """The first epoch from which on every measurement says solved."""
    since: Measurement | None = None
    for measurement in chart.run.history.measurements:
        accuracy = measurement.metrics.get("train_accuracy")
        explained = measurement.metrics.get("train_r2")
        if accuracy is not None:
            since = (since or measurement) if accuracy >= chart.enough else None
        elif explained is not None:
            since = (since or measurement) if explained >= EXPLAINED else None
    return math.ceil(since.epoch) if since else math.ceil(chart.run.epoch)


def _standing(chart: Chart) -> str:
    """How good the answers on the training rows are by now."""
    if math.isfinite(chart.explained):
        return f"R² is {chart.explained:.3f} on the training rows"
    rows = chart.run.started.n_train if chart.run.started else 0
    right = round(chart.accuracy * rows)
    if rows <= 64:
        of = f"of {rows} " if right < rows else ""
        return f"{'all ' if right == rows else ''}{right} {of}rows right"
    return f"{100 * chart.accuracy:.4g} % of the training rows right"


def _on_test_rows(chart: Chart) -> str:
    """The same of the test rows, where there are any."""
    measured = chart.measured
    if (explained := measured.get("test_r2")) is not None:
        return f", {explained:.3f} on the test rows"
    if (share := measured.get("test_accuracy")) is not None:
        return f", {100 * share:.4g} % of the test rows"
    return ""


def _calmer(experiment: Experiment, rate: float) -> float:
    """A learning rate that suits the optimizer, at most a tenth of this one."""
    return float(f"{min(rate / 10, CALM_LEARNING_RATES[experiment.optimizer]):.1g}")


def _calmer_if_high(chart: Chart) -> float | None:
    rate, calm = chart.run.learning_rate_now, CALM_LEARNING_RATES[chart.experiment.optimizer]
    return calm if rate > calm else None


def _tame_start(experiment: Experiment) -> dict[str, Any]:
    """Other initial weights, where these were drawn wide."""
    is_wide = experiment.initializer == "normal_large"
    return {"initializer": "glorot_uniform", "given": None} if is_wide else {}


def _enough_to_learn(chart: Chart) -> dict[str, Any]:
    """What a network that is bent for the first time needs besides, if it was set up for less."""
    experiment, is_plane = chart.experiment, bool(chart.data and chart.data.plane)
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
    steps_per_epoch = chart.run.started.steps_per_epoch if chart.run.started and is_plane else 1
    if experiment.epochs * steps_per_epoch < least:
        changes["epochs"] = math.ceil(least / steps_per_epoch)
    return changes
