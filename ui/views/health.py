"""Gauges: the size of the gradient, dead units, saturated units."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from nn_core import backends
from nn_core.charts.weights import layer_names
from nn_core.events import Params, Snapshot
from nn_core.experiment import Experiment
from nn_core.explain import gauges
from nn_core.explain.penalty import added
from nn_core.explain.trace import trace
from nn_core.runs import Run
from ui import doctor

NAME = "Health"
NEEDS_ROWS = True
MOST_PARAMETERS = 2000


def show(page: str, experiment: Experiment, run: Run | None, now: Snapshot) -> None:
    """Show it; see `ui.views`."""
    data = doctor.rows_of(experiment, run)
    gradients, by = now.gradients, backends.label(experiment.worker)
    is_small = experiment.n_parameters <= MOST_PARAMETERS and not experiment.front
    if gradients is None and data is not None and is_small:
        gradients, by = _by_formula(experiment, now.params, data.x, data.y), "NumPy's formulas"
    layers = [] if data is None else gauges.layers_health(experiment, now.params, data.x)
    with st.container(horizontal=True, key=f"{page}-gauges"):
        st.metric(
            "Gradient norm",
            "–" if gradients is None else f"{gauges.total_norm(gradients):.3g}",
            help="Euclidean length of the gradient of the training loss, over all weights and "
            "biases. Near 0 at a minimum, and on a plateau.",
            border=True,
        )
        relus = sum(layer.units for layer in layers if layer.dead is not None)
        dead = sum(layer.dead or 0 for layer in layers)
        st.metric(
            "Dead ReLUs",
            f"{dead} of {relus}" if relus else "–",
            help="ReLUs that are 0 on every training row: no gradient reaches them any more.",
            border=True,
        )
        shares = [(layer.saturated, layer.units) for layer in layers if layer.saturated is not None]
        total = sum(units for _, units in shares)
        st.metric(
            "Saturated",
            f"{100 * sum(s * units for s, units in shares) / total:.0f} %" if total else "–",
            help="Of all pairs of a sigmoid or tanh unit and a training row, those where the "
            f"slope is below {100 * gauges.SATURATED_SLOPE:.0f} % of its largest.",
            border=True,
        )
    norms = gauges.gradient_norms(gradients) if gradients else [None] * len(now.params)
    sizes = gauges.gradient_sizes(gradients) if gradients else [None] * len(now.params)
    names = layer_names(len(now.params), experiment.front)
    st.table(_by_layer(names, layers, norms, sizes))
    where = f"At step {now.step:,}. "
    if gradients is not None:
        where += f"Gradients by {by}. "
    if data is None:
        where += "Units are looked at where the training rows are few."
    else:
        where += f"Units by NumPy, on the {len(data.x):,} training rows."
    st.caption(where)


def _by_layer(
    names: list[str], layers: list[gauges.LayerHealth], norms: list, sizes: list
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


def _by_formula(experiment: Experiment, params: Params, x, y) -> Params:  # type: ignore[no-untyped-def]
    return added(experiment, params, trace(experiment, params, x, y).gradients)
