"""The widgets for the data set and its settings."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any, Literal, get_args, get_origin

import streamlit as st

from nn_core import datasets
from nn_core.experiment import Experiment
from ui import session
from ui.form.field_widgets import about, described
from ui.form.form_values import Form

TRUTH = "truth"
"""The setting that is edited row by row: a truth table."""


def choose_task(form: Form) -> None:
    """A list of the data sets, where there is more than one."""
    form.value("dataset")
    if len(form.tasks) < 2:
        return
    entries = {name: datasets.describe(name) for name in form.tasks}
    title, help_text, _ = about("dataset")
    st.selectbox(
        title,
        list(entries),
        format_func=lambda name: entries[name].label,
        key=form.key("dataset"),
        help=help_text + "".join(f"\n- **{e.label}**: {e.help}" for e in entries.values()),
        on_change=form.on_task,
        args=(form,),
    )


def settings(form: Form) -> None:
    """A widget for each setting of the chosen data set."""
    entry = datasets.describe(form.value("dataset"))
    is_default = entry.name == form.defaults.dataset
    defaults = form.defaults.dataset_options.model_dump() if is_default else {}
    for name, info in entry.options.model_fields.items():
        key = form.key(f"{entry.name}.{name}")
        session.value(key, defaults.get(name, info.default))
        if name == TRUTH:
            _truth_table(form)
        else:
            _setting(form, key, info)


def shown_settings(experiment: Experiment) -> dict[str, Any]:
    """The values of the widgets for an experiment's data set, by their names."""
    options = experiment.dataset_options.model_dump()
    shown = {f"{experiment.dataset}.{name}": value for name, value in options.items()}
    if truth := options.get(TRUTH):
        inputs = len(truth).bit_length() - 1
        rows = zip(_rows(inputs), truth, strict=True)
        shown["table.inputs"] = inputs
        shown[f"table.ones.{inputs}"] = [row for row, output in rows if output == "1"]
    return shown


def read_settings(form: Form) -> dict[str, Any]:
    """The settings of the chosen data set, by name."""
    task = form.value("dataset")
    fields = datasets.describe(task).options.model_fields
    return {
        name: _read_truth_table(form) if name == TRUTH else form.peek(f"{task}.{name}")
        for name in fields
    }


def _setting(form: Form, key: str, info: Any) -> None:
    """The widget for a setting's type; settings without one are edited elsewhere."""
    title, help_text, bounds = described(info)
    words = get_args(info.annotation)
    more: dict[str, Any] = {
        "key": key,
        "help": help_text,
        "on_change": _changed,
        "args": (form, key),
    }
    if get_origin(info.annotation) is Literal:
        st.segmented_control(title, words, required=True, **more)
    elif words and get_origin(words[0]) is Literal:
        st.pills(title, get_args(words[0]), selection_mode="multi", **more)
    elif info.annotation is str or get_origin(info.annotation) is tuple:
        return
    elif info.annotation is bool:
        st.toggle(title, **more)
    elif (info.json_schema_extra or {}).get("unit") == "%":
        st.slider(title, **bounds, **more)
    else:
        st.number_input(title, **bounds, **more)


def _changed(form: Form, key: str) -> None:
    if form.on_task:
        form.on_task(form)
    else:
        _fit_the_answer(form, session.peek(key))


def _fit_the_answer(form: Form, answer: Any) -> None:
    """Choose the output and the loss that fit the targets of the data set."""
    if answer == "number":
        form.set("output", "identity")
        form.set("loss", "mse")
        form.set("layers", 0)
    elif answer == "classes":
        form.set("output", "softmax")
        form.set("loss", "cross_entropy")
        form.set("layers", 1)


def _truth_table(form: Form) -> None:
    """An editable truth table: the number of inputs, and the rows whose target is 1."""
    form.value("table.inputs", 3)
    inputs = st.segmented_control(
        "Inputs", (1, 2, 3, 4), key=form.key("table.inputs"), required=True,
        help="Columns of your truth table.",
    )  # fmt: skip
    rows = _rows(int(inputs or 3))
    ones = f"table.ones.{inputs}"
    form.value(ones, _odd(rows))
    st.pills(
        f"Rows whose output is 1 (inputs {' '.join('ABCD'[: len(rows[0])])})",
        rows,
        selection_mode="multi",
        key=form.key(ones),
        help="Click a row to switch its output between 0 and 1.",
    )


def _read_truth_table(form: Form) -> str:
    inputs = int(form.value("table.inputs", 3) or 3)
    rows = _rows(inputs)
    ones = form.value(f"table.ones.{inputs}", _odd(rows))
    return "".join("1" if row in ones else "0" for row in rows)


def _rows(inputs: int) -> list[str]:
    """The inputs of a truth table, in counting order."""
    return ["".join(bits) for bits in product("01", repeat=inputs)]


def _odd(rows: Sequence[str]) -> list[str]:
    """The rows with an odd number of ones: the initial table is that of parity."""
    return [row for row in rows if row.count("1") % 2]
