"""View of every weight and bias over time."""

from __future__ import annotations

import streamlit as st

from nn_core.charts.weights_chart import choose_series, weights_spec, weights_table
from nn_core.events import Snapshot
from nn_core.experiment import Experiment
from nn_core.runs.run import Run
from ui.components.chart import chart

NAME = "Weights over time"


def suits(experiment: Experiment) -> bool:
    """Whether every weight connects two units; kernels are shown as pictures elsewhere."""
    return not experiment.front


def show(page: str, experiment: Experiment, run: Run | None, now: Snapshot) -> None:
    """Show it; see `ui.details.views`."""
    if run is None or run.started is None:
        st.caption("Every weight and bias over time appears here once training begins.")
        return
    series = choose_series(
        experiment.layer_sizes,
        experiment.bias,
        tuple(run.started.input_names),
        tuple(run.started.output_names),
    )
    history = [(snapshot.step, snapshot.params) for snapshot in run.history.snapshots]
    chart(weights_table(history, series), weights_spec(series), key=f"{page}-weights")
    if series.left_out:
        st.caption(series.left_out)
