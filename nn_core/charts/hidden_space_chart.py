"""Chart of the activation space of a hidden layer: rows, and the warped input grid."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import altair as alt
import numpy as np
import pyarrow as pa

from nn_core.charts.histograms_chart import LABEL, TITLE
from nn_core.charts.parts import (
    BLUE,
    VALUE,
    VERMILION,
    Array,
    Spec,
    data_placeholder,
    number_column,
    without_data,
)
from nn_core.charts.parts import PALETTE as OKABE_ITO
from nn_core.datasets.registry import Dataset
from nn_core.events import Params
from nn_core.experiment import Experiment
from nn_core.explain.inside.hidden_space import (
    Components,
    decision_line,
    input_grid,
    pca,
    project_3d,
    sum_at_decision,
)
from nn_core.networks import metrics
from nn_core.networks.forward import layer_activations
from nn_core.networks.single_thread import on_one_thread

Kind = Literal["strip", "plane", "solid", "components"]
Marks = Literal["shapes", "words", "shades"]

MOST_POINTS = 500
"""Maximum number of rows drawn of each set."""

MOST_SHAPES = 6
MOST_WORDS = 40
MOST_NAMED_ROWS = 16
SHAPES = ["circle", "square", "triangle-up", "diamond", "cross", "triangle-down"]
GREY, GREEN = "#7C8796", "#009E73"
PALETTE = [VERMILION, BLUE, *OKABE_ITO[2:]]
"""Class 0 is orange and class 1 blue, as in the live picture."""

HEIGHT = 460
SOLID_WIDTH = 640
"""Width in pixels of a chart of three units, whose aspect ratio is fixed."""


GRID, EDGE, DECISION, TRAIN, TEST, NAME, CORNER = range(7)
SETS = {TRAIN: "training row", TEST: "test row"}

BOUNDS = {"sigmoid": (-0.06, 1.06), "tanh": (-1.12, 1.12)}
"""Ends of the axes for bounded activations: then only the points move."""


class HiddenSpaceChart(NamedTuple):
    """Specification and data of a hidden space chart.

    Attributes
    ----------
    kind : {'strip', 'plane', 'solid', 'components'}
        The kind of chart for one, two, three, and more units.
    spec : dict
        Specification; the same at all moments of a run.
    table : pyarrow.Table
        Data of the chart.
    components : Components or None
        Principal components, for more than three units.
    has_grid, has_decision : bool
        Whether the chart shows the input grid, and the decision line.
    """

    kind: Kind
    spec: Spec
    table: pa.Table
    components: Components | None
    has_grid: bool
    has_decision: bool


def hidden_space_chart(
    experiment: Experiment,
    params: Params,
    data: Dataset,
    layer: int,
    units: Sequence[str],
    *,
    degrees: float = 30.0,
    like: Array | None = None,
) -> HiddenSpaceChart:
    """Chart the activations of a hidden layer on the rows of `data`.

    Parameters
    ----------
    experiment : Experiment
        Defines activations and loss.
    params : list of (weight, bias)
        Parameters of the moment shown.
    data : Dataset
        Data set; the first `MOST_POINTS` rows of each set are drawn.
    layer : int
        Index of the hidden layer, from 0.
    units : sequence of str
        Names of its units.
    degrees : float
        Rotation of the view of three units, in degrees.
    like : ndarray, optional
        Directions of the components in the previous frame; see
        `nn_core.explain.inside.hidden_space.pca`.
    """
    with on_one_thread():
        return _hidden_space_chart(experiment, params, data, layer, units, degrees, like)


def _hidden_space_chart(
    experiment: Experiment,
    params: Params,
    data: Dataset,
    layer: int,
    units: Sequence[str],
    degrees: float,
    like: Array | None,
) -> HiddenSpaceChart:
    def hidden(x: Array) -> Array:
        rows = np.asarray(x, float).reshape(-1, experiment.n_inputs)
        with np.errstate(all="ignore"):
            found = layer_activations(
                params, rows, experiment.hidden_activations, experiment.output
            )[layer]
        return found.reshape(*np.shape(x)[:-1], -1)

    sets = {TRAIN: (data.x[:MOST_POINTS], data.y[:MOST_POINTS])}
    if data.x_test is not None and data.y_test is not None:
        sets[TEST] = (data.x_test[:MOST_POINTS], data.y_test[:MOST_POINTS])
    sets = {part: pair for part, pair in sets.items() if len(pair[0])}
    points = {part: hidden(x) for part, (x, _) in sets.items()}
    n_units = experiment.layer_sizes[layer + 1]
    grid = input_grid(data)
    components = None
    kind: Kind
    if n_units == 1:
        kind, names = "strip", (units[0], "class")
        grid = None  # a grid in one dimension shows nothing
    elif n_units == 2:
        kind, names = "plane", (units[0], units[1])
    elif n_units == 3:
        kind, names = "solid", ("to the right", "up")
    else:
        kind, names = "components", ("component 1", "component 2")
        every = np.concatenate(list(points.values()))
        finite = every[np.isfinite(every).all(axis=1)]
        components = pca(finite if len(finite) else np.zeros((1, n_units)), 2, like)

    def projected(space: Array) -> Array:
        if components is not None:
            return components.project(space)
        if kind == "solid":
            return project_3d(space, degrees)
        return space

    bounds = BOUNDS.get(experiment.hidden_activations[layer])
    rows = _TableBuilder()
    marks, order = _marks(data)
    for part, (x, y) in sets.items():
        where, targets = projected(points[part]), _targets(y, data)
        if kind == "strip":
            where = np.column_stack([where[:, 0], _jittered_heights(targets, order)])
        rows.add_points(part, where, targets, x, data)
    if kind != "strip" and TRAIN in sets:
        rows.add_names(projected(points[TRAIN]), data)
    if grid is not None:
        bent = projected(hidden(grid.x))
        for i, line in enumerate(bent):
            rows.add_line(GRID, line, i, f"{grid.names[grid.held[i]]} = {grid.at[i]:.3g}")
    if kind == "solid":
        low, high = _value_range(np.concatenate(list(points.values())))
        if bounds:
            low, high = float(round(bounds[0])), float(round(bounds[1]))
        rows.add(CORNER, _bounding_corners(low, high, degrees), group="")
        for axis in range(3):
            ends = np.full((2, 3), low)
            ends[1, axis] = high
            rows.add_line(EDGE, project_3d(ends, degrees), axis, units[axis])
            ends[1, axis] += 0.22 * (high - low)
            rows.add(NAME, project_3d(ends[1:], degrees), group=units[axis])
    if components is not None:
        _add_variance_labels(rows, components, points)
    line = np.empty((0, 2))
    is_binary = data.kind == "binary" and experiment.n_outputs == 1
    if is_binary and layer == len(experiment.hidden) - 1 and kind in ("plane", "strip"):
        line = _decision_ends(experiment, params, kind, bounds, points, order)
        if len(line):
            rows.add_line(DECISION, line, 0, "the answer changes here")
    spec = hidden_space_spec(
        kind,
        names[0],
        names[1],
        bounds if kind in ("strip", "plane") else None,
        marks,
        tuple(order),
    )
    return HiddenSpaceChart(kind, spec, rows.table(), components, grid is not None, len(line) > 0)


@functools.lru_cache(maxsize=64)
def hidden_space_spec(
    kind: Kind,
    x_title: str,
    y_title: str,
    bounds: tuple[float, float] | None,
    marks: Marks,
    targets: tuple[str, ...],
) -> Spec:
    """Points by class, over the warped grid of the inputs.

    Parameters
    ----------
    kind : {'strip', 'plane', 'solid', 'components'}
        The kind of the axes.
    x_title, y_title : str
        Titles of the axes.
    bounds : (float, float) or None
        Ends of the axes; None for the range of the data.
    marks : {'shapes', 'words', 'shades'}
        A shape for each class, its name instead of a point, or a continuous colour scale.
    targets : tuple of str
        Names of the classes, in order.

    Returns
    -------
    spec : dict
        For the table of a `HiddenSpaceChart`.
    """
    domain = list(bounds) if bounds else alt.Undefined
    axis: dict[str, Any] = {"titleFontSize": TITLE}
    no_scale = {**axis, "labels": False, "ticks": False, "grid": False}
    axis |= {"labelFontSize": LABEL, "format": VALUE, "tickCount": 6}
    # The three axes of a solid are lines in the chart.
    x_axis = None if kind == "solid" else alt.Axis(**axis)
    y_axis = None if kind == "solid" else alt.Axis(**(no_scale if kind == "strip" else axis))
    up: dict[str, Any] = {"nice": False, "zero": False}
    base = alt.Chart().encode(
        x=alt.X("x:Q", title=x_title, axis=x_axis, scale=alt.Scale(**up, domain=domain)),
        y=alt.Y(
            "y:Q",
            title=y_title,
            axis=y_axis,
            scale=alt.Scale(**up, domain=alt.Undefined if kind == "strip" else domain),
        ),
    )

    def of(part: int) -> alt.Chart:
        return base.transform_filter(f"datum.part === {part}")

    tooltip = [
        alt.Tooltip("group:N", title="target"),
        alt.Tooltip("input:N", title="input"),
        alt.Tooltip("set:N", title="which"),
        alt.Tooltip("x:Q", title=x_title, format=VALUE),
        alt.Tooltip("y:Q", title=y_title, format=VALUE),
    ]
    lines: dict[str, Any] = {"order": "place:Q", "detail": "line:N"}
    layers = [
        of(GRID)
        .mark_line(color=GREY, opacity=0.55, strokeWidth=1.2)
        .encode(**lines, tooltip=alt.Tooltip("group:N", title="input grid")),
        of(EDGE).mark_line(color=GREY, strokeWidth=2.5, tooltip=None).encode(**lines),
        of(DECISION)
        .mark_line(color=GREEN, strokeWidth=4, strokeDash=[8, 4])
        .encode(**lines, tooltip=alt.Tooltip("group:N", title="decision line")),
        of(CORNER).mark_point(opacity=0, size=0, tooltip=None),
    ]
    legend = alt.Legend(
        orient="top",
        labelFontSize=LABEL,
        titleFontSize=TITLE,
        symbolOpacity=1,
        symbolSize=140,
        columns=10,
        labelLimit=160,
    )
    extra: dict[str, Any] = {}
    if marks == "shades":
        color = alt.Color(
            "value:Q",
            title="target",
            scale=alt.Scale(scheme="cividis"),
            legend=alt.Legend(
                orient="top", gradientLength=220, labelFontSize=LABEL, titleFontSize=TITLE
            ),
        )
    else:
        wheel = PALETTE if marks == "shapes" else [*PALETTE, GREY, "#A0522D", "#9467BD", "#B8A000"]
        names = list(targets)
        shown = legend if marks == "shapes" else None
        color = alt.Color(
            "group:N",
            title="target",
            scale=alt.Scale(domain=names, range=[wheel[i % len(wheel)] for i in range(len(names))]),
            legend=shown,
        )
        if marks == "shapes":
            extra["shape"] = alt.Shape(
                "group:N",
                title="target",
                scale=alt.Scale(domain=names, range=SHAPES[: len(names)]),
                legend=legend,
            )
    size = alt.Size("size:Q", scale=None, legend=None)
    for part in (TRAIN, TEST):
        if marks == "words":
            layers.append(
                of(part)
                .mark_text(fontSize=17, fontWeight="bold" if part == TRAIN else "normal")
                .encode(text="group:N", color=color, tooltip=tooltip)
            )
        else:
            layers.append(
                of(part)
                .mark_point(filled=part == TRAIN, strokeWidth=2, opacity=0.9)
                .encode(color=color, size=size, tooltip=tooltip, **extra)
            )
    # Grey is readable on white and on black; the text colour of the theme is unknown here.
    layers.append(
        of(NAME)
        .mark_text(fontSize=15, fontWeight="bold", dy=-16, color=GREY, tooltip=None)
        .encode(text="group:N")
    )
    return without_data(alt.layer(*layers, data=data_placeholder()).properties(height=HEIGHT))


class _TableBuilder:
    """Builds the table of the chart, part by part."""

    COLUMNS = ("part", "x", "y", "line", "place", "size", "value", "group", "set", "input")

    def __init__(self) -> None:
        self.columns: dict[str, list[Any]] = {name: [] for name in self.COLUMNS}

    def add(
        self,
        part: int,
        where: Array,
        *,
        group: str | Sequence[str],
        line: int = 0,
        size: float = 0.0,
        values: Array | None = None,
        inputs: Sequence[str] | None = None,
    ) -> None:
        """Add a row for each of the points, shape (n, 2)."""
        n = len(where)
        new = {
            "part": [part] * n,
            "x": list(where[:, 0]),
            "y": list(where[:, 1]),
            "line": [line] * n,
            "place": list(range(n)),
            "size": [size] * n,
            "value": [np.nan] * n if values is None else list(values),
            "group": [group] * n if isinstance(group, str) else list(group),
            "set": [SETS.get(part, "")] * n,
            "input": list(inputs) if inputs is not None else [""] * n,
        }
        for name, column in new.items():
            self.columns[name] += column

    def add_line(self, part: int, where: Array, line: int, name: str) -> None:
        self.add(part, where, group=name, line=line)

    def add_points(
        self, part: int, where: Array, targets: Sequence[str], x: Array, data: Dataset
    ) -> None:
        n = len(where)
        y = data.y if part == TRAIN else data.y_test
        assert y is not None  # there are rows, so there are targets
        self.add(
            part,
            where,
            group=targets,
            size=260.0 if n <= MOST_NAMED_ROWS else 90.0 if n <= 150 else 55.0,
            values=y[:n, 0] if y.shape[1] == 1 else None,
            inputs=_inputs(x, data),
        )

    def add_names(self, where: Array, data: Dataset) -> None:
        """Add labels beside the rows; rows at the same place share a label."""
        if len(data.x) > MOST_NAMED_ROWS or data.plane or data.image_shape:
            return
        scale = max(float(np.ptp(where, axis=0).max(initial=0.0)), 1e-9)
        together: dict[tuple[int, ...], list[int]] = {}
        for i, place in enumerate(where):
            if np.isfinite(place).all():
                together.setdefault(tuple(np.rint(place / scale * 20).astype(int)), []).append(i)
        for rows in together.values():
            text = ", ".join(" ".join(f"{v:g}" for v in data.x[i]) for i in rows)
            self.add(NAME, where[rows[:1]], group=text)

    def table(self) -> pa.Table:
        columns = self.columns
        texts = ("group", "set", "input")
        whole = ("part", "line", "place")
        return pa.table(
            {
                name: pa.array(column, "string")
                if name in texts
                else pa.array(column, "int64")
                if name in whole
                else number_column(column)
                for name, column in columns.items()
            }
        )


def _marks(data: Dataset) -> tuple[Marks, list[str]]:
    """The kind of mark, and the names of the classes in order."""
    if data.kind == "classes":
        names = list(data.output_names)
    elif data.kind == "binary" and data.y.shape[1] == 1:
        names = [f"{data.output_names[0]} = {value}" for value in (0, 1)]
    else:
        names = sorted(set(_targets(data.y, data)), key=lambda name: (len(name), name))
        if len(names) > MOST_WORDS or not np.array_equal(data.y, np.rint(data.y)):
            return "shades", []
        return "words", names
    return ("shapes" if len(names) <= MOST_SHAPES else "words"), names


def _targets(y: Array, data: Dataset) -> list[str]:
    """The target of each row as text."""
    if data.kind == "classes":
        return [data.output_names[i] for i in y.argmax(axis=1)]
    if data.kind == "binary" and y.shape[1] == 1:
        return [f"{data.output_names[0]} = {value:g}" for value in y[:, 0]]
    return [" ".join(f"{value:g}" for value in row) for row in y]


def _inputs(x: Array, data: Dataset) -> list[str]:
    """The inputs of each row for its tooltip; images have none."""
    if data.image_shape is not None or x.shape[1] > 8:
        return ["image" if data.image_shape else ""] * len(x)
    return [
        ", ".join(
            f"{name} = {value:.3g}" for name, value in zip(data.input_names, row, strict=True)
        )
        for row in x
    ]


def _jittered_heights(targets: Sequence[str], order: Sequence[str]) -> Array:
    """Heights on a strip: one level for each class, with jitter within a class."""
    place = {name: float(i) for i, name in enumerate(order)}
    # Multiples of the golden ratio fill an interval evenly for any number of points.
    apart = (np.arange(len(targets)) * 0.618034) % 1 - 0.5
    return np.asarray([place.get(name, 0.0) for name in targets] + 0.5 * apart)


def _value_range(points: Array) -> tuple[float, float]:
    finite = points[np.isfinite(points).all(axis=-1)]
    return (min(0.0, float(finite.min())), float(finite.max())) if len(finite) else (0.0, 1.0)


def _bounding_corners(low: float, high: float, degrees: float) -> Array:
    """Corners of a rectangle that contains every rotation of the cube from `low` to `high`."""
    middle = project_3d(np.full(3, (low + high) / 2), degrees)
    radius = math.sqrt(3) / 2 * (high - low)
    across = radius * SOLID_WIDTH / HEIGHT
    reach = np.array([across, radius])
    return np.array([middle - reach, middle + reach])


def _add_variance_labels(
    rows: _TableBuilder, components: Components, points: dict[int, Array]
) -> None:
    """Equal ranges along both axes, with the explained variance as a label at their ends."""
    where = np.concatenate([components.project(space) for space in points.values()])
    where = where[np.isfinite(where).all(axis=1)]
    half = 1.1 * float(np.abs(where).max(initial=0.0)) or 1.0
    corners = np.array([[-half, -half], [half, half]])
    rows.add(CORNER, corners, group="")
    first, second = (f"{share:.0%} of the variance" for share in components.explained)
    rows.add(NAME, np.array([[0.62 * half, -half]]), group=f"→ {first}")
    rows.add(NAME, np.array([[-0.62 * half, 0.93 * half]]), group=f"↑ {second}")


def _decision_ends(
    experiment: Experiment,
    params: Params,
    kind: Kind,
    bounds: tuple[float, float] | None,
    points: dict[int, Array],
    order: Sequence[str],
) -> Array:
    """End points of the decision line; empty if it is outside the chart."""
    weight, bias = (None if part is None else np.asarray(part, float) for part in params[-1])
    assert weight is not None  # every layer has weights
    constant = 0.0 if bias is None else float(bias[0])
    boundary = metrics.threshold(experiment.output, experiment.loss)
    level = sum_at_decision(experiment.output, boundary)
    every = np.concatenate(list(points.values()))
    every = every[np.isfinite(every).all(axis=1)]
    if bounds:
        low, high = np.full(every.shape[1], bounds[0]), np.full(every.shape[1], bounds[1])
    else:
        low, high = every.min(axis=0, initial=np.inf), every.max(axis=0, initial=-np.inf)
        low, high = low - 0.1 * (high - low), high + 0.1 * (high - low)
    if not np.isfinite([weight.sum(), constant]).all() or not (high > low).all():
        return np.empty((0, 2))
    if kind == "plane":
        return decision_line(weight[:, 0], constant, level, low, high)
    if weight[0, 0] == 0:
        return np.empty((0, 2))
    at = (level - constant) / weight[0, 0]
    if not low[0] <= at <= high[0]:
        return np.empty((0, 2))
    return np.array([[at, -0.5], [at, max(len(order), 1) - 0.5]])
