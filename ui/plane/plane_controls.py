"""Additions of the page Plane to the form: layer buttons, and settings that adapt to the data."""

from __future__ import annotations

from typing import Any

import streamlit as st

from nn_core import datasets, vocabulary
from nn_core.errors import InvalidExperiment
from nn_core.experiment import DatasetOptions, Experiment
from ui import session
from ui import session_keys as keys
from ui.form import commands
from ui.form.form_values import Form

MOST_LAYERS, MOST_UNITS = 8, 512
SHARED = ("points", "noise", "test_share", "data_seed", "features")
"""Options that are kept when the data set changes."""

DEFAULT_OUTPUT_AND_LOSS = {
    "binary": ("sigmoid", "bce"),
    "classes": ("softmax", "cross_entropy"),
    "number": ("identity", "mse"),
}
"""Default output and loss for each kind of data."""


def options_of(form: Form, name: str) -> DatasetOptions | None:
    """The options of a data set in the form, or None if they are invalid."""
    fields = datasets.describe(name).options.model_fields
    chosen = {field: session.peek(keys.task_option(form.page, name, field)) for field in fields}
    try:
        return datasets.describe(name).options(
            **{field: value for field, value in chosen.items() if value is not None}
        )
    except InvalidExperiment:  # reported where the experiment is built
        return None


def adapt_to_dataset(form: Form) -> None:
    """Adapt options, output and loss to the selected data set; for callbacks."""
    name = str(form.value("dataset"))
    before = session.peek(keys.task(form.page), form.defaults.dataset)
    if before != name:
        session.put(keys.task(form.page), name)
        session.put(keys.task_before(form.page), before)
        _carry_over_options(form, before, name)
    options: Any = options_of(form, name)
    if options is None:
        return
    kind = options.kind
    output, loss = form.value("output"), form.value("loss")
    if not _suits(kind, output, loss):
        form.set("output", DEFAULT_OUTPUT_AND_LOSS[kind][0])
        form.set("loss", DEFAULT_OUTPUT_AND_LOSS[kind][1])


def _suits(kind: str, output: str, loss: str) -> bool:
    """Whether output and loss answer in this kind; which pairs make sense is asked elsewhere."""
    record = vocabulary.LOSSES[loss]
    if kind == "classes":
        return output == "softmax" or record.answers == "classes"
    if kind == "number":
        return output == "identity" and record.answers == "number"
    return record.answers != "classes" and (
        output in ("sigmoid", "tanh", "step") or record.on_logits == "sigmoid"
    )


def _carry_over_options(form: Form, before: str, name: str) -> None:
    old, new = (datasets.describe(task).options.model_fields for task in (before, name))
    for field in SHARED:
        if field not in old or field not in new:
            continue
        value = session.peek(keys.task_option(form.page, before, field))
        # One's own points are no number of points, and are all learned from unless one says more.
        is_alike = old[field].default == new[field].default
        if value is not None and is_alike:
            session.put(keys.task_option(form.page, name, field), value)


def network_buttons(page: str, experiment: Experiment) -> None:
    """Show buttons that add and remove hidden layers and units.

    Parameters
    ----------
    page : str
        Page of the form.
    experiment : Experiment
        Experiment in the form.
    """
    hidden = experiment.hidden
    with st.container(horizontal=True, vertical_alignment="center", key=f"{page}-network"):
        st.markdown("**Hidden layers**", width="content")
        _buttons(
            page, "layers", len(hidden), 0, MOST_LAYERS, ("− Layer", "+ Layer"),
            "Takes the last hidden layer away.", "Adds a hidden layer behind the last one.",
        )  # fmt: skip
        for i, units in enumerate(hidden):
            _buttons(
                page, f"units.{i}", units, 1, MOST_UNITS, (f"Layer {i + 1} −", f"Layer {i + 1} +"),
                f"Takes a unit away from hidden layer {i + 1}.",
                f"Adds a unit to hidden layer {i + 1}.",
            )  # fmt: skip


def _buttons(
    page: str, field: str, count: int, least: int, most: int, labels: tuple[str, str],
    help_less: str, help_more: str,
) -> None:  # fmt: skip
    """Show a number between a button that decreases it and one that increases it."""
    less, more = labels
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", width="content"):
        st.button(
            less, key=keys.button(page, field, "less"), on_click=_change,
            args=(page, field, -1, least, most),
            disabled=count <= least, help=help_less,
        )  # fmt: skip
        st.markdown(f"**{count}**", width="content")
        st.button(
            more, key=keys.button(page, field, "more"), on_click=_change,
            args=(page, field, 1, least, most),
            disabled=count >= most, help=help_more,
        )  # fmt: skip


def _change(page: str, field: str, by: int, least: int, most: int) -> None:
    """Count from what the form says by now: a quick hand clicks before the page is drawn anew."""
    count = min(max(session.peek(keys.form_field(page, field), least) + by, least), most)
    session.put(keys.form_field(page, field), count)
    if field == "layers" and count:
        session.value(keys.form_field(page, f"units.{count - 1}"), 4)
    commands.reset(page)


def discard_finished_run(page: str, experiment: Experiment | None) -> None:
    """Remove a finished run from the page once the form has other data or another network.

    The picture then shows the new settings at once. An active run stays.
    """
    run = session.run_of(page)
    if run is None or experiment is None or not run.is_over:
        return
    old, new = run.experiment, experiment
    if (old.dataset, old.dataset_options, old.layer_sizes) != (
        new.dataset, new.dataset_options, new.layer_sizes,
    ):  # fmt: skip
        session.show_run(page, None)
