"""Backends: one file for each framework, named after the framework's package.

* The listing of this folder is the list of backends; a new backend is a new file.
* A framework is imported only by the file of its name, and only when `load` is called:
  it may be absent, takes seconds and hundreds of megabytes to import, and two frameworks in
  one process can crash each other. Only worker processes therefore call `load`.
* The first line of a backend's docstring, up to the colon, is its label.
* A backend whose framework has a format of its own for weights may have a function
  ``export(experiment, params)`` that returns a file in it, as bytes.
* A framework whose dependencies conflict with the others has its own Python, in the folder
  ``.venv-<name>`` beside the project: see `python_for`.
* A framework that computes on another has a name for each engine, such as “keras-jax”: see
  `Experiment.worker`. Without an engine, the environment decides, as in the framework itself.

Do not start Python inside this folder: its file names would hide the frameworks.
"""

from __future__ import annotations

import ast
import functools
import importlib
import importlib.util
import os
import pkgutil
import shutil
import sys
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from nn_core import vocabulary
from nn_core.errors import BackendUnavailable, DeviceUnavailable
from nn_core.events import Params
from nn_core.experiment import Experiment

Array = np.ndarray
ROOT = Path(__file__).resolve().parents[2]

_RUN_HERE = """
import importlib.util, runpy, sys
_, face, module, *arguments = sys.argv
spec = importlib.util.spec_from_file_location("nn_core", face)
sys.modules["nn_core"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(sys.modules["nn_core"])
sys.argv = [module, *arguments]
runpy.run_module(module, run_name="__main__", alter_sys=True)
"""
"""A program that runs a module of this package without the packages installed beside it."""


class Model(Protocol):
    """A neural network, implemented in one framework.

    Every backend has the same methods in the same order. `x` has the shape (n, n_inputs),
    `y` (n, n_outputs), both in the experiment's dtype. All arguments and results are NumPy arrays.

    Steps follow the gradient of the objective, ``loss + l1 Σ|w| + l2/2 Σ w²`` over all weights and
    no biases; the derivative of ``|w|`` is 0 where w is 0. A returned loss is the first term alone,
    so that it can be compared with that of other rows and other penalties.

    Parameters
    ----------
    experiment : Experiment
        Layer sizes, activations, loss, penalties, optimizer and its settings. A backend that does
        not support one of them raises `NotImplementedError` with a message.
    params : list of (weight, bias)
        The initial parameters.
    x, y : ndarray
        The training data, copied to the device once.
    device : str
        One of `devices()`.

    Attributes
    ----------
    framework : str
        Name and version of the framework.
    epsilon_form : {'after_root', 'hat'}
        The form of Adam, RMSprop and Adagrad in the framework; see `nn_core.networks.optimizers`.
    """

    framework: str
    epsilon_form: str

    def __init__(
        self, experiment: Experiment, params: Params, x: Array, y: Array, device: str
    ) -> None: ...

    def train(self, batches: Array, masks: tuple[Array, ...] = ()) -> Array:
        """Take one optimizer step for each row of `batches`.

        Parameters
        ----------
        batches : ndarray of shape (k, batch_size), int64
            Row numbers of the training data.
        masks : tuple of ndarray, each of shape (k, batch_size, units)
            Only with dropout: the factors of the activations of each hidden layer in each step; see
            `nn_core.networks.dropout`. A backend that does not support dropout needs no such
            parameter.

        Returns
        -------
        losses : ndarray of shape (k,), float64
            The loss of each batch before its step, without the penalties, with the masks.
        """

    def evaluate(self, x: Array, y: Array) -> tuple[float, Array]:
        """Loss of these rows, and the outputs (n, n_outputs) after the output activation.

        No unit is dropped here, nor in the next two methods.
        """

    def predict(self, x: Array) -> Array:
        """Outputs (n, n_outputs) after the output activation."""

    def gradients(self, x: Array, y: Array) -> Params:
        """Gradient of the objective, penalties included, for these rows at the parameters now."""

    def get_params(self) -> Params:
        """Copies of the present parameters."""

    def set_params(self, params: Params) -> None:
        """Replace the parameters; the optimizer's slots stay."""

    def get_state(self) -> dict[str, Array]:
        """Copies of all that the next step depends on: parameters and optimizer slots."""

    def set_state(self, state: dict[str, Array]) -> None:
        """Restore a state from `get_state`."""

    def set_learning_rate(self, learning_rate: float) -> None:
        """Change the learning rate from the next step on."""


