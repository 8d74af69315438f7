"""Data sets: each is a function registered with the decorator `dataset`.

Importing the package imports every module in this folder, so a new data set is one function in
one of them, or in a new file. `load` returns the data of an experiment.
"""

from __future__ import annotations

import importlib
import pkgutil

from nn_core import vocabulary
from nn_core.datasets.registry import Dataset, Entry, Plane, dataset
from nn_core.experiment import Experiment
from nn_core.seeds import generator

__all__ = ["Dataset", "Entry", "Plane", "dataset", "describe", "load", "names"]


def names(group: str | None = None) -> list[str]:
    """Names of the registered data sets, in the order of their registration.

    Parameters
    ----------
    group : {'gates', 'bits', 'plane', 'images'}, optional
        Only those of this kind.
    """
    return [name for name, entry in vocabulary.DATASETS.items() if group in (None, entry.group)]


def describe(name: str) -> Entry:
    """Label, help, group and option fields of a data set, without loading it."""
    entry: Entry = vocabulary.DATASETS[name]
    return entry


def load(experiment: Experiment) -> Dataset:
    """The data of `experiment`, drawn from its seed.

    Raises
    ------
    DataUnavailable
        If files are missing or corrupt and cannot be downloaded.
    """
    entry = describe(experiment.dataset)
    return entry.make(experiment.dataset_options, generator(experiment.seed, "data"))


for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")
