"""View of histograms of weights and gradients of a layer, over the steps."""

from __future__ import annotations

import numpy as np
import streamlit as st

from nn_core.charts.histograms_chart import (
    count_in_bins,
    now_spec,
    now_table,
    over_time_spec,
    over_time_table,
    sampled_moments,
)
from nn_core.charts.weights_chart import layer_names
from nn_core.events import Array, Params, Snapshot
from nn_core.experiment import Experiment
from nn_core.runs.run import Run
from ui import session
from ui import session_keys as keys
from ui.components.chart import chart

NAME = "Histograms"
NO_GRADIENTS = (
    "No gradients are kept of this run: they are of small networks, while they train. The "
    "weights are."
)


def choose(page: str, experiment: Experiment) -> None:
    """Show the choice of layer, parameters and values, and the type of the step axis."""
    names = layer_names(len(experiment.layer_sizes) - 1, experiment.front)
    for name, default in {
        "of": "Weights",
        "kind": "Values",
        "layer": names[0],
        "log": True,
    }.items():
        session.value(keys.histogram(page, name), default)
    if session.peek(keys.histogram(page, "layer")) not in names:
        session.put(keys.histogram(page, "layer"), names[0])
    kinds = ["Weights", "Biases"] if experiment.bias else ["Weights"]
    if session.peek(keys.histogram(page, "of")) not in kinds:
        session.put(keys.histogram(page, "of"), kinds[0])
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Layer",
            names,
            key=keys.histogram(page, "layer"),
            width=220,
            help="The weights and biases that lead into this layer.",
        )
        st.segmented_control(
            "Of the",
            kinds,
            key=keys.histogram(page, "of"),
            required=True,
            help="What is counted: each weight, or each bias, of the layer once.",
        )
        st.segmented_control(
            "Show",
            ["Values", "Gradients"],
            key=keys.histogram(page, "kind"),
            required=True,
            help="The numbers themselves, or the derivative of the training loss on each.",
        )
        st.toggle(
            "Logarithmic step axis",
            key=keys.histogram(page, "log"),
            help="Gives the first steps, in which most happens, as much room as the later ones.",
        )


def show(page: str, experiment: Experiment, run: Run | None, now: Snapshot) -> None:
    """Show it; see `ui.details.views`."""
    names = layer_names(len(experiment.layer_sizes) - 1, experiment.front)
    name = session.peek(keys.histogram(page, "layer"), names[0])
    layer = names.index(name) if name in names else 0
    place = 1 if session.peek(keys.histogram(page, "of")) == "Biases" and experiment.bias else 0
    of_gradients = session.peek(keys.histogram(page, "kind")) == "Gradients"
    moments = (run.history.snapshots if run else []) or [now]

    def numbers_of(snapshot: Snapshot) -> Array | None:
        params: Params | None = snapshot.gradients if of_gradients else snapshot.params
        return None if params is None else params[layer][place]

    known = [(s.step, found) for s in moments if (found := numbers_of(s)) is not None]
    if not known:
        st.info(NO_GRADIENTS if run else "Gradients appear here once training begins.")
        return
    known = [known[i] for i in sampled_moments(len(known))]
    is_log = bool(session.peek(keys.histogram(page, "log"), True))
    what = "bias" if place else "weight"
    title = f"gradient of a {what}" if of_gradients else what
    current = numbers_of(now)
    counted = count_in_bins(
        [*(found for _, found in known), *([] if current is None else [current])]
    )
    over_time = counted._replace(counts=counted.counts[: len(known)])
    left, right = st.columns([3, 2])
    with left:
        chart(
            over_time_table([step for step, _ in known], over_time, now.step, is_log),
            over_time_spec(title, is_log),
            key=f"{page}-histogram-over-time",
        )
    if current is None:
        right.caption(f"Of step {now.step:,}, the one that is shown, no gradients are kept.")
        return
    with right:
        chart(
            now_table(counted.edges, counted.counts[-1]),
            now_spec(title),
            key=f"{page}-histogram-now",
        )
    n_counted = int(counted.counts[-1].sum())
    lost = current.size - n_counted
    values = np.asarray(current, float)
    st.caption(
        f"{'Gradients of the' if of_gradients else 'The'} {current.size:,} "
        f"{'biases' if place else 'weights'} that lead into the {name}, at step {now.step:,}: mean "
        f"{values.mean():.3g}, standard deviation {values.std():.3g}"
        + (f"; {lost:,} of them are no finite numbers" if lost else "")
        + f". On the left {len(known)} kept moments, this one marked in orange."
    )
