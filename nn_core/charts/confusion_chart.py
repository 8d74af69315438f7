"""Confusion matrix."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import altair as alt
import numpy as np
import pyarrow as pa

from nn_core.charts.parts import (
    VERMILION,
    Array,
    Spec,
    category_column,
    data_placeholder,
    number_column,
    without_data,
)

ROW_HEIGHT = 24
"""Height of a row in pixels, large enough for a readable name and number."""

LARGE_ROW_HEIGHT = 30
"""Height of a row with clickable cells."""

MOST_NUMBERED = 16
"""Maximum number of classes whose cells are large enough for a number."""


SELECTION = "cell"
"""Name of the selection parameter that holds `true` and `chosen` of the clicked cell."""


@functools.cache
def confusion_spec(is_selectable: bool = False) -> Spec:
    """Heat map of true class by predicted class, coloured by the fraction of the true class.

    Cells are labelled with counts but coloured by fractions, because counts would make a rare class
    look as if it were never recognised. The chart grows with the number of classes.

    Parameters
    ----------
    is_selectable : bool
        Whether cells can be clicked, and the open cell has a frame.

    Returns
    -------
    spec : dict
        For the tables of `confusion_table`.
    """
    base = alt.Chart().encode(
        x=alt.X("chosen:N", title="chosen class", sort=None, axis=alt.Axis(labelAngle=0)),
        y=alt.Y("true:N", title="true class", sort=None, axis=alt.Axis(labelOverlap=False)),
        tooltip=[
            alt.Tooltip("true:N", title="true class"),
            alt.Tooltip("chosen:N", title="chosen class"),
            alt.Tooltip("count:Q", title="rows", format=","),
            alt.Tooltip("share:Q", title="of the true class", format=".1%"),
        ],
    )
    cells = base.mark_rect().encode(
        color=alt.Color(
            "share:Q",
            title="share of the true class",
            scale=alt.Scale(scheme="cividis", domain=[0, 1]),
            legend=alt.Legend(format="%", orient="top", gradientLength=160),
        )
    )
    # The text colour contrasts with the cell, so it is readable in any theme.
    counts = base.mark_text().encode(
        text="label:N",
        color=alt.when("datum.share < 0.5").then(alt.value("white")).otherwise(alt.value("black")),
    )
    layers = [cells, counts]
    if is_selectable:
        clicked = alt.selection_point(name=SELECTION, fields=["true", "chosen"])
        # The frame comes from the table, so that it also marks a cell opened by the lists.
        frame = (
            base.mark_rect(filled=False, stroke=VERMILION, strokeWidth=3)
            .transform_filter("datum.is_open")
            .encode()
        )
        layers = [cells.add_params(clicked), counts, frame]
    return without_data(
        alt.layer(*layers, data=data_placeholder()).properties(
            height=alt.Step(LARGE_ROW_HEIGHT if is_selectable else ROW_HEIGHT)
        )
    )


def confusion_table(
    counts: Array, names: Sequence[str], is_open: tuple[int, int] | None = None
) -> pa.Table:
    """The cells of a confusion matrix.

    Parameters
    ----------
    counts : ndarray of shape (n_classes, n_classes)
        ``counts[i, j]`` rows of class i were predicted as class j; see
        `nn_core.networks.metrics`.
    names : sequence of str
        Names of the classes.
    is_open : (int, int), optional
        True and predicted class of the cell with a frame.

    Returns
    -------
    table : pyarrow.Table
        Columns true, chosen, count, share (fraction of the rows of the true class; 0 if it has
        none), label (the formatted count; empty if the cells are too small) and, if a cell is open,
        is_open.
    """
    n_classes = len(names)
    counts = np.asarray(counts, np.int64).reshape(n_classes, n_classes)
    totals = counts.sum(axis=1, keepdims=True)
    classes = np.arange(n_classes)
    labels = [f"{count:,}" if n_classes <= MOST_NUMBERED else "" for count in counts.flat]
    frames = np.zeros((n_classes, n_classes), bool)
    if is_open:
        frames[is_open] = True
    opened = {"is_open": pa.array(frames.ravel())} if is_open else {}
    return pa.table(
        {
            "true": category_column(np.repeat(classes, n_classes), list(names)),
            "chosen": category_column(np.tile(classes, n_classes), list(names)),
            "count": pa.array(counts.ravel()),
            "share": number_column((counts / np.maximum(totals, 1)).ravel()),
            "label": pa.array(labels, "string"),
            **opened,
        }
    )
