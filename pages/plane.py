"""Plane: a network learns to tell points apart, or to predict a number."""

import streamlit as st

from nn_core.experiment import Experiment
from nn_core.preview import preview
from ui import (
    controls,
    details,
    doctor,
    live,
    own_points,
    own_table,
    panels,
    plane_controls,
    recipe_card,
    session,
    transport,
)

session.enter("pages/plane.py")
with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
    st.title("Plane", width="content")
    network = st.container(width="content")

DEFAULTS = Experiment(
    dataset="circle",
    hidden=(4, 2),
    activation="tanh",
    loss="bce",
    learning_rate=0.03,
    batch_size=10,
    epochs=500,
)
experiment = controls.experiment_form(
    "plane",
    DEFAULTS,
    lambda rate: transport.change_learning_rate("plane", rate),
    on_task=plane_controls.follow,
)
plane_controls.show_the_new_start("plane", experiment)
transport.transport("plane", experiment, speed=100.0)
shown = controls.last_valid("plane", experiment)
own_points.editor("plane")
own_table.editor("plane")
with network:
    plane_controls.network_buttons("plane", shown)
live.live_picture("plane", shown, preview, panels.plane, on_point=own_points.add)
doctor.doctor_card("plane")
recipe_card.recipe_card("plane", shown)
details.details("plane", shown, preview)
