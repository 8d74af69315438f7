"""Preprocess a drawing as the images of a data set were preprocessed.

MNIST was made like this [1]_: each digit was "size normalized to fit in a 20x20 pixel box while
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
"""A drawing with a smaller width-to-height ratio keeps its proportions."""

FAINTEST = 1e-3
"""A pixel with less ink is empty, so that faint anti-aliasing does not widen the box."""


@dataclass(frozen=True)
class CentredDigit:
    """The intermediate results from a drawing to the image that the network reads.

    Attributes
    ----------
    box : (float, float, float, float) or None
        Top, left, bottom and right of the ink, as fractions of the sides; None if
        nothing is drawn.
    fitted : ndarray
        The ink in the box, scaled: 20×20 as MNIST, 32×32 for the 8×8 digits. From 0 to 1.
    centre : (float, float)
        Row and column that move to the middle: for MNIST the centre of mass of `fitted`, for the
        8×8 digits the middle of the box. Pixel centres are integers, from 0.
    shift : (int, int)
        Offset of `fitted` in the field, in rows and columns.
    image : ndarray of shape (28, 28) or (8, 8)
        The preprocessed image, from 0 to 1.
    """

    box: tuple[float, float, float, float] | None
    fitted: Array
    centre: tuple[float, float]
    shift: tuple[int, int]
    image: Array


def centre_digit(ink: Array, shape: tuple[int, int]) -> CentredDigit:
    """Scale and centre a drawing like the images of a data set.

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
    >>> found = centre_digit(ink, (28, 28))
    >>> float(found.image[4:24, 12:16].sum()), float(found.image.sum())
    (80.0, 80.0)
    """
    if shape == MNIST_SHAPE:
        return _centre_like_mnist(ink)
    if shape == (BITMAP // 4, BITMAP // 4):
        return _centre_like_8x8(ink)
    raise ValueError(f"no images of {shape} are known")


def downscale(ink: Array, shape: tuple[int, int]) -> Array:
    """Downscale the whole square: each pixel is the mean of the area that it covers."""
    return _resample_by_area(ink, (0, 0, *shape), shape)


def centre_of_mass(image: Array) -> tuple[float, float]:
    """Row and column of the centre of mass; pixel centres are integers, from 0.

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


def _centre_like_mnist(ink: Array) -> CentredDigit:
    box = _box(ink)
    field = np.zeros(MNIST_SHAPE)
    if box is None:
        return CentredDigit(None, np.zeros((MNIST_BOX, MNIST_BOX)), (9.5, 9.5), (4, 4), field)
    top, left, bottom, right = box
    scale = MNIST_BOX / max(bottom - top, right - left)
    height, width = scale * (bottom - top), scale * (right - left)
    # Whole pixels, because an offset of half a pixel would blur an exact fit.
    place = ((MNIST_BOX - height) // 2, (MNIST_BOX - width) // 2)
    end = (place[0] + height, place[1] + width)
    fitted = _resample_by_area(ink[top:bottom, left:right], (*place, *end), (MNIST_BOX, MNIST_BOX))
    centre = centre_of_mass(fitted)
    # With much ink at one end the box would leave the field, so the shift is clipped.
    room = MNIST_SHAPE[0] - MNIST_BOX
    shift = tuple(int(np.clip(np.rint(MNIST_CENTRE - at), 0, room)) for at in centre)
    field[shift[0] : shift[0] + MNIST_BOX, shift[1] : shift[1] + MNIST_BOX] = fitted
    return CentredDigit(_relative_box(box, ink), fitted, centre, (shift[0], shift[1]), field)


def _centre_like_8x8(ink: Array) -> CentredDigit:
    box = _box(ink)
    middle = ((BITMAP - 1) / 2, (BITMAP - 1) / 2)
    if box is None:
        empty = np.zeros((BITMAP, BITMAP))
        return CentredDigit(None, empty, middle, (0, 0), _block_means(empty))
    top, left, bottom, right = box
    proportion = (right - left) / (bottom - top)
    height, width = float(BITMAP), float(BITMAP_WIDTH)
    if proportion < SLIM:
        width = BITMAP * proportion
    elif bottom - top < SLIM * (right - left):  # a lying line
        height = BITMAP_WIDTH / proportion
    place = ((BITMAP - height) / 2, (BITMAP - width) / 2)
    end = (place[0] + height, place[1] + width)
    bitmap = _resample_by_area(ink[top:bottom, left:right], (*place, *end), (BITMAP, BITMAP))
    bitmap = np.where(bitmap >= min(0.5, bitmap.max()), 1.0, 0.0)
    return CentredDigit(_relative_box(box, ink), bitmap, middle, (0, 0), _block_means(bitmap))


def _block_means(bitmap: Array) -> Array:
    """The fraction of black pixels in each 4×4 block."""
    side = BITMAP // 4
    counted: Array = bitmap.reshape(side, 4, side, 4).mean(axis=(1, 3))
    return counted


def _box(ink: Array) -> tuple[int, int, int, int] | None:
    """Bounding box of the ink as half-open row and column ranges; None without ink."""
    there = ink > FAINTEST
    rows, columns = np.flatnonzero(there.any(axis=1)), np.flatnonzero(there.any(axis=0))
    if not len(rows):
        return None
    return int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1


def _relative_box(box: tuple[int, int, int, int], ink: Array) -> tuple[float, float, float, float]:
    rows, columns = ink.shape
    top, left, bottom, right = box
    return top / rows, left / columns, bottom / rows, right / columns


def _resample_by_area(
    ink: Array, target: tuple[float, float, float, float], shape: tuple[int, int]
) -> Array:
    """Resample `ink` into the rectangle `target` of an image, by area.

    Each pixel is the mean of the ink that it covers; outside the rectangle it is 0.
    """
    top, left, bottom, right = target
    rows = _overlap(ink.shape[0], shape[0], top, bottom)
    columns = _overlap(ink.shape[1], shape[1], left, right)
    scaled: Array = rows @ ink @ columns.T
    return scaled


def _overlap(n: int, m: int, start: float, end: float) -> Array:
    """Overlap of each of `m` new pixels with each of `n` old pixels: shape (m, n).

    The old pixels together are scaled to the interval from `start` to `end`.
    """
    edges = start + np.arange(n + 1) * (end - start) / n
    pixels = np.arange(m)[:, None]
    low = np.maximum(edges[:-1], pixels)
    high = np.minimum(edges[1:], pixels + 1)
    covered: Array = np.maximum(high - low, 0)
    return covered
