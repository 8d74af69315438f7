"""Images: MNIST and Fashion-MNIST, downloaded at first use, and scikit-learn's 8×8 digits.

MNIST and Fashion-MNIST come as four archives each in the IDX format. They are looked for in the
folder of their name, ``mnist`` or ``fashion_mnist``, under the one that the environment variable
BACKPROP_LIVE_DATA names; where the variable is not set, they are downloaded once, into the user's
cache folder. Either way every byte is checked.
"""

from __future__ import annotations

from nn_core.datasets.images.looking import (
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
    inputs_to_shares,
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
    "inputs_to_shares",
    "is_available",
    "is_images",
    "n_training",
    "on_progress",
    "pixels_of",
    "pixels_to_inputs",
    "raw_images",
]