def names() -> list[str]:
    """Names of all backends: the files in this folder."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


@functools.cache  # parsing in two threads at once crashes the parser of Python 3.11
def label(name: str) -> str:
    """The names of the framework and its engine, read from the files without an import."""
    return " on ".join(map(_label, name.split("-")))


def _label(name: str) -> str:
    source = Path(__path__[0], f"{name}.py").read_text(encoding="utf-8")
    docstring = ast.get_docstring(ast.parse(source)) or name
    return docstring.splitlines()[0].split(":")[0]


def is_here(name: str) -> bool:
    """Whether the running Python can find the framework; nothing is imported."""
    return all(importlib.util.find_spec(part) for part in name.split("-"))


def python_for(name: str) -> str:
    """The Python that runs a backend: its own where there is one, or else the running one.

    The environment variable ``BACKPROP_LIVE_PYTHON_<NAME>`` names it, or the virtual environment
    ``.venv-<name>`` beside the project holds it.
    """
    name = name.partition("-")[0]
    folder = ROOT / f".venv-{name}" / ("Scripts" if os.name == "nt" else "bin")
    named = os.environ.get(f"BACKPROP_LIVE_PYTHON_{name.upper()}")
    return shutil.which(named or str(folder / "python")) or sys.executable


def command(name: str, module: str, *arguments: str) -> list[str]:
    """The command that runs a module of this package in the Python of a backend.

    Another Python imports `nn_core` from here and everything else from its own environment: the
    packages installed beside `nn_core` are not compatible with it.

    Parameters
    ----------
    name : str
        Name of the backend, with an engine or without.
    module : str
        Full name of the module.
    *arguments
        Arguments of the module.

    Returns
    -------
    command : list of str
        The command, for the working directory `ROOT`.
    """
    python = python_for(name)
    if python == sys.executable:
        return [python, "-m", module, *arguments]
    face = str(ROOT / "nn_core" / "__init__.py")
    return [python, "-P", "-c", _RUN_HERE, face, module, *arguments]


def is_installed(name: str) -> bool:
    """Whether a worker can find the framework, in the running Python or in its own."""
    return python_for(name) != sys.executable or is_here(name)


def how_to_install(name: str) -> str:
    """A sentence: how to install a framework."""
    missing = next((part for part in name.split("-") if not is_here(part)), name)
    script = Path("scripts", f"install_{missing}.py")
    by_script = (ROOT / script).exists()
    command = f"python {script.as_posix()}" if by_script else f"pip install {missing}"
    return (
        f"{label(missing)} is not installed here. Install it with `{command}` and start the app "
        "again, or choose another backend."
    )


def load(name: str) -> Any:
    """Import a backend, and with it its framework.

    Parameters
    ----------
    name : str
        One of `names()`, with an engine or without.

    Returns
    -------
    backend : module
        The module, with `Model` and `devices`.

    Raises
    ------
    BackendUnavailable
        If the framework is not installed in the running Python, or its import fails.
    """
    backend, _, engine = name.partition("-")
    if backend not in names() or engine not in ("", *vocabulary.ENGINES.get(backend, ())):
        raise BackendUnavailable(f"There is no backend {name!r}; choose one of {names()}.")
    if not is_installed(name):
        raise BackendUnavailable(how_to_install(name))
    if not is_here(name):
        raise BackendUnavailable(
            f"{label(name)} has a Python of its own, and this is another one. Train in the app, "
            f"or run your program with `{python_for(name)}`."
        )
    module = f"{__name__}.{backend}"
    if engine and module not in sys.modules:
        os.environ[f"{backend.upper()}_BACKEND"] = engine  # Keras reads it during its import
    try:
        loaded = importlib.import_module(module)
    except Exception as error:
        raise BackendUnavailable(
            f"{label(name)} is installed but could not be imported: "
            f"{type(error).__name__}: {error}. Reinstall it, or choose another backend."
        ) from error
    if engine and engine != loaded.ENGINE:
        raise BackendUnavailable(
            f"{label(backend)} already computes on {label(loaded.ENGINE)} in this process, and "
            f"cannot change to {label(engine)}. Train in the app, or in a new process."
        )
    return loaded


def check_device(backend: Any, device: str) -> None:
    """Check that the loaded `backend` found `device` on this machine.

    Raises
    ------
    DeviceUnavailable
        If it did not; the message lists the available devices.
    """
    found = backend.devices()
    if device not in found:
        raise DeviceUnavailable(
            f"{backend.Model.framework} finds no device “{device}” on this machine. "
            f"Choose {' or '.join(found)}."
        )


vocabulary.BACKENDS.update({name: vocabulary.Word(label(name)) for name in names()})
