"""Which classes are taken for which."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import altair as alt
import numpy as np
import pyarrow as pa

from nn_core.charts.parts import VERMILION, Array, Spec, bare, numbers, rows_to_come, words

ROW_HEIGHT = 24
"""Of a class, in pixels: its name and a number in each cell stay readable."""

LARGE_ROW_HEIGHT = 30
"""Where a cell is to be clicked."""

MOST_NUMBERED = 16
"""Most classes whose cells are large enough for a number."""


SELECTION = "cell"
"""Name under which a clicked cell is told: its `true` and `chosen`."""


@functools.cache
def confusion_spec(is_selectable: bool = False) -> Spec:
    """Heat map of true class by chosen class, coloured by the share of the true class.

    Counts are written into the cells; they do not decide the colour, because a rare class would
    then look as if it were never recognised. The chart grows with the number of classes.

    Parameters
    ----------
    is_selectable : bool
        Whether a click on a cell is told, and the open cell has a frame.

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
    # The number's colour goes with its cell, dark or bright, and so fits any theme.
    counts = base.mark_text().encode(
        text="label:N",
        color=alt.when("datum.share < 0.5").then(alt.value("white")).otherwise(alt.value("black")),
    )
    layers = [cells, counts]
    if is_selectable:
        clicked = alt.selection_point(name=SELECTION, fields=["true", "chosen"])
        # The frame is drawn from the table, so that it also shows what a list has opened.
        frame = (
            base.mark_rect(filled=False, stroke=VERMILION, strokeWidth=3)
            .transform_filter("datum.is_open")
            .encode()
        )
        layers = [cells.add_params(clicked), counts, frame]
    return bare(
        alt.layer(*layers, data=rows_to_come()).properties(
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
        ``counts[i, j]`` rows of class i were taken for class j, as `nn_core.networks.metrics`
        counts.
    names : sequence of str
        Of the classes.
    is_open : (int, int), optional
        The true and the chosen class of the cell that has a frame.

    Returns
    -------
    table : pyarrow.Table
        Columns true, chosen, count, share (of the rows of the true class; 0 where it has none),
        label (the count as it is written; empty where the cells are too small) and, where a cell
        may be open, is_open.
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
            "true": words(np.repeat(classes, n_classes), list(names)),
            "chosen": words(np.tile(classes, n_classes), list(names)),
            "count": pa.array(counts.ravel()),
            "share": numbers((counts / np.maximum(totals, 1)).ravel()),
            "label": pa.array(labels, "string"),
            **opened,
        }
    )
