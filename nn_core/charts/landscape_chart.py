"""Loss landscape: heat map of the loss on a plane, and the path of the run."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import altair as alt
import numpy as np
import pyarrow as pa

from nn_core.charts.histograms_chart import LABEL, TITLE
from nn_core.charts.parts import VALUE, Array, Spec, data_placeholder, number_column, without_data

HEIGHT = 480
MOST_DECADES = 12
"""Range of the colour scale in decades; lower losses have the colour of its lower end."""

CELL, PATH, START, PRESENT = range(4)


class LossGrid(NamedTuple):
    """Losses on a grid of the plane.

    Attributes
    ----------
    across, up : ndarray
        Evenly spaced coordinates of the columns and of the rows.
    losses : ndarray of shape (len(up), len(across))
        Losses; not finite after an overflow.
    """

    across: Array
    up: Array
    losses: Array


@functools.lru_cache(maxsize=32)
def landscape_spec(x_title: str, y_title: str, unit: str) -> Spec:
    """Heat map of the loss on a logarithmic scale, with path, start and current position.

    Parameters
    ----------
    x_title, y_title : str
        Titles of the axes.
    unit : str
        Unit of the loss.

    Returns
    -------
    spec : dict
        For the tables of `landscape_table`.
    """
    axis = alt.Axis(
        format=VALUE,
        labelFontSize=LABEL,
        titleFontSize=TITLE,
        titleLimit=520,
        grid=False,
        tickCount=6,
    )
    scale = alt.Scale(nice=False, zero=False)
    base = alt.Chart().encode(
        x=alt.X("x:Q", title=x_title, scale=scale, axis=axis),
        y=alt.Y("y:Q", title=y_title, scale=scale, axis=axis),
    )

    def of(part: int) -> alt.Chart:
        return base.transform_filter(f"datum.part === {part}")

    cells = (
        of(CELL)
        # Slightly enlarged, because gaps between cells would be visible otherwise.
        .mark_rect(x2Offset=0.7, y2Offset=-0.7)
        .encode(
            x2="x2:Q",
            y2="y2:Q",
            color=alt.Color(
                "shade:Q",
                title=f"loss ({unit}), logarithmic" if unit else "loss, logarithmic",
                scale=alt.Scale(scheme="viridis", nice=False, zero=False),
                legend=alt.Legend(
                    orient="top",
                    gradientLength=340,
                    labelExpr="format(pow(10, datum.value), datum.value < -3 ? '.0e' : '.2~g')",
                    labelFontSize=LABEL,
                    titleFontSize=TITLE,
                    titleLimit=400,
                    tickCount=5,
                ),
            ),
            tooltip=[
                alt.Tooltip("at_x:Q", title=x_title, format=VALUE),
                alt.Tooltip("at_y:Q", title=y_title, format=VALUE),
                alt.Tooltip("loss:Q", title="loss here", format=".6~g"),
            ],
        )
    )
    tooltip = [
        alt.Tooltip("step:Q", format=","),
        alt.Tooltip("x:Q", title=x_title, format=VALUE),
        alt.Tooltip("y:Q", title=y_title, format=VALUE),
    ]
    # White on black is visible on every colour of the map.
    line = of(PATH).encode(order="step:Q")
    layers = [
        cells,
        line.mark_line(color="black", strokeWidth=5, opacity=0.75, tooltip=None),
        line.mark_line(color="white", strokeWidth=2.5, tooltip=None),
        of(PATH).mark_point(filled=True, color="white", size=26).encode(tooltip=tooltip),
    ]
    for part, shape, name, dy in ((START, "circle", "start", 20), (PRESENT, "diamond", "now", -20)):
        layers += [
            of(part).mark_point(
                shape=shape, filled=True, size=330, color="black", opacity=1, tooltip=None
            ),
            of(part)
            .mark_point(shape=shape, filled=True, size=150, color="white", opacity=1)
            .encode(tooltip=tooltip),
        ]
        words: dict[str, Any] = {"fontSize": 17, "fontWeight": "bold", "dy": dy, "tooltip": None}
        layers += [
            of(part)
            .mark_text(stroke="black", strokeWidth=4, strokeJoin="round", color="black", **words)
            .encode(text=alt.value(name)),
            of(part).mark_text(color="white", **words).encode(text=alt.value(name)),
        ]
    return without_data(alt.layer(*layers, data=data_placeholder()).properties(height=HEIGHT))


def landscape_table(
    grid: LossGrid, steps: Array, path: Array, now: tuple[int, Array] | None = None
) -> pa.Table:
    """The cells of the surface, and the path.

    Parameters
    ----------
    grid : Grid
        Losses of the surface.
    steps : ndarray of shape (n,)
        Steps of the points of the path, ascending.
    path : ndarray of shape (n, 2)
        Coordinates of the path; a point outside the grid leaves a gap.
    now : (int, ndarray of shape (2,)), optional
        Step and coordinates of the moment shown.

    Returns
    -------
    table : pyarrow.Table
        Columns part, x, x2, y, y2 (edges of a cell, or a point of the path), at_x, at_y (centre
        of a cell), loss, shade (finite logarithm of the loss; see `shades`), step.
    """
    x_ends, y_ends = _cell_edges(grid.across), _cell_edges(grid.up)
    at_x, at_y = (axis.ravel() for axis in np.meshgrid(grid.across, grid.up))
    left, low = (axis.ravel() for axis in np.meshgrid(x_ends[:-1], y_ends[:-1]))
    right, high = (axis.ravel() for axis in np.meshgrid(x_ends[1:], y_ends[1:]))
    losses = grid.losses.ravel()
    points = np.asarray(path, float).reshape(-1, 2).copy()
    marks = [(PATH, step, point) for step, point in zip(steps, points, strict=True)]
    if len(points):
        marks.append((START, steps[0], points[0]))
    if now is not None:
        marks.append((PRESENT, now[0], np.asarray(now[1], float)))
    parts = np.array([part for part, _, _ in marks], int)
    where = np.array([point for _, _, point in marks], float).reshape(-1, 2)
    if len(x_ends) and len(y_ends):
        inside = (
            (where[:, 0] >= x_ends[0])
            & (where[:, 0] <= x_ends[-1])
            & (where[:, 1] >= y_ends[0])
            & (where[:, 1] <= y_ends[-1])
        )
        where[~inside] = np.nan
    gap = np.full(len(marks), np.nan)
    none = np.full(len(losses), np.nan)
    return pa.table(
        {
            "part": pa.array(np.concatenate([np.full(len(losses), CELL), parts]).astype(np.int64)),
            "x": number_column(np.concatenate([left, where[:, 0]])),
            "x2": number_column(np.concatenate([right, gap])),
            "y": number_column(np.concatenate([low, where[:, 1]])),
            "y2": number_column(np.concatenate([high, gap])),
            "at_x": number_column(np.concatenate([at_x, gap])),
            "at_y": number_column(np.concatenate([at_y, gap])),
            "loss": number_column(np.concatenate([losses, gap])),
            "shade": number_column(np.concatenate([shades(losses), gap])),
            "step": number_column(np.concatenate([none, [step for _, step, _ in marks]])),
        }
    )


def shades(losses: Array) -> Array:
    """Base-10 logarithms of losses, clipped to `MOST_DECADES` below the highest loss.

    Examples
    --------
    >>> shades(np.array([0.0, 0.01, 1.0])).tolist()
    [-12.0, -2.0, 0.0]
    """
    is_finite = np.isfinite(losses)
    highest = losses[is_finite].max(initial=0.0)
    if highest <= 0:
        return np.where(is_finite, 0.0, np.nan)
    kept = np.where(is_finite, np.maximum(losses, highest / 10**MOST_DECADES), np.nan)
    return np.asarray(np.log10(kept))


def _cell_edges(middles: Array) -> Array:
    """Edges of the cells with these centres."""
    if len(middles) < 2:
        return np.concatenate([middles - 0.5, middles[-1:] + 0.5])
    half = (middles[1] - middles[0]) / 2
    return np.append(middles - half, middles[-1] + half)
