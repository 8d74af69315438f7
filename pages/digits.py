"""Digits: a network learns to read handwriting."""

from typing import Any

import streamlit as st

from nn_core.datasets import images
from nn_core.experiment import Experiment
from nn_core.training.preview import first_images
from ui import session
from ui.live import panels
from ui.training_page import training_page

session.enter("pages/digits.py")
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


def which_images(page: str, experiment: Experiment) -> None:
    """Say which images are chosen, and whether they are on this machine yet."""
    if not images.is_available(experiment.dataset):
        source = images.SOURCES[experiment.dataset]
        st.info(
            f"{source.label} is not on this machine yet: Train downloads it once, "
            f"{source.megabytes:.0f} MB. Without a network, choose the embedded 8×8 digits.",
            icon=":material/download:",
        )
    options: Any = experiment.dataset_options
    if chosen := options.in_words():
        st.caption(chosen)


training_page(
    "digits",
    "Handwritten digits",
    DEFAULTS,
    first_images,
    panels.digits,
    has_architecture=True,
    above_picture=which_images,
)
