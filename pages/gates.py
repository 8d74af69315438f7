"""Gates: a network learns a truth table."""

import streamlit as st

from nn_core.experiment import Experiment
from nn_core.preview import preview
from ui import controls, details, live, panels, recipe_card, session, transport

session.enter("pages/gates.py")
st.title("Logic gates")

experiment = controls.experiment_form(
    "gates", Experiment(), lambda rate: transport.change_learning_rate("gates", rate)
)
transport.transport("gates", experiment, speed=300.0)
if experiment is None:
    st.stop()
live.live_picture("gates", experiment, preview(experiment), panels.truth_table)
recipe_card.recipe_card("gates", experiment)
details.details("gates", experiment, preview(experiment))
