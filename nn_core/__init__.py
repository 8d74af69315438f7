"""Small neural networks, trained live on several frameworks from the same start.

>>> from nn_core import Experiment, fit
>>> result = fit(Experiment(dataset="and", hidden=(), epochs=200, seed=1))
>>> result.losses.shape
(200,)

Importing this package imports no framework. Each name below is loaded when it is
first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

# The floor above the vocabulary announces its words here: the architectures, data sets and
# backend files there are. All are light; no framework is imported.
from nn_core import backends, datasets
from nn_core.networks import architectures  # noqa: F401

if TYPE_CHECKING:
    from nn_core.experiment import Experiment
    from nn_core.lessons import recipes
    from nn_core.training.fit import Result, fit, train

_HOME = {
    "Experiment": "nn_core.experiment",
    "Result": "nn_core.training.fit",
    "fit": "nn_core.training.fit",
    "train": "nn_core.training.fit",
}

__all__ = ["Experiment", "Result", "backends", "datasets", "fit", "recipes", "train"]


def __getattr__(name: str) -> Any:
    if name == "recipes":
        return import_module("nn_core.lessons.recipes")
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
