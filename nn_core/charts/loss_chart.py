"""Loss and accuracy over time, on the training and the test rows."""

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
    category_column,
    data_placeholder,
    evenly_spaced,
    number_column,
    without_data,
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
    """Loss over time: a line for each series within its band of lowest and highest values.

    Parameters
    ----------
    log : bool
        Whether the loss axis is logarithmic; losses of 0 are then omitted.
    unit : str
        Unit of the loss for the title of its axis; see `loss_unit`.
    x : {'epoch', 'step'}
        Quantity of the x axis.
    series : tuple of str
        Possible series of the table, in its order: keys of `COLOURS`.

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
            x=_x_axis(x),
            y=alt.Y("low:Q", title=title, scale=scale, axis=axis),
            y2="high:Q",
            color=_series_color(series),
        )
    )
    chart = alt.layer(band, *lines, data=data_placeholder())
    if log:
        # A logarithmic axis cannot show a lower end of 0, so such a band ends at its line.
        chart = chart.transform_filter("datum.loss > 0").transform_calculate(
            low="datum.low > 0 ? datum.low : datum.loss"
        )
    return without_data(chart.properties(height=260))


def loss_table(
    losses: Envelope,
    steps_per_epoch: int,
    measurements: Sequence[Measurement] = (),
    most_points: int = MOST_POINTS,
    epochs: Envelope | None = None,
) -> pa.Table:
    """Losses of the training batches, losses on the test rows, and epoch means.

    Parameters
    ----------
    losses : nn_core.runs.binned_curve.Envelope
        First step, lowest and highest loss of each bin; the line runs in the middle.
    steps_per_epoch : int
        As the run's `Started` event says.
    measurements : sequence of nn_core.runs.history.Measurement
        Measurements; those with the metric ``test_loss`` are drawn.
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
    test_steps, test_epochs, test_losses = _metric_columns(measurements, "test_loss", most_points)
    numbers_of, mean_low, mean_high = epochs or (np.empty(0),) * 3
    ends = np.asarray(numbers_of) + 1
    means = np.asarray(mean_low, float) / 2 + np.asarray(mean_high, float) / 2
    counts = [len(steps), len(test_steps), len(ends)]
    return pa.table(
        {
            "step": pa.array(
                np.concatenate([steps, test_steps, ends * steps_per_epoch]).astype(np.int64)
            ),
            "epoch": number_column(np.concatenate([steps / steps_per_epoch, test_epochs, ends])),
            "loss": number_column(np.concatenate([middle, test_losses, means])),
            "low": number_column(np.concatenate([low, test_losses, mean_low])),
            "high": number_column(np.concatenate([high, test_losses, mean_high])),
            "series": category_column(np.repeat([0, 1, 2], counts), [*SERIES, EPOCH_MEAN]),
        }
    )


@functools.cache
def accuracy_spec(x: Across = "epoch") -> Spec:
    """Accuracy over time, from 0 to 100 percent: a line for each series.

    Parameters
    ----------
    x : {'epoch', 'step'}
        Quantity of the x axis.

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
    return without_data(alt.layer(*lines, data=data_placeholder()).properties(height=260))


def accuracy_table(measurements: Sequence[Measurement], most_points: int = MOST_POINTS) -> pa.Table:
    """Accuracies on the training and on the test rows.

    Parameters
    ----------
    measurements : sequence of nn_core.runs.history.Measurement
        Measurements; those with ``train_accuracy`` or ``test_accuracy`` are drawn.
    most_points : int
        Maximum number of points in each series.

    Returns
    -------
    table : pyarrow.Table
        Columns step, epoch, accuracy (a fraction), series.
    """
    measured = [_metric_columns(measurements, f"{name}_accuracy", most_points) for name in SERIES]
    steps, epochs, shares = (np.concatenate(columns) for columns in zip(*measured, strict=True))
    return pa.table(
        {
            "step": pa.array(steps.astype(np.int64)),
            "epoch": number_column(epochs),
            "accuracy": number_column(shares),
            "series": category_column(np.repeat([0, 1], [len(m[0]) for m in measured]), SERIES),
        }
    )


def _metric_columns(
    measurements: Sequence[Measurement], metric: str, most_points: int
) -> tuple[Array, Array, Array]:
    """Steps, epochs and values of one metric."""
    rows = [(m.step, m.epoch, m.metrics[metric]) for m in measurements if metric in m.metrics]
    columns = np.array(rows, float).reshape(-1, 3)[evenly_spaced(len(rows), most_points)]
    return columns[:, 0], columns[:, 1], columns[:, 2]


def _x_axis(x: Across) -> alt.X:
    return alt.X(
        f"{x}:Q", title=TITLES[x], scale=alt.Scale(nice=False), axis=alt.Axis(format=COUNT)
    )


def _legend() -> alt.Legend:
    return alt.Legend(symbolType="stroke", symbolOpacity=1, symbolStrokeWidth=3)


def _series_color(series: Sequence[str] = SERIES) -> alt.Color:
    return alt.Color(
        "series:N",
        title="rows",
        # Without a domain the legend lists the series in the table; the training rows come first,
        # so that every series keeps its colour.
        sort=None,
        scale=alt.Scale(range=[COLOURS[name] for name in series]),
        legend=_legend(),
    )


def _curves(
    x: Across, value: str, y: alt.Y, form: str, series: Sequence[str] = SERIES
) -> tuple[alt.Chart, alt.Chart]:
    """A line for each series, and points with tooltips."""
    across = _x_axis(x)
    dash = alt.StrokeDash(
        "series:N",
        title="rows",
        sort=None,
        scale=alt.Scale(range=[DASH[name] for name in series]),
        legend=_legend(),
    )
    tooltip = [
        alt.Tooltip("series:N", title="rows"),
        alt.Tooltip("step:Q", format=","),
        alt.Tooltip("epoch:Q", format=COUNT),
        alt.Tooltip(f"{value}:Q", format=form),
    ]
    if value == "loss":
        tooltip += [
            alt.Tooltip("low:Q", title="lowest", format=form),
            alt.Tooltip("high:Q", title="highest", format=form),
        ]
    line = (
        alt.Chart()
        .mark_line(tooltip=None)
        .encode(x=across, y=y, color=_series_color(series), strokeDash=dash)
    )
    # A line with a single point is invisible, so the point is drawn.
    points = (
        alt.Chart()
        .transform_joinaggregate(n_points="count()", groupby=["series"])
        .mark_point(filled=True, size=60)
        .encode(
            x=across,
            y=y,
            color=_series_color(series),
            opacity=alt.when("datum.n_points === 1").then(alt.value(1)).otherwise(alt.value(0)),
            tooltip=tooltip,
        )
    )
    return line, points
