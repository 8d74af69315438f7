"""Data augmentation: copies of images, shifted by a few pixels.

References
----------
.. [1] P. Simard, D. Steinkraus, J. Platt, "Best practices for convolutional neural networks
   applied to visual document analysis", ICDAR 2003: training sets enlarged by distorted copies.
"""

from __future__ import annotations

import numpy as np

Array = np.ndarray


def offsets(most: int) -> Array:
    """All shifts by at most `most` pixels in each direction, without the zero shift.

    Returns
    -------
    offsets : ndarray of shape ((2 * most + 1)² − 1, 2), int
        Pixels down and right; negative for up and left.

    Examples
    --------
    >>> offsets(1).tolist()
    [[-1, -1], [-1, 0], [-1, 1], [0, -1], [0, 1], [1, -1], [1, 0], [1, 1]]
    """
    steps = np.arange(-most, most + 1)
    grid = np.stack(np.meshgrid(steps, steps, indexing="ij"), axis=-1).reshape(-1, 2)
    return np.asarray(grid[(grid != 0).any(axis=1)])


def shifted(image: Array, down: int, right: int) -> Array:
    """Shift images by whole pixels; pixels beyond the edge are lost, and 0 fills the gap.

    Parameters
    ----------
    image : ndarray of shape (..., height, width)
    down, right : int
        Negative for up and left.

    Examples
    --------
    >>> shifted(np.array([[1, 2], [3, 4]]), 1, -1)
    array([[0, 0],
           [2, 0]])
    """
    moved = np.zeros_like(image)
    height, width = image.shape[-2:]
    moved[..., max(down, 0) : height + min(down, 0), max(right, 0) : width + min(right, 0)] = image[
        ..., max(-down, 0) : height - max(down, 0), max(-right, 0) : width - max(right, 0)
    ]
    return moved


def with_copies(images: Array, copies: int, most: int, rng: np.random.Generator) -> Array:
    """The images, followed by shifted copies.

    Parameters
    ----------
    images : ndarray of shape (n, height, width)
    copies : int
        Number of copies of each image; 0 draws nothing from `rng`.
    most : int
        Largest shift in each direction, in pixels; at least 1.
    rng : numpy.random.Generator
        Draws the shift of each copy uniformly; every backend gets the same copies.

    Returns
    -------
    enlarged : ndarray of shape ((1 + copies) * n, height, width)
        Row ``(1 + k) * n + i`` is copy k of image i.
    """
    if not copies:
        return images
    n = len(images)
    choices = offsets(most)
    drawn = rng.integers(0, len(choices), (copies, n))
    enlarged = np.empty(((1 + copies) * n, *images.shape[1:]), images.dtype)
    enlarged[:n] = images
    for k in range(copies):
        block = enlarged[(1 + k) * n : (2 + k) * n]
        for choice, (down, right) in enumerate(choices.tolist()):
            rows = np.flatnonzero(drawn[k] == choice)
            block[rows] = shifted(images[rows], down, right)
    return enlarged
