"""Losses of many seeds: how they spread, and every single one faintly."""

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
    bare,
    numbers,
    rows_to_come,
    words,
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
    """Bands from the lowest to the highest loss and between the quartiles, median, and each seed.

    Parameters
    ----------
    unit : str
        Of the loss; see `nn_core.charts.loss_chart.loss_unit`.
    log : bool
        Whether the axis of the loss is logarithmic; losses of 0 are then left out.

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
    told = [
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
        .encode(strokeDash=dash, detail="seed:N", tooltip=told)
    )
    median = (
        base.transform_filter(f"datum.part === {MEDIAN}")
        .mark_line(strokeWidth=4)
        .encode(tooltip=told)
    )
    chart = alt.layer(*areas, singles, median, data=rows_to_come())
    if log:
        chart = chart.transform_filter("datum.value > 0")
    return bare(chart.properties(height=HEIGHT))


def band_table(trials: Sequence[Trial], spread: Band, target: float = 1.0) -> pa.Table:
    """The spread of the losses, and the curve of each seed.

    Parameters
    ----------
    trials : sequence of nn_core.runs.studies.convergence.Trial
        The seeds that are over.
    spread : nn_core.runs.studies.convergence.Band
        Over them.
    target : float
        The accuracy from which a seed has solved it.

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
            "epoch": numbers(np.concatenate(steps) / epoch_steps),
            "value": numbers(np.concatenate(lows)),
            "high": numbers(np.concatenate(highs)),
            "kind": words(np.repeat(kinds, sizes), KINDS),
            "part": pa.array(np.repeat(layers, sizes).astype(np.int64)),
            "seed": pa.array(np.repeat(seeds, sizes).astype(np.int64)),
        }
    )
