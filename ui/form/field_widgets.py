"""The widgets of a form, with label, help and bounds from the declarations of the fields.

Each function returns a widget for a field of the experiment: a function that draws it in a form.
The value is stored under the widget's key; `ui.form.form_fields` reads it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from nn_core.experiment import Experiment
from nn_core.vocabulary import EPSILON_FORMS
from ui.form.form_values import Form

Widget = Callable[[Form], None]

LEARNING_RATES = [float(f"{digit}e{power}") for power in range(-6, 2) for digit in (1, 2, 3, 5)] + [
    100.0,
    1000.0,
]
FULL_BATCH = 0
"""Full batch in the list of batch sizes; in the widget, None would mean “nothing chosen”."""

BATCH_SIZES = [FULL_BATCH, 1, 2, 3, 4, 5, 8, 10, 16, 20, 32, 50, 64, 100, 128, 256, 512, 1024]


def about(field: str) -> tuple[str, str, dict[str, Any]]:
    """Label, help and bounds of a field in the declaration of the experiment."""
    return described(Experiment.model_fields[field])


def described(info: Any) -> tuple[str, str, dict[str, Any]]:
    """Label with unit, help, and bounds of a declared field."""
    unit = (info.json_schema_extra or {}).get("unit", "")
    bounds = {}
    for constraint in info.metadata:
        for ours, theirs in (("ge", "min_value"), ("le", "max_value")):
            if (limit := getattr(constraint, ours, None)) is not None:
                bounds[theirs] = limit
    says_unit = not unit or unit in info.title.lower()
    title = info.title if says_unit else f"{info.title} ({unit})"
    return title, info.description or "", bounds


def has_layers(form: Form) -> bool:
    """Whether the form's network has hidden layers."""
    return bool(form.peek("layers"))


def choice(
    field: str, words: Mapping[str, Any], needs: Callable[[Form], bool] | None = None
) -> Widget:
    """A list of the values of a field.

    Parameters
    ----------
    field : str
        The field of the experiment.
    words : mapping
        From the values of the field to their labels and meanings.
    needs : callable, optional
        From the form to whether the field is used; otherwise the list is disabled.
    """

    def draw(form: Form) -> None:
        form.value(field)
        title, help_text, _ = about(field)
        st.selectbox(
            title,
            list(words),
            format_func=lambda name: words[name].label,
            key=form.key(field),
            help=f"{help_text}\n{_meanings(words)}",
            disabled=needs is not None and not needs(form),
        )

    return draw


def buttons(field: str, words: Mapping[Any, Any]) -> Widget:
    """A row of buttons, one for each value of a field."""

    def draw(form: Form) -> None:
        form.value(field)
        title, help_text, _ = about(field)
        st.segmented_control(
            title,
            list(words),
            format_func=lambda value: words[value].label,
            key=form.key(field),
            required=True,
            help=f"{help_text}\n{_meanings(words)}",
        )

    return draw


def number(field: str, needs: Callable[[Form], bool] | None = None, **more: Any) -> Widget:
    """A number within the field's bounds; `needs` as in `choice`."""

    def draw(form: Form) -> None:
        form.value(field)
        title, help_text, bounds = about(field)
        is_disabled = needs is not None and not needs(form)
        st.number_input(
            title, key=form.key(field), help=help_text, disabled=is_disabled, **bounds, **more
        )

    return draw


def optional_number(field: str, step: float | int, **more: Any) -> Widget:
    """An optional number."""

    def draw(form: Form) -> None:
        form.value(field)
        title, help_text, bounds = about(field)
        st.number_input(
            title, key=form.key(field), help=help_text, step=step, placeholder="off",
            value=None, **bounds, **more,
        )  # fmt: skip

    return draw


def toggle(field: str) -> Widget:
    """A switch between yes and no."""

    def draw(form: Form) -> None:
        form.value(field)
        title, help_text, _ = about(field)
        st.toggle(title, key=form.key(field), help=help_text)

    return draw


def batch_size(form: Form) -> None:
    """A list of the usual batch sizes, with the full batch first."""
    chosen = form.value("batch_size", form.defaults.batch_size or FULL_BATCH)
    title, help_text, _ = about("batch_size")
    st.selectbox(
        title,
        _with(BATCH_SIZES, chosen),
        format_func=lambda size: "full batch" if size == FULL_BATCH else str(size),
        key=form.key("batch_size"),
        help=help_text,
    )


def read_batch_size(form: Form) -> int | None:
    """The batch size; None for the full batch."""
    chosen = form.value("batch_size", form.defaults.batch_size or FULL_BATCH)
    return None if chosen == FULL_BATCH else int(chosen)


def learning_rate(form: Form) -> None:
    """A slider over powers of ten and values between; it changes an active run at once."""
    title, help_text, _ = about("learning_rate")
    follow = form.on_learning_rate
    st.select_slider(
        title,
        _with(LEARNING_RATES, form.value("learning_rate")),
        format_func=lambda rate: f"{rate:g}",
        key=form.key("learning_rate"),
        help=help_text,
        on_change=lambda: follow and follow(form.value("learning_rate")),
    )


def epsilon_form(form: Form) -> None:
    """A list of the forms of ε, with the framework's own form as default."""
    form.value("epsilon_form")
    title, help_text, _ = about("epsilon_form")
    st.selectbox(
        title,
        [None, *EPSILON_FORMS],
        format_func=lambda name: EPSILON_FORMS[name].label if name else "NumPy's own",
        key=form.key("epsilon_form"),
        help=help_text + _meanings(EPSILON_FORMS),
    )


def _meanings(words: Mapping[Any, Any]) -> str:
    """A line of Markdown for each word that has a meaning."""
    return "".join(
        f"\n- **{word.label}**: {word.meaning}" for word in words.values() if word.meaning
    )


def _with(values: Sequence[Any], chosen: Any) -> list[Any]:
    """The values of a list, with the current one, which may not be among them."""
    return sorted({*values, chosen})
