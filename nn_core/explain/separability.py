"""What a single layer can do with a truth table: decided by listing all it can do.

References
----------
.. [1] M. Minsky, S. Papert, "Perceptrons", 1969: XOR is not linearly separable.
.. [2] S. Muroga, "Threshold Logic and its Applications", 1971: four inputs need no weight beyond 3;
   there are 4, 14, 104 and 1,882 threshold functions of 1 to 4 inputs.
"""

from __future__ import annotations

import functools
from itertools import product

import numpy as np

from nn_core.events import Array

LARGEST_WEIGHT = 3
MOST_INPUTS = 4


@functools.lru_cache(maxsize=MOST_INPUTS)
def threshold_functions(n_inputs: int) -> Array:
    """All truth tables that one unit with a threshold can answer.

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
    # As numbers: sorting rows of booleans takes seconds.
    numbers = np.unique(tables @ (1 << np.arange(len(rows), dtype=np.int64)))
    return np.asarray((numbers[:, None] >> np.arange(len(rows))) & 1, bool)


def most_right(truth: Array) -> int:
    """How many rows of a truth table one unit with a threshold can answer rightly, at most.

    Parameters
    ----------
    truth : ndarray of shape (2**n_inputs,)
        0 or 1 for each row, in counting order.

    Examples
    --------
    >>> most_right(np.array([0, 1, 1, 0])), most_right(np.array([0, 0, 0, 1]))
    (3, 4)
    """
    n_inputs = len(truth).bit_length() - 1
    return int((threshold_functions(n_inputs) == (np.asarray(truth) > 0.5)).sum(axis=1).max())
