"""Upload of a table: choice of the file, then of its columns."""

from __future__ import annotations

from typing import Any

import streamlit as st

from nn_core.datasets.csv_text import (
    MOST_BYTES,
    MOST_COLUMNS,
    MOST_ROWS,
    Table,
    default_inputs,
    read_table,
)
from nn_core.datasets.table import (
    MOST_CLASSES,
    MOST_INPUTS,
    TableOptions,
    example_csv,
    select_columns,
)
from nn_core.errors import TableError
from nn_core.experiment import Experiment
from ui import session
from ui import session_keys as keys
from ui.components.plain_text import plain
from ui.form import commands
from ui.form.form_values import Form
from ui.plane.plane_controls import adapt_to_dataset

TASK = "table"
HEADERS = {"as it looks": None, "names": True, "data": False}
ANSWERS = {"as it looks": None, "classes": True, "a number": False}


def editor(page: str) -> None:
    """Show the upload, the choice of columns, what was found wrong, and what is in use."""
    if session.peek(keys.form_field(page, "dataset")) != TASK:
        return
    name = session.peek(keys.table_name(page), "the example")
    with st.expander(f"Your table: {plain(name, 80)}", expanded=True):
        st.file_uploader(
            "CSV file", type=["csv", "tsv", "txt"], key=keys.upload(page), on_change=_read,
            args=(page,), max_upload_size=MOST_BYTES // 1_000_000,
            help=f"A row for each example, 2–{MOST_INPUTS} columns of numbers to learn from, and "
            f"a column to predict: a number, or one of 2–{MOST_CLASSES} classes. Commas, "
            "semicolons or tabs between the columns, in UTF-8; at most "
            f"{MOST_BYTES / 1e6:.0f} MB, {MOST_ROWS:,} rows and {MOST_COLUMNS} columns.",
        )  # fmt: skip
        file: Table | None = session.peek(keys.table(page))
        if file is not None:
            _columns(page, file)
    with st.container(key=f"{page}-own-table"):
        if problem := session.peek(keys.table_problem(page)):
            st.error(
                f"{plain(problem)} What was in use before stays in use.", icon=":material/error:"
            )
        _current_table(page)


def _columns(page: str, file: Table) -> None:
    """Show the choice of the input columns and of the target column."""
    how: dict[str, Any] = {"on_change": _choose, "args": (page,)}
    left, middle, right = st.columns([2, 3, 2])
    with left:
        st.selectbox(
            "Column to predict", file.names, key=_key(page, "target"),
            help="Its numbers or classes are what the network learns to answer.", **how,
        )  # fmt: skip
    with middle:
        st.multiselect(
            "Columns to learn from", file.names, key=_key(page, "inputs"),
            max_selections=MOST_INPUTS,
            help=f"Two to {MOST_INPUTS} columns of numbers. Two are drawn as the plane.", **how,
        )  # fmt: skip
    with right:
        st.selectbox(
            "Predict", list(ANSWERS), key=_key(page, "answer"),
            help=f"As it looks: classes where the column holds words, or at most {MOST_CLASSES} "
            "different whole numbers; else a number.", **how,
        )  # fmt: skip
    st.segmented_control(
        "First row holds", list(HEADERS), key=_key(page, "header"), required=True,
        on_change=_read, args=(page,),
        help="As it looks: names, where none of its cells is a number.",
    )  # fmt: skip
    for note in file.notes:
        st.caption(f":material/info: {plain(note)}")


def _current_table(page: str) -> None:
    """Show a summary of the table in use."""
    options = TableOptions(**{
        name: session.peek(keys.task_option(page, TASK, name), info.default)
        for name, info in TableOptions.model_fields.items()
    })  # fmt: skip
    predicted = f"one of {len(options.classes)} classes" if options.classes else "a number"
    name = session.peek(keys.table_name(page), "the example")
    left, right = st.columns([5, 1], vertical_alignment="center")
    left.caption(
        f"In use: {plain(name, 80)}, {len(options.rows):,} rows; **{plain(options.target)}** "
        f"({predicted}) from **{plain(', '.join(options.inputs))}**. Each column of "
        "numbers is standardised: minus its mean, divided by its standard deviation, over the rows "
        "that are learned from."
    )
    right.download_button(
        "Example", example_csv(), "example.csv", "text/csv", icon=":material/download:",
        key=keys.button(page, "example"), help="A small table in the form that can be uploaded.",
    )  # fmt: skip


def _read(page: str) -> None:
    """Read the file that was uploaded; one that cannot be read changes nothing."""
    upload = session.peek(keys.upload(page))
    if upload is not None:
        session.put(keys.table_file(page), (upload.name, upload.getvalue()))
    name, content = session.peek(keys.table_file(page), ("", b""))
    if upload is None and not name:
        return
    session.value(_key(page, "header"), next(iter(HEADERS)))
    try:
        file = read_table(content, HEADERS[session.peek(_key(page, "header"))])
    except TableError as error:
        session.put(keys.table_problem(page), f"{name}: {error}")
        return
    session.put(keys.table(page), file)
    target = file.names[-1]
    session.put(_key(page, "target"), target)
    session.put(_key(page, "inputs"), list(default_inputs(file, target, MOST_INPUTS)))
    session.put(_key(page, "answer"), next(iter(ANSWERS)))
    _choose(page)


def _choose(page: str) -> None:
    """Let the form hold the chosen columns; one that cannot be learned from changes nothing."""
    file: Table = session.peek(keys.table(page))
    target, inputs = session.peek(_key(page, "target")), session.peek(_key(page, "inputs"))
    as_classes = ANSWERS[session.peek(_key(page, "answer"))]
    try:
        chosen: dict[str, Any] = select_columns(file, inputs, target, as_classes)
    except TableError as error:
        session.put(keys.table_problem(page), str(error))
        return
    session.put(keys.table_problem(page), None)
    session.put(keys.table_name(page), session.peek(keys.table_file(page))[0])
    for field, value in chosen.items():
        session.put(keys.task_option(page, TASK, field), value)
    adapt_to_dataset(Form(page, Experiment()))
    commands.reset(page)


def _key(page: str, field: str) -> str:
    return keys.table_column(page, field)
