"""The settings that all data sets of images share."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from pydantic import field_validator

from nn_core.datasets.images.pixels import Pixels
from nn_core.experiment import DatasetOptions, knob

Array = np.ndarray

MOST_TRAINING_IMAGES = 120_000
"""With all copies: 376 MB of 28×28 pixels in float32."""

CLASSES_HELP = "Which classes are learned and tested: at least two. The others are left out."
COPIES_HELP = (
    "Each training image comes again so many times, moved by some pixels in a direction that the "
    "seed draws: the same copies on every backend. The test images stay as they are. At most "
    f"{MOST_TRAINING_IMAGES:,} images in all."
)


def many(label: str, limit: int, help: str) -> Any:
    """A field for a number of images: by default, and at most, all there are."""
    return knob(limit, label, help, unit="images", ge=100, le=limit)


def shift_knob(default: int) -> Any:
    """The field for how far copies are moved."""
    return knob(
        default,
        "Shift, at most",
        "How far a copy is moved, in each of the two directions. Without copies, unused.",
        unit="pixels",
        ge=1,
        le=2,
    )


class ImageOptions(DatasetOptions):
    """Which images are learned from, and how their pixels are scaled."""

    SHAPE: ClassVar[tuple[int, int]] = (28, 28)
    ALL_CLASSES: ClassVar[tuple[str, ...]] = ()

    pixels: Pixels = knob(
        "unit",
        "Pixels",
        "unit: from 0 (black) to 1 (white). standardised: shifted and scaled to mean 0 and "
        "standard deviation 1 over the training images.",
    )
    train_rows: int = many("Training images", 60_000, "Of the chosen classes, the first so many.")
    test_rows: int = many("Test images", 10_000, "Of the chosen classes, the first so many.")
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
        """Inputs and outputs of a network for these images."""
        return self.SHAPE[0] * self.SHAPE[1], len(self.classes)

    def select(self, labels: Array, most: int) -> tuple[Array, Array]:
        """The first rows of the chosen classes.

        Parameters
        ----------
        labels : ndarray of shape (n,), int
            Positions in `ALL_CLASSES`.
        most : int
            Rows at most.

        Returns
        -------
        rows : ndarray of shape (m,), int
            In their order.
        classes : ndarray of shape (m,), int
            For each row, the position of its class in `classes`: the output it should light.
        """
        places = np.full(len(self.ALL_CLASSES), -1)
        places[[self.ALL_CLASSES.index(name) for name in self.classes]] = range(len(self.classes))
        found = places[labels]
        rows = np.flatnonzero(found >= 0)[:most]
        return rows, found[rows]

    def n_training(self, labels: Array) -> int:
        """How many training images there are with all copies, of those that have these labels."""
        return len(self.select(labels, self.train_rows)[0]) * (1 + self.shifted_copies)

    def in_words(self) -> str:
        """What was chosen, in sentences; empty where nothing was."""
        told = []
        if len(self.classes) < len(self.ALL_CLASSES):
            told.append(f"Only the classes {', '.join(self.classes)}.")
        if self.shifted_copies:
            times = "one copy" if self.shifted_copies == 1 else f"{self.shifted_copies} copies"
            pixels = "1 pixel" if self.shift == 1 else f"{self.shift} pixels"
            told.append(
                f"Each training image comes as it is and as {times} moved by up to {pixels}; "
                "the test images are not moved."
            )
        return " ".join(told)


def pixels_of(options: DatasetOptions) -> Pixels:
    """How the pixels are scaled; of data that are no images, the default."""
    return options.pixels if isinstance(options, ImageOptions) else "unit"


def one_hot(classes: Array, n_classes: int) -> Array:
    """Targets: a 1 at the class of each row, float32 of shape (n, n_classes)."""
    y = np.zeros((len(classes), n_classes), np.float32)
    y[np.arange(len(classes)), classes] = 1
    return y


def pixel_names(height: int, width: int) -> tuple[str, ...]:
    """Names of the inputs, row by row, counted from 1."""
    return tuple(
        f"row {row} column {column}"
        for row in range(1, height + 1)
        for column in range(1, width + 1)
    )


def note(options: ImageOptions, n_train: int, of_train: int, n_test: int, of_test: int) -> str:
    """What of the data is used, for the screen; empty where it is all.

    Parameters
    ----------
    options : ImageOptions
        Classes and copies.
    n_train, of_train, n_test, of_test : int
        Images that are used, without copies, and that the chosen classes have.
    """
    told = []
    if len(options.classes) < len(options.ALL_CLASSES):
        told.append(f"only the classes {', '.join(options.classes)}")
    if n_train < of_train:
        told.append(f"the first {n_train:,} of {of_train:,} training images")
    if n_test < of_test:
        told.append(f"the first {n_test:,} of {of_test:,} test images")
    if options.shifted_copies:
        in_all = n_train * (1 + options.shifted_copies)
        told.append(
            f"with {options.shifted_copies} shifted copies of each, {in_all:,} training images"
        )
    return "; ".join(told)
