"""A drawing brought into the form that the images of a data set have.

MNIST was made so [1]_: each digit was "size normalized to fit in a 20x20 pixel box while
preserving their aspect ratio", which left grey levels "as a result of the anti-aliasing technique",
and then centred "by computing the center of mass of the pixels, and translating the image so as to
position this point at the center of the 28x28 field". The files show how far: the pixel that holds
the centre of mass is row 14, column 14, counted from 0, in every image. So the field was moved by
whole pixels.

The 8×8 digits were made from bitmaps of 32×32 that are divided into blocks of 4×4, whose black
pixels are counted [2]_. The digits in them are as high as the bitmap, and most are 20 pixels wide,
whatever they were before; slim ones are slimmer.

References
----------
.. [1] Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits", 1998.
.. [2] E. Alpaydin, C. Kaynak, "Optical recognition of handwritten digits", UCI Machine Learning
   Repository, 1998.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Array = np.ndarray

MNIST_SHAPE = (28, 28)
MNIST_BOX = 20
MNIST_CENTRE = 14
BITMAP = 32
BITMAP_WIDTH = 20
SLIM = 0.3
"""A drawing that is narrower, compared with its height, keeps its proportions."""

FAINTEST = 1e-3
"""Less ink than this in a pixel is none: a breath of anti-aliasing must not widen the box."""


@dataclass(frozen=True)
class Centred:
    """A drawing, and the steps to the image that the network sees.

    Attributes
    ----------
    box : (float, float, float, float) or None
        Top, left, bottom and right of the ink, as shares of the drawing's sides; None where
        nothing is drawn.
    fitted : ndarray
        The ink in the box, scaled: 20×20 as MNIST, 32×32 for the 8×8 digits. From 0 to 1.
    centre : (float, float)
        Row and column of what is brought to the middle: of the centre of mass of `fitted` as
        MNIST, of the middle of the box for the 8×8 digits; pixels count from 0, at their middles.
    shift : (int, int)
        Rows and columns by which `fitted` lies further down and right in the field.
    image : ndarray of shape (28, 28) or (8, 8)
        What the network sees, from 0 to 1.
    """

    box: tuple[float, float, float, float] | None
    fitted: Array
    centre: tuple[float, float]
    shift: tuple[int, int]
    image: Array


def centred(ink: Array, shape: tuple[int, int]) -> Centred:
    """Bring a drawing into the form of the images of a data set.

    Parameters
    ----------
    ink : ndarray of shape (side, side)
        From 0 to 1, rows from the top.
    shape : (int, int)
        Of the images: (28, 28), or (8, 8).

    Raises
    ------
    ValueError
        For images of any other shape.

    Examples
    --------
    >>> ink = np.zeros((280, 280))
    >>> ink[200:260, 30:42] = 1  # a small upright bar in a corner
    >>> found = centred(ink, (28, 28))
    >>> float(found.image[4:24, 12:16].sum()), float(found.image.sum())
    (80.0, 80.0)
    """
    if shape == MNIST_SHAPE:
        return _as_mnist(ink)
    if shape == (BITMAP // 4, BITMAP // 4):
        return _as_8x8(ink)
    raise ValueError(f"no images of {shape} are known")


def not_centred(ink: Array, shape: tuple[int, int]) -> Array:
    """The whole square, only made smaller: each pixel is the mean of what it covers."""
    return _area(ink, (0, 0, *shape), shape)


def centre_of_mass(image: Array) -> tuple[float, float]:
    """Row and column of the centre of mass; pixels count from 0, at their middles.

    Raises
    ------
    ValueError
        Where there is no ink.
    """
    mass = image.sum()
    if not mass > 0:
        raise ValueError("an image without ink has no centre of mass")
    rows, columns = image.shape
    return (
        float(image.sum(axis=1) @ np.arange(rows) / mass),
        float(image.sum(axis=0) @ np.arange(columns) / mass),
    )


def _as_mnist(ink: Array) -> Centred:
    box = _box(ink)
    field = np.zeros(MNIST_SHAPE)
    if box is None:
        return Centred(None, np.zeros((MNIST_BOX, MNIST_BOX)), (9.5, 9.5), (4, 4), field)
    top, left, bottom, right = box
    scale = MNIST_BOX / max(bottom - top, right - left)
    height, width = scale * (bottom - top), scale * (right - left)
    # At whole pixels: half a one would blur what fits exactly.
    place = ((MNIST_BOX - height) // 2, (MNIST_BOX - width) // 2)
    end = (place[0] + height, place[1] + width)
    fitted = _area(ink[top:bottom, left:right], (*place, *end), (MNIST_BOX, MNIST_BOX))
    centre = centre_of_mass(fitted)
    # Where much of the ink is at one end, the box would leave the field: it stays inside.
    room = MNIST_SHAPE[0] - MNIST_BOX
    shift = tuple(int(np.clip(np.rint(MNIST_CENTRE - at), 0, room)) for at in centre)
    field[shift[0] : shift[0] + MNIST_BOX, shift[1] : shift[1] + MNIST_BOX] = fitted
    return Centred(_shares(box, ink), fitted, centre, (shift[0], shift[1]), field)


def _as_8x8(ink: Array) -> Centred:
    box = _box(ink)
    middle = ((BITMAP - 1) / 2, (BITMAP - 1) / 2)
    if box is None:
        empty = np.zeros((BITMAP, BITMAP))
        return Centred(None, empty, middle, (0, 0), _counted(empty))
    top, left, bottom, right = box
    proportion = (right - left) / (bottom - top)
    height, width = float(BITMAP), float(BITMAP_WIDTH)
    if proportion < SLIM:
        width = BITMAP * proportion
    elif bottom - top < SLIM * (right - left):  # a lying line
        height = BITMAP_WIDTH / proportion
    place = ((BITMAP - height) / 2, (BITMAP - width) / 2)
    end = (place[0] + height, place[1] + width)
    bitmap = _area(ink[top:bottom, left:right], (*place, *end), (BITMAP, BITMAP))
    bitmap = np.where(bitmap >= min(0.5, bitmap.max()), 1.0, 0.0)
    return Centred(_shares(box, ink), bitmap, middle, (0, 0), _counted(bitmap))


def _counted(bitmap: Array) -> Array:
    """The share of black pixels in each block of 4×4."""
    side = BITMAP // 4
    counted: Array = bitmap.reshape(side, 4, side, 4).mean(axis=(1, 3))
    return counted


def _box(ink: Array) -> tuple[int, int, int, int] | None:
    """First row and column of the ink, and the first ones behind it; None without ink."""
    there = ink > FAINTEST
    rows, columns = np.flatnonzero(there.any(axis=1)), np.flatnonzero(there.any(axis=0))
    if not len(rows):
        return None
    return int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1


def _shares(box: tuple[int, int, int, int], ink: Array) -> tuple[float, float, float, float]:
    rows, columns = ink.shape
    top, left, bottom, right = box
    return top / rows, left / columns, bottom / rows, right / columns


def _area(ink: Array, target: tuple[float, float, float, float], shape: tuple[int, int]) -> Array:
    """Scale `ink` into a part of an image, by area.

    Each pixel is the mean of the ink over all that it covers; beyond the part there is none.
    """
    top, left, bottom, right = target
    rows = _overlap(ink.shape[0], shape[0], top, bottom)
    columns = _overlap(ink.shape[1], shape[1], left, right)
    scaled: Array = rows @ ink @ columns.T
    return scaled


def _overlap(n: int, m: int, start: float, end: float) -> Array:
    """How much of each of `m` new pixels each of `n` old ones covers: shape (m, n).

    The old ones together become the stretch from `start` to `end`.
    """
    edges = start + np.arange(n + 1) * (end - start) / n
    pixels = np.arange(m)[:, None]
    low = np.maximum(edges[:-1], pixels)
    high = np.minimum(edges[1:], pixels + 1)
    covered: Array = np.maximum(high - low, 0)
    return covered
