"""How the weights of a layer are spread: over time as a heat map, and at one moment as bars."""

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
    bare,
    evenly,
    numbers,
    rows_to_come,
)

BINS = 30
MOST_COLUMNS = 60
"""Moments in the heat map: with 30 bins, what a browser redraws twice a second."""

BEFORE_FIRST = 0.5
"""Where step 0 begins on a logarithmic axis."""

HEIGHT = 340
LABEL, TITLE = 14, 15
"""Sizes of type, in pixels: to be read from the last row."""

CELL, NOW = 0, 1


class Counts(NamedTuple):
    """Values counted in bins of equal width, moment by moment.

    Attributes
    ----------
    edges : ndarray of shape (bins + 1,)
        Ends of the bins, the same for all moments.
    counts : ndarray of shape (moments, bins), int
        Each value is in one bin, its lower end included; the last bin has its upper end too.
    """

    edges: Array
    counts: Array


def count(moments: Sequence[Array], bins: int = BINS) -> Counts:
    """Count the values of each moment in bins that reach from the smallest to the largest of all.

    Values that are not finite are left out.

    Parameters
    ----------
    moments : sequence of ndarray
        Any shapes.
    bins : int
        How many.

    Examples
    --------
    >>> count([np.array([0.0, 1.0]), np.array([0.2, 0.3, 0.9])], bins=2).counts.tolist()
    [[1, 1], [2, 1]]
    """
    flat = [np.asarray(values, float).ravel() for values in moments]
    flat = [values[np.isfinite(values)] for values in flat]
    low = min((values.min() for values in flat if len(values)), default=0.0)
    high = max((values.max() for values in flat if len(values)), default=0.0)
    if high - low <= 1e-12 * max(abs(low), abs(high)):  # one value alone has no width
        half = abs(low) / 2 or 0.5
        low, high = low - half, high + half
    counts = [np.histogram(values, bins, (low, high))[0] for values in flat]
    return Counts(np.linspace(low, high, bins + 1), np.array(counts, int).reshape(-1, bins))


@functools.cache
def over_time_spec(what: str, log: bool) -> Spec:
    """Heat map: step by value, coloured by the share of the values.

    Parameters
    ----------
    what : str
        What is counted, for the title of the axis: such as "weight".
    log : bool
        Whether the axis of the steps is logarithmic.

    Returns
    -------
    spec : dict
        For the tables of `over_time_table`.
    """
    scale = alt.Scale(type="log" if log else "linear", nice=False, zero=False)
    axis = alt.Axis(format=COUNT, labelFontSize=LABEL, titleFontSize=TITLE, grid=False)
    if log:
        # Only the powers of ten are named, and the place where step 0 begins.
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
        # A little larger than they are, or seams between them shine through.
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
    return bare(alt.layer(cells, now, data=rows_to_come()).properties(height=HEIGHT))


def over_time_table(steps: Sequence[int], counted: Counts, now: int, log: bool) -> pa.Table:
    """The cells that are not empty, and a mark at the moment that is shown.

    Parameters
    ----------
    steps : sequence of int
        Of the moments, ascending; each cell reaches to the next.
    counted : Counts
        Of the same moments.
    now : int
        The step to mark.
    log : bool
        Step 0 then begins at `BEFORE_FIRST`.

    Returns
    -------
    table : pyarrow.Table
        Columns step and next (ends of a cell), first (the step it stands for), low, high,
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
            "step": numbers([*starts[moment], *[mark] * has_mark]),
            "next": numbers([*after[moment], *gap]),
            "first": numbers([*first[moment], *[now] * has_mark]),
            "low": numbers([*low, *gap]),
            "high": numbers([*high, *gap]),
            "count": numbers([*found, *gap]),
            "share": numbers([*found / totals[moment], *gap]),
            "part": pa.array([CELL] * len(found) + [NOW] * has_mark, "int64"),
        }
    )


@functools.cache
def now_spec(what: str) -> Spec:
    """Bars: how many values lie in each bin, with the values upwards as in the heat map.

    Parameters
    ----------
    what : str
        What is counted, for the title of the axis.

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
    return bare(alt.layer(bars, data=rows_to_come()).properties(height=HEIGHT))


def now_table(edges: Array, counts: Array) -> pa.Table:
    """The bins of one moment.

    Parameters
    ----------
    edges : ndarray of shape (bins + 1,)
        Ends of the bins.
    counts : ndarray of shape (bins,)
        Values in each.

    Returns
    -------
    table : pyarrow.Table
        Columns low, high, count; empty bins too, so that the axis is that of the heat map.
    """
    return pa.table(
        {
            "low": numbers(edges[:-1]),
            "high": numbers(edges[1:]),
            "count": pa.array(np.asarray(counts, np.int64)),
        }
    )


def drawn(n_moments: int) -> Array:
    """Which of so many moments get a column in the heat map."""
    return evenly(n_moments, MOST_COLUMNS)


def _value_axis(what: str) -> alt.Y:
    return alt.Y(
        "low:Q",
        title=f"{what} (no unit)",
        scale=alt.Scale(nice=False, zero=False),
        axis=alt.Axis(format=VALUE, labelFontSize=LABEL, titleFontSize=TITLE, tickCount=6),
    )
