"""View of one optimizer step in numbered micro-steps, with formulas and values."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from nn_core.events import Snapshot
from nn_core.experiment import Experiment
from nn_core.explain.step.notation import plain
from nn_core.explain.step.walkthrough import (
    FIRST_UNITS,
    MOST_LARGE_PARAMETERS,
    MOST_PARAMETERS,
    MOST_ROWS,
    MicroStep,
    Walkthrough,
    is_small,
)
from nn_core.runs.run import Run
from ui import session
from ui import session_keys as keys
from ui.details import stepping

NAME, IS_STILL, NEEDS_ROWS = "Walk-through", True, True
PHASES = {
    "forward": ":material/arrow_forward: Forward",
    "loss": ":material/target: Loss",
    "backward": ":material/arrow_back: Backward",
    "update": ":material/update: Update",
}


def suits(experiment: Experiment) -> bool:
    """Whether single rows can be chosen."""
    return stepping.suits(experiment)


def show(page: str, experiment: Experiment, run: Run | None, now: Snapshot) -> bool:
    """Show the choice of rows and the walkthrough; see `ui.details.views`."""
    if experiment.n_parameters > MOST_LARGE_PARAMETERS:
        stepping.too_large(experiment, MOST_LARGE_PARAMETERS)
        return False
    if not is_small(experiment):
        st.info(
            f"This network has {experiment.n_parameters:,} weights and biases. Formulas stay "
            f"readable up to {MOST_PARAMETERS}, so here are the first {FIRST_UNITS} units of each "
            "layer. Where a sum is too long, the table has what it is made of.",
            icon=":material/zoom_in:",
        )
    request = stepping.choose_rows(page, experiment, run, now, with_batch=is_small(experiment))
    if request is None:
        return False
    is_moving = request.is_moving  # read before the answer
    found = stepping.walkthrough_of(request)
    _parity(request, found)
    position = _buttons(page, len(found.steps))
    if session.peek(_key(page, "all")):
        for step in found.steps:
            _micro_step(page, step, len(found.steps), experiment)
    else:
        _micro_step(page, found.steps[position], len(found.steps), experiment)
        _numbers(page, found.steps[position], request.framework)
    return is_moving


def _parity(request: stepping.ExplainedStep, found: Walkthrough) -> None:
    gap = found.largest_difference
    text = (
        f"Sums, activations and deltas: NumPy in float64, at the weights of step {request.step:,}. "
        "Outputs, loss, gradients and new weights: "
    )
    if request.evaluation.error:
        st.error(request.evaluation.error, icon=":material/error:")
        text += "NumPy alone."
    elif gap is None:
        phase = request.evaluation.phase or "computing"
        text += f"NumPy; {request.framework} is asked as well ({phase} …)."
    else:
        text += (
            f"beside them those of the backend, {request.framework} in {request.experiment.dtype}; "
            f"the largest difference is **{gap:.2g}**."
        )
    st.caption(text)


def _buttons(page: str, count: int) -> int:
    """Show the buttons Previous, Next and All, and return the position, from 0."""
    key = _key(page, "position")
    position = min(int(session.value(key, 0)), count - 1)
    shows_all = bool(session.peek(_key(page, "all")))
    with st.container(horizontal=True, vertical_alignment="center", key=f"{page}-walk-buttons"):
        st.button(
            "Previous", key=keys.button(page, "walk", "previous"),
            icon=":material/chevron_left:", shortcut="B",
            on_click=session.put, args=(key, max(0, position - 1)),
            disabled=shows_all or position == 0, help="One micro-step back.",
        )  # fmt: skip
        st.button(
            "Next", key=keys.button(page, "walk", "next"),
            icon=":material/chevron_right:", shortcut="F",
            on_click=session.put, args=(key, min(count - 1, position + 1)),
            disabled=shows_all or position == count - 1, help="One micro-step forward.",
        )  # fmt: skip
        session.value(_key(page, "all"), False)
        st.toggle("All at once", key=_key(page, "all"), help="Every micro-step below each other.")
        if not shows_all:
            st.progress((position + 1) / count, f"Micro-step {position + 1} of {count}")
    return position


def _micro_step(page: str, step: MicroStep, count: int, experiment: Experiment) -> None:
    with st.container(border=True, key=f"{page}-walk-{step.number}"):
        st.markdown(f"**{step.number}** of {count} · {PHASES[step.phase]} · **{step.title}**")
        st.latex(step.formula)
        for line in step.lines:
            if line.values or len(step.lines) <= MOST_ROWS:
                st.latex(line.latex)
        hidden = sum(not line.values for line in step.lines)
        if hidden:
            st.caption(
                f"{hidden} {'sum is' if hidden == 1 else 'lines are'} too long to write out: one "
                "micro-step at a time, the table below it has every number."
            )


def _numbers(page: str, step: MicroStep, framework: str) -> None:
    """Show every number of the micro-step with all digits."""
    results = pd.DataFrame(
        {
            "": [plain(line.symbol) for line in step.lines],
            "NumPy, float64": [_digits(line.result) for line in step.lines],
            f"backend: {plain(framework)}": [_digits(line.backend) for line in step.lines],
            "difference": [
                "" if line.backend is None else f"{abs(line.result - line.backend):.2g}"
                for line in step.lines
            ],
        }
    ).set_index("")
    operands = dict(pair for line in step.lines for pair in line.operands)
    left, right = st.columns([3, 2])
    with left:
        st.caption("What is found, with every digit")
        st.table(results)
    with right:
        st.caption("What goes in, with every digit")
        st.table(
            pd.DataFrame(
                {
                    "": [plain(symbol) for symbol in operands],
                    "value": [_digits(value) for value in operands.values()],
                }
            ).set_index("")
        )


def _digits(value: float | None) -> str:
    return "kept to itself" if value is None else f"{value + 0.0:.17g}".replace("-", "−")


def _key(page: str, name: str) -> str:
    return keys.walk(page, name)
