"""Digits: a network learns to read handwriting."""

import streamlit as st

from nn_core.datasets import images
from nn_core.experiment import Experiment
from nn_core.preview import weights_only
from ui import controls, details, live, panels, recipe_card, session, transport

session.enter("pages/digits.py")
st.title("Handwritten digits")

DEFAULTS = Experiment(
    dataset="mnist" if images.is_available("mnist") else "digits_8x8",
    hidden=(200,),
    activation="relu",
    output="softmax",
    loss="cross_entropy",
    learning_rate=0.001,
    batch_size=128,
    epochs=5,
)
experiment = controls.experiment_form(
    "digits", DEFAULTS, lambda rate: transport.change_learning_rate("digits", rate)
)
transport.transport("digits", experiment)
if experiment is None:
    st.stop()
live.live_picture("digits", experiment, weights_only(experiment), panels.digits)
recipe_card.recipe_card("digits", experiment)
details.details("digits", experiment, weights_only(experiment))
