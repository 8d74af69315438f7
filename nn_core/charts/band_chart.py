"""Loss curves of many seeds, with bands of their distribution."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING

import altair as alt
import numpy as np
import pyarrow as pa

from nn_core.charts.parts import (
    BLUE,
    COUNT,
    VALUE,
    VERMILION,
    Spec,
    category_column,
    data_placeholder,
    number_column,
    without_data,
)

if TYPE_CHECKING:
    from nn_core.runs.studies.convergence import Band, Trial

KINDS = ["solved", "not solved", "median, middle half", "lowest to highest"]
GREY, GREEN = "#7C8796", "#009E73"
COLORS = [BLUE, VERMILION, GREEN, GREY]
SINGLE, MEDIAN, HALF, RANGE = range(4)
HEIGHT = 350


@functools.cache
def band_spec(unit: str = "", log: bool = True) -> Spec:
    """Range band, interquartile band and median of the losses, and the curve of each seed.

    Parameters
    ----------
    unit : str
        Unit of the loss; see `nn_core.charts.loss_chart.loss_unit`.
    log : bool
        Whether the loss axis is logarithmic; losses of 0 are then omitted.

    Returns
    -------
    spec : dict
        For the tables of `band_table`.
    """
    title = f"loss ({unit})" if unit else "loss"
    scale = alt.Scale(type="log") if log else alt.Scale(zero=True)
    color = alt.Color(
        "kind:N",
        title=None,
        scale=alt.Scale(domain=KINDS, range=COLORS),
        legend=alt.Legend(
            orient="top", columns=2, symbolType="square", symbolOpacity=1, symbolStrokeWidth=0
        ),
    )
    base = alt.Chart().encode(
        x=alt.X(
            "epoch:Q",
            title="epoch (passes over the data)",
            scale=alt.Scale(nice=False),
            axis=alt.Axis(format=COUNT, tickCount=10),
        ),
        y=alt.Y("value:Q", title=title, scale=scale, axis=alt.Axis(format=VALUE, tickCount=5)),
        color=color,
    )
    tooltip = [
        alt.Tooltip("epoch:Q", format=COUNT),
        alt.Tooltip("kind:N", title="which"),
        alt.Tooltip("seed:N"),
        alt.Tooltip("value:Q", title="loss", format=VALUE),
    ]
    areas = [
        base.transform_filter(f"datum.part === {part}")
        .mark_area(opacity=opacity, tooltip=None)
        .encode(y2="high:Q")
        for part, opacity in ((RANGE, 0.18), (HALF, 0.3))
    ]
    dash = alt.StrokeDash(
        "kind:N", scale=alt.Scale(domain=KINDS, range=[[1, 0], [5, 3], [1, 0], [1, 0]]), legend=None
    )
    singles = (
        base.transform_filter(f"datum.part === {SINGLE}")
        .mark_line(strokeWidth=1.5, opacity=0.75)
        .encode(strokeDash=dash, detail="seed:N", tooltip=tooltip)
    )
    median = (
        base.transform_filter(f"datum.part === {MEDIAN}")
        .mark_line(strokeWidth=4)
        .encode(tooltip=tooltip)
    )
    chart = alt.layer(*areas, singles, median, data=data_placeholder())
    if log:
        chart = chart.transform_filter("datum.value > 0")
    return without_data(chart.properties(height=HEIGHT))


def band_table(trials: Sequence[Trial], spread: Band, target: float = 1.0) -> pa.Table:
    """The bands of the losses, and the curve of each seed.

    Parameters
    ----------
    trials : sequence of nn_core.runs.studies.convergence.Trial
        The finished seeds.
    spread : nn_core.runs.studies.convergence.Band
        Quantiles over the finished seeds.
    target : float
        The accuracy from which a seed counts as solved.

    Returns
    -------
    table : pyarrow.Table
        Columns epoch, value, high (the upper end of a band; otherwise the value), kind, part
        (which layer of the chart draws the row) and seed (-1 for all).
    """
    epoch_steps = trials[0].epoch_steps if trials else 1
    parts = [
        (spread.steps, spread.lowest, spread.highest, 3, RANGE, -1),
        (spread.steps, spread.lower_quartile, spread.upper_quartile, 2, HALF, -1),
        (spread.steps, spread.median, spread.median, 2, MEDIAN, -1),
    ]
    for trial in trials:
        value = trial.curve.low / 2 + trial.curve.high / 2
        kind = 0 if trial.is_solved(target) else 1
        parts.append((trial.curve.steps, value, value, kind, SINGLE, trial.seed))
    sizes = [len(steps) for steps, *_ in parts]
    steps, lows, highs, kinds, layers, seeds = zip(*parts, strict=True)
    return pa.table(
        {
            "epoch": number_column(np.concatenate(steps) / epoch_steps),
            "value": number_column(np.concatenate(lows)),
            "high": number_column(np.concatenate(highs)),
            "kind": category_column(np.repeat(kinds, sizes), KINDS),
            "part": pa.array(np.repeat(layers, sizes).astype(np.int64)),
            "seed": pa.array(np.repeat(seeds, sizes).astype(np.int64)),
        }
    )
