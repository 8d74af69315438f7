"""Curves of several runs in one chart: their losses, or how far each lies from a reference."""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import altair as alt
import numpy as np
import pyarrow as pa

from nn_core.charts.parts import (
    COUNT,
    DASHES,
    PALETTE,
    VALUE,
    Spec,
    bare,
    numbers,
    rows_to_come,
    words,
)

if TYPE_CHECKING:
    from nn_core.runs.binned_curve import Envelope

NARROWEST = 2.0
HEIGHT = 260
LEGEND_HEIGHT = 34  # of each row of names
COLUMNS, COLUMNS_OF_SHORT, SHORT = 3, 5, 16  # names in a row; characters of a short name
ON_HALF_A_PAGE = 3
"""Short names in a row above a chart that has another one beside it, also at a projector."""


@functools.lru_cache(maxsize=64)
def overlay_spec(
    names: tuple[str, ...],
    title: str,
    log: bool = True,
    *,
    widest: float = 8.0,
    has_legend: bool = True,
    labels: tuple[str, ...] = (),
    columns: int | None = None,
) -> Spec:
    """A line for each name, in a colour, a dash and a width of its own.

    Lines that coincide stay visible: the first is the widest, and each lies on the one before.

    Parameters
    ----------
    names : tuple of str
        All that may appear, in the order in which they are drawn.
    title : str
        Of the vertical axis, with its unit.
    log : bool
        Whether that axis is logarithmic; values of 0 are then left out.
    widest : float
        Width of the first line, in pixels; large where lines may coincide.
    has_legend : bool
        Whether the names are written above; a chart beside another one can do without.
    labels : tuple of str
        What is written there instead, where the names are long: one for each.
    columns : int, optional
        Names in a row; by default as many as fit beside each other on a whole page. A name that
        does not fit is cut off by the edge of the chart.

    Returns
    -------
    spec : dict
        For the tables of `overlay_table`.
    """
    domain = list(names)
    longest = max(map(len, labels or names), default=0)
    columns = columns or (COLUMNS_OF_SHORT if longest <= SHORT else COLUMNS)
    legend = None
    if has_legend:
        legend = alt.Legend(
            orient="top", columns=columns, symbolType="stroke", symbolOpacity=1, symbolSize=300,
            symbolStrokeWidth=3, rowPadding=2, labelLimit=200,
            labelExpr=_looked_up(names, labels) if labels else alt.Undefined,
        )  # fmt: skip
    color = alt.Color(
        "name:N",
        title=None,
        scale=alt.Scale(domain=domain, range=_cycled(PALETTE, len(domain))),
        legend=legend,
    )
    dash = alt.StrokeDash(
        "name:N",
        title=None,
        scale=alt.Scale(domain=domain, range=_cycled(DASHES, len(domain))),
        legend=legend,
    )
    width = alt.StrokeWidth(
        "name:N",
        title=None,
        scale=alt.Scale(domain=domain, range=_widths(len(domain), widest)),
        legend=legend,
    )
    scale = alt.Scale(type="log") if log else alt.Scale(zero=True)
    lines = [
        alt.Chart()
        .transform_filter(alt.FieldEqualPredicate(field="name", equal=name))
        .mark_line(clip=True, strokeCap="butt")
        .encode(
            x=alt.X(
                "step:Q",
                title="step (updates of the weights)",
                scale=alt.Scale(nice=False),
                axis=alt.Axis(format=COUNT),
            ),
            y=alt.Y("value:Q", title=title, scale=scale, axis=alt.Axis(format=VALUE, tickCount=5)),
            color=color,
            strokeDash=dash,
            strokeWidth=width,
            tooltip=[
                alt.Tooltip("name:N", title="run"),
                alt.Tooltip("step:Q", format=","),
                alt.Tooltip("value:Q", format=VALUE),
            ],
        )
        for name in domain
    ]
    chart = alt.layer(*lines, data=rows_to_come())
    if log:
        chart = chart.transform_filter("datum.value > 0")
    rows = -(-len(domain) // columns) if has_legend else 0
    return bare(chart.properties(height=HEIGHT + rows * LEGEND_HEIGHT))


def overlay_table(curves: Sequence[tuple[str, Envelope]], *, highest: bool = False) -> pa.Table:
    """The curves of several runs.

    Parameters
    ----------
    curves : sequence of (str, nn_core.runs.binned_curve.Envelope)
        Name and curve of each.
    highest : bool
        Whether a bin is drawn at its highest value; otherwise in its middle.

    Returns
    -------
    table : pyarrow.Table
        Columns step, value, name.
    """
    names = [name for name, _ in curves]
    sizes = [len(curve.steps) for _, curve in curves]
    steps = np.concatenate([np.empty(0), *(curve.steps for _, curve in curves)])
    values = [
        curve.high if highest else np.asarray(curve.low) / 2 + np.asarray(curve.high) / 2
        for _, curve in curves
    ]
    return pa.table(
        {
            "step": pa.array(steps.astype(np.int64)),
            "value": numbers(np.concatenate([np.empty(0), *values])),
            "name": words(np.repeat(np.arange(len(names)), sizes), names),
        }
    )


def _looked_up(names: Sequence[str], labels: Sequence[str]) -> str:
    """An expression of Vega that finds the label of a name."""
    return f"{json.dumps(dict(zip(names, labels, strict=True)))}[datum.label]"


def _cycled(values: list, count: int) -> list:
    return [values[i % len(values)] for i in range(count)]


def _widths(count: int, widest: float) -> list[float]:
    """From the widest to the narrowest; one width where there is one line."""
    widths = np.linspace(widest, min(widest, NARROWEST), max(count, 2))
    return [round(float(width), 2) for width in widths][:count]
