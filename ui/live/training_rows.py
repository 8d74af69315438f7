"""The training rows of a run, for the views that compute with them."""

from __future__ import annotations

from functools import lru_cache

from nn_core import datasets
from nn_core.datasets import Dataset
from nn_core.experiment import Experiment
from nn_core.runs.run import Run

MOST_ROWS = 5000


def rows_of(experiment: Experiment, run: Run | None) -> Dataset | None:
    """The training rows in the experiment's dtype, if they are few enough to show."""
    count = run.started.n_train if run and run.started else None
    is_large = datasets.describe(experiment.dataset).is_large
    if is_large and (count is None or count > MOST_ROWS):
        return None
    return _loaded(experiment)


@lru_cache(maxsize=8)
def _loaded(experiment: Experiment) -> Dataset:
    return datasets.load(experiment).astype(experiment.dtype)
