"""MNIST and Fashion-MNIST: 70,000 images of 28×28 pixels each."""

from __future__ import annotations

from typing import ClassVar, Literal, get_args

import numpy as np

from nn_core.datasets.images.options import (
    CLASSES_HELP,
    ImageOptions,
    one_hot,
    pixel_names,
    selection_note,
)
from nn_core.datasets.images.pixels import pixels_to_inputs
from nn_core.datasets.images.progress import report_progress
from nn_core.datasets.images.reading import read
from nn_core.datasets.images.shifts import with_copies
from nn_core.datasets.images.sources import FASHION_MNIST, MNIST, Source
from nn_core.datasets.registry import Dataset, dataset
from nn_core.experiment import knob

Digit = Literal["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]
Article = Literal[
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
    "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
]  # fmt: skip


class MnistOptions(ImageOptions):
    """The selection of digits and the scaling of their pixels."""

    ALL_CLASSES: ClassVar[tuple[str, ...]] = MNIST.classes
    classes: tuple[Digit, ...] = knob(get_args(Digit), "Classes", CLASSES_HELP)


class FashionOptions(ImageOptions):
    """The selection of articles and the scaling of their pixels."""

    ALL_CLASSES: ClassVar[tuple[str, ...]] = FASHION_MNIST.classes
    classes: tuple[Article, ...] = knob(get_args(Article), "Classes", CLASSES_HELP)


@dataset(
    "MNIST digits",
    group="images",
    options=MnistOptions,
    image_shape=MnistOptions.SHAPE,
    is_large=True,
)
def mnist(options: MnistOptions, rng: np.random.Generator) -> Dataset:
    """70,000 handwritten digits of 28×28 pixels; downloaded at first use, 11.6 MB."""
    return from_source(MNIST, options, rng)


@dataset(
    "Fashion-MNIST",
    group="images",
    options=FashionOptions,
    image_shape=FashionOptions.SHAPE,
    is_large=True,
)
def fashion_mnist(options: FashionOptions, rng: np.random.Generator) -> Dataset:
    """70,000 articles of clothing, harder than digits, 28×28 pixels; downloaded once, 30.9 MB."""
    return from_source(FASHION_MNIST, options, rng)


def from_source(source: Source, options: ImageOptions, rng: np.random.Generator) -> Dataset:
    """Build the data set from its four IDX files.

    Raises
    ------
    DataUnavailable
        If files are missing or corrupt and cannot be downloaded.
    """
    report_progress(f"reading {source.label}")
    images = read(source, source.train_images)
    labels, labels_test = read(source, source.train_labels), read(source, source.test_labels)
    rows, classes = options.select(labels, options.train_rows)
    rows_test, classes_test = options.select(labels_test, options.test_rows)
    height, width = images.shape[1:]
    # A slice instead of an index array, where possible, avoids a copy of the images.
    is_beginning = len(rows) == 0 or rows[-1] == len(rows) - 1
    images = images[: len(rows)] if is_beginning else images[rows]
    images = with_copies(images, options.shifted_copies, options.shift, rng)
    x = pixels_to_inputs(source.name, images, options.pixels)
    del images
    images_test = read(source, source.test_images)[rows_test]
    return Dataset(
        x=x,
        y=one_hot(np.tile(classes, 1 + options.shifted_copies), len(options.classes)),
        x_test=pixels_to_inputs(source.name, images_test, options.pixels),
        y_test=one_hot(classes_test, len(options.classes)),
        kind="classes",
        input_names=pixel_names(height, width),
        output_names=options.classes,
        image_shape=(height, width),
        n_shown=64,
        note=selection_note(
            options,
            len(rows),
            len(options.select(labels, len(labels))[0]),
            len(rows_test),
            len(options.select(labels_test, len(labels_test))[0]),
        ),
    )
