"""Whether weights from a file would be tested on rows that they have learned from.

Some data sets are split by a seed. Under another seed, or with another share for the test, rows
that the weights were trained on become test rows, and the accuracy on them is no test any more.
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


class Learned(NamedTuple):
    """Test rows of an experiment, and those of them that weights were trained on.

    Attributes
    ----------
    rows : int
        Test rows that were training rows.
    n_test : int
        Test rows in all.
    why : str
        Which settings split the data otherwise than the file's, such as ``seed 1, not 0``.
    """

    rows: int
    n_test: int
    why: str

    @property
    def sentence(self) -> str:
        """The same, for the person at the screen."""
        return (
            f"{self.rows:,} of the {self.n_test:,} test rows here are rows that these weights were "
            f"trained on, for the settings on the left split the data otherwise than the file's "
            f"({self.why}). How well they are answered is no test."
        )


def learned_test_rows(checkpoint: Checkpoint, experiment: Experiment) -> Learned | None:
    """How many test rows of an experiment the weights in a file have learned from.

    Parameters
    ----------
    checkpoint : Checkpoint
        With the settings that its weights were trained by.
    experiment : Experiment
        Where they are to be measured.

    Returns
    -------
    learned : Learned or None
        None where there are none: the test rows are those of the file, the data are others, the
        test set is a file of its own, as that of MNIST is, or the weights were never trained.
    """
    old = checkpoint.experiment
    if old is None or not checkpoint.step or old.dataset != experiment.dataset:
        return None
    if old.dataset in images.SOURCES:
        return None
    # How the pixels are scaled does not make another image of it.
    if isinstance(options := experiment.dataset_options, images.ImageOptions):
        same_pixels = {**old.dataset_options.model_dump(), "pixels": options.pixels}
        old = old.replace(dataset_options=same_pixels)
    try:
        return _learned(old, experiment)
    except BackpropError:  # said where the data are needed
        return None


@lru_cache(maxsize=8)
def _learned(old: Experiment, new: Experiment) -> Learned | None:
    before, after = datasets.load(old), datasets.load(new)
    learned, tested_before = _rows(before)
    _, tested = _rows(after)
    if tested is None or (tested_before is not None and np.array_equal(tested_before, tested)):
        return None
    seen = {row.tobytes() for row in learned}
    count = sum(row.tobytes() in seen for row in tested)
    return Learned(count, len(tested), _why(old, new)) if count else None


def _why(old: Experiment, new: Experiment) -> str:
    """The settings of the split that differ; of images, the seed of the experiment is one."""
    before, after = old.dataset_options.model_dump(), new.dataset_options.model_dump()
    if isinstance(new.dataset_options, images.ImageOptions):
        before["seed"], after["seed"] = old.seed, new.seed
    names = [name for name in ("seed", "data_seed", "test_share") if name in after]
    told = [
        f"{name.replace('_', ' ')} {after[name]}, not {before[name]}"
        for name in names
        if after[name] != before[name]
    ]
    return "; ".join(told) or "other rows are chosen"


def _rows(data: Dataset) -> tuple[Array, Array | None]:
    """Training and test rows, as points where they are such: their features are a choice."""
    learned, tested = (
        (data.plane.points, data.plane.points_test) if data.plane else (data.x, data.x_test)
    )
    return np.ascontiguousarray(learned), None if tested is None else np.ascontiguousarray(tested)
