"""View of loss and accuracy over time."""

from __future__ import annotations

import math

import streamlit as st

from nn_core.charts.loss_chart import (
    EPOCH_MEAN,
    SERIES,
    accuracy_spec,
    accuracy_table,
    loss_spec,
    loss_table,
    loss_unit,
)
from nn_core.events import Snapshot
from nn_core.experiment import Experiment
from nn_core.runs.history import History
from nn_core.runs.run import Run
from ui import session
from ui import session_keys as keys
from ui.components.chart import chart

NAME = "Loss"


def choose(page: str, experiment: Experiment) -> None:
    """The axis of the loss, here and in the picture."""
    session.value(keys.log_axis(page), True)
    st.toggle(
        "Logarithmic loss axis",
        key=keys.log_axis(page),
        help="Equal factors are equally far apart: 0.1 to 0.01 as far as 0.01 to 0.001.",
    )


def show(page: str, experiment: Experiment, run: Run | None, now: Snapshot) -> None:
    """Show it; see `ui.details.views`."""
    if run is None or run.started is None or not run.history.losses.count:
        st.caption("The loss of every step appears here once training begins.")
        return
    history, per_epoch = run.history, run.started.steps_per_epoch
    # All possible series, so that the specification does not change when a series appears.
    series = [*SERIES[: 1 + bool(run.started.n_test)], *[EPOCH_MEAN] * (per_epoch > 1)]
    unit, is_log = loss_unit(experiment.loss), bool(session.peek(keys.log_axis(page)))
    spec = loss_spec(is_log, unit, series=tuple(series))
    epochs = history.epoch_losses.envelope(200) if per_epoch > 1 else None
    table = loss_table(history.losses.envelope(200), per_epoch, history.measurements, epochs=epochs)
    left, right = st.columns([3, 2])
    with left:
        chart(table, spec, key=f"{page}-loss")
        if text := _epoch_loss(history, per_epoch, now):
            st.caption(text)
    if not any("train_accuracy" in m.metrics for m in history.measurements):
        return  # regression has no accuracy
    with right:
        chart(accuracy_table(history.measurements), accuracy_spec(), key=f"{page}-accuracy")


def _epoch_loss(history: History, per_epoch: int, now: Snapshot) -> str:
    """Text on the mean loss of the last complete epoch at the moment shown; empty if none."""
    epoch = int(now.epoch)
    found, what = history.epoch_loss_at(epoch), "the mean over its rows"
    if per_epoch > 1:
        what = f"the mean over its {per_epoch:,} batches"
    elif epoch == now.epoch and not history.has_epoch_loss(epoch):
        found, what = history.loss_at(now.step), "the loss of its one batch"
    if not epoch or not math.isfinite(found):
        return ""
    return (
        f"Training loss of epoch {epoch:,}: {found:.6f}, {what} as they came, each before its "
        "step. The programs in the view Code print it like this."
    )
