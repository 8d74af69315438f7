"""Bits: a network learns to read binary numbers."""

import streamlit as st

from nn_core.experiment import Experiment
from nn_core.preview import preview
from ui import controls, deep_link, details, doctor, live, panels, recipe_card, session, transport

session.enter("pages/bits.py")
st.title("Binary to decimal")

DEFAULTS = Experiment(
    dataset="bits", hidden=(3,), output="softmax", loss="cross_entropy", epochs=800
)
deep_link.open_link("bits", DEFAULTS)
experiment = controls.experiment_form(
    "bits", DEFAULTS, lambda rate: transport.change_learning_rate("bits", rate)
)
transport.transport("bits", experiment, speed=300.0, defaults=DEFAULTS)
shown = controls.last_valid("bits", experiment)
live.live_picture("bits", shown, preview, panels.numbers)
doctor.doctor_card("bits")
recipe_card.recipe_card("bits", shown)
details.details("bits", shown, preview)
