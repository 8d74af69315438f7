"""Weights and biases over time, by name."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence
from typing import Any, NamedTuple

import altair as alt
import numpy as np
import pyarrow as pa

from nn_core.charts.parts import (
    COUNT,
    DASHES,
    MOST_POINTS,
    PALETTE,
    VALUE,
    Array,
    Spec,
    category_column,
    data_placeholder,
    evenly_spaced,
    number_column,
    without_data,
)
from nn_core.events import Params

MOST_SERIES = 60

MOST_NAMED = 25
"""Maximum lines that a legend in two columns can name within the height of the chart."""

ROWS_OF_LEGEND = 14

MOST_DOTTED = 50
"""Maximum moments with a point each; more would merge into a thick line."""

DASH_OF_NAME = [dash for dash in (*DASHES, [1, 3]) for _ in PALETTE]
"""Lines with the same colour differ in their dashes."""


class Series(NamedTuple):
    """The weights and biases that are drawn.

    Attributes
    ----------
    names : tuple of str
        Name of each line.
    layers : tuple of str
        Target layer of each line.
    places : tuple of (layer, is_bias, positions)
        Positions in the parameters; positions in a weight count row by row.
    left_out : str
        A sentence on the omitted parameters; empty if there are none.
    """

    names: tuple[str, ...]
    layers: tuple[str, ...]
    places: tuple[tuple[int, bool, tuple[int, ...]], ...]
    left_out: str


def unit_names(
    layer_sizes: Sequence[int], input_names: Sequence[str], output_names: Sequence[str]
) -> list[tuple[str, ...]]:
    """Names of all units, layer by layer, inputs first.

    With several hidden layers, the name of a hidden unit consists of layer and position.

    Examples
    --------
    >>> unit_names((2, 2, 1, 1), ("A", "B"), ("Y",))
    [('A', 'B'), ('hidden 1.1', 'hidden 1.2'), ('hidden 2.1',), ('Y',)]
    """
    n_hidden = len(layer_sizes) - 2
    hidden = [
        tuple(
            f"hidden {layer}.{unit}" if n_hidden > 1 else f"hidden {unit}"
            for unit in range(1, size + 1)
        )
        for layer, size in enumerate(layer_sizes[1:-1], 1)
    ]
    return [tuple(input_names), *hidden, tuple(output_names)]


def parameter_names(
    layer_sizes: Sequence[int],
    bias: bool,
    input_names: Sequence[str],
    output_names: Sequence[str],
) -> list[str]:
    """Names of all weights and biases, in the order of the parameters.

    Layer by layer: first the weights row by row (grouped by source unit), then the biases.

    Examples
    --------
    >>> parameter_names((2, 1), True, ("A", "B"), ("Y",))
    ['A → Y', 'B → Y', 'bias of Y']
    """
    names = []
    for sources, targets in itertools.pairwise(unit_names(layer_sizes, input_names, output_names)):
        names += [f"{source} → {target}" for source in sources for target in targets]
        if bias:
            names += [f"bias of {target}" for target in targets]
    return names


def layer_names(n_layers: int, front: Sequence[Any] = ()) -> list[str]:
    """Names of all layers with weights, the output layer last.

    Parameters
    ----------
    n_layers : int
        How many.
    front : sequence of Front
        The layers in front of the dense layers: `Experiment.front`.

    Examples
    --------
    >>> layer_names(2), layer_names(1)
    (['hidden layer', 'output layer'], ['output layer'])
    """
    n_dense = n_layers - len(front)
    return [*(layer.name for layer in front), *(_layer_name(i, n_dense) for i in range(n_dense))]


@functools.lru_cache(maxsize=64)
def choose_series(
    layer_sizes: tuple[int, ...],
    bias: bool,
    input_names: tuple[str, ...],
    output_names: tuple[str, ...],
    most: int = MOST_SERIES,
) -> Series:
    """Choose the weights and biases to draw: all of them, or `most` of them.

    The choice is spread evenly over the layers, and within a layer over weights and biases. It
    depends on the network only, so it is constant during a run.
    """
    units = unit_names(layer_sizes, input_names, output_names)
    groups = [
        (layer, is_bias)
        for layer in range(len(layer_sizes) - 1)
        for is_bias in (False, True)[: 1 + bias]
    ]
    sizes = [
        layer_sizes[layer + 1] * (1 if is_bias else layer_sizes[layer]) for layer, is_bias in groups
    ]
    names: list[str] = []
    layers: list[str] = []
    places = []
    missing = []
    for (layer, is_bias), size, share in zip(groups, sizes, _fair_shares(sizes, most), strict=True):
        positions = tuple(((np.arange(share) + 0.5) * size / share).astype(int).tolist())
        sources, targets = units[layer], units[layer + 1]
        names += [
            f"bias of {targets[i]}"
            if is_bias
            else f"{sources[i // len(targets)]} → {targets[i % len(targets)]}"
            for i in positions
        ]
        label = _layer_name(layer, len(layer_sizes) - 1)
        layers += [label] * share
        places.append((layer, is_bias, positions))
        if share < size:
            kind = "biases" if is_bias else "weights"
            missing.append(f"{size - share:,} of the {size:,} {kind} of the {label}")
    left_out = (
        f"{len(names)} of {sum(sizes):,} weights and biases are drawn, spread evenly over the "
        f"layers. Left out are {'; '.join(missing)}."
        if missing
        else ""
    )
    return Series(tuple(names), tuple(layers), tuple(places), left_out)


def weights_table(
    snapshots: Sequence[tuple[int, Params]], series: Series, most_points: int = MOST_POINTS
) -> pa.Table:
    """The chosen weights and biases at each of the snapshots.

    Parameters
    ----------
    snapshots : sequence of (step, params)
        In the order of their steps.
    series : Series
        From `choose_series`, for the same network.
    most_points : int
        Maximum number of snapshots drawn; they include the first and the last.

    Returns
    -------
    table : pyarrow.Table
        Columns step, value, name, layer; line by line.
    """
    drawn = [snapshots[i] for i in evenly_spaced(len(snapshots), most_points)]
    values = np.empty((len(series.names), len(drawn)))
    for column, (_, params) in enumerate(drawn):
        values[:, column] = _values_at(params, series)
    position = np.repeat(np.arange(len(series.names)), len(drawn))
    labels = list(dict.fromkeys(series.layers))
    layer = np.array([labels.index(label) for label in series.layers], int)
    return pa.table(
        {
            "step": pa.array(np.tile(np.array([step for step, _ in drawn], np.int64), len(values))),
            "value": number_column(values.ravel()),
            "name": category_column(position, list(series.names)),
            "layer": category_column(layer[position], labels),
        }
    )


def weights_spec(series: Series) -> Spec:
    """A line for each weight and bias, highlighted by the pointer or the legend.

    If there are few lines, each has its own colour and a legend entry. Otherwise colours and legend
    are by layer, and a tooltip shows the name of a line. Points mark the measured moments.

    Parameters
    ----------
    series : Series
        The chosen weights and biases.

    Returns
    -------
    spec : dict
        For the tables of `weights_table`.
    """
    n_lines = len(series.names)
    if n_lines > MOST_NAMED:
        return _weights_spec("layer", 1)
    return _weights_spec("name", 1 + (n_lines > ROWS_OF_LEGEND))


@functools.cache
def _weights_spec(coloured_by: str, legend_columns: int) -> Spec:
    pointed_at = alt.selection_point(
        name="pointed_at", fields=["name"], on="pointerover", clear="pointerout"
    )
    picked = alt.selection_point(name="picked", fields=[coloured_by], bind="legend")
    base = alt.Chart().encode(
        x=alt.X(
            "step:Q",
            title="step (updates of the weights)",
            scale=alt.Scale(nice=False),
            axis=alt.Axis(format=COUNT),
        ),
        y=alt.Y(
            "value:Q",
            title="weight or bias (no unit)",
            scale=alt.Scale(zero=False),
            axis=alt.Axis(format=VALUE),
        ),
        detail="name:N",
    )
    # One legend for colour and dash, because both have the same field, title and order.
    title = "weight or bias" if coloured_by == "name" else "leads into"
    legend = alt.Legend(
        symbolType="stroke",
        symbolStrokeWidth=3,
        symbolSize=300,
        rowPadding=0,
        columns=legend_columns,
    )
    colour = alt.Color(
        f"{coloured_by}:N", title=title, sort=None, scale=alt.Scale(range=PALETTE), legend=legend
    )
    dash = alt.StrokeDash(
        f"{coloured_by}:N",
        title=title,
        sort=None,
        scale=alt.Scale(range=DASH_OF_NAME if coloured_by == "name" else DASHES),
        legend=legend,
    )
    opacity = alt.when(pointed_at & picked).then(alt.value(1)).otherwise(alt.value(0.12))
    lines = base.mark_line(tooltip=None).encode(color=colour, strokeDash=dash, opacity=opacity)
    # An invisible wide line receives the pointer, because a thin line is hard to hit.
    wide = base.mark_line(strokeWidth=10, stroke="transparent").encode(
        tooltip=[alt.Tooltip("name:N"), alt.Tooltip("layer:N", title="leads into")]
    )
    points = (
        base.transform_joinaggregate(n_moments="count()", groupby=["name"])
        .transform_filter(f"datum.n_moments <= {MOST_DOTTED}")
        .mark_point(filled=True, size=22)
        .encode(
            color=colour,
            opacity=opacity,
            tooltip=[
                alt.Tooltip("name:N"),
                alt.Tooltip("layer:N", title="leads into"),
                alt.Tooltip("step:Q", format=","),
                alt.Tooltip("value:Q", format=VALUE),
            ],
        )
    )
    chart = alt.layer(
        lines.add_params(picked), wide.add_params(pointed_at), points, data=data_placeholder()
    )
    return without_data(chart.properties(height=320))


def _values_at(params: Params, series: Series) -> Array:
    """Values of the chosen weights and biases at one moment."""
    parts = []
    for layer, is_bias, positions in series.places:
        array = params[layer][1] if is_bias else params[layer][0]
        assert array is not None  # a network without bias has no place for one
        parts.append(array.flat[list(positions)])
    return np.concatenate(parts)


def _fair_shares(sizes: Sequence[int], most: int) -> list[int]:
    """Fair allocation of `most` items to groups, none above the size of its group."""
    shares = [0] * len(sizes)
    smallest_first = sorted(range(len(sizes)), key=sizes.__getitem__)
    for n_served, group in enumerate(smallest_first):
        shares[group] = min(sizes[group], most // (len(sizes) - n_served))
        most -= shares[group]
    return shares


def _layer_name(layer: int, n_layers: int) -> str:
    if layer == n_layers - 1:
        return "output layer"
    return f"hidden layer {layer + 1}" if n_layers > 2 else "hidden layer"
