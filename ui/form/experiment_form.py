"""The form in the sidebar: the layout of its widgets, and the experiment that they define."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from nn_core.errors import InvalidExperiment
from nn_core.experiment import Experiment
from nn_core.networks.initializers import initial_params
from ui import session
from ui import session_keys as keys
from ui.form import network_widgets
from ui.form.field_widgets import about
from ui.form.form_fields import FIELDS, draw, read
from ui.form.form_values import Form


def experiment_form(form: Form) -> Experiment | None:
    """Show a form in the sidebar.

    Parameters
    ----------
    form : Form
        The page, its data sets, and the initial values of its form.

    Returns
    -------
    experiment : Experiment or None
        None if the fields do not fit together; `show_problems` shows the reasons.
    """
    with st.sidebar:
        draw(form, "dataset", "dataset_options")
        if form.has_backend:
            _framework(form)
        _network(form)
        _learning(form)
        _regularisation(form)
        _ending(form)
        try:
            experiment = Experiment(**read(form))
            if experiment.initializer == "given":
                initial_params(experiment)  # raises where there are none
        except InvalidExperiment as error:
            session.put(keys.problems(form.page), error.problems)
            return None
        session.put(keys.problems(form.page), ())
        for note in experiment.advice():
            st.info(note, icon=":material/lightbulb:")
    return experiment


def last_valid(page: str, experiment: Experiment | None) -> Experiment:
    """The form's experiment, or its last valid one if the fields do not fit together."""
    if experiment is not None:
        session.put(keys.last_valid(page), experiment)
    return session.value(keys.last_valid(page), Experiment())  # type: ignore[no-any-return]


def show_problems(page: str) -> None:
    """Show why the form's experiment cannot be trained, if it is not valid."""
    for problem in session.peek(keys.problems(page), ()):
        st.error(f"**{_title(problem.field)}**: {problem.reason}.", icon=":material/error:")


def changed_fields(old: Experiment, new: Experiment) -> Sequence[str]:
    """Labels of the fields in which two experiments differ, except the learning rate."""
    return [
        _title(name)
        for name in Experiment.model_fields
        if name != "learning_rate" and getattr(old, name) != getattr(new, name)
    ]


def _title(field: str) -> str:
    info = Experiment.model_fields.get(field.split(".")[0])
    return (info.title if info else None) or field


def _framework(form: Form) -> None:
    left, right = st.columns([3, 2])
    with left:
        draw(form, "backend", "engine")
    with right:
        draw(form, "device")
    network_widgets.import_framework(form)


def _network(form: Form) -> None:
    st.markdown("##### Network")
    draw(form, "architecture", "channels", "kernel", "hidden")
    if network_widgets.has_activations(form):
        draw(form, "output")
    else:
        left, right = st.columns(2)
        with left:
            draw(form, "activation")
        with right:
            draw(form, "output")
    draw(form, "activations", "bias", "initializer", "given_offset", "given")


def _learning(form: Form) -> None:
    st.markdown("##### Learning")
    draw(form, "loss")
    left, right = st.columns(2)
    with left:
        draw(form, "optimizer")
    with right:
        draw(form, "batch_size")
    draw(form, "learning_rate", "momentum")


def _regularisation(form: Form) -> None:
    """The fields for regularization: dropout and penalties."""
    with st.expander("Regularisation"):
        draw(form, "dropout")
        left, right = st.columns(2)
        with left:
            draw(form, "l1")
        with right:
            draw(form, "l2")
    values = {name: FIELDS[name].read(form) for name in ("dropout", "l1", "l2")}
    chosen = [f"{about(name)[0]} {value:g}" for name, value in values.items() if value]
    if chosen:  # visible while the group is closed, too
        st.caption("Regularised by " + ", ".join(chosen))


def _ending(form: Form) -> None:
    left, right = st.columns(2)
    with left:
        draw(form, "epochs")
    with right:
        draw(form, "seed")
    with st.expander("Stop rules and precision"):
        left, right = st.columns(2)
        with left:
            draw(form, "target_loss")
        with right:
            draw(form, "patience")
        draw(form, "dtype", "epsilon_form", "shuffle")
