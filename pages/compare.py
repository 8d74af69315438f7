"""Compare: one experiment on several backends, or two experiments against each other."""

import streamlit as st

from nn_core import datasets
from ui import session
from ui.form import experiment_form
from ui.form.form_values import Form
from ui.runs.studies import comparing, comparison_link, pairing

session.enter("pages/compare.py")
comparison_link.open_link()
with st.container(horizontal=True, vertical_alignment="center"):
    st.title("Compare", width="content")
    is_pair = comparison_link.choose_mode()
    beside = st.container(width="content")
experiment = experiment_form.experiment_form(
    Form("compare", comparison_link.DEFAULTS, datasets.names(), has_backend=is_pair)
)
experiment_form.show_problems("compare")
if is_pair:
    pinned = pairing.choose_and_train(experiment)
    pairing.results(pinned, experiment_form.last_valid("compare", experiment))
else:
    comparing.choose_and_train(experiment)
    comparing.results(experiment)
with beside:
    comparison_link.share(experiment, is_pair=is_pair)
