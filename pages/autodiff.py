"""Autodiff: one gradient, found by hand, by differences, and by every framework."""

import streamlit as st

from nn_core.autodiff.expressions import EXPRESSIONS
from ui import session
from ui.autodiff import gradients, question_link

session.enter("pages/autodiff.py")
st.title("Automatic differentiation")

question_link.open_link()
question = gradients.question_form()
shown = gradients.last_valid(question)
left, right = st.columns([2, 5], vertical_alignment="center")
with left, st.container(horizontal=True):
    gradients.differentiate_button(question)
    question_link.share(question)
with right:
    st.latex(EXPRESSIONS[shown.expression].latex)
gradients.answers()
gradients.explanation(shown)
gradients.code(shown)
