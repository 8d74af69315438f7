"""Gates: a network learns a truth table."""

import streamlit as st

from nn_core.experiment import Experiment
from nn_core.training.preview import preview
from ui import session
from ui.details import details
from ui.form import commands, experiment_form
from ui.lessons import recipe_card
from ui.links import deep_link
from ui.live import doctor_card, panels, picture_fragment, transport

session.enter("pages/gates.py")
st.title("Logic gates")

DEFAULTS = Experiment()
deep_link.open_link("gates", DEFAULTS)
experiment = experiment_form.experiment_form(
    "gates", DEFAULTS, lambda rate: commands.change_learning_rate("gates", rate)
)
transport.transport("gates", experiment, speed=300.0, defaults=DEFAULTS)
shown = experiment_form.last_valid("gates", experiment)
picture_fragment.live_picture("gates", shown, preview, panels.truth_table)
doctor_card.doctor_card("gates")
recipe_card.recipe_card("gates", shown)
details.details("gates", shown, preview)
