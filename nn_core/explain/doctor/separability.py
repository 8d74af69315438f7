"""Exact tests of linear separability: what a single layer can represent.

Truth tables are compared with all threshold functions; points are tested by a linear program, and
by rotating a line about each point.

References
----------
.. [1] M. Minsky, S. Papert, "Perceptrons", 1969: XOR is not linearly separable.
.. [2] S. Muroga, "Threshold Logic and its Applications", 1971: four inputs need no weight beyond 3;
   there are 4, 14, 104 and 1,882 threshold functions of 1 to 4 inputs.
.. [3] O. L. Mangasarian, "Linear and nonlinear separation of patterns by linear programming",
   Operations Research 13, 1965.
.. [4] D. S. Johnson, F. P. Preparata, "The densest hemisphere problem", Theoretical Computer
   Science 6, 1978: a line is turned about each point in turn.
"""

from __future__ import annotations

import functools
from itertools import product

import numpy as np

from nn_core.events import Array

LARGEST_WEIGHT = 3
SAME_DIRECTION = 1e-12
"""Angles closer than this, in radians, differ by rounding only."""

MOST_INPUTS = 4


@functools.lru_cache(maxsize=MOST_INPUTS)
def threshold_functions(n_inputs: int) -> Array:
    """All truth tables that a single threshold unit can represent.

    Parameters
    ----------
    n_inputs : int
        1 to 4.

    Returns
    -------
    tables : ndarray of shape (count, 2**n_inputs), bool
        Rows of a table in counting order.
    """
    if not 1 <= n_inputs <= MOST_INPUTS:
        raise ValueError(f"{n_inputs} inputs; only 1 to {MOST_INPUTS} can be listed")
    rows = np.array(list(product((0, 1), repeat=n_inputs)), np.int8)
    weights = range(-LARGEST_WEIGHT, LARGEST_WEIGHT + 1)
    sums = np.array(list(product(weights, repeat=n_inputs)), np.int8) @ rows.T
    most = LARGEST_WEIGHT * n_inputs
    thresholds = np.arange(-most, most + 2)
    tables = (sums[:, None, :] >= thresholds[None, :, None]).reshape(-1, len(rows))
    # Encoded as integers, because sorting boolean rows takes seconds.
    numbers = np.unique(tables @ (1 << np.arange(len(rows), dtype=np.int64)))
    return np.asarray((numbers[:, None] >> np.arange(len(rows))) & 1, bool)


def max_correct_by_threshold(truth: Array) -> int:
    """Maximum number of rows of a truth table that a single threshold unit gets right.

    Parameters
    ----------
    truth : ndarray of shape (2**n_inputs,)
        0 or 1 for each row, in counting order.

    Examples
    --------
    >>> max_correct_by_threshold(np.array([0, 1, 1, 0]))
    3
    >>> max_correct_by_threshold(np.array([0, 0, 0, 1]))
    4
    """
    n_inputs = len(truth).bit_length() - 1
    return int((threshold_functions(n_inputs) == (np.asarray(truth) > 0.5)).sum(axis=1).max())


def is_separable(x: Array, classes: Array) -> bool:
    """Whether a single layer can classify every row correctly.

    It can if there are weights ``W`` and biases ``b`` with
    ``x w_c + b_c >= x w_k + b_k + 1`` for each row x of class c and each other class k: a linear
    program, whose answer holds for any pair of output and loss.

    Parameters
    ----------
    x : ndarray of shape (n, n_inputs)
        The rows; all values finite.
    classes : ndarray of shape (n,)
        Their classes, from 0.

    Examples
    --------
    >>> square = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    >>> is_separable(square, np.array([0, 0, 0, 1])), is_separable(square, np.array([0, 1, 1, 0]))
    (True, False)
    """
    from scipy.optimize import linprog  # imported here because it takes a quarter of a second

    classes = np.asarray(classes, int)
    count = int(classes.max(initial=0)) + 1
    spread = x.std(axis=0)
    rows = np.column_stack(
        [(x - x.mean(axis=0)) / np.where(spread > 0, spread, 1), np.ones(len(x))]
    )
    constraints = []
    for true_class, other in product(range(count), repeat=2):
        rows_of_class = rows[classes == true_class]
        if true_class == other or not len(rows_of_class):
            continue
        block = np.zeros((len(rows_of_class), count, rows.shape[1]))
        block[:, true_class], block[:, other] = -rows_of_class, rows_of_class
        constraints.append(block.reshape(len(rows_of_class), -1))
    if not constraints:
        return True
    matrix = np.concatenate(constraints)
    answer = linprog(
        np.zeros(matrix.shape[1]), matrix, np.full(len(matrix), -1.0), bounds=(None, None)
    )
    return bool(answer.status != 2)  # 2: infeasible


def max_correct_by_line(points: Array, classes: Array) -> int:
    """Exact maximum number of points that one straight line classifies correctly.

    Any dividing line can be shifted until it touches a point. The function therefore rotates a line
    about each point; whenever the line passes another point, that point changes sides. The pivot
    and points at the same place may count for either side.

    Parameters
    ----------
    points : ndarray of shape (n, 2)
        Coordinates of the points.
    classes : ndarray of shape (n,)
        0 or 1.

    Examples
    --------
    >>> square = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    >>> max_correct_by_line(square, np.array([0, 1, 1, 0]))
    3
    """
    points = np.asarray(points, float)
    sign = np.where(np.asarray(classes) > 0.5, 1, -1)
    best = 0
    for pivot in np.unique(points, axis=0):
        away = points - pivot
        is_here = ~away.any(axis=1)
        here, others = sign[is_here], sign[~is_here]
        right = max((here > 0).sum(), (here < 0).sum()) + (others < 0).sum()
        angles = np.arctan2(away[~is_here, 1], away[~is_here, 0])
        angles[angles <= -np.pi] = np.pi
        # Left of a line in direction t, starting at -π, are the angles between t and t + π.
        begin = others[angles <= 0].sum()
        enter = np.where(angles > 0, angles - np.pi, angles + np.pi)
        times, gains = np.concatenate([angles, enter]), np.concatenate([-others, others])
        order = np.argsort(times)
        left = begin + np.cumsum(gains[order])
        is_passed = np.diff(times[order], append=np.inf) > SAME_DIRECTION
        best = max(best, int(right + max(begin, left[is_passed].max(initial=begin))))
    return best
