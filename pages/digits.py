"""Digits: a network learns to read handwriting."""

import streamlit as st

from nn_core.datasets import images
from nn_core.experiment import Experiment
from nn_core.training.preview import first_images
from ui import session
from ui.details import details
from ui.form import commands, experiment_form
from ui.lessons import recipe_card
from ui.links import deep_link
from ui.live import doctor_card, panels, picture_fragment, transport

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
deep_link.open_link("digits", DEFAULTS)
experiment = experiment_form.experiment_form(
    "digits", DEFAULTS, lambda rate: commands.change_learning_rate("digits", rate)
)
transport.transport("digits", experiment, defaults=DEFAULTS)
shown = experiment_form.last_valid("digits", experiment)
if not images.is_available(shown.dataset):
    source = images.SOURCES[shown.dataset]
    st.info(
        f"{source.label} is not on this machine yet: Train downloads it once, "
        f"{source.megabytes:.0f} MB. Without a network, choose the embedded 8×8 digits.",
        icon=":material/download:",
    )
if chosen := shown.dataset_options.in_words():
    st.caption(chosen)
picture_fragment.live_picture("digits", shown, first_images, panels.digits)
doctor_card.doctor_card("digits")
recipe_card.recipe_card("digits", shown)
details.details("digits", shown, first_images)
