"""Input features of a point of the plane: its coordinates and functions of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Annotated, Literal

import numpy as np
from pydantic import AfterValidator, Field

Array = np.ndarray
Feature = Literal["x1", "x2", "x1²", "x2²", "x1·x2", "sin x1", "sin x2"]

FEATURES: dict[str, Callable[[Array, Array], Array]] = {
    "x1": lambda x1, x2: x1,
    "x2": lambda x1, x2: x2,
    "x1²": lambda x1, x2: x1**2,
    "x2²": lambda x1, x2: x2**2,
    "x1·x2": lambda x1, x2: x1 * x2,
    "sin x1": lambda x1, x2: np.sin(x1),
    "sin x2": lambda x1, x2: np.sin(x2),
}
"""Each feature as a function of both coordinates; the sines take radians."""


def _in_order(chosen: tuple[str, ...]) -> tuple[str, ...]:
    """Each feature once, in the order of `FEATURES`, so that equal choices give equal networks."""
    if not chosen:
        raise ValueError("choose at least one input; without any there is nothing to learn from")
    return tuple(name for name in FEATURES if name in chosen)


Features = Annotated[tuple[Feature, ...], Field(max_length=32), AfterValidator(_in_order)]


def inputs(points: Array, chosen: Iterable[str]) -> Array:
    """Compute the inputs of the network for some points.

    Parameters
    ----------
    points : ndarray of shape (n, 2)
        Coordinates x1 and x2.
    chosen : iterable of str
        Names in `FEATURES`, one for each column.

    Returns
    -------
    x : ndarray of shape (n, n_features)

    Examples
    --------
    >>> inputs(np.array([[2.0, 3.0]]), ["x1", "x2²", "x1·x2"])
    array([[2., 9., 6.]])
    """
    x1, x2 = np.asarray(points).T
    return np.column_stack([FEATURES[name](x1, x2) for name in chosen])


def feature_function(chosen: Iterable[str]) -> Callable[[Array], Array]:
    """`inputs` with these features bound, for `Plane.features`."""
    return partial(inputs, chosen=tuple(chosen))
