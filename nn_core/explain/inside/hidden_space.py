"""The space that a hidden layer makes of the inputs, brought into two dimensions.

References
----------
.. [1] I. Jolliffe, "Principal Component Analysis", 2nd edition, 2002: components from the
   singular value decomposition (section 3.5).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from nn_core.datasets.registry import Dataset

Array = np.ndarray

GRID_LINES = 13
"""Lines of the input grid in each direction: so many that they meet the inputs 0 and 1."""

LINE_POINTS = 37
"""Points of which a line is made: once warped, it is no longer straight."""

MARGIN = 0.25
"""How far the grid reaches beyond inputs that are 0 and 1, on each side."""


class Components(NamedTuple):
    """Main directions of a cloud of points.

    Attributes
    ----------
    mean : ndarray of shape (n_units,)
        Of the points.
    directions : ndarray of shape (n_components, n_units)
        Unit vectors at right angles, the one of most variance first.
    explained : ndarray of shape (n_components,)
        Share of the whole variance along each, 0 to 1; all 0 where the points coincide.
    """

    mean: Array
    directions: Array
    explained: Array

    def project(self, points: Array) -> Array:
        """Points of shape (..., n_units) as coordinates of shape (..., n_components)."""
        with np.errstate(all="ignore"):  # what overflowed lies nowhere
            return np.asarray((points - self.mean) @ self.directions.T)


class Grid(NamedTuple):
    """Lines of constant input.

    Attributes
    ----------
    x : ndarray of shape (n_lines, points, n_inputs)
        What the network is given along each line.
    held : ndarray of shape (n_lines,), int
        Which of the two axes is constant.
    at : ndarray of shape (n_lines,)
        Its value.
    names : (str, str)
        What the axes are called.
    """

    x: Array
    held: Array
    at: Array
    names: tuple[str, str]


def pca(points: Array, n_components: int = 2, like: Array | None = None) -> Components:
    """Principal components, by the singular value decomposition of the centred points [1]_.

    Parameters
    ----------
    points : ndarray of shape (n, n_units)
        At least one.
    n_components : int
        At most `n_units`.
    like : ndarray of shape (n_components, n_units), optional
        The directions of the frame before. A component and its negative are equally right; of
        the two, the one is taken that goes on from there. Without it, the one whose largest
        entry is positive.

    Examples
    --------
    >>> found = pca(np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]]))
    >>> found.explained.round(6).tolist(), found.directions[0].round(3).tolist()
    ([1.0, 0.0], [0.707, 0.707])
    """
    points = np.asarray(points, float)
    mean = points.mean(axis=0)
    centred = points - mean
    # Rows of zeros change neither directions nor shares, and give as many directions as units.
    padding = np.zeros((max(0, n_components - len(points)), points.shape[1]))
    _, sizes, directions = np.linalg.svd(np.vstack([centred, padding]), full_matrices=False)
    directions = directions[:n_components]
    if like is not None and like.shape == directions.shape:
        signs = np.sign((directions * like).sum(axis=1))
    else:
        largest = np.abs(directions).argmax(axis=1)
        signs = np.sign(directions[np.arange(len(directions)), largest])
    directions = directions * np.where(signs == 0, 1.0, signs)[:, None]
    variance = sizes**2
    total = variance.sum()
    shares = variance[:n_components] / total if total else np.zeros(n_components)
    return Components(mean, directions, shares)


def turned(points: Array, degrees: float, tilt: float = 25.0) -> Array:
    """Points of a space of three dimensions as they look from a place outside it.

    A parallel projection: first turned about the third axis, then tilted towards the viewer.

    Parameters
    ----------
    points : ndarray of shape (..., 3)
        The third axis points upwards.
    degrees : float
        Turn about it.
    tilt : float
        How far one looks down from above, in degrees; 0 is from the side.

    Returns
    -------
    seen : ndarray of shape (..., 2)
        To the right, and up.

    Examples
    --------
    >>> turned(np.array([1.0, 0.0, 2.0]), 0, tilt=0).round(6).tolist()
    [1.0, 2.0]
    """
    turn, lean = math.radians(degrees), math.radians(tilt)
    x, y, z = np.moveaxis(np.asarray(points, float), -1, 0)
    right = math.cos(turn) * x - math.sin(turn) * y
    back = math.sin(turn) * x + math.cos(turn) * y
    return np.stack([right, math.cos(lean) * z + math.sin(lean) * back], axis=-1)


def input_grid(data: Dataset, lines: int = GRID_LINES, points: int = LINE_POINTS) -> Grid | None:
    """Lines of constant input, for data whose rows are points of a plane; None for others.

    Parameters
    ----------
    data : Dataset
        With a `plane`, or with two inputs, which then are from 0 to 1.
    lines : int
        In each of the two directions.
    points : int
        Of each line.
    """
    if data.plane is not None:
        low, high, names = data.plane.low, data.plane.high, data.plane.names
        features = data.plane.features
    elif data.x.shape[1] == 2:
        low, high, names = -MARGIN, 1 + MARGIN, (data.input_names[0], data.input_names[1])
        features = np.asarray
    else:
        return None
    at, along = np.linspace(low, high, lines), np.linspace(low, high, points)
    held_first = np.stack(np.broadcast_arrays(at[:, None], along[None, :]), axis=-1)
    drawn = np.concatenate([held_first, held_first[..., ::-1]])
    inputs = np.asarray(features(drawn.reshape(-1, 2)), float)
    return Grid(
        inputs.reshape(2 * lines, points, -1), np.repeat([0, 1], lines), np.tile(at, 2), names
    )


def decision_line(weight: Array, bias: float, level: float, low: Array, high: Array) -> Array:
    """Where ``h · weight + bias = level`` within a rectangle.

    Parameters
    ----------
    weight : ndarray of shape (2,)
        Of the output unit.
    bias : float
        Its constant.
    level : float
        The weighted sum at which the answer changes.
    low, high : ndarray of shape (2,)
        Corners of the rectangle.

    Returns
    -------
    ends : ndarray of shape (2, 2) or (0, 2)
        The two ends; none where the line does not cross the rectangle.

    Examples
    --------
    >>> decision_line(np.array([1.0, 1.0]), -1.0, 0.0, np.zeros(2), np.ones(2)).tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """
    crossings = []
    for axis in (0, 1):
        other = 1 - axis
        if weight[other] == 0:
            continue
        for edge in (low[axis], high[axis]):
            value = (level - bias - weight[axis] * edge) / weight[other]
            if low[other] <= value <= high[other]:
                crossings.append((edge, value) if axis == 0 else (value, edge))
    ends = np.unique(np.array(crossings, float).reshape(-1, 2), axis=0)
    return ends[[0, -1]] if len(ends) > 1 else np.empty((0, 2))


def sum_at_decision(output: str, boundary: float) -> float:
    """The weighted sum of an output unit at which its answer changes.

    Parameters
    ----------
    output : {'sigmoid', 'identity', 'tanh', 'step'}
        Its activation.
    boundary : float
        The output from which it says "class 1": `nn_core.networks.metrics.threshold`.
    """
    if output == "sigmoid":
        return math.log(boundary / (1 - boundary))
    if output == "tanh":
        return math.atanh(boundary)
    return 0.0 if output == "step" else boundary
