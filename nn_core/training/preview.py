"""The picture before a run: the initial weights, and NumPy's outputs for them."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from nn_core import datasets
from nn_core.datasets import Dataset, images
from nn_core.errors import DataUnavailable
from nn_core.events import Snapshot
from nn_core.experiment import Experiment
from nn_core.networks import metrics
from nn_core.networks.forward import predict
from nn_core.networks.initializers import initial_params

MOST_WORK = 200_000_000
"""Most multiplications of evaluating step 0: about 20 ms. Otherwise only outputs are shown."""


IMAGES_SHOWN = 64
"""Test images whose outputs a snapshot includes: `Dataset.n_shown` of the images."""


@lru_cache(maxsize=64)
def small_dataset(experiment: Experiment) -> Dataset:
    """The data of an experiment with few rows; cached, because they are needed often."""
    return datasets.load(experiment)


@lru_cache(maxsize=4)
def preview(experiment: Experiment) -> Snapshot:
    """Step 0 of an experiment on a data set of few rows.

    Parameters
    ----------
    experiment : Experiment
        Of the pages Gates, Bits or Plane.

    Returns
    -------
    snapshot : Snapshot
        The initial weights of every backend, and NumPy's outputs for the rows shown.

    Raises
    ------
    InvalidExperiment
        If the initializer is "given" and there are no given weights.
    """
    params = initial_params(experiment)
    data = small_dataset(experiment)
    boundary = metrics.threshold(experiment.output, experiment.loss)
    measured: dict[str, float] = {}
    outputs = np.empty(0)
    for name, x, y in (("train", data.x, data.y), ("test", data.x_test, data.y_test)):
        if x is None or y is None:
            continue
        is_measured = len(x) * experiment.multiplications <= MOST_WORK
        rows = x if is_measured else x[: data.n_shown]
        outputs = predict(
            params, rows.astype(experiment.dtype), experiment.hidden_activations, experiment.output
        )
        if is_measured:
            found = metrics.quality(outputs, y, data.kind, boundary, data.measure)
            measured |= {f"{name}_{what}": value for what, value in found.items()}
    return Snapshot(0, 0.0, params, np.asarray(outputs)[: data.n_shown], measured)


@lru_cache(maxsize=4)
def weights_only(experiment: Experiment) -> Snapshot:
    """Step 0 of an experiment on many rows: the initial weights, and no outputs yet."""
    return Snapshot(0, 0.0, initial_params(experiment), np.empty((0, experiment.n_outputs)))


@lru_cache(maxsize=4)
def first_images(experiment: Experiment) -> Snapshot:
    """Step 0 of an experiment on images: the initial weights, and NumPy's outputs.

    The outputs are those of as many test images as a snapshot of the run includes. The training
    images are not read, and nothing is downloaded: without the files there are no outputs.
    """
    before = weights_only(experiment)
    if not images.is_available(experiment.dataset):
        return before
    options = experiment.dataset_options
    try:
        pictures, _ = images.raw_images(experiment.dataset, experiment.seed, options)
    except DataUnavailable:  # corrupt files; a run that needs them reports it
        return before
    x = images.pixels_to_inputs(
        experiment.dataset, pictures[:IMAGES_SHOWN], images.pixels_of(options)
    )
    outputs = predict(
        before.params,
        x.astype(experiment.dtype),
        experiment.hidden_activations,
        experiment.output,
    )
    return Snapshot(0, 0.0, before.params, outputs)
