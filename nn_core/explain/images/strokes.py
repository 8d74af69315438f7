"""Strokes of a drawing: validation of browser input, and rasterisation."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray

SIDE = 280
"""Pixels of the raster along a side: ten for each pixel of an MNIST image."""

MOST_STROKES = 200
MOST_POINTS = 6000
THINNEST, THICKEST = 0.01, 0.2
REACH = 1.0
"""How far a stroke may extend outside the square, in side lengths."""


class Stroke(NamedTuple):
    """A line drawn without lifting the pen.

    Attributes
    ----------
    width : float
        Thickness at full pressure, as a fraction of the square's side.
    points : ndarray of shape (n, 3)
        Column and row, from 0 (left, top) to 1, and pressure from 0 to 1.
    """

    width: float
    points: Array


def read_strokes(value: Any) -> list[Stroke]:
    """Validate strokes from a browser, each ``{"width": w, "points": [x, y, pressure, ...]}``.

    Raises
    ------
    ValueError
        If they have another form, or are too many.

    Examples
    --------
    >>> [stroke] = read_strokes([{"width": 0.08, "points": [0.5, 0.25, 1]}])
    >>> stroke.points
    array([[0.5 , 0.25, 1.  ]])
    """
    if not isinstance(value, list) or len(value) > MOST_STROKES:
        raise ValueError(f"a drawing is a list of at most {MOST_STROKES} strokes")
    strokes, count = [], 0
    for item in value:
        if not isinstance(item, dict) or not isinstance(item.get("points"), list):
            raise ValueError("a stroke has a width and points")
        count += len(item["points"]) // 3
        if count > MOST_POINTS:
            raise ValueError(f"a drawing has at most {MOST_POINTS:,} points")
        strokes.append(_stroke(item.get("width"), item["points"]))
    return strokes


def _stroke(width: Any, numbers: list[Any]) -> Stroke:
    if not numbers or len(numbers) % 3:
        raise ValueError("a point has a column, a row and a pressure")
    if not all(type(number) in (int, float) for number in [width, *numbers]):
        raise ValueError("widths and points are numbers")
    points = np.array(numbers, float).reshape(-1, 3)
    if not math.isfinite(width) or not np.isfinite(points).all():
        raise ValueError("widths and points are finite")
    points[:, :2] = points[:, :2].clip(-REACH, 1 + REACH)
    points[:, 2] = points[:, 2].clip(0, 1)
    return Stroke(float(np.clip(width, THINNEST, THICKEST)), points)


def rasterise(strokes: list[Stroke], side: int = SIDE) -> Array:
    """Rasterise strokes with anti-aliasing.

    A line with round ends joins each pair of consecutive points; its width at a point is the width
    of the stroke times the pressure. At the edge of a line, the ink of a pixel is approximately the
    fraction of the pixel that the line covers.

    Parameters
    ----------
    strokes : list of Stroke
        The drawing.
    side : int
        Pixels along a side.

    Returns
    -------
    ink : ndarray of shape (side, side), float64
        From 0 to 1, rows from the top.
    """
    ink = np.zeros((side, side))
    for width, points in strokes:
        places = points[:, :2] * side
        radii = points[:, 2] * width * side / 2
        starts = range(max(1, len(points) - 1))
        for i in starts:
            j = min(i + 1, len(points) - 1)
            _line(ink, places[i], places[j], radii[i], radii[j])
    return ink


def _line(ink: Array, start: Array, end: Array, first: float, last: float) -> None:
    """Draw one line into `ink`, keeping the maximum of old and new ink."""
    reach = max(first, last) + 1
    side = len(ink)
    left, top = np.clip(np.floor(np.minimum(start, end) - reach), 0, side).astype(int)
    right, bottom = np.clip(np.ceil(np.maximum(start, end) + reach), 0, side).astype(int)
    if left >= right or top >= bottom:
        return
    x = np.arange(left, right) + 0.5 - start[0]
    y = (np.arange(top, bottom) + 0.5 - start[1])[:, None]
    along = end - start
    squared = float(along @ along)
    share = np.clip((x * along[0] + y * along[1]) / squared, 0, 1) if squared else 0.0 * (x + y)
    distance = np.hypot(x - share * along[0], y - share * along[1])
    covered = np.clip(first + share * (last - first) - distance + 0.5, 0, 1)
    part = ink[top:bottom, left:right]
    np.maximum(part, covered, out=part)
