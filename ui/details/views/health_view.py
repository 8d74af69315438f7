"""View of the health of the network: gradient norms, dead units, saturated units."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from nn_core import backends
from nn_core.charts.weights_chart import layer_names
from nn_core.datasets.images import is_available
from nn_core.errors import DataUnavailable
from nn_core.events import Snapshot
from nn_core.experiment import Experiment
from nn_core.explain.doctor import unit_health
from nn_core.explain.doctor.unit_health import HealthReport
from nn_core.explain.inside.samples import sample
from nn_core.runs.run import Run
from ui.live.training_rows import rows_of

NAME = "Health"
NEEDS_ROWS = True


def show(page: str, experiment: Experiment, run: Run | None, now: Snapshot) -> None:
    """Show it; see `ui.details.views`."""
    found = _measure_health(experiment, run, now)
    if found is None:
        return
    report, n_train = found
    layers, gradients = report.layers, now.gradients or report.gradients
    with st.container(horizontal=True, key=f"{page}-gauges"):
        st.metric(
            "Gradient norm",
            "–" if gradients is None else f"{unit_health.total_norm(gradients):.3g}",
            help="Euclidean length of the gradient of the training loss, over all weights and "
            "biases. Near 0 at a minimum, and on a plateau.",
            border=True,
        )
        relus = sum(layer.units for layer in layers if layer.dead is not None)
        dead = sum(layer.dead or 0 for layer in layers)
        st.metric(
            "Dead ReLUs",
            f"{dead} of {relus}" if relus else "–",
            help="ReLUs that are 0 on every row that is looked at: no gradient reaches them there.",
            border=True,
        )
        shares = [(layer.saturated, layer.units) for layer in layers if layer.saturated is not None]
        total = sum(units for _, units in shares)
        st.metric(
            "Saturated",
            f"{100 * sum(s * units for s, units in shares) / total:.0f} %" if total else "–",
            help="Of all pairs of a sigmoid or tanh unit and a row that is looked at, those where "
            f"the slope is below {100 * unit_health.SATURATED_SLOPE:.0f} % of its largest.",
            border=True,
        )
    norms = unit_health.gradient_norms(gradients) if gradients else [None] * len(now.params)
    sizes = unit_health.gradient_sizes(gradients) if gradients else [None] * len(now.params)
    names = layer_names(len(now.params), experiment.front)
    st.table(_by_layer(names, layers, norms, sizes))
    st.caption(f"At step {now.step:,}. {_measured_on(experiment, report, n_train, now)}")


def _measure_health(
    experiment: Experiment, run: Run | None, now: Snapshot
) -> tuple[HealthReport, int] | None:
    """The health report and the number of training rows; None if the data are not available."""
    if not is_available(experiment.dataset):
        st.info("The images are not on this machine yet: Train downloads them once.")
        return None
    data = rows_of(experiment, run)
    if data is not None:
        n_train = len(data.x)
    else:
        try:
            data, n_train, _ = sample(experiment)
        except DataUnavailable as error:
            st.error(str(error))
            return None
    wants_gradients = now.gradients is None
    report = unit_health.measure_health(
        experiment, now.params, data, n_train, with_gradients=wants_gradients
    )
    return report, n_train


def _measured_on(experiment: Experiment, report: HealthReport, n_train: int, now: Snapshot) -> str:
    """Text on the rows used, and on what computed the numbers."""
    is_part = report.rows < n_train
    rows = f"the first {report.rows:,} of {n_train:,}" if is_part else f"the {n_train:,}"
    if now.gradients is not None:
        by = f"Gradients by {backends.label(experiment.worker)}, on all training rows. Units"
    elif report.gradients is not None:
        by = "Gradients and units"
    else:
        by = "Units"
    text = f"{by} by NumPy's formulas, on {rows} training rows."
    if is_part and any(layer.dead for layer in report.layers):
        text += " A unit that is 0 on all of these may still answer to another."
    if experiment.front:
        text += " The gradient is not computed here: NumPy has no convolution to go back through."
    return text


def _by_layer(
    names: list[str], layers: list[unit_health.LayerHealth], norms: list, sizes: list
) -> pd.DataFrame:  # fmt: skip
    rows = {}
    for i, (norm, size) in enumerate(zip(norms, sizes, strict=True)):
        layer = layers[i] if i < len(layers) else None
        rows[names[i]] = {
            "Gradient norm": "–" if norm is None else f"{norm:.3g}",
            "Gradient of one weight (root mean square)": "–" if size is None else f"{size:.3g}",
            "Dead": "–" if not layer or layer.dead is None else f"{layer.dead} of {layer.units}",
            "Saturated": "–"
            if not layer or layer.saturated is None
            else f"{100 * layer.saturated:.0f} %",
        }
    return pd.DataFrame.from_dict(rows, orient="index")
