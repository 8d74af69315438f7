"""Gates: a network learns a truth table."""

import streamlit as st

from nn_core.experiment import Experiment
from nn_core.preview import preview
from ui import controls, deep_link, details, doctor, live, panels, recipe_card, session, transport

session.enter("pages/gates.py")
st.title("Logic gates")

DEFAULTS = Experiment()
deep_link.open_link("gates", DEFAULTS)
experiment = controls.experiment_form(
    "gates", DEFAULTS, lambda rate: transport.change_learning_rate("gates", rate)
)
transport.transport("gates", experiment, speed=300.0, defaults=DEFAULTS)
shown = controls.last_valid("gates", experiment)
live.live_picture("gates", shown, preview, panels.truth_table)
doctor.doctor_card("gates")
recipe_card.recipe_card("gates", shown)
details.details("gates", shown, preview)
