"""Digits: a network learns to read handwriting."""

import streamlit as st

from nn_core.datasets import images
from nn_core.experiment import Experiment
from nn_core.preview import first_images
from ui import controls, details, doctor, live, panels, recipe_card, session, transport

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
shown = controls.last_valid("digits", experiment)
if not images.is_available(shown.dataset):
    source = images.SOURCES[shown.dataset]
    st.info(
        f"{source.label} is not on this machine yet: Train downloads it once, "
        f"{source.megabytes:.0f} MB. Without a network, choose the embedded 8×8 digits.",
        icon=":material/download:",
    )
if chosen := shown.dataset_options.in_words():
    st.caption(chosen)
live.live_picture("digits", shown, first_images, panels.digits)
doctor.doctor_card("digits")
recipe_card.recipe_card("digits", shown)
details.details("digits", shown, first_images)
