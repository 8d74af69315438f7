"""Backends: one file for each framework, named as the framework is imported.

* The listing of this folder is the list of backends; a new backend is a new file.
* A framework is imported only by the file of its name, and only when `load` is called:
  it may be absent, takes seconds and hundreds of megabytes to import, and two frameworks in
  one process can crash each other. Whoever calls `load` is therefore a worker process.
* The first line of a backend's docstring, up to the colon, is its label.
* A backend whose framework has a format of its own for weights may have a function
  ``export(experiment, params)`` that returns a file in it, as bytes.
* A framework that cannot live beside the others has a Python of its own, in the folder
  ``.venv-<name>`` beside the project: see `python_for`.
* A framework that computes on another has a name for each: “keras-jax”, as `Experiment.worker`
  gives it. Without an engine, the environment decides, as the framework does it by itself.

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
"""A program that runs a module of this package and finds none of the package's neighbours."""


class Model(Protocol):
    """A multilayer perceptron living inside one framework.

    The same methods in the same order in every backend. `x` has the shape (n, n_inputs),
    `y` (n, n_outputs), both in the experiment's dtype. Arrays come and go as NumPy arrays.

    Steps follow the gradient of the objective, ``loss + l1 Σ|w| + l2/2 Σ w²`` over all weights and
    no biases; the slope of ``|w|`` is 0 where w is 0. A loss that is handed out is the first term
    alone, so that it can be compared with that of other rows and other penalties.

    Parameters
    ----------
    experiment : Experiment
        The recipe: layer sizes, activations, loss, penalties, optimizer and its settings. A
        backend that does not know one of them raises `NotImplementedError` with a sentence.
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
        The form of Adam, RMSprop and Adagrad that the framework has; see
        `nn_core.networks.optimizers`.
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
            Only where the experiment has dropout: what the activations of each hidden layer are
            multiplied with in each step; see `nn_core.networks.dropout`. A backend that refuses
            such experiments needs no such parameter.

        Returns
        -------
        losses : ndarray of shape (k,), float64
            The loss of each batch before its step, without the penalties, with the masks.
        """

    def evaluate(self, x: Array, y: Array) -> tuple[float, Array]:
        """Loss of these rows, and the outputs (n, n_outputs) after the output activation.

        No unit is silent here, nor in the two methods that follow.
        """

    def predict(self, x: Array) -> Array:
        """Outputs (n, n_outputs) after the output activation."""

    def gradients(self, x: Array, y: Array) -> Params:
        """Gradient of the objective, penalties included, for these rows at the parameters now."""

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
    """How the framework calls itself, and its engine, read from the files without an import."""
    return " on ".join(map(_label, name.split("-")))


def _label(name: str) -> str:
    source = Path(__path__[0], f"{name}.py").read_text(encoding="utf-8")
    docstring = ast.get_docstring(ast.parse(source)) or name
    return docstring.splitlines()[0].split(":")[0]


def is_here(name: str) -> bool:
    """Whether the Python that runs this can find the framework. Nothing is imported."""
    return all(importlib.util.find_spec(part) for part in name.split("-"))


def python_for(name: str) -> str:
    """The Python that runs a backend: one of its own where there is one, or else this one.

    The environment variable ``BACKPROP_LIVE_PYTHON_<NAME>`` names it, or the virtual environment
    ``.venv-<name>`` beside the project holds it.
    """
    name = name.partition("-")[0]
    folder = ROOT / f".venv-{name}" / ("Scripts" if os.name == "nt" else "bin")
    named = os.environ.get(f"BACKPROP_LIVE_PYTHON_{name.upper()}")
    return shutil.which(named or str(folder / "python")) or sys.executable


def command(name: str, module: str, *arguments: str) -> list[str]:
    """The command that runs a module of this package in the Python of a backend.

    Another Python takes `nn_core` from here and everything else from its own environment: where
    `nn_core` is installed beside other packages, those do not suit it.

    Parameters
    ----------
    name : str
        Name of the backend, with an engine or without.
    module : str
        Full name of the module.
    *arguments
        What the module is given.

    Returns
    -------
    command : list of str
        To be run in the folder `ROOT`.
    """
    python = python_for(name)
    if python == sys.executable:
        return [python, "-m", module, *arguments]
    face = str(ROOT / "nn_core" / "__init__.py")
    return [python, "-P", "-c", _RUN_HERE, face, module, *arguments]


def is_installed(name: str) -> bool:
    """Whether a worker can find the framework, in this Python or in one of its own."""
    return python_for(name) != sys.executable or is_here(name)


def how_to_install(name: str) -> str:
    """What to do about a framework that is not installed, as a sentence."""
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
        With `Model` and `devices`.

    Raises
    ------
    BackendUnavailable
        If the framework is not installed in the Python that runs this, or fails while it is
        imported.
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
        os.environ[f"{backend.upper()}_BACKEND"] = engine  # read while it is imported
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
