"""Detection of train/test leakage: test rows on which loaded weights were trained.

A seed splits some data sets. With another seed, or another test share, former training rows become
test rows, and the test accuracy is no longer meaningful.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from nn_core import datasets
from nn_core.datasets import Dataset, images
from nn_core.errors import BackpropError
from nn_core.events import Array
from nn_core.exchange.weight_files.checkpoint import Checkpoint
from nn_core.experiment import Experiment


class LeakedRows(NamedTuple):
    """The number of test rows that were training rows of the loaded weights.

    Attributes
    ----------
    rows : int
        Test rows that were training rows.
    n_test : int
        Number of test rows.
    why : str
        The settings that split the data differently from the file, such as ``seed 1, not 0``.
    """

    rows: int
    n_test: int
    why: str

    @property
    def sentence(self) -> str:
        """The warning for the screen."""
        return (
            f"{self.rows:,} of the {self.n_test:,} test rows here are rows that these weights were "
            f"trained on, for the settings on the left split the data otherwise than the file's "
            f"({self.why}). How well they are answered is no test."
        )


def leaked_test_rows(checkpoint: Checkpoint, experiment: Experiment) -> LeakedRows | None:
    """Count the test rows of an experiment that were training rows of a checkpoint.

    Parameters
    ----------
    checkpoint : Checkpoint
        A checkpoint with the settings of its training.
    experiment : Experiment
        The experiment whose test rows are used.

    Returns
    -------
    leaked : LeakedRows or None
        None without leakage: the test rows are the same, the data set is another one or has a
        separate test file, like MNIST, or the weights are untrained.
    """
    old = checkpoint.experiment
    if old is None or not checkpoint.step or old.dataset != experiment.dataset:
        return None
    if old.dataset in images.SOURCES:
        return None
    # The scaling of the pixels does not affect the identity of an image.
    if isinstance(options := experiment.dataset_options, images.ImageOptions):
        same_pixels = {**old.dataset_options.model_dump(), "pixels": options.pixels}
        old = old.replace(dataset_options=same_pixels)
    try:
        return _leaked_rows(old, experiment)
    except BackpropError:  # reported where the data are loaded
        return None


@lru_cache(maxsize=8)
def _leaked_rows(old: Experiment, new: Experiment) -> LeakedRows | None:
    before, after = datasets.load(old), datasets.load(new)
    learned, tested_before = _rows(before)
    _, tested = _rows(after)
    if tested is None or (tested_before is not None and np.array_equal(tested_before, tested)):
        return None
    seen = {row.tobytes() for row in learned}
    count = sum(row.tobytes() in seen for row in tested)
    return LeakedRows(count, len(tested), _why(old, new)) if count else None


def _why(old: Experiment, new: Experiment) -> str:
    """The settings of the split that differ; for images they include the experiment's seed."""
    before, after = old.dataset_options.model_dump(), new.dataset_options.model_dump()
    if isinstance(new.dataset_options, images.ImageOptions):
        before["seed"], after["seed"] = old.seed, new.seed
    names = [name for name in ("seed", "data_seed", "test_share") if name in after]
    differences = [
        f"{name.replace('_', ' ')} {after[name]}, not {before[name]}"
        for name in names
        if after[name] != before[name]
    ]
    return "; ".join(differences) or "other rows are chosen"


def _rows(data: Dataset) -> tuple[Array, Array | None]:
    """Training and test rows; for a plane the points, because input features may differ."""
    learned, tested = (
        (data.plane.points, data.plane.points_test) if data.plane else (data.x, data.x_test)
    )
    return np.ascontiguousarray(learned), None if tested is None else np.ascontiguousarray(tested)
