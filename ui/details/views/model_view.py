"""View of the layers of the network and their sizes."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from nn_core.events import Snapshot
from nn_core.experiment import Experiment
from nn_core.explain.inside.summary import summary, total_parameters
from nn_core.runs.run import Run

NAME, IS_STILL = "Model", True


def show(page: str, experiment: Experiment, run: Run | None, now: Snapshot) -> None:
    """Show it; see `ui.details.views`."""
    layers = summary(experiment)
    st.table(
        pd.DataFrame(
            {
                "Layer": [layer.name for layer in layers],
                "Kind": [layer.kind for layer in layers],
                "Output shape": [str(layer.output_shape) for layer in layers],
                "Parameters": [f"{layer.parameters:,}" for layer in layers],
            }
        ).set_index("Layer")
    )
    st.markdown(f"**{total_parameters(layers):,} parameters in total**")
