"""Conversion of grey levels to network inputs and back."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import numpy as np

from nn_core.datasets.images.sources import SOURCES

Array = np.ndarray
Pixels = Literal["unit", "standardised"]

DIGITS_WHITEST = 16
"""The grey level of a white pixel in the embedded 8×8 digits."""


class Scale(NamedTuple):
    """The range and the statistics of the grey levels of a data set.

    Attributes
    ----------
    whitest : int
        The grey level of a white pixel; 0 is the background.
    mean, std : float
        Of all pixels of the training images, scaled to [0, 1].
    """

    whitest: int
    mean: float
    std: float


SCALES = {
    **{name: Scale(255, source.mean, source.std) for name, source in SOURCES.items()},
    "digits_8x8": Scale(DIGITS_WHITEST, 0.3053, 0.3760),
}


def pixels_to_inputs(name: str, images: Array, pixels: Pixels = "unit") -> Array:
    """Scale grey levels to network inputs.

    Parameters
    ----------
    name : str
        The data set, a key of `SCALES`.
    images : ndarray of shape (n, height, width)
        Grey levels, integers or floats; 0 is the background.
    pixels : {'unit', 'standardised'}
        As in the options of the data set.

    Returns
    -------
    x : ndarray of shape (n, height * width), float32
    """
    x = np.empty((len(images), math.prod(images.shape[1:])), np.float32)
    scale = SCALES[name]
    # Explicit, because NumPy 1 would divide small integers in float16.
    np.divide(images.reshape(x.shape), scale.whitest, out=x, dtype=np.float32)
    if pixels == "standardised":
        np.subtract(x, np.float32(scale.mean), out=x)
        np.divide(x, np.float32(scale.std), out=x)
    return x


def input_range(name: str, pixels: Pixels = "unit") -> tuple[float, float]:
    """The network inputs of a black pixel and of a white pixel.

    Examples
    --------
    >>> input_range("mnist")
    (0.0, 1.0)
    """
    if pixels == "unit":
        return 0.0, 1.0
    scale = SCALES[name]
    return -scale.mean / scale.std, (1 - scale.mean) / scale.std


def inputs_to_intensities(name: str, x: Array, pixels: Pixels = "unit") -> Array:
    """Network inputs as pixel intensities in the shape of `x`: 0 is black and 1 is white."""
    low, high = input_range(name, pixels)
    return (np.asarray(x, float) - low) / (high - low)
