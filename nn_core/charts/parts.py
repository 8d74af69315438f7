"""What the charts have in common: colours, bare specifications, thinning."""

from __future__ import annotations

from typing import Any

import altair as alt
import numpy as np
import pyarrow as pa

Array = np.ndarray
Spec = dict[str, Any]

MOST_POINTS = 200
"""Points of a line: what a browser redraws four times a second."""

# Of the palette of Okabe and Ito, which people with any colour blindness can tell apart; these
# two stand out against white and against black alike.
BLUE = "#0072B2"
VERMILION = "#D55E00"
PALETTE = [BLUE, VERMILION, "#009E73", "#CC79A7", "#E69F00", "#56B4E9"]
# Of lines that stand beside the picture of a network, where blue and orange mean a sign: the
# training rows, the test rows, and one more, in the live picture and in the charts alike.
LINES = ["#00916B", "#CC3D98", "#967A00"]
DASHES = [[1, 0], [6, 3], [2, 2], [10, 3, 2, 3]]

COUNT = ",.6~r"
"""Format of steps and epochs on an axis: 1,500 and 0.25."""

VALUE = ".4~g"
"""Format of losses and weights."""


def bare(chart: alt.Chart | alt.LayerChart | alt.FacetChart) -> Spec:
    """The specification of a chart, without data and without the colours of a theme."""
    spec: Spec = chart.to_dict()
    for key in ("data", "config", "datasets"):
        spec.pop(key, None)
    # The default renderer, SVG, takes half as long again for lines.
    spec["usermeta"] = {"embedOptions": {"renderer": "canvas"}}
    return spec


def rows_to_come() -> alt.NamedData:
    """Stands in for the data that a table brings."""
    return alt.NamedData("rows")


def evenly(count: int, most: int) -> Array:
    """Positions of at most `most` of `count` things, evenly spaced, the first and last among them.

    Examples
    --------
    >>> evenly(9, 3)
    array([0, 4, 8])
    """
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(int))


def numbers(values: Any) -> pa.Array:
    """A column of numbers in which what is not finite is missing, so that a line breaks there."""
    values = np.asarray(values, float)
    return pa.array(values, mask=~np.isfinite(values))


def words(positions: Any, names: list[str]) -> pa.Array:
    """A column of words, each written once: half the bytes of repeating them."""
    return pa.DictionaryArray.from_arrays(
        np.asarray(positions, np.int32), pa.array(names, "string")
    )
