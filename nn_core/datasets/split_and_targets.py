"""Train/test split of rows, and encoding of classes as targets."""

from __future__ import annotations

import numpy as np

from nn_core.seeds import generator

Array = np.ndarray


def split(n: int, test_share: int, seed: int) -> tuple[Array, Array | None]:
    """Split rows at random into a training set and a test set.

    Parameters
    ----------
    n : int
        Number of rows.
    test_share : int
        Percentage of the rows in the test set, 0 to 100. Of two or more rows, each set gets at
        least one; 0 gives no test set.
    seed : int
        Seed of the data.

    Returns
    -------
    train, test : ndarray of int
        Row indices in random order; each row is in exactly one of the two. `test` is None without
        a test set.
    """
    order = generator(seed, "split").permutation(n)
    if not test_share or n < 2:
        return order, None
    n_test = min(max(round(n * test_share / 100), 1), n - 1)
    return order[n_test:], order[:n_test]


def targets(classes: Array, n_classes: int) -> Array:
    """Encode classes as targets: a column of 0 and 1 for two classes, one-hot rows for more.

    Examples
    --------
    >>> targets(np.array([0, 1]), 2).tolist(), targets(np.array([0, 2]), 3).tolist()
    ([[0.0], [1.0]], [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    """
    classes = np.asarray(classes).astype(int)
    return classes[:, None].astype(float) if n_classes == 2 else np.eye(n_classes)[classes]


def n_outputs_for(n_classes: int) -> int:
    """Number of outputs for this number of classes: one for two classes, one each for more."""
    return 1 if n_classes == 2 else n_classes
