"""Loss landscape: the loss on a plane through parameter space.

All weights and biases together are a point in parameter space. Two directions through a centre
span a plane; the loss on a grid in that plane is the surface.

References
----------
.. [1] H. Li, Z. Xu, G. Taylor, C. Studer, T. Goldstein, "Visualizing the loss landscape of neural
   nets", NeurIPS 2018: filter-normalised directions (section 4) and the plane of the path
   (section 7).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from nn_core import vocabulary
from nn_core.errors import BackpropError
from nn_core.events import Params
from nn_core.experiment import Experiment
from nn_core.networks.activations import activate
from nn_core.networks.losses import loss_for
from nn_core.networks.single_thread import on_one_thread

Array = np.ndarray

GRIDS = (41, 31, 21)
"""Grid points along a side, finest first; odd, so that the centre is a grid point."""

MOST_WORK = 1_200_000_000
"""Budget of operations for a surface: a few seconds."""

SQUASHING_WORK = 10
"""Cost of one activation, in multiplications."""


class NoPlane(BackpropError):
    """No plane can be spanned; the message gives the reason."""


class Plane(NamedTuple):
    """A plane in parameter space: a centre and two directions.

    Attributes
    ----------
    center : ndarray of shape (n_parameters,)
        The point with both coordinates 0.
    first, second : ndarray of shape (n_parameters,)
        The directions, of any length and not parallel.
    """

    center: Array
    first: Array
    second: Array


class Path(NamedTuple):
    """The projection of a path onto a plane.

    Attributes
    ----------
    coordinates : ndarray of shape (n, 2)
        Coordinates of the nearest point in the plane.
    explained : float
        Fraction of the squared distances from the centre that lies in the plane, 0 to 1.
    """

    coordinates: Array
    explained: float


def flatten(params: Params) -> Array:
    """All weights and biases as one vector, float64.

    Layer by layer, the weights row by row before the biases: the order of
    `nn_core.charts.weights_chart.parameter_names`.
    """
    parts = [part.ravel() for pair in params for part in pair if part is not None]
    return np.concatenate(parts).astype(float)


def unflatten(vector: Array, like: Params) -> Params:
    """Restore parameters from the vector of `flatten`, in the shapes of `like`."""
    params: Params = []
    at = 0
    for weight, bias in like:
        piece = vector[at : at + weight.size].reshape(weight.shape)
        at += weight.size
        if bias is None:
            params.append((piece, None))
        else:
            params.append((piece, vector[at : at + bias.size]))
            at += bias.size
    return params


def random_plane(center: Params, seed: int) -> Plane:
    """A plane of two random, filter-normalised directions [1]_.

    The incoming weights and the bias of a unit are its filter. Each filter of a direction is drawn
    from the normal distribution and scaled to the norm of the unit's filter at the centre:
    ``d ← d ‖w‖ / ‖d‖``. Distances are then comparable between networks of small and large weights.

    Parameters
    ----------
    center : list of (weight, bias)
        Centre of the plane.
    seed : int
        Seed of both directions.

    Raises
    ------
    NoPlane
        If all weights and biases are 0.
    """
    rng = np.random.default_rng(seed)
    vector = flatten(center)
    if not vector.any():
        raise NoPlane(
            "All weights and biases are 0: filters without a length give no directions. Train "
            "first, or choose two weights."
        )
    first, second = (_filter_normalised(rng, center) for _ in range(2))
    return Plane(vector, first, second)


def path_plane(center: Params, path: Sequence[Params]) -> tuple[Plane, tuple[float, float]]:
    """The plane of the two principal directions of a path, relative to the centre.

    The directions are the first two right singular vectors of the differences between the points
    of the path and the centre [1]_, signed so that the path lies mostly on the positive side.

    Returns
    -------
    plane : Plane
        With orthonormal directions.
    explained : (float, float)
        Fraction of the squared distances from the centre along each direction.

    Raises
    ------
    NoPlane
        If the path has fewer than three points, or all of them on one line.
    """
    vector = flatten(center)
    away = np.array([flatten(params) for params in path]) - vector
    if len(away) < 3 or not away.any():
        raise NoPlane("The path has too few different points yet. Train first.")
    with on_one_thread():
        _, sizes, directions = np.linalg.svd(away, full_matrices=False)
    if len(sizes) < 2 or sizes[1] <= 1e-9 * sizes[0]:
        raise NoPlane("The path is a straight line so far: it spans no plane. Train further.")
    shares = sizes**2 / (sizes**2).sum()
    signs = np.where((away @ directions[:2].T).sum(axis=0) < 0, -1.0, 1.0)
    first, second = directions[:2] * signs[:, None]
    return Plane(vector, first, second), (float(shares[0]), float(shares[1]))


def chosen_plane(center: Params, first: int, second: int) -> Plane:
    """The plane of two weights or biases, given by their indices in `flatten`.

    Raises
    ------
    NoPlane
        If both indices are equal.
    """
    if first == second:
        raise NoPlane("Choose two different weights or biases: one alone spans no plane.")
    vector = flatten(center)
    unit = np.eye(1, len(vector), first)[0], np.eye(1, len(vector), second)[0]
    return Plane(vector, *unit)


def project(plane: Plane, path: Sequence[Params]) -> Path:
    """Project each point of a path onto the plane.

    By least squares, which is correct for directions at any angle.
    """
    away = np.array([flatten(params) for params in path]) - plane.center
    basis = np.stack([plane.first, plane.second], axis=1)
    with on_one_thread():
        # Normal equations: two unknowns for any number of parameters.
        coordinates, *_ = np.linalg.lstsq(basis.T @ basis, basis.T @ away.T, rcond=None)
    total = float((away**2).sum())
    inside = float(((basis @ coordinates) ** 2).sum())
    return Path(coordinates.T, inside / total if total else 1.0)


def data_loss(experiment: Experiment, params: Params, x: Array, y: Array) -> float:
    """The loss of an experiment on rows, in NumPy float64, scaled like `Trainer.evaluate`.

    Parameters
    ----------
    experiment : Experiment
        Defines activations and loss. A summed loss is scaled to the batch size.
    params : list of (weight, bias)
        Parameters of the network.
    x, y : ndarray of shape (n, n_inputs) and (n, n_outputs)
        Rows and targets.
    """
    plane = Plane(flatten(params), *np.zeros((2, experiment.n_parameters)))
    (row,) = surface(experiment, params, plane, np.zeros(1), np.zeros(1), x, y)
    return float(row[0])


def surface(
    experiment: Experiment,
    like: Params,
    plane: Plane,
    across: Array,
    up: Array,
    x: Array,
    y: Array,
) -> Iterator[Array]:
    """Compute the loss on a grid in the plane, row by row, so that progress can be shown.

    Parameters
    ----------
    experiment : Experiment
        Defines activations and loss.
    like : list of (weight, bias)
        Defines the shapes of the layers.
    plane : Plane
        Grid point (a, b) is ``center + a first + b second``.
    across, up : ndarray
        Coordinates of the columns (along `first`) and of the rows (along `second`).
    x, y : ndarray of shape (n, n_inputs) and (n, n_outputs)
        Rows and targets.

    Yields
    ------
    losses : ndarray of shape (len(across),)
        Losses of the next row, in the order of `up`; infinite or NaN after an overflow.
    """
    x, y = np.asarray(x, float), np.asarray(y, float)
    loss = loss_for(experiment.output, experiment.loss)
    names = (*experiment.hidden_activations, experiment.output)
    scale = 1.0
    if vocabulary.LOSSES[experiment.loss].reduction == "sum":
        scale = min(experiment.batch_size or len(x), len(x)) / len(x)
    # The sums of the first layer are linear in the parameters, so three products are enough.
    (center, first, second) = ([*unflatten(vector, like)] for vector in plane)
    sums = [_affine(x, *params[0]) for params in (center, first, second)]
    for b in up:
        # An overflow leaves a hole in the picture.
        with on_one_thread(), np.errstate(all="ignore"):
            sums_of_row = sums[0] + b * sums[2]
            deeper = _step_along(center[1:], second[1:], b)
            losses = []
            for a in across:
                z = sums_of_row + a * sums[1]
                h = activate(names[0], z)
                layers = _step_along(deeper, first[1:], a)
                for layer, name in zip(layers, names[1:], strict=True):
                    z = _affine(h, *layer)
                    h = activate(name, z)
                losses.append(scale * loss.value(h, z, y))
        yield np.array(losses)


def axis(low: float, high: float, points: int) -> Array:
    """Evenly spaced coordinates from about `low` to about `high` that contain 0 exactly.

    Parameters
    ----------
    low, high : float
        Below and above 0.
    points : int
        Number of coordinates, at least 3.

    Examples
    --------
    >>> axis(-1, 3, 5).tolist()
    [-1.0, 0.0, 1.0, 2.0, 3.0]
    """
    spacing = (high - low) / (points - 1)
    before = min(max(round(-low / spacing), 1), points - 2)
    return spacing * (np.arange(points) - before)


def grid_within_budget(experiment: Experiment, n_rows: int) -> tuple[int, int]:
    """The finest grid, and the number of rows, within the budget `MOST_WORK`.

    Returns
    -------
    points, rows : int
        Points along a side, one of `GRIDS`; number of rows, at least 100 or all.
    """
    for points in GRIDS:
        if n_operations(experiment, points, n_rows) <= MOST_WORK:
            return points, n_rows
    points = GRIDS[-1]
    fitting = int(MOST_WORK / n_operations(experiment, points, 1))
    return points, min(n_rows, max(100, fitting))


def n_operations(experiment: Experiment, points: int, rows: int) -> int:
    """Approximate operations of a surface; the first layer's products are computed only once."""
    sizes = experiment.layer_sizes[1:]
    products = sum(n_in * n_out for n_in, n_out in pairwise(sizes))
    return points**2 * rows * (products + SQUASHING_WORK * sum(sizes))


def _affine(x: Array, weight: Array, bias: Array | None) -> Array:
    z = x @ weight
    return np.asarray(z if bias is None else z + bias)


def _step_along(params: Params, direction: Params, length: float) -> Params:
    """``params + length direction``."""
    moved: Params = []
    for (weight, bias), (along, along_bias) in zip(params, direction, strict=True):
        if bias is None or along_bias is None:
            moved.append((weight + length * along, None))
        else:
            moved.append((weight + length * along, bias + length * along_bias))
    return moved


def _filter_normalised(rng: np.random.Generator, center: Params) -> Array:
    direction: Params = []
    for weight, bias in center:
        stacked = weight if bias is None else np.vstack([weight, bias])
        drawn = rng.standard_normal(stacked.shape)
        drawn *= np.linalg.norm(stacked.astype(float), axis=0) / np.linalg.norm(drawn, axis=0)
        direction.append((drawn, None) if bias is None else (drawn[:-1], drawn[-1]))
    return flatten(direction)
