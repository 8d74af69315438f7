"""Data type of the panels of the live picture, and colour scales."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray


class Panel(NamedTuple):
    """Data of one part of the live picture.

    Attributes
    ----------
    head : dict
        Plain values; ``head["type"]`` decides how the panel is drawn, and ``head["exact"]`` names
        the arrays that are packed as float64.
    arrays : dict of str to ndarray
        Packed as float32 unless named in ``exact``; uint8 arrays stay uint8.
    """

    head: dict[str, Any]
    arrays: dict[str, Array]


def centred_bytes(values: Array, reach: float) -> Array:
    """Numbers from −`reach` to `reach` as bytes: 0 to 254, with 127 exactly for zero.

    NaN becomes 127 as well; larger numbers are clipped.

    Examples
    --------
    >>> centred_bytes(np.array([-2.0, 0.0, 0.5, np.nan]), 1.0)
    array([  0, 127, 190, 127], dtype=uint8)
    """
    scaled = np.nan_to_num(np.asarray(values, float) / reach, nan=0.0, posinf=1.0, neginf=-1.0)
    return np.asarray(np.rint(127 + 127 * scaled.clip(-1, 1)), np.uint8)


def nice_ceiling(value: float) -> float:
    """Round up to 1, 2 or 5 times a power of ten, so that a scale does not flicker.

    Examples
    --------
    >>> nice_ceiling(0.23), nice_ceiling(7.0), nice_ceiling(0.0)
    (0.5, 10.0, 1.0)
    """
    if value <= 0 or not math.isfinite(value):
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    for factor in (1, 2, 5):
        if value <= factor * power * (1 + 1e-9):
            return factor * power
    return 10 * power
