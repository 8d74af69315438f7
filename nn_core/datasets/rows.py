"""Rows of a data set: kept apart for the test, and classes written as targets."""

from __future__ import annotations

import numpy as np

from nn_core.seeds import generator

Array = np.ndarray


def split(n: int, test_share: int, seed: int) -> tuple[Array, Array | None]:
    """Which rows are learned from, and which are kept for the test.

    Parameters
    ----------
    n : int
        Rows.
    test_share : int
        Per cent of the rows that are kept for the test; of two or more, at least one stays on
        either side. 0 keeps none.
    seed : int
        The seed of the data.

    Returns
    -------
    train, test : ndarray of int
        Numbers of rows, drawn in any order: each row is in one of the two. `test` is None where
        none are kept.
    """
    order = generator(seed, "split").permutation(n)
    if not test_share or n < 2:
        return order, None
    n_test = min(max(round(n * test_share / 100), 1), n - 1)
    return order[n_test:], order[:n_test]


def targets(classes: Array, n_classes: int) -> Array:
    """Classes as targets: a column of 0 and 1 for two, one-hot rows for more.

    Examples
    --------
    >>> targets(np.array([0, 1]), 2).tolist(), targets(np.array([0, 2]), 3).tolist()
    ([[0.0], [1.0]], [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    """
    classes = np.asarray(classes).astype(int)
    return classes[:, None].astype(float) if n_classes == 2 else np.eye(n_classes)[classes]


def columns_for(n_classes: int) -> int:
    """Outputs that a network needs for so many classes: one for two, one each for more."""
    return 1 if n_classes == 2 else n_classes
