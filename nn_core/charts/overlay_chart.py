"""Curves of several runs in one chart: losses, or differences from a reference."""

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
    category_column,
    data_placeholder,
    number_column,
    without_data,
)

if TYPE_CHECKING:
    from nn_core.runs.binned_curve import Envelope

NARROWEST = 2.0
HEIGHT = 260
LEGEND_HEIGHT = 34  # of each row of names
COLUMNS, COLUMNS_OF_SHORT, SHORT = 3, 5, 16  # names in a row; characters of a short name
ON_HALF_A_PAGE = 3
"""Short names in a row above a chart of half the page width, also at projector size."""


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
    """A line for each name, with its own colour, dash and width.

    Coinciding lines stay visible: each is narrower than the previous one and drawn on top of it.

    Parameters
    ----------
    names : tuple of str
        All possible names, in drawing order.
    title : str
        Title of the vertical axis, with its unit.
    log : bool
        Whether that axis is logarithmic; values of 0 are then omitted.
    widest : float
        Width of the first line in pixels; larger if lines may coincide.
    has_legend : bool
        Whether there is a legend; a chart beside another one does not need it.
    labels : tuple of str
        Labels of the legend instead of long names, one for each name.
    columns : int, optional
        Names in a row of the legend; by default as many as fit into the page width. The edge of
        the chart cuts off names that do not fit.

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
            labelExpr=_label_expression(names, labels) if labels else alt.Undefined,
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
    chart = alt.layer(*lines, data=data_placeholder())
    if log:
        chart = chart.transform_filter("datum.value > 0")
    rows = -(-len(domain) // columns) if has_legend else 0
    return without_data(chart.properties(height=HEIGHT + rows * LEGEND_HEIGHT))


def overlay_table(curves: Sequence[tuple[str, Envelope]], *, highest: bool = False) -> pa.Table:
    """The curves of several runs.

    Parameters
    ----------
    curves : sequence of (str, nn_core.runs.binned_curve.Envelope)
        Name and curve of each.
    highest : bool
        Whether a bin is drawn at its highest value instead of its mean.

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
            "value": number_column(np.concatenate([np.empty(0), *values])),
            "name": category_column(np.repeat(np.arange(len(names)), sizes), names),
        }
    )


def _label_expression(names: Sequence[str], labels: Sequence[str]) -> str:
    """A Vega expression that maps a name to its label."""
    return f"{json.dumps(dict(zip(names, labels, strict=True)))}[datum.label]"


def _cycled(values: list, count: int) -> list:
    return [values[i % len(values)] for i in range(count)]


def _widths(count: int, widest: float) -> list[float]:
    """Line widths, from the widest to the narrowest."""
    widths = np.linspace(widest, min(widest, NARROWEST), max(count, 2))
    return [round(float(width), 2) for width in widths][:count]
