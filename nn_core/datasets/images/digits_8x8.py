"""The 8×8 digits that scikit-learn ships: they need no download, and they are not MNIST.

References
----------
.. [1] E. Alpaydin, C. Kaynak, "Optical recognition of handwritten digits", UCI machine learning
   repository, 1998.
"""

from __future__ import annotations

import functools
from typing import ClassVar, get_args

import numpy as np

from nn_core.datasets.images.mnist import Digit
from nn_core.datasets.images.optional_packages import imported
from nn_core.datasets.images.options import (
    CLASSES_HELP,
    ImageOptions,
    image_count_knob,
    one_hot,
    pixel_names,
    selection_note,
    shift_knob,
)
from nn_core.datasets.images.pixels import pixels_to_inputs
from nn_core.datasets.images.shifts import with_copies
from nn_core.datasets.registry import Dataset, dataset
from nn_core.experiment import knob

Array = np.ndarray

SHAPE = (8, 8)
ROWS = 1797
TEST_ROWS = 360


class DigitsOptions(ImageOptions):
    """The selection of embedded digits and the scaling of their pixels."""

    SHAPE: ClassVar[tuple[int, int]] = SHAPE
    ALL_CLASSES: ClassVar[tuple[str, ...]] = get_args(Digit)
    train_rows: int = image_count_knob(
        "Training images",
        ROWS - TEST_ROWS,
        f"The {TEST_ROWS} test images are drawn first, by the seed, and stay the same.",
    )
    test_rows: int = image_count_knob(
        "Test images", TEST_ROWS, "Of the chosen classes, the first so many."
    )
    classes: tuple[Digit, ...] = knob(get_args(Digit), "Classes", CLASSES_HELP)
    shift: int = shift_knob(1)


@dataset(
    "embedded 8×8 digits", group="images", options=DigitsOptions, image_shape=SHAPE, is_large=True
)
def digits_8x8(options: DigitsOptions, rng: np.random.Generator) -> Dataset:
    """1,797 handwritten digits of 8×8 pixels that come with scikit-learn; they are not MNIST."""
    images, labels = embedded_digits()
    test, train = split_digits(rng)
    chosen, classes = options.select(labels[train], options.train_rows)
    chosen_test, classes_test = options.select(labels[test], options.test_rows)
    learned = with_copies(images[train[chosen]], options.shifted_copies, options.shift, rng)
    more = selection_note(
        options,
        len(chosen),
        len(options.select(labels[train], ROWS)[0]),
        len(chosen_test),
        len(options.select(labels[test], ROWS)[0]),
    )
    return Dataset(
        x=pixels_to_inputs("digits_8x8", learned, options.pixels),
        y=one_hot(np.tile(classes, 1 + options.shifted_copies), len(options.classes)),
        x_test=pixels_to_inputs("digits_8x8", images[test[chosen_test]], options.pixels),
        y_test=one_hot(classes_test, len(options.classes)),
        kind="classes",
        input_names=pixel_names(*SHAPE),
        output_names=options.classes,
        image_shape=SHAPE,
        n_shown=64,
        note="embedded 8×8 digits of scikit-learn, not MNIST: "
        f"{len(learned):,} images to learn from, {len(chosen_test):,} for the test"
        + (f" ({more})" if more else ""),
    )


@functools.lru_cache(maxsize=1)
def embedded_digits() -> tuple[Array, Array]:
    """All images and their labels, as uint8; cached and shared, therefore read-only."""
    bunch = imported("sklearn.datasets", "The embedded 8×8 digits").load_digits()
    pair = bunch.images.astype(np.uint8), bunch.target.astype(np.uint8)
    for array in pair:
        array.flags.writeable = False
    return pair


def split_digits(rng: np.random.Generator) -> tuple[Array, Array]:
    """Disjoint row numbers of the test set and of the training set."""
    order = rng.permutation(ROWS)
    return order[:TEST_ROWS], order[TEST_ROWS:]
