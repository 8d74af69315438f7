"""Recipes: classic experiments, one click away."""

import pandas as pd
import streamlit as st

from nn_core import backends, recipes
from nn_core.recipes import FIGURES
from ui import recipe_card, session

session.enter("pages/recipes.py")
st.title("Recipes")
st.caption(
    "Published teaching examples. Their authors drew the weights without a seed, so look for the "
    "same behaviour, not for the same digits."
)

left, right = st.columns([2, 3], gap="large")
with left:
    name = st.radio(
        "Recipe",
        recipes.names(),
        format_func=lambda name: recipes.get(name).title,
        key="recipes.form.name",
        label_visibility="collapsed",
    )
recipe = recipes.get(str(name))
with right, st.container(border=True):
    st.subheader(recipe.title)
    sizes = "-".join(map(str, recipe.layer_sizes))
    st.markdown(
        f"`{recipe.id}` · {backends.label(recipe.backend)} · network {sizes} · {recipe.loss} · "
        f"{recipe.optimizer} {recipe.learning_rate:g} · {recipe.epochs:,} epochs"
    )
    st.table(
        pd.DataFrame(
            {"published": {FIGURES[figure].label: text for figure, text in recipe.published}}
        )
    )
    st.write(recipe.lesson)
    opened = st.button(
        f"Open on the page {recipe.page.capitalize()}",
        key="recipes.open",
        type="primary",
        icon=":material/arrow_forward:",
        shortcut="O",
        on_click=recipe_card.open_recipe,
        args=(recipe,),
        help="Fills in the form of that page. Then press Train.",
    )
if opened:
    st.switch_page(f"pages/{recipe.page}.py")
