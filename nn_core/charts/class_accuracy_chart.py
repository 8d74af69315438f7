"""Accuracy of each class."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import altair as alt
import numpy as np
import pyarrow as pa

from nn_core.charts.parts import (
    BLUE,
    VERMILION,
    Array,
    Spec,
    category_column,
    data_placeholder,
    number_column,
    without_data,
)

BAR_HEIGHT = 28


@functools.cache
def class_accuracy_spec() -> Spec:
    """A labelled bar for each class, and a dashed line at the overall accuracy.

    Returns
    -------
    spec : dict
        For the tables of `class_accuracy_table`.
    """
    y = alt.Y("class:N", title="class", sort=None, axis=alt.Axis(labelOverlap=False))
    x = alt.X(
        "accuracy:Q",
        title="share recognised",
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(format="%"),
    )
    tooltip = [
        alt.Tooltip("class:N"),
        alt.Tooltip("accuracy:Q", format=".1%", title="share recognised"),
        alt.Tooltip("label:N", title="images"),
    ]
    bars = alt.Chart().mark_bar(color=BLUE).encode(x=x, y=y, tooltip=tooltip)
    labels = (
        alt.Chart()
        .mark_text(align="left", dx=6, color="white", fontWeight=600)
        .encode(x=alt.XDatum(0), y=y, text="label:N")
    )
    overall = (
        alt.Chart()
        .mark_rule(color=VERMILION, strokeDash=[5, 4], strokeWidth=2)
        .encode(x=alt.X("mean(overall):Q"))
    )
    return without_data(
        alt.layer(bars, labels, overall, data=data_placeholder()).properties(
            height=alt.Step(BAR_HEIGHT)
        )
    )


def class_accuracy_table(confusion: Array, names: Sequence[str]) -> pa.Table:
    """The accuracy of each class.

    Parameters
    ----------
    confusion : ndarray of shape (n_classes, n_classes)
        ``confusion[i, j]`` images of class i were predicted as class j.
    names : sequence of str
        Names of the classes.

    Returns
    -------
    table : pyarrow.Table
        Columns class, accuracy (missing for classes without images), label and overall (accuracy
        over all classes, the same in each row).
    """
    counts = np.asarray(confusion, np.int64)
    totals, right = counts.sum(axis=1), np.diag(counts)
    accuracy = np.where(totals > 0, right / np.maximum(totals, 1), np.nan)
    labels = [
        f"{share:.1%}: {hits:,} of {total:,}" if total else "no image"
        for share, hits, total in zip(accuracy, right, totals, strict=True)
    ]
    overall = right.sum() / max(int(totals.sum()), 1)
    return pa.table(
        {
            "class": category_column(np.arange(len(names)), list(names)),
            "accuracy": number_column(accuracy),
            "label": pa.array(labels, "string"),
            "overall": number_column(np.full(len(names), overall)),
        }
    )
