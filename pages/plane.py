"""Plane: a network learns to tell points apart, or to predict a number."""

import streamlit as st

from nn_core.experiment import Experiment
from nn_core.training.preview import preview
from ui import session
from ui.details import details
from ui.form import commands, experiment_form
from ui.lessons import recipe_card
from ui.links import deep_link
from ui.live import doctor_card, panels, picture_fragment, transport
from ui.plane import plane_controls, points_editor, table_upload

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
deep_link.open_link("plane", DEFAULTS)
experiment = experiment_form.experiment_form(
    "plane",
    DEFAULTS,
    lambda rate: commands.change_learning_rate("plane", rate),
    on_task=plane_controls.adapt_to_dataset,
)
plane_controls.discard_finished_run("plane", experiment)
transport.transport("plane", experiment, speed=100.0, defaults=DEFAULTS)
shown = experiment_form.last_valid("plane", experiment)
points_editor.editor("plane")
table_upload.editor("plane")
with network:
    plane_controls.network_buttons("plane", shown)
picture_fragment.live_picture("plane", shown, preview, panels.plane, on_point=points_editor.add)
doctor_card.doctor_card("plane")
recipe_card.recipe_card("plane", shown)
details.details("plane", shown, preview)
