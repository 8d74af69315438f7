"""Convergence: one experiment from many seeds."""

import streamlit as st

from nn_core import datasets
from nn_core.experiment import Experiment
from ui import session
from ui.form import experiment_form
from ui.form.form_values import Form
from ui.runs.studies import convergence_link, converging

session.enter("pages/convergence.py")
st.title("Convergence")

DEFAULTS = Experiment(
    dataset="xor",
    hidden=(2,),
    output="identity",
    initializer="uniform_fan_in",
    loss="bce_logits_sum",
    optimizer="sgd",
    learning_rate=0.5,
    epochs=1000,
)
convergence_link.open_link(DEFAULTS)
experiment = experiment_form.experiment_form(Form("convergence", DEFAULTS, datasets.names()))
experiment_form.show_problems("convergence")
converging.choose_and_train(experiment, DEFAULTS)
converging.results(experiment)
