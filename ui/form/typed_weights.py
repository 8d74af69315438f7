"""Initial weights that a visitor types, or that were loaded from a link or a file.

A form stores loaded weights under ``given``. The tables begin with these, and the typed values are
stored separately, because Streamlit discards the state of a table with its page.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd
import streamlit as st

from nn_core import datasets
from nn_core.errors import InvalidExperiment
from nn_core.experiment import GivenParams
from ui import session
from ui import session_keys as keys
from ui.form.field_widgets import number
from ui.form.form_values import Form
from ui.form.network_widgets import layer_count, units_of
from ui.form.task_settings import read_settings

MOST_TYPED_WEIGHTS = 64


class Typed(NamedTuple):
    """The content of the edited tables.

    Attributes
    ----------
    over : tuple or None
        The loaded weights with which the tables began; None for zeros.
    weights : tuple or None
        A (rows, bias) pair for each layer.
    table : str
        The session key of the last table.
    """

    over: GivenParams | None
    weights: GivenParams | None
    table: str


NOTHING_TYPED = Typed(None, None, "")


offset = number("given_offset", step=1e-5, format="%.6g")
"""The widget for the offset that is added to the given weights."""


def given_weights(form: Form) -> None:
    """A switch between the published optimum and typed weights, with tables for the latter."""
    form.value("typed", False)
    typed = st.toggle(
        "Type the weights in",
        key=form.key("typed"),
        help="Off: the published optimum of this network, where there is one. On: a table for each "
        "layer; a row for each source, the bias last, a column for each unit.",
    )
    sizes = _layer_sizes(form)
    if typed and sizes:
        _tables(form, sizes)


def read_given(form: Form) -> GivenParams | None:
    """The typed weights; None where the published optimum is chosen."""
    sizes = _layer_sizes(form)
    if not form.peek("typed") or sizes is None:
        return None
    loaded = _loaded(form, sizes)
    typed: Typed = session.peek(keys.typed_weights(form.page), NOTHING_TYPED)
    is_typed = typed.over == loaded and _fits(typed.weights, sizes, form.value("bias"))
    return typed.weights if is_typed else loaded


def _tables(form: Form, sizes: Sequence[int]) -> None:
    """An editable table for each layer."""
    has_bias = form.value("bias")
    loaded = _loaded(form, sizes)
    if sum(n * m for n, m in pairwise(sizes)) > MOST_TYPED_WEIGHTS:
        most = f"Only networks of up to {MOST_TYPED_WEIGHTS} weights can be typed in."
        st.caption(most + (" These came with what was opened." if loaded else ""))
        return
    before: Typed = session.peek(keys.typed_weights(form.page), NOTHING_TYPED)
    is_forgotten = before.table and session.peek(before.table) is None
    if is_forgotten and before.over == loaded and _fits(before.weights, sizes, has_bias):
        # The page was left, and Streamlit discarded the tables: they begin with the typed values.
        form.set("given", before.weights)
        loaded = before.weights
    layers, table_key = [], ""
    for i, (n_in, n_out) in enumerate(pairwise(sizes)):
        rows = [f"from {j + 1}" for j in range(n_in)] + (["bias"] if has_bias else [])
        begun = _beginning(form, i, (len(rows), n_out))
        first = pd.DataFrame(begun, index=rows, columns=[f"unit {j + 1}" for j in range(n_out)])
        # The key depends on the initial values, so that other loaded weights get a new table.
        name = f"{i}.{tuple(sizes)}.{has_bias}"
        name += f".{hash(begun.tobytes())}" if begun.any() else ""
        table_key = keys.typed_table(form.page, name)
        table = st.data_editor(first, key=table_key)
        values = table.fillna(0.0).to_numpy(float).tolist()
        weight = tuple(tuple(row) for row in values[:n_in])
        layers.append((weight, tuple(values[n_in]) if has_bias else None))
    session.put(keys.typed_weights(form.page), Typed(loaded, tuple(layers), table_key))


def _layer_sizes(form: Form) -> tuple[int, ...] | None:
    """Inputs, hidden units and outputs; None if the settings of the data set are not valid."""
    entry = datasets.describe(form.value("dataset"))
    try:
        n_inputs, n_outputs = entry.sizes(entry.options(**read_settings(form)))
    except InvalidExperiment:  # reported where the experiment is created
        return None
    hidden = (units_of(form, i) for i in range(layer_count(form)))
    return (n_inputs, *hidden, n_outputs)


def _loaded(form: Form, sizes: Sequence[int]) -> GivenParams | None:
    """The weights that were loaded into the form, if they fit the network."""
    loaded: GivenParams | None = form.peek("given")
    return loaded if _fits(loaded, sizes, form.value("bias")) else None


def _fits(given: GivenParams | None, sizes: Sequence[int], has_bias: bool) -> bool:
    """Whether these are weights of a network of these sizes."""
    if given is None or len(given) != len(sizes) - 1:
        return False
    return all(
        len(rows) == n_in and len(rows[0]) == n_out and (bias is not None) == has_bias
        for (rows, bias), (n_in, n_out) in zip(given, pairwise(sizes), strict=True)
    )


def _beginning(form: Form, layer: int, shape: tuple[int, int]) -> np.ndarray:
    """The initial values of a layer's table: weights that were loaded into the form, or zeros."""
    given = form.peek("given")
    if given and layer < len(given):
        weight, bias = given[layer]
        rows = [*weight, *([bias] if bias is not None else [])]
        if len(rows) == shape[0] and all(len(row) == shape[1] for row in rows):
            return np.array(rows, float)
    return np.zeros(shape)
