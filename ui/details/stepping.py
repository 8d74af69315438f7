"""Which optimizer step is explained: at which weights, on which rows, and what the backend says."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from nn_core import backends
from nn_core.datasets import Dataset, describe
from nn_core.errors import BackpropError
from nn_core.events import Snapshot
from nn_core.experiment import Experiment
from nn_core.explain.step.walkthrough import Walk, walk
from nn_core.runs.run import Run
from nn_core.runs.workers.step_request import StepQuestion, StepRequest
from nn_core.server import get_pool
from nn_core.training.preview import small_dataset
from ui import session

ALL_ROWS = -1
MOST_CHOICES = 200
FLICKER_SECONDS = 0.3  # a warm framework answers in this time, and nothing need say “computing”


@dataclass
class AskedStep:
    """A step that was asked of the backend.

    Attributes
    ----------
    question : StepQuestion
        At which weights, on which rows.
    step : int
        The step of the run that these weights belong to.
    evaluation : StepRequest
        The answer, or on its way.
    """

    question: StepQuestion
    step: int
    evaluation: StepRequest

    @property
    def experiment(self) -> Experiment:
        """Network, loss, optimizer and backend."""
        return self.question.experiment

    @property
    def framework(self) -> str:
        """Name, and version once it is known."""
        answer = self.evaluation.answer
        return answer.framework if answer else backends.label(self.experiment.worker)

    @property
    def is_moving(self) -> bool:
        """Whether the answer is still to come."""
        return not self.evaluation.is_over


def suits(experiment: Experiment) -> bool:
    """Whether the data are rows that can be chosen one by one."""
    return describe(experiment.dataset).page != "digits"


def too_large(experiment: Experiment, most: int) -> None:
    """Say why nothing is written out, and what to choose instead."""
    st.info(
        f"This network has {experiment.n_parameters:,} weights and biases. Written out one by one, "
        f"they stay readable up to {most:,}: choose fewer hidden units. 2 inputs, 3 hidden units "
        "and 1 output have 13.",
        icon=":material/zoom_out_map:",
    )


def choose_rows(
    page: str, experiment: Experiment, run: Run | None, now: Snapshot, *, with_batch: bool
) -> AskedStep | None:
    """Let the visitor choose a row, or all of them, and ask the backend for that step.

    Returns
    -------
    asked : AskedStep or None
        None where nothing can be asked now; the reason is on the page.
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
    key = f"{page}{session.FORM}walk.row"
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
    return _ask(page, experiment, run, now, rows)


def walk_of(asked: AskedStep) -> Walk:
    """The step written out, with the backend's numbers once they are there."""
    data = small_dataset(asked.experiment)
    rows = np.array(asked.question.rows)
    form = asked.experiment.epsilon_form or ""
    return walk(asked.question, data.x[rows], data.y[rows], asked.evaluation.answer, form)


def _ask(
    page: str, experiment: Experiment, run: Run | None, now: Snapshot, rows: tuple[int, ...]
) -> AskedStep | None:
    rate = run.learning_rate_at(now.step) if run else experiment.learning_rate
    about = (experiment, run.id if run else "", now.step, rows, rate)
    known: AskedStep | None = session.peek(f"{page}.walk.asked")
    # A weight that was edited in a pause leaves the step as it was.
    is_same_moment = known is not None and known.question.params is now.params
    if session.peek(f"{page}.walk.about") != about or not is_same_moment:
        try:
            question = StepQuestion(experiment, now.params, now.state, rows, rate)
            # An owner of its own: a question must not end the run that it is about.
            evaluation = get_pool().evaluate_step(question, f"{session.owner()}/{page}/walk")
        except BackpropError as error:
            st.error(str(error), icon=":material/error:")
            return None
        evaluation.wait(FLICKER_SECONDS)
        session.put(f"{page}.walk.asked", AskedStep(question, now.step, evaluation))
        session.put(f"{page}.walk.about", about)
    asked: AskedStep = session.peek(f"{page}.walk.asked")
    return asked


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
