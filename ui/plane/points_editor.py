"""Editor of the user's own points: clicks into the picture, buttons, and a table."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from nn_core import datasets
from nn_core.datasets.own_points import DEFAULT_POINTS, LARGEST_NUMBER, MOST_CLASSES, MOST_POINTS
from nn_core.datasets.plane import SIZE
from nn_core.experiment import Experiment
from nn_core.vocabulary import counted
from ui import session
from ui import session_keys as keys
from ui.form import commands
from ui.form.form_values import Form
from ui.links.page_list import page_of
from ui.plane.plane_controls import adapt_to_dataset, options_of

TASK = "own_points"
Points = tuple[tuple[float, float, float], ...]


def add(page: str, x1: float, x2: float, group: int | None = None) -> None:
    """Place a point; for callbacks.

    Parameters
    ----------
    page : str
        Page of the form.
    x1, x2 : float
        Coordinates; a place outside the square is moved to its edge.
    group : int, optional
        Class of the point; by default the class or the number in the control above the picture.
    """
    if session.peek(keys.form_field(page, "dataset")) != TASK:
        return
    points = _points(page)
    if len(points) >= MOST_POINTS:
        session.put(
            keys.refused(page),
            f"There are {MOST_POINTS:,} points already, the most there can be. Remove some first.",
        )
        return
    if _has_numbers(page):
        value = float(session.peek(keys.number_to_place(page), 1.0))
    else:
        chosen = session.peek(keys.class_to_place(page), 0) if group is None else group
        value = float(min(max(int(chosen or 0), 0), MOST_CLASSES - 1))
    x1, x2 = (round(min(max(float(x), -SIZE), SIZE), 2) for x in (x1, x2))
    _set_points(page, (*points, (x1, x2, value)))


def editor(page: str) -> None:
    """Show the class to place, the buttons, and the points as a table that can be edited."""
    if session.peek(keys.form_field(page, "dataset")) != TASK:
        return
    points, has_numbers = _points(page), _has_numbers(page)
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"{page}-own-points"):
        if has_numbers:
            session.value(keys.number_to_place(page), 1.0)
            st.number_input(
                "Number to place", -LARGEST_NUMBER, LARGEST_NUMBER, step=0.5, width=180,
                key=keys.number_to_place(page),
                help="Click into the square of the plane: the point there gets this number.",
            )  # fmt: skip
        else:
            session.value(keys.class_to_place(page), 0)
            st.segmented_control(
                "Class to place", range(MOST_CLASSES), key=keys.class_to_place(page), required=True,
                help="Click into the square of the plane: the point there gets this class. From "
                "the keyboard, add rows to the table below.",
            )  # fmt: skip
        _button(page, "remove_last", "Remove last", "undo", _set_points, (page, points[:-1]),
                not points, "Takes the point away that was added last.")  # fmt: skip
        _button(page, "clear", "Clear", "delete_sweep", _set_points, (page, ()), not points,
                "Takes all points away.")  # fmt: skip
        source = session.peek(keys.task_before(page))
        if source and source != TASK and page_of(source) == page:
            label = datasets.describe(source).label
            _button(page, "copy", f"Copy the points of {label}", "content_copy", _copy,
                    (page, source), False,
                    "Your points are replaced by those of the set you saw before.")  # fmt: skip
    count = counted(len(points), "point")
    with st.expander(f"Your points as a table: {count}"):
        _table(page, has_numbers)


def _button(
    page: str, name: str, label: str, icon: str, act: Any, args: tuple[Any, ...],
    disabled: bool, help: str,
) -> None:  # fmt: skip
    st.button(label, key=keys.button(page, "points", name), icon=f":material/{icon}:", on_click=act,
              args=args, disabled=disabled, help=help)  # fmt: skip


def _table(page: str, has_numbers: bool) -> None:
    """Show the editable table of the points."""
    last = "number" if has_numbers else "class"
    # The editor tells what was changed since it was shown: this is what it was shown with.
    base, points = session.peek(keys.points_shown(page)), _points(page)
    if points not in (base, session.peek(keys.points_edited(page))):
        base = points
        _reset_table(page, points)
    version = session.value(keys.points_version(page), 0)
    key = keys.points_editor(page, version, last)
    coordinate = st.column_config.NumberColumn(min_value=-SIZE, max_value=SIZE, step=0.01)
    value = (
        st.column_config.NumberColumn(min_value=-LARGEST_NUMBER, max_value=LARGEST_NUMBER)
        if has_numbers
        else st.column_config.NumberColumn(min_value=0, max_value=MOST_CLASSES - 1, step=1)
    )
    st.data_editor(
        pd.DataFrame(base, columns=["x1", "x2", last]).astype(float),
        key=key,
        num_rows="dynamic",
        column_config={"x1": coordinate, "x2": coordinate, last: value},
        on_change=_apply_table_edits,
        args=(page, key, last),
        height=300,
    )
    st.caption(
        "Coordinates from −6 to 6, "
        + ("any number. " if has_numbers else f"classes from 0 to {MOST_CLASSES - 1}. ")
        + f"A new row counts once all its cells are filled. At most {MOST_POINTS:,} points."
    )


def _apply_table_edits(page: str, key: str, last: str) -> None:
    """Apply the edits of the table to the points."""
    changes = session.peek(key) or {}
    rows = [
        dict(zip(("x1", "x2", last), p, strict=True)) for p in session.peek(keys.points_shown(page))
    ]
    for i, cells in changes.get("edited_rows", {}).items():
        rows[int(i)] |= cells
    deleted = {int(i) for i in changes.get("deleted_rows", ())}
    rows = [row for i, row in enumerate(rows) if i not in deleted] + list(
        changes.get("added_rows", ())
    )
    points = tuple(
        (float(row["x1"]), float(row["x2"]), float(row[last]))
        for row in rows
        if all(row.get(name) is not None for name in ("x1", "x2", last))
    )
    _set_points(page, points, is_from_table=True)


def _copy(page: str, source: str) -> None:
    """Replace the points by those of another data set, training and test points together."""
    form = Form(page, Experiment())
    options = options_of(form, source)
    if options is None:
        return
    data = datasets.load(Experiment(dataset=source, dataset_options=options))
    if data.plane is None:
        return
    pairs = ((data.plane.points, data.y), (data.plane.points_test, data.y_test))
    points = [
        (float(x1), float(x2), float(y.argmax() if len(y) > 1 else y[0]))
        for places, targets in pairs
        if places is not None and targets is not None
        for (x1, x2), y in zip(places.clip(-SIZE, SIZE).round(2), targets, strict=True)
    ]
    session.put(
        keys.task_option(page, TASK, "answer"), "number" if data.measure == "r2" else "classes"
    )
    _set_points(page, tuple(points[:MOST_POINTS]))


def _set_points(page: str, points: Points, is_from_table: bool = False) -> None:
    """Let the form hold these points, and the picture show them at step 0."""
    session.put(keys.task_option(page, TASK, "points"), points)
    if is_from_table:
        session.put(keys.points_edited(page), points)
    else:
        _reset_table(page, points)
    adapt_to_dataset(Form(page, Experiment()))
    commands.reset(page)


def _reset_table(page: str, points: Points) -> None:
    """Let the table begin again with these points."""
    session.put(keys.points_shown(page), points)
    session.put(keys.points_edited(page), points)
    session.next_number(keys.points_version(page))


def _points(page: str) -> Points:
    return tuple(session.peek(keys.task_option(page, TASK, "points"), DEFAULT_POINTS))


def _has_numbers(page: str) -> bool:
    return bool(session.peek(keys.task_option(page, TASK, "answer")) == "number")
