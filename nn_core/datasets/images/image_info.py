"""Test images and facts about image data sets, without loading the training images."""

from __future__ import annotations

import numpy as np

from nn_core import vocabulary
from nn_core.datasets.images import reading
from nn_core.datasets.images.digits_8x8 import embedded_digits, split_digits
from nn_core.datasets.images.optional_packages import is_installed
from nn_core.datasets.images.options import ImageOptions
from nn_core.datasets.images.sources import SOURCES, cache_folder, folder_given
from nn_core.errors import DataUnavailable
from nn_core.experiment import DatasetOptions
from nn_core.seeds import generator

Array = np.ndarray


def raw_images(
    name: str, seed: int = 0, options: DatasetOptions | None = None
) -> tuple[Array, Array]:
    """The unscaled test images of a data set; the training images are not read.

    Parameters
    ----------
    name : str
        'mnist', 'fashion_mnist' or 'digits_8x8'.
    seed : int
        The experiment's seed; it selects the test images of the embedded digits.
    options : DatasetOptions, optional
        The experiment's options; by default all test images of all classes.

    Returns
    -------
    images : ndarray of shape (n, height, width), uint8
        In the order of the test rows of `nn_core.datasets.load`; shared, therefore read-only.
    classes : ndarray of shape (n,), int
        Of each image, as the index of the corresponding output.

    Raises
    ------
    DataUnavailable
        If the files are missing or corrupt and cannot be fetched.
    """
    if name == "digits_8x8":
        images, labels = embedded_digits()
        test, _ = split_digits(generator(seed, "data"))
        images, labels = images[test], labels[test]
    else:
        images, labels = reading.raw_test_images(name)
    if not isinstance(options, ImageOptions):
        return images, labels
    rows, classes = options.select(labels, options.test_rows)
    if len(rows) == len(labels):
        return images, labels
    return images[rows], classes


def n_training(name: str, seed: int, options: ImageOptions) -> int:
    """Number of training images of an experiment, shifted copies included.

    The function reads no image, and no label either if all classes are selected.

    Raises
    ------
    DataUnavailable
        If the files are missing or corrupt and cannot be fetched.
    """
    if options.classes == options.ALL_CLASSES:
        return options.train_rows * (1 + options.shifted_copies)
    if name == "digits_8x8":
        _, train = split_digits(generator(seed, "data"))
        return options.n_training(embedded_digits()[1][train])
    return options.n_training(reading.training_labels(name))


def image_shape(name: str) -> tuple[int, int]:
    """Height and width of the images of a data set, in pixels; nothing is read.

    Raises
    ------
    ValueError
        If the data set has no images.
    """
    shape: tuple[int, int] | None = vocabulary.DATASETS[name].image_shape
    if shape is None:
        raise ValueError(f"the rows of {name!r} are no images")
    return shape


def is_images(name: str) -> bool:
    """Whether the rows of a data set are images."""
    entry = vocabulary.DATASETS.get(name)
    return entry is not None and entry.is_images


def is_available(name: str) -> bool:
    """Whether a data set is on this machine; nothing is downloaded or verified.

    Parameters
    ----------
    name : str
        Any data set; computed data sets are always available.
    """
    if name == "digits_8x8":
        return is_installed("sklearn")
    source = SOURCES.get(name)
    if source is None:
        return True
    try:
        folder = folder_given(source) or cache_folder(source)
    except DataUnavailable:  # without pooch nothing was ever downloaded
        return False
    return all((folder / archive.file).is_file() for archive in source.archives)
