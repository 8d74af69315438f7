"""The optimizer step to explain: choice of rows, and the request to the backend."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from nn_core import backends
from nn_core.datasets import Dataset, describe
from nn_core.errors import BackpropError
from nn_core.events import Snapshot
from nn_core.experiment import Experiment
from nn_core.explain.step.walkthrough import Walkthrough, walk_through
from nn_core.runs.run import Run
from nn_core.runs.workers.step_request import StepQuestion, StepRequest
from nn_core.server import get_pool
from nn_core.training.preview import small_dataset
from ui import session
from ui import session_keys as keys

ALL_ROWS = -1
MOST_CHOICES = 200
FLICKER_SECONDS = 0.3  # wait this long for a warm framework before showing “computing”


@dataclass
class ExplainedStep:
    """A step requested from the backend.

    Attributes
    ----------
    question : StepQuestion
        Parameters, rows and optimizer state.
    step : int
        The step of the run with these parameters.
    evaluation : StepRequest
        The pending or finished request.
    """

    question: StepQuestion
    step: int
    evaluation: StepRequest

    @property
    def experiment(self) -> Experiment:
        """The experiment of the step."""
        return self.question.experiment

    @property
    def framework(self) -> str:
        """Name of the framework, with its version once the answer is there."""
        answer = self.evaluation.answer
        return answer.framework if answer else backends.label(self.experiment.worker)

    @property
    def is_moving(self) -> bool:
        """Whether the answer is pending."""
        return not self.evaluation.is_over


def suits(experiment: Experiment) -> bool:
    """Whether the data are rows that can be chosen one by one."""
    return not describe(experiment.dataset).is_images


def too_large(experiment: Experiment, most: int) -> None:
    """Show that the network is too large to write out, with advice."""
    st.info(
        f"This network has {experiment.n_parameters:,} weights and biases. Written out one by one, "
        f"they stay readable up to {most:,}: choose fewer hidden units. 2 inputs, 3 hidden units "
        "and 1 output have 13.",
        icon=":material/zoom_out_map:",
    )


def choose_rows(
    page: str, experiment: Experiment, run: Run | None, now: Snapshot, *, with_batch: bool
) -> ExplainedStep | None:
    """Show the choice of rows and request their step from the backend.

    Returns
    -------
    request : ExplainedStep or None
        None if no step can be requested now; the page shows the reason.
    """
    if run and run.is_moving:
        st.info(
            "The weights move while training goes on. Press Pause to walk through its next step.",
            icon=":material/pause_circle:",
        )
        return None
    data = small_dataset(experiment)
    count = min(len(data.x), MOST_CHOICES)
    choices = [*([ALL_ROWS] if with_batch and len(data.x) <= 64 else []), *range(count)]
    key = keys.walk(page, "row")
    if session.value(key, 0) not in choices:
        session.put(key, 0)
    row = st.selectbox(
        "Row" if with_batch else "Row of the graph",
        choices,
        format_func=lambda row: _row_label(data, row),
        key=key,
        width=420,
        help="What goes through the network: one training row, as a batch of one, or all of them "
        "as the full batch. The step starts at the weights shown, with what the optimizer "
        "remembers at that moment, and is taken on a copy: the run does not move.",
    )
    rows = tuple(range(len(data.x))) if row == ALL_ROWS else (int(row or 0),)
    return _request_step(page, experiment, run, now, rows)


def walkthrough_of(request: ExplainedStep) -> Walkthrough:
    """The walkthrough of a request, with the backend's numbers once available."""
    data = small_dataset(request.experiment)
    rows = np.array(request.question.rows)
    form = request.experiment.epsilon_form or ""
    return walk_through(
        request.question, data.x[rows], data.y[rows], request.evaluation.answer, form
    )


def _request_step(
    page: str, experiment: Experiment, run: Run | None, now: Snapshot, rows: tuple[int, ...]
) -> ExplainedStep | None:
    rate = run.learning_rate_at(now.step) if run else experiment.learning_rate
    about = (experiment, run.id if run else "", now.step, rows, rate)
    known: ExplainedStep | None = session.peek(keys.asked_step(page))
    # A weight that was edited in a pause leaves the step as it was.
    is_same_moment = known is not None and known.question.params is now.params
    if session.peek(keys.asked_step_about(page)) != about or not is_same_moment:
        try:
            question = StepQuestion(experiment, now.params, now.state, rows, rate)
            # A name of its own, so that no request of another page is replaced.
            evaluation = get_pool().evaluate_step(question, f"{session.owner()}/{page}/walk")
        except BackpropError as error:
            st.error(str(error), icon=":material/error:")
            return None
        evaluation.wait(FLICKER_SECONDS)
        session.put(keys.asked_step(page), ExplainedStep(question, now.step, evaluation))
        session.put(keys.asked_step_about(page), about)
    request: ExplainedStep = session.peek(keys.asked_step(page))
    return request


def _row_label(data: Dataset, row: int) -> str:
    if row == ALL_ROWS:
        return f"all {len(data.x)} rows, as one batch"
    inputs = ", ".join(
        f"{name} = {value:.4g}" for name, value in zip(data.input_names, data.x[row], strict=True)
    )
    targets = data.y[row]
    if len(targets) == 1:
        target = f"{data.output_names[0]} = {targets[0]:.4g}"
    else:
        target = data.output_names[int(targets.argmax())]
    return f"row {row + 1}: {inputs} → {target}"
