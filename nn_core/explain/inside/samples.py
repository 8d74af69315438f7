"""The first rows of a data set, for views that compute in the server."""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np

from nn_core import datasets
from nn_core.datasets import Dataset, images
from nn_core.experiment import Experiment
from nn_core.seeds import generator

Array = np.ndarray

MOST_ROWS = 1500


class Sample(NamedTuple):
    """The first rows of a data set.

    Attributes
    ----------
    data : Dataset
        At most `MOST_ROWS` training rows and as many test rows.
    n_train, n_test : int
        Total number of rows.
    """

    data: Dataset
    n_train: int
    n_test: int


def sample(experiment: Experiment) -> Sample:
    """The first training rows and the first test rows of an experiment.

    They equal the first rows of `nn_core.datasets.load`. The samples of the last few data sets are
    cached, without the rest of their rows.

    Raises
    ------
    DataUnavailable
        If files are missing or corrupt and cannot be downloaded.
    """
    options = experiment.dataset_options
    return _sample(experiment.dataset, options.model_dump_json(), experiment.seed)


@functools.lru_cache(maxsize=8)
def _sample(name: str, options: str, seed: int) -> Sample:
    chosen = datasets.describe(name).options.model_validate_json(options)
    n_train = None
    if isinstance(chosen, images.ImageOptions):
        n_train = images.n_training(name, seed, chosen)
        # The first rows do not depend on `train_rows`, so fewer are enough; shifted copies come
        # after all originals.
        if chosen.train_rows > MOST_ROWS and n_train // (1 + chosen.shifted_copies) > MOST_ROWS:
            update = {"train_rows": MOST_ROWS, "shifted_copies": 0}
            chosen = chosen.model_copy(update=update)
    data = datasets.describe(name).make(chosen, generator(seed, "data"))
    n_test = 0 if data.x_test is None else len(data.x_test)
    kept = {
        key: None if array is None else np.array(array[:MOST_ROWS])
        for key in ("x", "y", "x_test", "y_test")
        for array in [getattr(data, key)]
    }
    n_rows = len(data.x) if n_train is None else n_train
    return Sample(Dataset(**{**vars(data), **kept}), n_rows, n_test)
