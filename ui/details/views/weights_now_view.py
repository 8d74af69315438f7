"""View of every weight and bias as a number."""

from __future__ import annotations

from itertools import product

import pandas as pd
import streamlit as st

from nn_core.charts.weights_chart import unit_names
from nn_core.events import Snapshot
from nn_core.experiment import Experiment
from nn_core.runs.run import Run

NAME = "Weights now"
MOST_TABLE_ROWS = 512


def show(page: str, experiment: Experiment, run: Run | None, now: Snapshot) -> None:
    """Show it; see `ui.details.views`."""
    holder = "the backend holds" if run else "every backend starts with"
    st.caption(
        f"The {experiment.n_parameters:,} weights and biases at step {now.step:,}, in "
        f"{experiment.dtype}, as {holder} them: a row for each source, a column for each unit."
    )
    names = _unit_names(experiment, run)
    for layer, (weight, bias) in enumerate(now.params):
        sources, targets = names[layer], names[layer + 1]
        if weight.ndim == 4:
            sources, targets = _kernel_names(weight.shape)
            weight = weight.reshape(len(sources), -1)
            st.caption(f"Kernels of {experiment.front[layer].name}, a column for each map:")
        frame = pd.DataFrame(weight, index=list(sources), columns=list(targets))
        if bias is not None:
            frame.loc["bias"] = bias
        st.dataframe(
            frame.iloc[:MOST_TABLE_ROWS, :64],
            height="content" if len(frame) <= 10 else 300,
            key=f"{page}-numbers-{layer}",
            column_config={name: st.column_config.NumberColumn(format="%.6f") for name in targets},
        )


def _kernel_names(shape: tuple[int, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of the kernel positions, and names of the maps."""
    height, width, maps_in, maps_out = shape
    places = product(range(1, height + 1), range(1, width + 1), range(1, maps_in + 1))
    of = " of map {}" if maps_in > 1 else ""
    sources = tuple(f"row {i}, column {j}{of.format(m)}" for i, j, m in places)
    return sources, tuple(f"map {m}" for m in range(1, maps_out + 1))


def _unit_names(experiment: Experiment, run: Run | None) -> list[tuple[str, ...]]:
    sizes = experiment.layer_sizes
    inputs = tuple(run.started.input_names) if run and run.started else None
    outputs = tuple(run.started.output_names) if run and run.started else None
    return unit_names(
        sizes,
        inputs or tuple(f"input {i + 1}" for i in range(sizes[0])),
        outputs or tuple(f"output {i + 1}" for i in range(sizes[-1])),
    )
