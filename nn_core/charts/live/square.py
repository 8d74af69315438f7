"""The input square: points over the plane of the inputs, and what every unit answers there.

One forward pass serves the picture in each unit and the boundary beside them.
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
"""The square of a truth table reaches a little beyond the inputs 0 and 1."""

PICTURED_INPUTS = 5
"""Most inputs for pictures without a plane: all but two of them are held at 0."""

CELLS = 41
"""Points along each side: 41, 21 and 11 points share their places."""

GRID_WORK = 40_000_000
"""Multiplications that one pass may cost: about 10 ms. Larger networks get coarser squares."""

COARSEST_GRID = 8


@dataclass(frozen=True)
class Answers:
    """What every unit answers over the square.

    Attributes
    ----------
    low, high : float
        Ends of both axes.
    names : tuple of str
        What the axes are called: one for a single input, else two.
    settings : list of tuple of float
        Of the inputs that have no axis: one square for each; ``[()]`` where all have one.
    inputs : ndarray of shape (squares, rows, columns, n_inputs)
        What the network is given: the first axis runs along the columns, the second along the
        rows.
    layers : list of ndarray, each of shape (squares, rows, columns, units)
        The activations, the outputs last. For a single input there is one row.
    """

    low: float
    high: float
    names: tuple[str, ...]
    settings: list[tuple[float, ...]]
    inputs: Array
    layers: list[Array]


def answers_over_square(
    experiment: Experiment, params: Params, dataset: Dataset, *, cells: int = CELLS
) -> Answers | None:
    """One forward pass over the input square.

    Parameters
    ----------
    experiment : Experiment
        Whose network it is.
    params : list of (weight, bias)
        The parameters at the moment shown.
    dataset : Dataset
        With a `plane`, or with at most `PICTURED_INPUTS` inputs. Where three or four inputs decide
        a yes or no, every setting of the third and fourth has a square; otherwise they are 0.
    cells : int
        Points along each side; three times as many along the line of a single input.

    Returns
    -------
    answers : Answers or None
        None where there is no such square, or where the network is too large for it.
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
    fitting = _affordable(cells, params, len(settings))
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
    return Answers(
        low=low,
        high=high,
        names=tuple(plane.names) if plane else tuple(dataset.input_names[:n_axes]),
        settings=settings,
        inputs=rows.reshape(*full, -1),
        layers=[layer.reshape(*full, -1) for layer in layers],
    )


def shows_the_plane_itself(features: Callable[[Array], Array]) -> bool:
    """Whether the inputs are the two coordinates, as they are.

    Examples
    --------
    >>> shows_the_plane_itself(lambda points: points)
    True
    >>> shows_the_plane_itself(lambda points: points**2)
    False
    """
    probe = np.array([[0.0, 1.0], [2.0, -3.0], [-0.5, 0.25]])
    found = np.asarray(features(probe))
    return found.shape == probe.shape and bool(np.array_equal(found, probe))


def _points(n_axes: int, low: float, high: float, cells: int) -> tuple[Array, tuple[int, int]]:
    """Points over the square, or along the line, and how many rows and columns they make."""
    if n_axes == 1:
        return np.linspace(low, high, 3 * cells)[:, None], (1, 3 * cells)
    line = np.linspace(low, high, cells)
    second, first = np.meshgrid(line, line, indexing="ij")
    return np.column_stack([first.ravel(), second.ravel()]), (cells, cells)


def _affordable(cells: int, params: Params, squares: int) -> int | None:
    """As many of `cells` as `GRID_WORK` allows, or None where too few would be left."""
    work = squares * sum(weight.size for weight, _ in params)
    cells = min(cells, math.isqrt(GRID_WORK // work))
    return cells if cells >= COARSEST_GRID else None
