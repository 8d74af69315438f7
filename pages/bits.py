"""Bits: a network learns to read binary numbers."""

import streamlit as st

from nn_core.experiment import Experiment
from nn_core.training.preview import preview
from ui import session
from ui.details import details
from ui.form import commands, experiment_form
from ui.lessons import recipe_card
from ui.links import deep_link
from ui.live import doctor_card, panels, picture_fragment, transport

session.enter("pages/bits.py")
st.title("Binary to decimal")

DEFAULTS = Experiment(
    dataset="bits", hidden=(3,), output="softmax", loss="cross_entropy", epochs=800
)
deep_link.open_link("bits", DEFAULTS)
experiment = experiment_form.experiment_form(
    "bits", DEFAULTS, lambda rate: commands.change_learning_rate("bits", rate)
)
transport.transport("bits", experiment, speed=300.0, defaults=DEFAULTS)
shown = experiment_form.last_valid("bits", experiment)
picture_fragment.live_picture("bits", shown, preview, panels.numbers)
doctor_card.doctor_card("bits")
recipe_card.recipe_card("bits", shown)
details.details("bits", shown, preview)
