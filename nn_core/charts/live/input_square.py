"""The input square: a grid over two inputs, and the response of every unit on it.

One forward pass provides both the picture of each unit and the boundary panel.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np

from nn_core.datasets.registry import Dataset
from nn_core.events import Params
from nn_core.experiment import Experiment
from nn_core.networks.forward import layer_activations

Array = np.ndarray

LOW, HIGH = -0.25, 1.25
"""The square of a truth table extends slightly beyond the inputs 0 and 1."""

PICTURED_INPUTS = 5
"""Maximum inputs for unit pictures without a plane: all but two are fixed at 0."""

CELLS = 41
"""Points along each side; grids of 41, 21 and 11 points share positions."""

GRID_WORK = 40_000_000
"""Budget of multiplications for one pass: about 10 ms. Larger networks get coarser grids."""

COARSEST_GRID = 8


@dataclass(frozen=True)
class SquareResponses:
    """The response of every unit over the input square.

    Attributes
    ----------
    low, high : float
        Ends of both axes.
    names : tuple of str
        Names of the axes: one for a single input, otherwise two.
    settings : list of tuple of float
        Values of the inputs without an axis, one entry per square; ``[()]`` if all have an axis.
    inputs : ndarray of shape (squares, rows, columns, n_inputs)
        Inputs of the network; the first axis varies along the columns, the second along the rows.
    layers : list of ndarray, each of shape (squares, rows, columns, units)
        Activations of each layer, outputs last. A single input gives one row.
    """

    low: float
    high: float
    names: tuple[str, ...]
    settings: list[tuple[float, ...]]
    inputs: Array
    layers: list[Array]


def responses_over_square(
    experiment: Experiment, params: Params, dataset: Dataset, *, cells: int = CELLS
) -> SquareResponses | None:
    """Compute one forward pass over the input square.

    Parameters
    ----------
    experiment : Experiment
        Experiment of the network.
    params : list of (weight, bias)
        The parameters at the moment shown.
    dataset : Dataset
        With a `plane`, or with at most `PICTURED_INPUTS` inputs. Binary data with three or four
        inputs have a square for each combination of the third and fourth; otherwise these are 0.
    cells : int
        Points along each side; a single input has three times as many.

    Returns
    -------
    answers : Answers or None
        None if the data have no input square, or the network exceeds the budget.
    """
    plane = dataset.plane
    n_inputs = params[0][0].shape[0]
    if plane is None and n_inputs > PICTURED_INPUTS:
        return None
    n_axes = 2 if plane else min(n_inputs, 2)
    held = 0 if plane else n_inputs - n_axes
    settings: list[tuple[float, ...]] = [(0.0,) * held]
    if dataset.kind == "binary" and n_inputs < PICTURED_INPUTS and not plane:
        settings = list(product((0.0, 1.0), repeat=held))
    fitting = _cells_within_budget(cells, params, len(settings))
    if fitting is None:
        return None
    low, high = (plane.low, plane.high) if plane else (LOW, HIGH)
    points, shape = _points(n_axes, low, high, fitting)
    if plane:
        rows = plane.features(points)
    else:
        rows = np.concatenate(
            [np.column_stack([points, np.tile(rest, (len(points), 1))]) for rest in settings]
        )
    rows = np.ascontiguousarray(rows, params[0][0].dtype)
    with np.errstate(all="ignore"):
        layers = layer_activations(params, rows, experiment.hidden_activations, experiment.output)
    full = (len(settings), *shape)
    return SquareResponses(
        low=low,
        high=high,
        names=tuple(plane.names) if plane else tuple(dataset.input_names[:n_axes]),
        settings=settings,
        inputs=rows.reshape(*full, -1),
        layers=[layer.reshape(*full, -1) for layer in layers],
    )


def features_are_coordinates(features: Callable[[Array], Array]) -> bool:
    """Whether the features are the two coordinates, unchanged.

    Examples
    --------
    >>> features_are_coordinates(lambda points: points)
    True
    >>> features_are_coordinates(lambda points: points**2)
    False
    """
    probe = np.array([[0.0, 1.0], [2.0, -3.0], [-0.5, 0.25]])
    found = np.asarray(features(probe))
    return found.shape == probe.shape and bool(np.array_equal(found, probe))


def _points(n_axes: int, low: float, high: float, cells: int) -> tuple[Array, tuple[int, int]]:
    """Grid points over the square, or along the line, and the numbers of rows and columns."""
    if n_axes == 1:
        return np.linspace(low, high, 3 * cells)[:, None], (1, 3 * cells)
    line = np.linspace(low, high, cells)
    second, first = np.meshgrid(line, line, indexing="ij")
    return np.column_stack([first.ravel(), second.ravel()]), (cells, cells)


def _cells_within_budget(cells: int, params: Params, squares: int) -> int | None:
    """The number of cells, up to `cells`, within `GRID_WORK`; None if it is too small."""
    work = squares * sum(weight.size for weight, _ in params)
    cells = min(cells, math.isqrt(GRID_WORK // work))
    return cells if cells >= COARSEST_GRID else None
