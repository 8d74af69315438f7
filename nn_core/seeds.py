"""The random number generators of an experiment.

Each purpose has its own generator, spawned from the experiment's seed, so that the number of
draws for one purpose does not affect the others.
"""

from __future__ import annotations

import numpy as np

COUNT = 2**31
"""Number of seeds; after the last one comes 0."""

PURPOSES = ("data", "split", "weights", "batches", "dropout")
"""Append only: the position determines the stream."""


def generator(seed: int, purpose: str) -> np.random.Generator:
    """The generator of `seed` for one of `PURPOSES`.

    Examples
    --------
    >>> bool(generator(0, "weights").random() == generator(0, "weights").random())
    True
    """
    return np.random.default_rng(_sequence(seed, purpose))


def key(seed: int, purpose: str) -> np.ndarray:
    """The key of `seed` for one of `PURPOSES`: two 64-bit words, for a counter-based generator.

    Examples
    --------
    >>> key(0, "dropout").dtype.name, key(0, "dropout").shape
    ('uint64', (2,))
    """
    return _sequence(seed, purpose).generate_state(2, np.uint64)


def _sequence(seed: int, purpose: str) -> np.random.SeedSequence:
    children = np.random.SeedSequence(seed).spawn(len(PURPOSES))
    return children[PURPOSES.index(purpose)]
