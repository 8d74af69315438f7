"""Compare: one experiment on several backends, or two experiments against each other."""

import streamlit as st

from nn_core import datasets
from nn_core.experiment import Experiment
from ui import comparing, controls, pairing, session

session.enter("pages/compare.py")
FRAMEWORKS, PAIR = "One experiment, several backends", "Two experiments, A and B"
session.value("compare.form.mode", FRAMEWORKS)
with st.container(horizontal=True, vertical_alignment="center"):
    st.title("Compare", width="content")
    mode = st.segmented_control(
        "What to compare",
        [FRAMEWORKS, PAIR],
        key="compare.form.mode",
        required=True,
        label_visibility="collapsed",
        help="Frameworks against NumPy, or two set-ups against each other.",
    )
experiment = controls.experiment_form(
    "compare", Experiment(), tasks=datasets.names(), with_backend=mode == PAIR
)
controls.show_problems("compare")
if mode == FRAMEWORKS:
    comparing.choose_and_train(experiment)
    comparing.results(experiment)
else:
    pinned = pairing.choose_and_train(experiment)
    pairing.results(pinned, controls.last_valid("compare", experiment))
