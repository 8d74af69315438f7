"""The loss of every step, and the accuracy."""

from __future__ import annotations

import streamlit as st

from nn_core.charts.loss import (
    accuracy_spec,
    accuracy_table,
    loss_spec,
    loss_table,
    loss_unit,
)
from nn_core.events import Snapshot
from nn_core.experiment import Experiment
from nn_core.runs import Run
from ui import session
from ui.chart import chart

NAME = "Loss"


def choose(page: str, experiment: Experiment) -> None:
    """The axis of the loss, here and in the picture."""
    session.value(f"{page}.form.log", True)
    st.toggle(
        "Logarithmic loss axis",
        key=f"{page}.form.log",
        help="Equal factors are equally far apart: 0.1 to 0.01 as far as 0.01 to 0.001.",
    )


def show(page: str, experiment: Experiment, run: Run | None, now: Snapshot) -> None:
    """Show it; see `ui.views`."""
    if run is None or run.started is None or not run.history.losses.count:
        st.caption("The loss of every step appears here once training begins.")
        return
    history, per_epoch = run.history, run.started.steps_per_epoch
    spec = loss_spec(bool(session.peek(f"{page}.form.log")), loss_unit(experiment.loss))
    table = loss_table(history.losses.thinned(200), per_epoch, history.measurements)
    left, right = st.columns([3, 2])
    with left:
        chart(table, spec, key=f"{page}-loss")
    if not any("train_accuracy" in m.metrics for m in history.measurements):
        return  # numbers are predicted: none is right to the last digit
    with right:
        chart(accuracy_table(history.measurements), accuracy_spec(), key=f"{page}-accuracy")
