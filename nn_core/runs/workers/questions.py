"""A single question to a framework, as the server sees it: asked, computing, answered.

Three kinds: one gradient of an expression (`Evaluation`), one optimizer step of a network on chosen
rows (`StepEvaluation`), and a file of weights for the framework's own users (`FileEvaluation`). A
worker that trains nothing answers them.
"""

from __future__ import annotations

import secrets
import threading
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nn_core import autodiff, backends, datasets, vocabulary
from nn_core.autodiff import GradientMethod, GradientResult
from nn_core.autodiff.expressions import Question
from nn_core.errors import InvalidExperiment, Problem
from nn_core.events import Array, FailureKind, Params, Snapshot
from nn_core.experiment import Experiment, worker_of
from nn_core.networks.initializers import initial_params
from nn_core.runs import wire


class Asked(ABC):
    """A question on its way to a worker, and the answer once it is there.

    Every attribute may be read from any thread.

    Parameters
    ----------
    owner : str
        The session that asks.
    deadline : float
        When, on the pool's clock, it is given up.

    Attributes
    ----------
    id : str
        128 random bits.
    phase : str
        What is going on until there is an answer.
    error : str
        Why there is none; empty otherwise.
    """

    def __init__(self, owner: str, deadline: float) -> None:
        self.id = secrets.token_hex(16)
        self.owner = owner
        self.deadline = deadline
        self.phase = "waiting for a worker"
        self.error = ""
        self._over = threading.Event()

    @property
    @abstractmethod
    def worker(self) -> str:
        """What the worker that answers has to import."""

    @property
    @abstractmethod
    def topic(self) -> object:
        """Of one owner, a newer question on the same topic takes the place of one that waits."""

    @property
    @abstractmethod
    def command(self) -> dict[str, Any]:
        """What the worker is told."""

    @abstractmethod
    def _read(self, found: dict[str, Any]) -> None:
        """Keep the answer in `found`; KeyError, TypeError or ValueError where it is none."""

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come."""
        return self._over.is_set()

    @property
    def is_moving(self) -> bool:
        """Whether something is going on that a viewer should see."""
        return not self.is_over

    def begin(self, phase: str) -> None:
        """Note that a worker has it, and what goes on there before it is computed."""
        self.phase = phase

    def worker_is_ready(self) -> None:
        """Note that the worker has imported its framework."""
        self.phase = ""

    def hear(self, message: dict[str, Any]) -> None:
        """Take in the worker's answer."""
        try:
            if "refused" in message:
                self.fail("framework", str(message["refused"]))
                return
            self._read(message["evaluated"])
            self._end()
        except (KeyError, TypeError, ValueError) as error:
            known = self.worker in autodiff.names()
            name = autodiff.label(self.worker) if known else backends.label(self.worker)
            self.fail("framework", f"{name} gave an answer that cannot be read: {error}.")

    def fail(self, kind: FailureKind, message: str) -> None:
        """End it without an answer, unless it has one."""
        if not self.is_over:
            self.error = message
            self._end()

    def wait(self, timeout: float) -> bool:
        """Wait until it is over; False if it is not within `timeout` s."""
        return self._over.wait(timeout)

    def _end(self) -> None:
        self.phase = ""
        self._over.set()


class Evaluation(Asked):
    """One gradient of an expression, asked of one framework.

    Parameters
    ----------
    way : Way
        Which framework is asked, and how it shall find the gradient.
    question : Question
        What, and where.
    owner, deadline
        See `Asked`.

    Attributes
    ----------
    answer : Answer or None
        Value and gradient.
    """

    def __init__(
        self, method: GradientMethod, question: Question, owner: str, deadline: float
    ) -> None:
        super().__init__(owner, deadline)
        self.method = method
        self.question = question
        self.answer: GradientResult | None = None

    @property
    def worker(self) -> str:
        """The framework."""
        return self.method.framework

    @property
    def topic(self) -> object:
        """The method to find the gradient."""
        return self.method

    @property
    def command(self) -> dict[str, Any]:
        """What the worker is told."""
        asked: dict[str, Any] = {
            "way": self.method.function,
            "expression": self.question.expression,
            "w": list(self.question.w),
            "x": list(self.question.x),
        }
        if self.method.takes_step:
            asked["step"] = self.question.step
        return {"id": self.id, "evaluate": asked}

    def _read(self, found: dict[str, Any]) -> None:
        gradient = np.array(found["gradient"], dtype=np.float64)
        if gradient.shape != (len(self.question.w),):
            raise ValueError(f"a gradient of shape {gradient.shape}")
        self.answer = GradientResult(float(found["value"]), gradient, float(found["seconds"]))


