"""Outputs of a network for one row: a bar for each class."""

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
from nn_core.vocabulary import counted

ROLES = ["true class", "another class"]


@functools.cache
def probabilities_spec() -> Spec:
    """A bar for each class, with the true class in another colour.

    Returns
    -------
    spec : dict
        For the tables of `probabilities_table`.
    """
    chart = (
        alt.Chart(data_placeholder())
        .mark_bar(clip=True)
        .encode(
            x=alt.X(
                "probability:Q",
                title="output (0 to 1)",
                scale=alt.Scale(domain=[0, 1]),
            ),
            y=alt.Y("class:N", title="class", sort=None, axis=alt.Axis(labelOverlap=False)),
            color=alt.Color(
                "role:N",
                title="colour",
                scale=alt.Scale(domain=ROLES, range=[VERMILION, BLUE]),
                legend=alt.Legend(orient="top"),
            ),
            tooltip=["class:N", alt.Tooltip("probability:Q", format=".2%"), "role:N"],
        )
    )
    return without_data(chart.properties(height=320))


def probabilities_table(
    outputs: Array, names: Sequence[str], true_class: int | None = None
) -> pa.Table:
    """The outputs for one row.

    Parameters
    ----------
    outputs : ndarray of shape (n_classes,)
        Outputs of a softmax or a sigmoid, from 0 to 1.
    names : sequence of str
        Of the classes.
    true_class : int, optional
        The true class, if known.

    Returns
    -------
    table : pyarrow.Table
        Columns class, probability, role.
    """
    classes = np.arange(len(names))
    return pa.table(
        {
            "class": category_column(classes, list(names)),
            "probability": number_column(outputs),
            "role": category_column(np.where(classes == true_class, 0, 1), ROLES),
        }
    )


@functools.cache
def change_spec(title: str = "probability") -> Spec:
    """Two bars for each class: before and after a change of the input.

    Parameters
    ----------
    title : str
        Title of the axis: the kind of outputs.

    Returns
    -------
    spec : dict
        For the tables of `change_table`.
    """
    is_share = title == "probability"
    chart = (
        alt.Chart(data_placeholder())
        .mark_bar(clip=True)
        .encode(
            x=alt.X(
                "output:Q",
                title=title,
                scale=alt.Scale(domain=[0, 1]) if is_share else alt.Undefined,
                axis=alt.Axis(format="%") if is_share else alt.Undefined,
            ),
            y=alt.Y("class:N", title="class", sort=None, axis=alt.Axis(labelOverlap=False)),
            yOffset=alt.YOffset("when:N", sort=None),
            color=alt.Color(
                "when:N",
                title=None,
                sort=None,
                scale=alt.Scale(range=[BLUE, VERMILION]),
                legend=alt.Legend(orient="top"),
            ),
            tooltip=[
                "class:N",
                "when:N",
                alt.Tooltip("output:Q", title=title, format=".2%" if is_share else ".4~g"),
            ],
        )
    )
    return without_data(chart.properties(height=320))


def change_table(before: Array, after: Array, names: Sequence[str], steps: int) -> pa.Table:
    """The outputs for an input before and after its change.

    Parameters
    ----------
    before, after : ndarray of shape (n_classes,)
        The outputs.
    names : sequence of str
        Of the classes.
    steps : int
        Number of steps between the two.

    Returns
    -------
    table : pyarrow.Table
        Columns class, when, output.
    """
    classes = np.tile(np.arange(len(names)), 2)
    moments = ["the image", f"after {counted(steps, 'step')}"]
    return pa.table(
        {
            "class": category_column(classes, list(names)),
            "when": category_column(np.repeat([0, 1], len(names)), moments),
            "output": number_column(np.concatenate([before, after])),
        }
    )
