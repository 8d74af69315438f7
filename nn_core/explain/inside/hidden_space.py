"""The activation space of a hidden layer, projected to two dimensions.

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
"""Lines of the input grid in each direction, a number for which lines pass through 0 and 1."""

LINE_POINTS = 37
"""Points per grid line; a warped line is not straight."""

MARGIN = 0.25
"""How far the grid extends beyond the inputs 0 and 1, on each side."""


class Components(NamedTuple):
    """Principal components of a set of points.

    Attributes
    ----------
    mean : ndarray of shape (n_units,)
        Mean of the points.
    directions : ndarray of shape (n_components, n_units)
        Orthonormal directions, largest variance first.
    explained : ndarray of shape (n_components,)
        Fraction of the total variance along each, 0 to 1; all 0 if the points coincide.
    """

    mean: Array
    directions: Array
    explained: Array

    def project(self, points: Array) -> Array:
        """Points of shape (..., n_units) as coordinates of shape (..., n_components)."""
        with np.errstate(all="ignore"):  # points that overflowed become NaN
            return np.asarray((points - self.mean) @ self.directions.T)


class InputGrid(NamedTuple):
    """Lines of constant input.

    Attributes
    ----------
    x : ndarray of shape (n_lines, points, n_inputs)
        Inputs of the network along each line.
    held : ndarray of shape (n_lines,), int
        The axis that is constant along the line, 0 or 1.
    at : ndarray of shape (n_lines,)
        The constant value.
    names : (str, str)
        Names of the axes.
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
        At least one point.
    n_components : int
        At most `n_units`.
    like : ndarray of shape (n_components, n_units), optional
        Directions of the previous frame. The sign of a component is arbitrary; it is chosen to
        agree with the previous frame, or else so that the largest entry is positive.

    Examples
    --------
    >>> found = pca(np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]]))
    >>> found.explained.round(6).tolist(), found.directions[0].round(3).tolist()
    ([1.0, 0.0], [0.707, 0.707])
    """
    points = np.asarray(points, float)
    mean = points.mean(axis=0)
    centred = points - mean
    # Zero rows change neither directions nor variances, but make the SVD return enough of them.
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


def project_3d(points: Array, degrees: float, tilt: float = 25.0) -> Array:
    """Project points from three dimensions to the screen.

    A parallel projection after a rotation about the third axis and a tilt towards the viewer.

    Parameters
    ----------
    points : ndarray of shape (..., 3)
        The third axis points upwards.
    degrees : float
        Rotation about the third axis.
    tilt : float
        Angle of the view from above, in degrees; 0 is from the side.

    Returns
    -------
    projected : ndarray of shape (..., 2)
        Coordinates to the right and up.

    Examples
    --------
    >>> project_3d(np.array([1.0, 0.0, 2.0]), 0, tilt=0).round(6).tolist()
    [1.0, 2.0]
    """
    turn, lean = math.radians(degrees), math.radians(tilt)
    x, y, z = np.moveaxis(np.asarray(points, float), -1, 0)
    right = math.cos(turn) * x - math.sin(turn) * y
    back = math.sin(turn) * x + math.cos(turn) * y
    return np.stack([right, math.cos(lean) * z + math.sin(lean) * back], axis=-1)


def input_grid(
    data: Dataset, lines: int = GRID_LINES, points: int = LINE_POINTS
) -> InputGrid | None:
    """Lines of constant input, for data whose rows are points of a plane; None for others.

    Parameters
    ----------
    data : Dataset
        With a `plane`, or with two inputs from 0 to 1.
    lines : int
        Number of lines in each direction.
    points : int
        Number of points on each line.
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
    return InputGrid(
        inputs.reshape(2 * lines, points, -1), np.repeat([0, 1], lines), np.tile(at, 2), names
    )


def decision_line(weight: Array, bias: float, level: float, low: Array, high: Array) -> Array:
    """The line ``h · weight + bias = level`` clipped to a rectangle.

    Parameters
    ----------
    weight : ndarray of shape (2,)
        Weights of the output unit.
    bias : float
        Bias of the output unit.
    level : float
        The weighted sum at the decision boundary.
    low, high : ndarray of shape (2,)
        Corners of the rectangle.

    Returns
    -------
    ends : ndarray of shape (2, 2) or (0, 2)
        The two end points; empty if the line misses the rectangle.

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
    """The weighted sum of an output unit at the decision boundary.

    Parameters
    ----------
    output : {'sigmoid', 'identity', 'tanh', 'step'}
        Activation of the output unit.
    boundary : float
        The output from which class 1 is chosen: `nn_core.networks.metrics.threshold`.
    """
    if output == "sigmoid":
        return math.log(boundary / (1 - boundary))
    if output == "tanh":
        return math.atanh(boundary)
    return 0.0 if output == "step" else boundary
