"""Curves over the steps, such as the loss."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict

import numpy as np

from nn_core.charts.live.panel import Panel
from nn_core.charts.parts import LINES

Array = np.ndarray

CURVE_POINTS = 300
MOST_MARKS = 20


class Series(TypedDict, total=False):
    """A curve: `values`, or `low` and `high` if each point represents several steps."""

    name: str
    steps: Array
    values: Array
    low: Array
    high: Array
    last: float


class Mark(TypedDict):
    """An annotated step."""

    step: int
    text: str


def curve_panel(
    series: Sequence[Series],
    *,
    title: str = "Loss",
    log: bool = True,
    x_label: str = "step",
    y_label: str = "loss",
    y_range: tuple[float, float] | None = None,
    marks: Sequence[Mark] = (),
    mark: int | None = None,
) -> Panel:
    """Build a panel of curves over the steps, such as the loss.

    Parameters
    ----------
    series : sequence of Series
        More than `CURVE_POINTS` points are reduced to bins with their lowest and highest value.
        `last` is the number at the end of the curve; by default the last value.
    title : str
        Heading of the panel.
    log : bool
        Whether the y axis is logarithmic.
    x_label, y_label : str
        Labels of the axes. If `y_label` is only a unit, the title is added as its quantity.
    y_range : (float, float), optional
        Fixed ends of the y axis, such as 0 and 1 for a fraction.
    marks : sequence of Mark
        Annotated steps; the last `MOST_MARKS` are drawn.
    mark : int, optional
        The past step that is shown.
    """
    described: list[dict[str, Any]] = []
    arrays: dict[str, Array] = {}
    for i, line in enumerate(series):
        low = np.asarray(line["low"] if "low" in line else line["values"], float)
        high = np.asarray(line["high"] if "high" in line else line["values"], float)
        steps, low, high = thin(np.asarray(line["steps"], float), low, high)
        last = line.get("last")
        if last is None and "values" in line and len(line["values"]):
            last = float(line["values"][-1])
        elif last is None and len(low):
            last = (low[-1] + high[-1]) / 2
        described.append({"name": line["name"], "last": last, "color": LINES[i % len(LINES)]})
        arrays |= {f"steps{i}": steps, f"low{i}": low, f"high{i}": high}
    head = {
        "type": "curve",
        "title": title,
        "log": log,
        "x_label": x_label,
        "y_label": _axis_title(title.lower(), y_label),
        "y_range": y_range,
        "series": described,
        "mark": mark,
        "marks": [dict(mark) for mark in marks[-MOST_MARKS:]],
    }
    return Panel(head, arrays)


def thin(
    steps: Array, low: Array, high: Array, most: int = CURVE_POINTS
) -> tuple[Array, Array, Array]:
    """Reduce curves to at most `most` bins with the minimum and the maximum of each bin.

    Examples
    --------
    >>> thin(np.arange(4.0), np.array([3.0, 1.0, 2.0, 5.0]), np.array([3.0, 1.0, 2.0, 5.0]), 2)
    (array([1., 3.]), array([1., 2.]), array([3., 5.]))
    """
    if len(steps) <= most:
        return steps, low, high
    ends = np.linspace(0, len(steps), most + 1).astype(int)
    starts = ends[:-1]
    # fmin and fmax ignore NaN: a single NaN loss must not blank a bin.
    return steps[ends[1:] - 1], np.fmin.reduceat(low, starts), np.fmax.reduceat(high, starts)


def _axis_title(quantity: str, label: str) -> str:
    """The title of an axis: the label, preceded by the quantity if the label is only a unit."""
    return label if quantity in label.lower() else f"{quantity} ({label})"
