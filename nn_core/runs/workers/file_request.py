"""Files of weights that only their framework can write, written in a worker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from nn_core import backends, vocabulary
from nn_core.events import Array, Params, Snapshot
from nn_core.experiment import Experiment, worker_of
from nn_core.runs import wire
from nn_core.runs.workers.request import Request

WRITERS = {"pt": "torch", "keras": "keras"}
"""The backend that writes each kind of file."""


def writer_of(suffix: str, experiment: Experiment) -> str:
    """The name of the worker that can write a kind of file.

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


@dataclass(frozen=True)
class FileAnswer:
    """A file that a framework wrote.

    Attributes
    ----------
    framework : str
        Name and version.
    content : ndarray of uint8
        The bytes of the file.
    """

    framework: str
    content: Array


class FileRequest(Request):
    """Weights as a file in the format of a framework, requested from that framework.

    Parameters
    ----------
    suffix : {'pt', 'keras'}
        The kind of file.
    experiment : Experiment
        The settings of the network.
    params : list of (weight, bias)
        The weights of the network.
    owner, deadline
        See `Request`.

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
        """The framework; for Keras with the engine of the experiment, or the default engine."""
        return writer_of(self.suffix, self.experiment)

    @property
    def topic(self) -> object:
        """The kind of file."""
        return self.suffix

    @property
    def command(self) -> dict[str, Any]:
        """The command for the worker."""
        start = Snapshot(0, 0.0, self.params, np.empty((0, 0)))
        fields = {"export": self.experiment.model_dump(), "start": wire.packed_start(start)}
        return {"id": self.id, "evaluate": fields}

    def _set_answer(self, fields: dict[str, Any]) -> None:
        content = np.asarray(fields["content"])
        if content.dtype != np.uint8 or not content.size:
            raise ValueError("a file without bytes")
        self.framework, self.content = str(fields["framework"]), content.tobytes()


def write_file(framework: str, export: dict[str, Any], start: dict[str, Any]) -> FileAnswer:
    """Answer a `FileRequest`, in a worker.

    Parameters
    ----------
    framework : str
        The framework that the worker has imported.
    export, start : dict
        The fields of the command.
    """
    backend = backends.load(framework)
    content = backend.export(Experiment(**export), wire.unpacked_start(start).params)
    return FileAnswer(backend.Model.framework, np.frombuffer(content, np.uint8))
