"""Recipes: classic experiments, one click away."""

import streamlit as st

from ui import session
from ui.lessons import recipe_list
from ui.links import page_list

session.enter("pages/recipes.py")
st.title("Recipes")
st.caption(
    "Published teaching examples. Their authors drew the weights without a seed, so look for the "
    "same behaviour, not for the same digits. The key on a button opens its recipe."
)
task, frameworks = recipe_list.choose()
opened = recipe_list.cards(task, frameworks)
if opened:
    st.switch_page(page_list.path(opened))
