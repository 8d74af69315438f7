"""Loss and accuracy over time, of the training and the test rows."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import altair as alt
import numpy as np
import pyarrow as pa

from nn_core.charts.parts import (
    COUNT,
    DASHES,
    LINES,
    MOST_POINTS,
    VALUE,
    Array,
    Spec,
    bare,
    evenly,
    numbers,
    rows_to_come,
    words,
)
from nn_core.vocabulary import LOSSES

if TYPE_CHECKING:
    from nn_core.runs.binned_curve import Envelope
    from nn_core.runs.history import Measurement

Across = Literal["epoch", "step"]

EPOCH_MEAN = "train, epoch mean"
SERIES = ["train", "test"]
COLOURS = dict(zip([*SERIES, EPOCH_MEAN], LINES, strict=True))
DASH = dict(zip(COLOURS, DASHES, strict=False))
TITLES = {"epoch": "epoch (passes over the data)", "step": "step (updates of the weights)"}


def loss_unit(loss: str) -> str:
    """What a chart writes behind “loss”: the unit of a loss, or else what its numbers are.

    Examples
    --------
    >>> loss_unit("bce_logits"), loss_unit("mse"), loss_unit("perceptron")
    ('nats', 'squared error', 'weighted sums')
    """
    record = LOSSES[loss]
    return record.unit or record.quantity


@functools.cache
def loss_spec(
    log: bool = False,
    unit: str = "",
    x: Across = "epoch",
    series: tuple[str, ...] = ("train", "test"),
) -> Spec:
    """Loss over time: a line for each series, in a band from its lowest to its highest value.

    Parameters
    ----------
    log : bool
        Whether the axis of the loss is logarithmic; losses of 0 are then left out.
    unit : str
        Of the loss, for the title of its axis; see `loss_unit`.
    x : {'epoch', 'step'}
        What is counted along the other axis.
    series : tuple of str
        Those that the table may hold, in its order: keys of `COLOURS`.

    Returns
    -------
    spec : dict
        For the tables of `loss_table`.
    """
    title = f"loss ({unit})" if unit else "loss"
    scale = alt.Scale(type="log") if log else alt.Scale(zero=True)
    axis = alt.Axis(format=VALUE, tickCount=5)
    y = alt.Y("loss:Q", title=title, scale=scale, axis=axis)
    lines = _curves(x, "loss", y, VALUE, series)
    band = (
        alt.Chart()
        .mark_area(opacity=0.25, tooltip=None)
        .encode(
            x=_across(x),
            y=alt.Y("low:Q", title=title, scale=scale, axis=axis),
            y2="high:Q",
            color=_by_series(series),
        )
    )
    chart = alt.layer(band, *lines, data=rows_to_come())
    if log:
        # A band that reaches down to 0 has no lower end on this axis; it ends at its line.
        chart = chart.transform_filter("datum.loss > 0").transform_calculate(
            low="datum.low > 0 ? datum.low : datum.loss"
        )
    return bare(chart.properties(height=260))


def loss_table(
    losses: Envelope,
    steps_per_epoch: int,
    measurements: Sequence[Measurement] = (),
    most_points: int = MOST_POINTS,
    epochs: Envelope | None = None,
) -> pa.Table:
    """The losses of the training batches, those measured on the test rows, and epochs' means.

    Parameters
    ----------
    losses : nn_core.runs.binned_curve.Envelope
        First step, lowest and highest loss of each bin; the line runs in the middle.
    steps_per_epoch : int
        As the run's `Started` event says.
    measurements : sequence of nn_core.runs.history.Measurement
        The metric ``test_loss`` is read where there is one.
    most_points : int
        At most so many measurements are drawn.
    epochs : nn_core.runs.binned_curve.Envelope, optional
        Mean losses, counted in epochs instead of steps. Each is drawn where its epoch ends.

    Returns
    -------
    table : pyarrow.Table
        Columns step, epoch, loss, low, high, series.
    """
    low, high = np.asarray(losses.low, float), np.asarray(losses.high, float)
    middle = low / 2 + high / 2
    steps = np.asarray(losses.steps)
    test_steps, test_epochs, test_losses = _measured(measurements, "test_loss", most_points)
    numbers_of, mean_low, mean_high = epochs or (np.empty(0),) * 3
    ends = np.asarray(numbers_of) + 1
    means = np.asarray(mean_low, float) / 2 + np.asarray(mean_high, float) / 2
    counts = [len(steps), len(test_steps), len(ends)]
    return pa.table(
        {
            "step": pa.array(
                np.concatenate([steps, test_steps, ends * steps_per_epoch]).astype(np.int64)
            ),
            "epoch": numbers(np.concatenate([steps / steps_per_epoch, test_epochs, ends])),
            "loss": numbers(np.concatenate([middle, test_losses, means])),
            "low": numbers(np.concatenate([low, test_losses, mean_low])),
            "high": numbers(np.concatenate([high, test_losses, mean_high])),
            "series": words(np.repeat([0, 1, 2], counts), [*SERIES, EPOCH_MEAN]),
        }
    )


@functools.cache
def accuracy_spec(x: Across = "epoch") -> Spec:
    """Accuracy over time, from 0 to 100 percent: a line for each series.

    Parameters
    ----------
    x : {'epoch', 'step'}
        What is counted along the axis.

    Returns
    -------
    spec : dict
        For the tables of `accuracy_table`.
    """
    y = alt.Y(
        "accuracy:Q",
        title="accuracy (% of the rows)",
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(format="%"),
    )
    lines = _curves(x, "accuracy", y, ".2%")
    return bare(alt.layer(*lines, data=rows_to_come()).properties(height=260))


def accuracy_table(measurements: Sequence[Measurement], most_points: int = MOST_POINTS) -> pa.Table:
    """The accuracies measured on the training and on the test rows.

    Parameters
    ----------
    measurements : sequence of nn_core.runs.history.Measurement
        The metrics ``train_accuracy`` and ``test_accuracy`` are read where there are any.
    most_points : int
        At most so many of each are drawn.

    Returns
    -------
    table : pyarrow.Table
        Columns step, epoch, accuracy (a fraction), series.
    """
    measured = [_measured(measurements, f"{name}_accuracy", most_points) for name in SERIES]
    steps, epochs, shares = (np.concatenate(columns) for columns in zip(*measured, strict=True))
    return pa.table(
        {
            "step": pa.array(steps.astype(np.int64)),
            "epoch": numbers(epochs),
            "accuracy": numbers(shares),
            "series": words(np.repeat([0, 1], [len(m[0]) for m in measured]), SERIES),
        }
    )


def _measured(
    measurements: Sequence[Measurement], metric: str, most_points: int
) -> tuple[Array, Array, Array]:
    """Steps, epochs and values of one metric."""
    rows = [(m.step, m.epoch, m.metrics[metric]) for m in measurements if metric in m.metrics]
    columns = np.array(rows, float).reshape(-1, 3)[evenly(len(rows), most_points)]
    return columns[:, 0], columns[:, 1], columns[:, 2]


def _across(x: Across) -> alt.X:
    return alt.X(
        f"{x}:Q", title=TITLES[x], scale=alt.Scale(nice=False), axis=alt.Axis(format=COUNT)
    )


def _legend() -> alt.Legend:
    return alt.Legend(symbolType="stroke", symbolOpacity=1, symbolStrokeWidth=3)


def _by_series(series: Sequence[str] = SERIES) -> alt.Color:
    return alt.Color(
        "series:N",
        title="rows",
        # Without a domain the legend lists what the table holds: the training rows come first
        # in it, and so every series keeps its colour.
        sort=None,
        scale=alt.Scale(range=[COLOURS[name] for name in series]),
        legend=_legend(),
    )


def _curves(
    x: Across, value: str, y: alt.Y, form: str, series: Sequence[str] = SERIES
) -> tuple[alt.Chart, alt.Chart]:
    """A line for each series, and the points on it, which carry the tooltip."""
    across = _across(x)
    dash = alt.StrokeDash(
        "series:N",
        title="rows",
        sort=None,
        scale=alt.Scale(range=[DASH[name] for name in series]),
        legend=_legend(),
    )
    told = [
        alt.Tooltip("series:N", title="rows"),
        alt.Tooltip("step:Q", format=","),
        alt.Tooltip("epoch:Q", format=COUNT),
        alt.Tooltip(f"{value}:Q", format=form),
    ]
    if value == "loss":
        told += [
            alt.Tooltip("low:Q", title="lowest", format=form),
            alt.Tooltip("high:Q", title="highest", format=form),
        ]
    line = (
        alt.Chart()
        .mark_line(tooltip=None)
        .encode(x=across, y=y, color=_by_series(series), strokeDash=dash)
    )
    # A line of a single point draws nothing, so that point is shown itself.
    points = (
        alt.Chart()
        .transform_joinaggregate(n_points="count()", groupby=["series"])
        .mark_point(filled=True, size=60)
        .encode(
            x=across,
            y=y,
            color=_by_series(series),
            opacity=alt.when("datum.n_points === 1").then(alt.value(1)).otherwise(alt.value(0)),
            tooltip=told,
        )
    )
    return line, points
