"""Where every random number comes from.

One generator for each purpose, spawned from the experiment's seed, so that changing the
number of draws for one purpose leaves the others alone.
"""

from __future__ import annotations

import numpy as np

PURPOSES = ("data", "split", "weights", "batches", "dropout")
"""Append only: the position decides the stream."""


def generator(seed: int, purpose: str) -> np.random.Generator:
    """The generator of `seed` for one of `PURPOSES`.

    Examples
    --------
    >>> bool(generator(0, "weights").random() == generator(0, "weights").random())
    True
    """
    children = np.random.SeedSequence(seed).spawn(len(PURPOSES))
    return np.random.default_rng(children[PURPOSES.index(purpose)])
