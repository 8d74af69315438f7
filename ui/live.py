"""The live picture of a run, and what is written above it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from nn_core import backends
from nn_core.charts.frame import Panel, Series, Status, Tile, curve_panel, frame
from nn_core.charts.loss import loss_unit
from nn_core.events import Snapshot
from nn_core.experiment import Experiment
from nn_core.pool import get_pool
from nn_core.runs import Run
from ui import session
from ui.network_view import network_view

FRAMES_PER_SECOND = 15
Panels = Callable[[Experiment, Snapshot | None, Panel], Mapping[str, Panel | None]]


@st.fragment
def live_picture(page: str, experiment: Experiment, start: Snapshot | None, panels: Panels) -> None:
    """Draw the run of a page, again and again while it moves.

    Parameters
    ----------
    page : str
        Whose run is drawn.
    experiment : Experiment
        What the form holds: shown at its start while there is no run.
    start : Snapshot or None
        The moment to show while there is no run, or none of it yet.
    panels : callable
        From an experiment, a moment and the panel of the loss to the panels of the picture.
    """
    session.keep_alive()
    run = session.run_of(page)
    seen = state_of(run)
    shown = run.experiment if run else experiment
    snapshot = (run.latest if run else None) or start
    is_log = bool(session.peek(f"{page}.form.log"))
    loss = curve_panel(loss_series(run), log=is_log, y_label=loss_unit(shown.loss))
    network_view(
        frame(
            seq=session.next_number(f"{page}.seq"),
            moving=bool(run and run.is_moving) or is_importing(experiment),
            interval_ms=1000 / FRAMES_PER_SECOND,
            status=status(run, experiment),
            tiles=tiles(run, shown, snapshot),
            panels=panels(shown, snapshot, loss),
        ),
        key=f"{page}-picture",
        on_tick=lambda: None,
    )
    # The buttons and charts around the picture follow when the run changes its state.
    if session.peek(f"{page}.seen", seen) != seen:
        session.put(f"{page}.seen", seen)
        st.rerun()
    session.put(f"{page}.seen", seen)


def state_of(run: Run | None) -> tuple[str, str]:
    """What the page around the picture depends on."""
    return (run.id, run.state) if run else ("", "idle")


def is_importing(experiment: Experiment) -> bool:
    """Whether a worker is importing the framework that the form has chosen."""
    return get_pool().is_warming(experiment.backend) is not None


def status(run: Run | None, experiment: Experiment) -> Status:
    """What is going on, in a sentence."""
    if run is None:
        return {"state": "idle", "text": _idle_text(experiment)}
    match run.state:
        case "queued":
            text = f"Waiting in line: place {run.position}."
        case "loading":
            seconds = get_pool().is_warming(run.experiment.backend)
            passed = f", {seconds:.0f} s so far" if seconds else ""
            text = f"{(run.phase or 'starting').capitalize()}{passed} …"
        case "running":
            text = f"Training on {_where(run)}."
        case "paused":
            text = f"Paused at step {run.step:,}. Press Resume, or Step."
        case _:
            text = ended_text(run)
    return {"state": run.state, "text": text}


def _idle_text(experiment: Experiment) -> str:
    label = backends.label(experiment.backend)
    seconds = get_pool().is_warming(experiment.backend)
    if seconds is not None:
        return f"Importing {label}, {seconds:.0f} s so far … You can press Train already."
    return f"Ready: the initial weights of seed {experiment.seed}. Press Train."


def ended_text(run: Run) -> str:
    """Why a run is over."""
    end = run.end
    if end is None:
        return ""
    if hasattr(end, "message"):
        return str(end.message)
    reasons = {
        "epochs": f"all {run.experiment.epochs:,} epochs are done",
        "target_loss": f"the loss reached its target of {run.experiment.target_loss}",
        "patience": f"{run.experiment.patience} epochs in a row brought no better loss",
        "stopped": "it was stopped",
    }
    return f"Finished on {_where(run)} at step {run.step:,}: {reasons[end.reason]}."


def _where(run: Run) -> str:
    return f"{run.started.framework}, {run.started.device}" if run.started else ""


def loss_series(run: Run | None) -> list[Series]:
    """Loss of the training batches, and of the test rows where there are any."""
    if run is None or not run.history.losses.count:
        return []
    curve = run.history.losses.thinned(300)
    last = float(run.history.losses.last)
    series: list[Series] = [
        {"name": "train", "steps": curve.steps, "low": curve.low, "high": curve.high, "last": last}
    ]
    tests = [(m.step, m.metrics["test_loss"]) for m in run.history.measurements
             if "test_loss" in m.metrics]  # fmt: skip
    if tests:
        steps, values = zip(*tests, strict=True)
        series.append({"name": "test", "steps": list(steps), "values": list(values)})
    return series


def tiles(run: Run | None, experiment: Experiment, snapshot: Snapshot | None) -> list[Tile]:
    """The numbers above the picture."""
    measured: dict[str, float] = {}
    if run:
        for measurement in run.history.measurements[-2:]:
            measured |= measurement.metrics
    elif snapshot:
        measured |= snapshot.metrics
    loss = run.history.losses.last if run and run.history.losses.count else None
    rows: list[Tile] = [
        _tile("epoch", "Epoch", f"{int(run.epoch) if run else 0:,}",
              "Passes over the training data.", f"of {experiment.epochs:,}"),
        _tile("step", "Step", f"{run.step if run else 0:,}", "Optimizer steps taken."),
        _tile("loss", "Loss", "–" if loss is None else f"{loss:.4g}",
              "Loss of the last training batch, before its step."),
    ]  # fmt: skip
    for name, label in (("train", "Train accuracy"), ("test", "Test accuracy")):
        if f"{name}_accuracy" in measured:
            rows.append(
                _tile(f"{name}_accuracy", label if "test_accuracy" in measured else "Accuracy",
                      f"{100 * measured[f'{name}_accuracy']:.4g}",
                      f"Share of the {name} rows answered rightly.", "%")
            )  # fmt: skip
    rows += [
        _tile("learning_rate", "Learning rate",
              f"{run.learning_rate_now if run else experiment.learning_rate:g}",
              "Size of a step, as the worker uses it now."),
        _tile("speed", "Speed", f"{run.steps_per_second if run else 0:,.0f}",
              "Steps a second of the clock, lately; of the whole run once it is over.", "steps/s"),
        _tile("elapsed", "Elapsed", f"{run.elapsed_seconds if run else 0:.1f}",
              "Time since training began, pauses left out.", "s"),
        _tile("device", "Device", experiment.device, "Where the framework computes."),
    ]  # fmt: skip
    return rows


def _tile(key: str, label: str, value: str, help: str, unit: str = "") -> Tile:
    return {"key": key, "label": label, "value": value, "unit": unit, "help": help}
