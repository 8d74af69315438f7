"""Autodiff: one gradient, found by hand, by differences, and by every framework."""

import streamlit as st

from nn_core.expressions import EXPRESSIONS
from ui import gradients, session

session.enter("pages/autodiff.py")
st.title("Automatic differentiation")

question = gradients.question_form()
shown = gradients.last_valid(question)
left, right = st.columns([1, 4], vertical_alignment="center")
with left:
    gradients.differentiate_button(question)
with right:
    st.latex(EXPRESSIONS[shown.expression].latex)
gradients.answers()
gradients.explanation(shown)
gradients.code(shown)
