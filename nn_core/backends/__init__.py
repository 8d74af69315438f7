"""Backends: one file for each framework, named as the framework is imported.

* The listing of this folder is the list of backends; a new backend is a new file.
* A framework is imported only by the file of its name, and only when `load` is called:
  it may be absent, takes seconds and hundreds of megabytes to import, and two frameworks in
  one process can crash each other. Whoever calls `load` is therefore a worker process.
* The first line of a backend's docstring, up to the colon, is its label.

Do not start Python inside this folder: its file names would hide the frameworks.
"""

from __future__ import annotations

import ast
import functools
import importlib
import importlib.util
import pkgutil
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from nn_core import vocabulary
from nn_core.errors import BackendUnavailable, DeviceUnavailable
from nn_core.events import Params
from nn_core.experiment import Experiment

Array = np.ndarray


class Model(Protocol):
    """A multilayer perceptron living inside one framework.

    The same methods in the same order in every backend. `x` has the shape (n, n_inputs),
    `y` (n, n_outputs), both in the experiment's dtype. Arrays come and go as NumPy arrays.

    Parameters
    ----------
    experiment : Experiment
        The recipe: layer sizes, activations, loss, optimizer and its settings.
    params : list of (weight, bias)
        Where training starts.
    x, y : ndarray
        The training data, put on the device once.
    device : str
        One of `devices()`.

    Attributes
    ----------
    framework : str
        Name and version of the framework.
    epsilon_form : {'after_root', 'hat'}
        The form of Adam, RMSprop and Adagrad that the framework has; see `nn_core.optimizers`.
    """

    framework: str
    epsilon_form: str

    def __init__(
        self, experiment: Experiment, params: Params, x: Array, y: Array, device: str
    ) -> None: ...

    def train(self, batches: Array) -> Array:
        """Take one optimizer step for each row of `batches`.

        Parameters
        ----------
        batches : ndarray of shape (k, batch_size), int64
            Row numbers of the training data.

        Returns
        -------
        losses : ndarray of shape (k,), float64
            The loss of each batch before its step.
        """

    def evaluate(self, x: Array, y: Array) -> tuple[float, Array]:
        """Loss of these rows, and the outputs (n, n_outputs) after the output activation."""

    def predict(self, x: Array) -> Array:
        """Outputs (n, n_outputs) after the output activation."""

    def gradients(self, x: Array, y: Array) -> Params:
        """Gradient of the loss of these rows at the present parameters."""

    def get_params(self) -> Params:
        """Copies of the present parameters."""

    def set_params(self, params: Params) -> None:
        """Replace the parameters; the optimizer keeps what it remembers."""

    def get_state(self) -> dict[str, Array]:
        """Copies of all that the next step depends on: parameters and optimizer slots."""

    def set_state(self, state: dict[str, Array]) -> None:
        """Return to a state that `get_state` gave."""

    def set_learning_rate(self, learning_rate: float) -> None:
        """Use another step size from the next step on."""


def names() -> list[str]:
    """Names of the backends there are: the files in this folder."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


@functools.cache  # two threads that parse at once crash the parser of Python 3.11
def label(name: str) -> str:
    """How the framework calls itself, read from the file without importing it."""
    source = Path(__path__[0], f"{name}.py").read_text(encoding="utf-8")
    docstring = ast.get_docstring(ast.parse(source)) or name
    return docstring.splitlines()[0].split(":")[0]


def is_installed(name: str) -> bool:
    """Whether the framework can be found here. Nothing is imported."""
    return importlib.util.find_spec(name) is not None


def load(name: str) -> Any:
    """Import a backend, and with it its framework.

    Parameters
    ----------
    name : str
        One of `names()`.

    Returns
    -------
    backend : module
        With `Model` and `devices`.

    Raises
    ------
    BackendUnavailable
        If the framework is not installed, or fails while it is imported.
    """
    if name not in names():
        raise BackendUnavailable(f"There is no backend {name!r}; choose one of {names()}.")
    if not is_installed(name):
        raise BackendUnavailable(
            f"{label(name)} is not installed on this machine. Install it with "
            f"“pip install {name}” and start the app again, or choose another backend."
        )
    try:
        return importlib.import_module(f"{__name__}.{name}")
    except Exception as error:
        raise BackendUnavailable(
            f"{label(name)} is installed but could not be imported: "
            f"{type(error).__name__}: {error}. Reinstall it, or choose another backend."
        ) from error


def check_device(backend: Any, device: str) -> None:
    """Raise unless `device` is one that the loaded `backend` found on this machine.

    Raises
    ------
    DeviceUnavailable
        Naming the devices there are.
    """
    found = backend.devices()
    if device not in found:
        raise DeviceUnavailable(
            f"{backend.Model.framework} finds no device “{device}” on this machine. "
            f"Choose {' or '.join(found)}."
        )


vocabulary.BACKENDS.update({name: vocabulary.Word(label(name)) for name in names()})
