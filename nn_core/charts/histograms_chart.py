"""Histograms of the weights of a layer: over time as a heat map, at one moment as bars."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import NamedTuple

import altair as alt
import numpy as np
import pyarrow as pa

from nn_core.charts.parts import (
    BLUE,
    COUNT,
    VALUE,
    VERMILION,
    Array,
    Spec,
    data_placeholder,
    evenly_spaced,
    number_column,
    without_data,
)

BINS = 30
MOST_COLUMNS = 60
"""Maximum moments in the heat map: with 30 bins a browser can redraw it twice a second."""

BEFORE_FIRST = 0.5
"""Position of step 0 on a logarithmic axis."""

HEIGHT = 340
LABEL, TITLE = 14, 15
"""Font sizes in pixels, readable from the last row of a lecture room."""

CELL, NOW = 0, 1


class BinCounts(NamedTuple):
    """Counts of values in bins of equal width, for each moment.

    Attributes
    ----------
    edges : ndarray of shape (bins + 1,)
        Edges of the bins, the same for all moments.
    counts : ndarray of shape (moments, bins), int
        Counts; bins are half-open, except that the last bin includes its upper edge.
    """

    edges: Array
    counts: Array


def count_in_bins(moments: Sequence[Array], bins: int = BINS) -> BinCounts:
    """Count the values of each moment in bins over the range of all values.

    Values that are not finite are ignored.

    Parameters
    ----------
    moments : sequence of ndarray
        Arrays of any shapes.
    bins : int
        Number of bins.

    Examples
    --------
    >>> count_in_bins([np.array([0.0, 1.0]), np.array([0.2, 0.3, 0.9])], bins=2).counts.tolist()
    [[1, 1], [2, 1]]
    """
    flat = [np.asarray(values, float).ravel() for values in moments]
    flat = [values[np.isfinite(values)] for values in flat]
    low = min((values.min() for values in flat if len(values)), default=0.0)
    high = max((values.max() for values in flat if len(values)), default=0.0)
    if high - low <= 1e-12 * max(abs(low), abs(high)):  # a single value has no range
        half = abs(low) / 2 or 0.5
        low, high = low - half, high + half
    counts = [np.histogram(values, bins, (low, high))[0] for values in flat]
    return BinCounts(np.linspace(low, high, bins + 1), np.array(counts, int).reshape(-1, bins))


@functools.cache
def over_time_spec(what: str, log: bool) -> Spec:
    """Heat map of value by step, coloured by the fraction of values in the bin.

    Parameters
    ----------
    what : str
        The counted quantity for the title of the axis, such as "weight".
    log : bool
        Whether the step axis is logarithmic.

    Returns
    -------
    spec : dict
        For the tables of `over_time_table`.
    """
    scale = alt.Scale(type="log" if log else "linear", nice=False, zero=False)
    axis = alt.Axis(format=COUNT, labelFontSize=LABEL, titleFontSize=TITLE, grid=False)
    if log:
        # Only powers of ten and the position of step 0 are labelled.
        axis.labelOverlap = False
        axis.labelExpr = (
            f"datum.value <= {BEFORE_FIRST} ? '0' : "
            "abs(log(datum.value) / LN10 - round(log(datum.value) / LN10)) < 1e-6 "
            "? format(datum.value, ',') : ''"
        )
    base = alt.Chart().encode(
        x=alt.X("step:Q", title="step (updates of the weights)", scale=scale, axis=axis),
    )
    shade = alt.Scale(scheme="cividis", type="sqrt", domainMin=0)
    cells = (
        base.transform_filter(f"datum.part === {CELL}")
        # Slightly enlarged, because gaps between cells would be visible otherwise.
        .mark_rect(x2Offset=0.7, y2Offset=-0.7)
        .encode(
            x2="next:Q",
            y=_value_axis(what),
            y2="high:Q",
            color=alt.Color(
                "share:Q",
                title=["share in", "the bin"],
                scale=shade,
                legend=alt.Legend(
                    format=".0%",
                    orient="right",
                    gradientLength=200,
                    labelFontSize=LABEL,
                    titleFontSize=TITLE,
                    titleLimit=300,
                    tickCount=4,
                ),
            ),
            tooltip=[
                alt.Tooltip("first:Q", title="step", format=","),
                alt.Tooltip("low:Q", title=f"{what} from", format=VALUE),
                alt.Tooltip("high:Q", title="to", format=VALUE),
                alt.Tooltip("count:Q", format=","),
                alt.Tooltip("share:Q", format=".1%"),
            ],
        )
    )
    now = (
        base.transform_filter(f"datum.part === {NOW}")
        .mark_rule(color=VERMILION, strokeWidth=3, tooltip=None)
        .encode()
    )
    return without_data(alt.layer(cells, now, data=data_placeholder()).properties(height=HEIGHT))


def over_time_table(steps: Sequence[int], counted: BinCounts, now: int, log: bool) -> pa.Table:
    """The cells that are not empty, and a mark at the moment shown.

    Parameters
    ----------
    steps : sequence of int
        Steps of the moments, ascending; each cell extends to the next step.
    counted : Counts
        Counts of the same moments.
    now : int
        The step to mark.
    log : bool
        Whether the axis is logarithmic; step 0 is then at `BEFORE_FIRST`.

    Returns
    -------
    table : pyarrow.Table
        Columns step and next (ends of a cell), first (the step of the moment), low, high,
        count, share and part.
    """
    first = np.asarray(steps, float)
    widest = max(1.0, first[-1] * (0.06 if log else 0.02)) if len(first) else 1.0
    after = np.append(first[1:], first[-1:] + widest)
    starts, mark = first, float(now)
    if log:
        starts, mark = np.maximum(first, BEFORE_FIRST), max(mark, BEFORE_FIRST)
    totals = np.maximum(counted.counts.sum(axis=1), 1)
    moment, place = counted.counts.nonzero()
    found = counted.counts[moment, place]
    has_mark = int(len(first) > 0)
    gap = np.full(has_mark, np.nan)
    low, high = counted.edges[place], counted.edges[place + 1]
    return pa.table(
        {
            "step": number_column([*starts[moment], *[mark] * has_mark]),
            "next": number_column([*after[moment], *gap]),
            "first": number_column([*first[moment], *[now] * has_mark]),
            "low": number_column([*low, *gap]),
            "high": number_column([*high, *gap]),
            "count": number_column([*found, *gap]),
            "share": number_column([*found / totals[moment], *gap]),
            "part": pa.array([CELL] * len(found) + [NOW] * has_mark, "int64"),
        }
    )


@functools.cache
def now_spec(what: str) -> Spec:
    """Horizontal bars with the number of values in each bin, aligned with the heat map.

    Parameters
    ----------
    what : str
        The counted quantity, for the title of the axis.

    Returns
    -------
    spec : dict
        For the tables of `now_table`.
    """
    bars = (
        alt.Chart()
        .mark_bar(color=BLUE)
        .encode(
            x=alt.X(
                "count:Q",
                title="how many",
                scale=alt.Scale(zero=True),
                axis=alt.Axis(format=",d", tickMinStep=1, labelFontSize=LABEL, titleFontSize=TITLE),
            ),
            x2=alt.datum(0),
            y=_value_axis(what),
            y2="high:Q",
            tooltip=[
                alt.Tooltip("low:Q", title=f"{what} from", format=VALUE),
                alt.Tooltip("high:Q", title="to", format=VALUE),
                alt.Tooltip("count:Q", format=","),
            ],
        )
    )
    return without_data(alt.layer(bars, data=data_placeholder()).properties(height=HEIGHT))


def now_table(edges: Array, counts: Array) -> pa.Table:
    """The bins of one moment.

    Parameters
    ----------
    edges : ndarray of shape (bins + 1,)
        Edges of the bins.
    counts : ndarray of shape (bins,)
        Number of values in each bin.

    Returns
    -------
    table : pyarrow.Table
        Columns low, high, count; includes empty bins, so that the axis equals that of the heat map.
    """
    return pa.table(
        {
            "low": number_column(edges[:-1]),
            "high": number_column(edges[1:]),
            "count": pa.array(np.asarray(counts, np.int64)),
        }
    )


def sampled_moments(n_moments: int) -> Array:
    """Indices of the moments that get a column in the heat map, out of `n_moments`."""
    return evenly_spaced(n_moments, MOST_COLUMNS)


def _value_axis(what: str) -> alt.Y:
    return alt.Y(
        "low:Q",
        title=f"{what} (no unit)",
        scale=alt.Scale(nice=False, zero=False),
        axis=alt.Axis(format=VALUE, labelFontSize=LABEL, titleFontSize=TITLE, tickCount=6),
    )
