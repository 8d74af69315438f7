"""The content of the live picture of a run: panels, tiles, and a sentence on its state."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from nn_core import backends, datasets
from nn_core.charts.live.curve_panel import Mark
from nn_core.charts.live.frame import Panel, Series, Status, Tile, curve_panel, frame
from nn_core.charts.loss_chart import loss_unit
from nn_core.errors import BackpropError
from nn_core.events import Failed, Snapshot
from nn_core.experiment import Experiment
from nn_core.runs.history import is_whole
from nn_core.runs.run import Run
from nn_core.server import get_pool
from nn_core.training.evaluator import SAMPLED_TEST_ROWS
from ui.form.lookback import Lookback, is_replaying, shown_step

FRAMES_PER_SECOND = 12
BRIEFLY = ("epoch", "loss", "train_accuracy", "test_accuracy", "train_r2", "test_r2")
Panels = Callable[[Experiment, Snapshot | None, Panel], Mapping[str, Panel | None]]

Start = Callable[[Experiment], Snapshot]

_numbers = itertools.count(1)


@dataclass
class Picture:
    """The picture of one page of one visitor.

    Attributes
    ----------
    experiment : Experiment
        The form's experiment, shown at step 0 while there is no run.
    start_of : callable
        From an experiment to its snapshot at step 0, shown before the first one of a run.
    panels : callable
        From an experiment, a snapshot and the panel of the loss to the panels of the picture.
    run : Run or None
        The run that is shown.
    lookback : Lookback or None
        The earlier step that is shown; None for the newest one.
    is_log : bool
        Whether the loss has a logarithmic axis.
    is_brief : bool
        Whether only the numbers about learning are shown: for pictures side by side.
    is_editable : bool
        Whether weights and biases may be set by hand.
    accepts_points : bool
        Whether a click on the input square adds a point there.
    address : str
        The websocket from which the browser may request frames; empty for Streamlit only.
    """

    experiment: Experiment
    start_of: Start
    panels: Panels
    owner: str = field(repr=False)
    run: Run | None = None
    lookback: Lookback | None = None
    is_log: bool = True
    is_brief: bool = False
    is_editable: bool = False
    accepts_points: bool = False
    address: str = field(default="", repr=False)

    def frame(self) -> bytes:
        """The current picture, packed for the browser."""
        get_pool().renew(self.owner)  # a page that requests frames is connected
        run, shown = self.run, self.run.experiment if self.run else self.experiment
        step = self.shown_step
        # Read before the numbers: a run that is shown as paused must have its last numbers.
        around = self.around
        said = looking_back(run, step) or status(run, self.experiment)
        is_moving = (
            bool(run and run.is_changing)
            or is_importing(self.experiment)
            or is_replaying(run, self.lookback)
        )
        snapshot = moment(run, shown, self.start_of, step)
        loss = curve_panel(
            loss_series(run),
            log=self.is_log,
            y_label=loss_unit(shown.loss),
            marks=marks(run),
            mark=step,
        )
        return frame(
            seq=next(_numbers),
            moving=is_moving,
            interval_ms=1000 / FRAMES_PER_SECOND,
            status=said,
            tiles=[
                tile
                for tile in tiles(run, shown, snapshot, step)
                if not self.is_brief or tile["key"] in BRIEFLY
            ],
            panels=self._with_abilities(self.panels(shown, snapshot, loss)),
            address=self.address,
            around=around,
        )

    def _with_abilities(self, panels: Mapping[str, Panel | None]) -> Mapping[str, Panel | None]:
        """The panels, with the actions that the visitor may take in them."""
        for panel in panels.values():
            if panel and panel.head["type"] == "network":
                panel.head["is_editable"] = self.is_editable
                panel.head["refusal"] = why_not_editable(self.run)
            elif panel and panel.head["type"] == "boundary":
                panel.head["accepts_points"] = self.accepts_points
        return panels

    @property
    def shown_step(self) -> int | None:
        """The earlier step that is shown; None where the newest one is."""
        return shown_step(self.run, self.lookback)

    @property
    def around(self) -> str:
        """The state on which the buttons and charts around the picture depend."""
        importing = "importing" if is_importing(self.experiment) else ""
        if self.run is None:
            return f"idle {importing}"
        replaying = "replaying" if is_replaying(self.run, self.lookback) else ""
        # During a pause, only this tells the views that a weight has changed.
        edits = self.run.edits_shown if self.run.state == "paused" else ""
        return f"{self.run.id} {self.run.state} {importing} {replaying} {edits}"


def why_not_editable(run: Run | None) -> str:
    """Why no weight of this run can be set by hand; empty where it can.

    A run that is over is continued in a new run.
    """
    if run is None or not run.is_over or (run.state != "failed" and run.latest):
        return ""
    return (
        "This run failed, and its framework has let go of the weights. "
        "Press Reset to edit the weights at the start, or Train and then Pause."
    )


def marks(run: Run | None) -> list[Mark]:
    """The steps on the loss curve at which the run was changed by hand."""
    return [{"step": edit.step, "text": "edit"} for edit in run.edits] if run else []


def moment(
    run: Run | None, shown: Experiment, start_of: Start, step: int | None = None
) -> Snapshot | None:
    """The newest snapshot of a run, or that at step 0 of its experiment; None if there is none.

    With a `step`, the last snapshot at or before it.
    """
    if run and step is not None and (past := run.history.snapshot_at(step)):
        return past
    if run and run.latest:
        return run.latest
    try:
        return start_of(shown)
    except BackpropError:  # reported where the experiment was chosen
        return None


def is_importing(experiment: Experiment) -> bool:
    """Whether a worker is importing the framework that is chosen in the form."""
    return get_pool().is_warming(experiment.worker) is not None


def status(run: Run | None, experiment: Experiment) -> Status:
    """The state of the run, as a sentence."""
    if run is None:
        return {"state": "idle", "text": _idle_text(experiment)}
    match run.state:
        case "queued":
            text = f"Waiting in line: place {run.position}."
        case "loading":
            seconds = get_pool().is_warming(run.experiment.worker)
            passed = f", {seconds:.0f} s so far" if seconds else ""
            phase = run.phase or "starting"
            text = f"{phase[0].upper()}{phase[1:]}{passed} …"
        case "running":
            text = f"Training on {_where(run)}{': ' + run.phase if run.phase else ''}."
        case "paused":
            text = f"Paused at step {run.step:,}. Press Resume, or Step."
        case _:
            text = ended_text(run)
    return {"state": run.state, "text": text}


def looking_back(run: Run | None, step: int | None) -> Status | None:
    """A sentence on the earlier step that is shown; None where none is."""
    if run is None or step is None:
        return None
    snapshot = run.history.snapshot_at(step)
    epoch = f", epoch {snapshot.epoch:,.4g}" if snapshot else ""
    text = f"Looking back at step {step:,} of {run.step:,}{epoch}. Press Now to return."
    return {"state": run.state, "text": text}


def _idle_text(experiment: Experiment) -> str:
    label = backends.label(experiment.worker)
    seconds = get_pool().is_warming(experiment.worker)
    if seconds is not None:
        return f"Importing {label}, {seconds:.0f} s so far … You can press Train already."
    return f"Ready: the initial weights of seed {experiment.seed}. Press Train."


def ended_text(run: Run) -> str:
    """A sentence on the end of a run."""
    end = run.end
    if end is None:
        return ""
    if isinstance(end, Failed):
        return end.message
    reasons = {
        "epochs": f"epoch {run.experiment.epochs:,}, the last one, is done",
        "target_loss": f"the loss reached its target of {run.experiment.target_loss}",
        "patience": f"{_in_a_row(run.experiment.patience)} brought no better loss",
        "stopped": "it was stopped",
    }
    return f"Finished on {_where(run)} at step {run.step:,}: {reasons[end.reason]}."


def _in_a_row(patience: int | None) -> str:
    return "the last epoch" if patience == 1 else f"{patience} epochs in a row"


def _where(run: Run) -> str:
    return f"{run.started.framework}, {run.started.device}" if run.started else ""


def loss_series(run: Run | None) -> list[Series]:
    """Loss of the training batches, and of the test rows where there are any."""
    if run is None or not run.history.losses.count:
        return []
    curve = run.history.losses.envelope(300)
    last = float(run.history.losses.last)
    series: list[Series] = [
        {"name": "train", "steps": curve.steps, "low": curve.low, "high": curve.high, "last": last}
    ]
    tests = [(m.step, m.metrics["test_loss"]) for m in run.history.measurements
             if "test_loss" in m.metrics]  # fmt: skip
    if tests:
        steps, values = zip(*tests, strict=True)
        series.append({"name": "test", "steps": np.array(steps), "values": np.array(values)})
    return series


def tiles(
    run: Run | None, experiment: Experiment, snapshot: Snapshot | None, step: int | None = None
) -> list[Tile]:
    """The numbers above the picture: the newest ones, or those of an earlier `step`."""
    at, epoch, measured = 0, 0.0, dict(snapshot.metrics) if snapshot else {}
    loss, learning_rate = None, experiment.learning_rate
    if run:
        at, epoch = run.step, run.epoch
        if step is not None and snapshot:
            at, epoch = step, snapshot.epoch
        measured = run.history.metrics_at(at)
        if step is None:
            loss = _loss(run)
        elif at and run.history.losses.count:
            loss = run.history.loss_at(step)
        learning_rate = run.learning_rate_now if step is None else run.learning_rate_at(step)
    rows: list[Tile] = [
        _tile("epoch", "Epoch", f"{int(epoch):,}",
              "Passes over the training data.", f"of {experiment.epochs:,}"),
        _tile("step", "Step", f"{at:,}", "Optimizer steps taken."),
        _tile("loss", "Loss", "–" if loss is None else f"{loss:.4g}",
              "Of the last training batch, before its step. In a pause, where the rows are few: of "
              "all training rows, with the weights as they are now. The mean of an epoch is in "
              "the view Loss, below."),
    ]  # fmt: skip
    rows += _quality_tiles(experiment, measured)
    rows += [
        _tile("learning_rate", "Learning rate",
              f"{learning_rate:g}",
              "Size of a step, as the worker uses it now."),
        _tile("speed", "Speed", _speed(run),
              "Steps a second of the clock, lately; of the whole run once it is over.", "steps/s"),
        _tile("elapsed", "Elapsed", f"{run.elapsed_seconds if run else 0:.1f}",
              "Time since training began, pauses left out.", "s"),
        _tile("device", "Device", experiment.device, "Where the framework computes."),
    ]  # fmt: skip
    return rows


def _loss(run: Run) -> float | None:
    newest = run.history.measurements[-1:]
    if run.state == "paused" and newest and newest[0].step == run.step and is_whole(newest[0]):
        return newest[0].metrics["train_loss"]
    return run.history.losses.last if run.history.losses.count else None


def _quality_tiles(experiment: Experiment, measured: dict[str, float]) -> list[Tile]:
    """The accuracy or R² of the training rows, and of the test rows if there are any."""
    is_large = datasets.describe(experiment.dataset).is_large
    has_test = is_large or any(name.startswith("test_") for name in measured)
    when = ", measured at the end of each epoch." if is_large else "."
    rows = []
    for name in ("train", "test") if has_test else ("train",):
        if (explained := measured.get(f"{name}_r2")) is not None:
            rows.append(
                _tile(f"{name}_r2", f"{name.capitalize()} R²" if has_test else "R²",
                      f"{explained:.3f}",
                      f"Share of the variance of the {name} rows' numbers that is explained: "
                      f"1 is exact, 0 no better than always the mean{when}")
            )  # fmt: skip
            continue
        share = measured.get(f"{name}_accuracy")
        rows.append(
            _tile(f"{name}_accuracy", f"{name.capitalize()} accuracy" if has_test else "Accuracy",
                  "–" if share is None else f"{100 * share:.4g}",
                  f"Share of the {name} rows answered rightly{when}", "%")
        )  # fmt: skip
    if is_large:
        sampled = min(SAMPLED_TEST_ROWS, getattr(experiment.dataset_options, "test_rows", 0))
        share = measured.get("test_accuracy_sample")
        rows.append(
            _tile("test_accuracy_sample", "Test sample",
                  "–" if share is None else f"{100 * share:.4g}",
                  f"Share of the first {sampled:,} test images answered rightly: measured with "
                  "every picture, so that it moves within an epoch.", f"% of {sampled:,}")
        )  # fmt: skip
    return rows


def _speed(run: Run | None) -> str:
    """Steps a second; a dash if too little time has passed."""
    per_second = run.steps_per_second if run else 0.0
    return f"{per_second:,.0f}" if per_second else "–"


def _tile(key: str, label: str, value: str, help: str, unit: str = "") -> Tile:
    return {"key": key, "label": label, "value": value, "unit": unit, "help": help}
