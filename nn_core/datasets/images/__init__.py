"""Image data sets: MNIST, Fashion-MNIST (both downloaded at first use), scikit-learn's 8×8 digits.

MNIST and Fashion-MNIST consist of four archives each in the IDX format. If the environment variable
BACKPROP_LIVE_DATA names a folder, they are read from its subfolder ``mnist`` or ``fashion_mnist``;
otherwise they are downloaded once, into the user's cache folder. Every byte is verified either way.
"""

from __future__ import annotations

from nn_core.datasets.images.image_info import (
    image_shape,
    is_available,
    is_images,
    n_training,
    raw_images,
)
from nn_core.datasets.images.options import ImageOptions, pixels_of
from nn_core.datasets.images.pixels import (
    DIGITS_WHITEST,
    SCALES,
    Pixels,
    input_range,
    inputs_to_intensities,
    pixels_to_inputs,
)
from nn_core.datasets.images.progress import on_progress
from nn_core.datasets.images.sources import SOURCES

__all__ = [
    "DIGITS_WHITEST",
    "SCALES",
    "SOURCES",
    "ImageOptions",
    "Pixels",
    "image_shape",
    "input_range",
    "inputs_to_intensities",
    "is_available",
    "is_images",
    "n_training",
    "on_progress",
    "pixels_of",
    "pixels_to_inputs",
    "raw_images",
]
