"""View of the computation graph of one row, with value and gradient at each node."""

from __future__ import annotations

import streamlit as st

from nn_core.events import Snapshot
from nn_core.experiment import Experiment
from nn_core.explain.step.graph import MOST_NODES_OF_WEIGHTS, graph
from nn_core.explain.step.walkthrough import MOST_PARAMETERS, is_small
from nn_core.runs.run import Run
from nn_core.training.preview import small_dataset
from ui.details import stepping

NAME, IS_STILL, NEEDS_ROWS = "Graph", True, True


def suits(experiment: Experiment) -> bool:
    """Whether single rows can be chosen."""
    return stepping.suits(experiment)


def show(page: str, experiment: Experiment, run: Run | None, now: Snapshot) -> bool:
    """Show the choice of a row and its graph; see `ui.details.views`."""
    if not is_small(experiment):
        stepping.too_large(experiment, MOST_PARAMETERS)
        return False
    request = stepping.choose_rows(page, experiment, run, now, with_batch=False)
    if request is None:
        return False
    is_moving = request.is_moving  # read before the answer
    found, answer = stepping.walkthrough_of(request), request.evaluation.answer
    by = f"{request.framework}'s" if answer else "NumPy's"
    st.caption(
        f"From left to right: how one row becomes a loss at the weights of step {request.step:,}. "
        "In each box the value, and below it how much the loss changes with it. Gradients of "
        f"weights and biases, outputs and loss are {by}; sums, activations and their gradients are "
        "NumPy's. Point at a box for all digits."
    )
    if request.evaluation.error:
        st.error(request.evaluation.error, icon=":material/error:")
    if experiment.n_parameters > MOST_NODES_OF_WEIGHTS:
        st.caption("Weights stand on the arrows; point at one for its gradient.")
    names = tuple(small_dataset(experiment).input_names)
    st.graphviz_chart(graph(experiment, found.trace, answer, names), width="stretch")
    return is_moving