@dataclass(frozen=True)
class StepQuestion:
    """One optimizer step: from where, and on which rows.

    Attributes
    ----------
    experiment : Experiment
        Network, data, loss and optimizer, and the backend that is asked.
    params : list of (weight, bias)
        The weights before the step.
    state : mapping of str to ndarray
        `Snapshot.state` of that moment; empty for an optimizer that has not begun.
    rows : tuple of int
        Of the training data, in the order of the batch.
    learning_rate : float
        Size of the step.

    Raises
    ------
    InvalidExperiment
        If there are no rows, or a weight is no finite number.
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
    """What a backend finds for a `StepQuestion`.

    Attributes
    ----------
    framework : str
        Name and version.
    epsilon_form : str
        Where it adds ε; see `nn_core.networks.optimizers`.
    loss : float
        Of the rows, before the step.
    outputs : ndarray of shape (n_rows, n_outputs)
        After the output activation, before the step.
    gradients : list of (weight, bias)
        Of the loss of the rows.
    params : list of (weight, bias)
        After one optimizer step on the rows.
    """

    framework: str
    epsilon_form: str
    loss: float
    outputs: Array
    gradients: Params
    params: Params


class StepEvaluation(Asked):
    """One optimizer step, asked of one backend.

    Parameters
    ----------
    question : StepQuestion
        From where, and on which rows.
    owner, deadline
        See `Asked`.

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
        """Steps are one topic."""
        return "step"

    @property
    def command(self) -> dict[str, Any]:
        """What the worker is told; arrays travel to the bit."""
        asked = self.question
        return {
            "id": self.id,
            "evaluate": {
                "experiment": asked.experiment.model_dump(),
                "start": wire.packed({"params": asked.params, "state": dict(asked.state)}),
                "rows": list(asked.rows),
                "learning_rate": asked.learning_rate,
            },
        }

    def _read(self, found: dict[str, Any]) -> None:
        shapes = [np.shape(weight) for weight, _ in self.question.params]
        for name in ("gradients", "params"):
            if [np.shape(weight) for weight, _ in found[name]] != shapes:
                raise ValueError(f"{name} of another shape")
        self.answer = StepAnswer(
            str(found["framework"]),
            str(found["epsilon_form"]),
            float(found["loss"]),
            found["outputs"],
            [(weight, bias) for weight, bias in found["gradients"]],
            [(weight, bias) for weight, bias in found["params"]],
        )


def take_step(
    experiment: dict[str, Any],
    start: dict[str, Any],
    rows: list[int],
    learning_rate: float,
) -> StepAnswer:
    """What a worker does with the command of a `StepEvaluation`: the arguments are its fields.

    Raises
    ------
    BackpropError
        If the experiment cannot begin on this machine, or has no such row.
    WireError
        If the start cannot be read.
    """
    recipe = Experiment(**experiment)
    backend = backends.load(recipe.worker)
    backends.check_device(backend, recipe.device)
    data = datasets.load(recipe).astype(recipe.dtype)
    if not all(0 <= row < len(data.x) for row in rows):
        allowed = f"there are rows 0 to {len(data.x) - 1}"
        raise InvalidExperiment([Problem("rows", rows, allowed)])
    moment = wire.unpacked(start)
    model: backends.Model = backend.Model(
        recipe, initial_params(recipe), data.x, data.y, recipe.device
    )
    model.set_learning_rate(learning_rate)
    if moment["state"]:
        model.set_state(moment["state"])
    model.set_params([(weight, bias) for weight, bias in moment["params"]])
    x, y = data.x[rows], data.y[rows]
    with np.errstate(all="ignore"):  # what overflows is to be seen in the answer
        gradients = model.gradients(x, y)
        loss, outputs = model.evaluate(x, y)
        model.train(np.array([rows], np.int64))
    return StepAnswer(
        model.framework, model.epsilon_form, loss, outputs, gradients, model.get_params()
    )


@dataclass(frozen=True)
class FileAnswer:
    """A file that a framework wrote.

    Attributes
    ----------
    framework : str
        Name and version.
    content : ndarray of uint8
        Its bytes.
    """

    framework: str
    content: Array


class FileEvaluation(Asked):
    """Weights as a file of a framework, which that framework writes.

    Parameters
    ----------
    suffix : {'pt', 'keras'}
        The kind of file.
    experiment : Experiment
        The settings of the network.
    params : list of (weight, bias)
        Its weights.
    owner, deadline
        See `Asked`.

    Attributes
    ----------
    framework : str
        Name and version of the framework that wrote it; empty before.
    content : bytes
        The file; empty before.
    """

    def __init__(
        self, suffix: str, experiment: Experiment, params: Params, owner: str, deadline: float
    ) -> None:
        super().__init__(owner, deadline)
        self.suffix = suffix
        self.experiment = experiment
        self.params = params
        self.framework = ""
        self.content = b""

    @property
    def worker(self) -> str:
        """The framework; for Keras with the engine of the experiment, or the first there is."""
        return writer_of(self.suffix, self.experiment)

    @property
    def topic(self) -> object:
        """The kind of file."""
        return self.suffix

    @property
    def command(self) -> dict[str, Any]:
        """What the worker is told."""
        start = Snapshot(0, 0.0, self.params, np.empty((0, 0)))
        asked = {"export": self.experiment.model_dump(), "start": wire.packed_start(start)}
        return {"id": self.id, "evaluate": asked}

    def _read(self, found: dict[str, Any]) -> None:
        content = np.asarray(found["content"])
        if content.dtype != np.uint8 or not content.size:
            raise ValueError("a file without bytes")
        self.framework, self.content = str(found["framework"]), content.tobytes()


WRITERS = {"pt": "torch", "keras": "keras"}
"""Kinds of files that only their framework writes, and the backend that asks it to."""


def writer_of(suffix: str, experiment: Experiment) -> str:
    """What a worker has to import to write a kind of file.

    Examples
    --------
    >>> writer_of("pt", Experiment()), writer_of("keras", Experiment(backend="keras", engine="jax"))
    ('torch', 'keras-jax')
    """
    backend = WRITERS[suffix]
    if experiment.backend == backend:
        return experiment.worker
    engines = vocabulary.ENGINES.get(backend, ("",))
    found = [
        name for engine in engines if backends.is_installed(name := worker_of(backend, engine))
    ]
    return found[0] if found else worker_of(backend)


def write_file(framework: str, export: dict[str, Any], start: dict[str, Any]) -> FileAnswer:
    """What a worker does with the command of a `FileEvaluation`: the arguments are its fields."""
    backend = backends.load(framework)
    content = backend.export(Experiment(**export), wire.unpacked_start(start).params)
    return FileAnswer(backend.Model.framework, np.frombuffer(content, np.uint8))
