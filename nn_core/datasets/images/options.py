"""The options that all image data sets share."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from pydantic import field_validator

from nn_core.datasets.images.pixels import Pixels
from nn_core.experiment import DatasetOptions, knob

Array = np.ndarray

MOST_TRAINING_IMAGES = 120_000
"""Shifted copies included: 376 MB of 28×28 pixels in float32."""

CLASSES_HELP = "Which classes are learned and tested: at least two. The others are left out."
COPIES_HELP = (
    "Each training image comes again so many times, moved by some pixels in a direction that the "
    "seed draws: the same copies on every backend. The test images stay as they are. At most "
    f"{MOST_TRAINING_IMAGES:,} images in all."
)


def image_count_knob(label: str, limit: int, help: str) -> Any:
    """A form field for a number of images; its default and its maximum are `limit`."""
    return knob(limit, label, help, unit="images", ge=100, le=limit)


def shift_knob(default: int) -> Any:
    """The form field for the largest shift of a copy, in pixels."""
    return knob(
        default,
        "Shift, at most",
        "How far a copy is moved, in each of the two directions. Without copies, unused.",
        unit="pixels",
        ge=1,
        le=2,
    )


class ImageOptions(DatasetOptions):
    """The selection of images and the scaling of their pixels."""

    SHAPE: ClassVar[tuple[int, int]] = (28, 28)
    ALL_CLASSES: ClassVar[tuple[str, ...]] = ()

    pixels: Pixels = knob(
        "unit",
        "Pixels",
        "unit: from 0 (black) to 1 (white). standardised: shifted and scaled to mean 0 and "
        "standard deviation 1 over the training images.",
    )
    train_rows: int = image_count_knob(
        "Training images", 60_000, "Of the chosen classes, the first so many."
    )
    test_rows: int = image_count_knob(
        "Test images", 10_000, "Of the chosen classes, the first so many."
    )
    classes: tuple[str, ...] = knob((), "Classes", CLASSES_HELP)
    shifted_copies: int = knob(0, "Shifted copies", COPIES_HELP, unit="of each", ge=0, le=4)
    shift: int = shift_knob(2)

    @field_validator("classes")
    @classmethod
    def _in_the_order_of_the_labels(cls, chosen: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(chosen)) < 2:
            raise ValueError("choose at least two, or there is nothing to tell apart")
        return tuple(name for name in cls.ALL_CLASSES if name in chosen)

    @field_validator("shifted_copies")
    @classmethod
    def _fit_into_memory(cls, copies: int, info: Any) -> int:
        rows = info.data.get("train_rows", 0)
        if (in_all := rows * (1 + copies)) > MOST_TRAINING_IMAGES:
            raise ValueError(
                f"{rows:,} training images with {copies} copies each make {in_all:,}; at most "
                f"{MOST_TRAINING_IMAGES:,} fit: choose fewer of either"
            )
        return copies

    @property
    def sizes(self) -> tuple[int, int]:
        """Number of inputs and of outputs of a network for these images."""
        return self.SHAPE[0] * self.SHAPE[1], len(self.classes)

    def select(self, labels: Array, most: int) -> tuple[Array, Array]:
        """Select the first rows of the chosen classes.

        Parameters
        ----------
        labels : ndarray of shape (n,), int
            Indices into `ALL_CLASSES`.
        most : int
            Maximum number of rows.

        Returns
        -------
        rows : ndarray of shape (m,), int
            In ascending order.
        classes : ndarray of shape (m,), int
            For each row, the index of its class in `classes`, which is the index of its output.
        """
        places = np.full(len(self.ALL_CLASSES), -1)
        places[[self.ALL_CLASSES.index(name) for name in self.classes]] = range(len(self.classes))
        found = places[labels]
        rows = np.flatnonzero(found >= 0)[:most]
        return rows, found[rows]

    def n_training(self, labels: Array) -> int:
        """Number of training images, shifted copies included, among images with these labels."""
        return len(self.select(labels, self.train_rows)[0]) * (1 + self.shifted_copies)

    def in_words(self) -> str:
        """The options that differ from the default, as sentences; empty if there are none."""
        parts = []
        if len(self.classes) < len(self.ALL_CLASSES):
            parts.append(f"Only the classes {', '.join(self.classes)}.")
        if self.shifted_copies:
            times = "one copy" if self.shifted_copies == 1 else f"{self.shifted_copies} copies"
            pixels = "1 pixel" if self.shift == 1 else f"{self.shift} pixels"
            parts.append(
                f"Each training image comes as it is and as {times} moved by up to {pixels}; "
                "the test images are not moved."
            )
        return " ".join(parts)


def pixels_of(options: DatasetOptions) -> Pixels:
    """The scaling of the pixels; the default for data that are not images."""
    return options.pixels if isinstance(options, ImageOptions) else "unit"


def one_hot(classes: Array, n_classes: int) -> Array:
    """One-hot targets, float32 of shape (n, n_classes)."""
    y = np.zeros((len(classes), n_classes), np.float32)
    y[np.arange(len(classes)), classes] = 1
    return y


def pixel_names(height: int, width: int) -> tuple[str, ...]:
    """Names of the inputs, row by row; rows and columns count from 1."""
    return tuple(
        f"row {row} column {column}"
        for row in range(1, height + 1)
        for column in range(1, width + 1)
    )


def selection_note(
    options: ImageOptions, n_train: int, of_train: int, n_test: int, of_test: int
) -> str:
    """The part of the data that is used, as a note for the screen; empty if all of it is used.

    Parameters
    ----------
    options : ImageOptions
        Selected classes and shifted copies.
    n_train, of_train, n_test, of_test : int
        Images that are used, without copies, and images that the chosen classes have.
    """
    parts = []
    if len(options.classes) < len(options.ALL_CLASSES):
        parts.append(f"only the classes {', '.join(options.classes)}")
    if n_train < of_train:
        parts.append(f"the first {n_train:,} of {of_train:,} training images")
    if n_test < of_test:
        parts.append(f"the first {n_test:,} of {of_test:,} test images")
    if options.shifted_copies:
        in_all = n_train * (1 + options.shifted_copies)
        parts.append(
            f"with {options.shifted_copies} shifted copies of each, {in_all:,} training images"
        )
    return "; ".join(parts)
