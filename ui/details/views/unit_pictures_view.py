"""View of the first-layer weights of each unit as a picture, page by page."""

from __future__ import annotations

import math

import numpy as np
import streamlit as st

from nn_core.charts.live.panel import nice_ceiling
from nn_core.datasets.images import image_shape
from nn_core.events import Snapshot
from nn_core.experiment import Experiment
from nn_core.runs.run import Run
from ui import session
from ui import session_keys as keys
from ui.components.figures import Figure, figures, signed
from ui.details.predicted_images import is_dense, reads_images

NAME = "First-layer weights"
UNITS_A_PAGE = 48


def suits(experiment: Experiment) -> bool:
    """Whether the first layer has a weight for each pixel."""
    return reads_images(experiment) and is_dense(experiment)


def choose(page: str, experiment: Experiment) -> None:
    """Show the choice of the page, if the units need several."""
    pages = math.ceil(experiment.layer_sizes[1] / UNITS_A_PAGE)
    key = keys.unit_page(page)
    session.at_most(key, pages)
    if pages > 1:
        st.number_input(
            f"Page (of {pages})",
            1,
            pages,
            key=key,
            width=160,
            help=f"{UNITS_A_PAGE} units a page, in their order.",
        )


def show(page: str, experiment: Experiment, run: Run | None, now: Snapshot) -> None:
    """Show it; see `ui.details.views`."""
    weight = now.params[0][0]
    n_units = weight.shape[1]
    first = (int(session.peek(keys.unit_page(page), 1)) - 1) * UNITS_A_PAGE
    units = range(first, min(first + UNITS_A_PAGE, n_units))
    finite = np.abs(weight[np.isfinite(weight)])
    reach = nice_ceiling(float(finite.max(initial=0.0)))
    kind = "hidden unit" if experiment.hidden else "output"
    st.caption(
        f"Units {units.start + 1:,} to {units.stop:,} of {n_units:,} at step {now.step:,}: the "
        f"weight from each pixel. Blue is positive: ink there speaks for the unit. Orange is "
        f"negative, to ±{reach:g}; one scale for all units."
    )
    shape = image_shape(experiment.dataset)
    figures(
        [
            Figure(
                signed(weight[:, unit].reshape(shape), reach),
                f"{kind} {unit + 1:,}",
                alt=f"Weights from the pixels of {kind} {unit + 1}",
            )
            for unit in units
        ]
    )
