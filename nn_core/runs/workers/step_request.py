"""One optimizer step of a network on chosen rows, taken in a worker.

The step-by-step explanation compares its own numbers with those of this step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nn_core import backends, datasets
from nn_core.errors import InvalidExperiment, Problem
from nn_core.events import Array, Params
from nn_core.experiment import Experiment
from nn_core.networks.initializers import initial_params
from nn_core.runs import wire
from nn_core.runs.workers.request import Request


@dataclass(frozen=True)
class StepQuestion:
    """One optimizer step of a network, with its weights, optimizer state and rows.

    Attributes
    ----------
    experiment : Experiment
        Network, data, loss and optimizer, and the backend that takes the step.
    params : list of (weight, bias)
        The weights before the step.
    state : mapping of str to ndarray
        `Snapshot.state` before the step; empty for a new optimizer.
    rows : tuple of int
        Row numbers of the training data, in the order of the batch.
    learning_rate : float
        Size of the step.

    Raises
    ------
    InvalidExperiment
        If there are no rows, or a weight is not finite.
    """

    experiment: Experiment
    params: Params
    state: Mapping[str, Array]
    rows: tuple[int, ...]
    learning_rate: float

    def __post_init__(self) -> None:
        if not self.rows:
            raise InvalidExperiment([Problem("rows", self.rows, "choose at least one row")])
        arrays = [array for pair in self.params for array in pair if array is not None]
        if not all(np.isfinite(array).all() for array in arrays):
            raise InvalidExperiment(
                [Problem("params", "NaN or infinity", "no step begins at weights that overflowed")]
            )


@dataclass(frozen=True)
class StepAnswer:
    """A backend's answer to a `StepQuestion`.

    Attributes
    ----------
    framework : str
        Name and version.
    epsilon_form : str
        Where it adds ε; see `nn_core.networks.optimizers`.
    loss : float
        Loss of the rows before the step.
    outputs : ndarray of shape (n_rows, n_outputs)
        After the output activation, before the step.
    gradients : list of (weight, bias)
        Gradients of this loss.
    params : list of (weight, bias)
        The weights after the step.
    """

    framework: str
    epsilon_form: str
    loss: float
    outputs: Array
    gradients: Params
    params: Params


class StepRequest(Request):
    """One optimizer step, requested from one backend.

    Parameters
    ----------
    question : StepQuestion
        The step to take.
    owner, deadline
        See `Request`.

    Attributes
    ----------
    answer : StepAnswer or None
        Loss, outputs, gradients and new weights.
    """

    def __init__(self, question: StepQuestion, owner: str, deadline: float) -> None:
        super().__init__(owner, deadline)
        self.question = question
        self.answer: StepAnswer | None = None

    @property
    def worker(self) -> str:
        """The backend, with its engine where it has one."""
        return self.question.experiment.worker

    @property
    def topic(self) -> object:
        """The same for all steps."""
        return "step"

    @property
    def command(self) -> dict[str, Any]:
        """The command for the worker; arrays are encoded bit for bit."""
        question = self.question
        return {
            "id": self.id,
            "evaluate": {
                "experiment": question.experiment.model_dump(),
                "start": wire.packed({"params": question.params, "state": dict(question.state)}),
                "rows": list(question.rows),
                "learning_rate": question.learning_rate,
            },
        }

    def _set_answer(self, fields: dict[str, Any]) -> None:
        shapes = [np.shape(weight) for weight, _ in self.question.params]
        for name in ("gradients", "params"):
            if [np.shape(weight) for weight, _ in fields[name]] != shapes:
                raise ValueError(f"{name} of another shape")
        self.answer = StepAnswer(
            str(fields["framework"]),
            str(fields["epsilon_form"]),
            float(fields["loss"]),
            fields["outputs"],
            [(weight, bias) for weight, bias in fields["gradients"]],
            [(weight, bias) for weight, bias in fields["params"]],
        )


def take_step(
    experiment: dict[str, Any],
    start: dict[str, Any],
    rows: list[int],
    learning_rate: float,
) -> StepAnswer:
    """Answer a `StepRequest`, in a worker: the arguments are the fields of its command.

    Raises
    ------
    BackpropError
        If the experiment cannot begin on this machine, or has no such row.
    WireError
        If the start cannot be read.
    """
    settings = Experiment(**experiment)
    backend = backends.load(settings.worker)
    backends.check_device(backend, settings.device)
    data = datasets.load(settings).astype(settings.dtype)
    if not all(0 <= row < len(data.x) for row in rows):
        allowed = f"there are rows 0 to {len(data.x) - 1}"
        raise InvalidExperiment([Problem("rows", rows, allowed)])
    moment = wire.unpacked(start)
    model: backends.Model = backend.Model(
        settings, initial_params(settings), data.x, data.y, settings.device
    )
    model.set_learning_rate(learning_rate)
    if moment["state"]:
        model.set_state(moment["state"])
    model.set_params([(weight, bias) for weight, bias in moment["params"]])
    x, y = data.x[rows], data.y[rows]
    with np.errstate(all="ignore"):  # the answer shows an overflow
        gradients = model.gradients(x, y)
        loss, outputs = model.evaluate(x, y)
        model.train(np.array([rows], np.int64))
    return StepAnswer(
        model.framework, model.epsilon_form, loss, outputs, gradients, model.get_params()
    )
