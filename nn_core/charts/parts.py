"""Shared parts of the charts: colours, formats, table columns, thinning."""

from __future__ import annotations

from typing import Any

import altair as alt
import numpy as np
import pyarrow as pa

Array = np.ndarray
Spec = dict[str, Any]

MOST_POINTS = 200
"""Maximum points of a line that a browser can redraw four times a second."""

# Two colours of the Okabe-Ito palette, which is safe for all types of colour blindness, with
# sufficient contrast on white and on black.
BLUE = "#0072B2"
VERMILION = "#D55E00"
PALETTE = [BLUE, VERMILION, "#009E73", "#CC79A7", "#E69F00", "#56B4E9"]
# Line colours of training rows, test rows and a third series, in the live picture and the charts;
# not blue or orange, which mean a sign in the picture of the network.
LINES = ["#00916B", "#CC3D98", "#967A00"]
DASHES = [[1, 0], [6, 3], [2, 2], [10, 3, 2, 3]]

COUNT = ",.6~r"
"""Format of steps and epochs on an axis: 1,500 and 0.25."""

VALUE = ".4~g"
"""Format of losses and weights."""


def without_data(chart: alt.Chart | alt.LayerChart | alt.FacetChart) -> Spec:
    """The specification of a chart, without data and without theme colours."""
    spec: Spec = chart.to_dict()
    for key in ("data", "config", "datasets"):
        spec.pop(key, None)
    # The default renderer, SVG, takes 1.5 times as long for lines.
    spec["usermeta"] = {"embedOptions": {"renderer": "canvas"}}
    return spec


def data_placeholder() -> alt.NamedData:
    """A named placeholder for the data of the table."""
    return alt.NamedData("rows")


def evenly_spaced(count: int, most: int) -> Array:
    """At most `most` evenly spaced indices below `count`, including the first and the last.

    Examples
    --------
    >>> evenly_spaced(9, 3)
    array([0, 4, 8])
    """
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(int))


def number_column(values: Any) -> pa.Array:
    """A numeric column with missing values for non-finite numbers, which interrupt lines."""
    values = np.asarray(values, float)
    return pa.array(values, mask=~np.isfinite(values))


def category_column(positions: Any, names: list[str]) -> pa.Array:
    """A dictionary-encoded text column, which takes half the bytes of plain text."""
    return pa.DictionaryArray.from_arrays(
        np.asarray(positions, np.int32), pa.array(names, "string")
    )
