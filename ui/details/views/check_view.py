"""View that compares the run with the same experiment on NumPy."""

from __future__ import annotations

import streamlit as st

from nn_core import backends
from nn_core.errors import BackpropError
from nn_core.events import Snapshot
from nn_core.experiment import Experiment
from nn_core.runs.run import Run
from nn_core.runs.studies.parity import compare, numpy_twin, why_not_comparable
from nn_core.server import get_pool
from nn_core.vocabulary import counted
from ui import session
from ui import session_keys as keys

NAME, IS_STILL = "Check against NumPy", True


def show(page: str, experiment: Experiment, run: Run | None, now: Snapshot) -> bool:
    """Train the same experiment on NumPy and show the differences."""
    st.caption(
        "The same experiment on NumPy, from the same weights with the same batches: how far are "
        "the two apart?"
    )
    if run is None or (reason := why_not_comparable(run)):
        st.info(reason if run else "Train first: there is nothing to compare yet.")
        return False
    reference: Run | None = session.peek(keys.numpy_twin(page))
    known = reference and session.peek(keys.numpy_twin_of(page)) == run.id
    st.button(
        "Compare with NumPy",
        key=keys.button(page, "compare"),
        icon=":material/compare_arrows:",
        on_click=_begin_check,
        args=(page, run),
        disabled=not run.is_over,
        help="Trains the same experiment once more, on NumPy. Available when the run is over.",
    )
    if reference is None or not known:
        return False
    if reference.end is None:
        st.progress(
            min(1.0, reference.step / max(1, run.step)),
            f"Training on NumPy: step {reference.step:,} of {run.step:,}",
        )
        return True
    parity = compare(run, reference)
    left, middle, right = st.columns(3)
    left.metric(
        "Largest loss difference", f"{parity.largest_loss_difference:.3g}",
        help=f"Over {counted(parity.steps, 'step')}; it is at step {parity.at_step:,}.",
    )  # fmt: skip
    middle.metric(
        "Largest weight difference",
        "–" if parity.largest_weight_difference is None
        else f"{parity.largest_weight_difference:.3g}",
        help="Over all weights and biases at the end, where both runs end at the same step.",
    )  # fmt: skip
    right.metric(
        "Steps compared", f"{parity.steps:,}",
        help="Both runs keep the losses of their first 200,000 steps one by one.",
    )  # fmt: skip
    form = run.started.epsilon_form.replace("_", " ") if run.started else ""
    st.caption(
        f"{backends.label(run.experiment.worker)} against NumPy, {run.experiment.dtype}, both "
        f"with ε in the form “{form}”."
    )
    return False


def _begin_check(page: str, run: Run) -> None:
    if run.started is None:
        return
    twin = numpy_twin(run.experiment, run.started.epsilon_form)
    # A purpose of its own: the check must not end the run that it checks.
    try:
        reference = get_pool().submit(twin, session.owner(), purpose="check")
    except BackpropError as error:
        session.put(keys.refused(page), str(error))
        return
    session.put(keys.numpy_twin(page), reference)
    session.put(keys.numpy_twin_of(page), run.id)
