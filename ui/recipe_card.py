"""What an author published, beside what this run found."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from nn_core import recipes
from nn_core.experiment import Experiment
from nn_core.recipes import FIGURES, Outcome, Recipe
from nn_core.runs import Run
from ui import controls, session


def open_recipe(recipe: Recipe) -> None:
    """Load a recipe into the form of its page; for callbacks."""
    run = session.run_of(recipe.page)
    if run and run.is_over:
        session.show_run(recipe.page, None)
    controls.load(recipe.page, recipe.experiment)
    session.put(f"{recipe.page}.recipe", recipe.id)


def recipe_card(page: str, experiment: Experiment) -> None:
    """Show the recipe that the page was opened with, if any, and how this run compares."""
    name = session.peek(f"{page}.recipe")
    if name is None:
        return
    recipe = recipes.get(name)
    with st.container(border=True, key=f"{page}-recipe"):
        st.markdown(f"**{recipe.title}** · recipe `{recipe.id}`")
        if recipe.experiment != experiment:
            changed = ", ".join(controls.changed_fields(recipe.experiment, experiment))
            st.caption(f"Changed from the recipe: {changed or 'the learning rate'}.")
        figures(recipe, session.run_of(page))
        st.caption(recipe.lesson)


@st.fragment
def figures(recipe: Recipe, run: Run | None) -> None:
    """A table of the published figures and this run's, once it is over."""
    outcome = outcome_of(run) if run else None
    st.table(
        pd.DataFrame(
            {
                "published": dict(recipe.published),
                "this run": {
                    name: FIGURES[name].read(outcome) if outcome else "–"
                    for name, _ in recipe.published
                },
            }
        ).rename(index=lambda name: FIGURES[name].label)
    )


def outcome_of(run: Run) -> Outcome | None:
    """What a run has left, or None while it goes on."""
    if not run.is_over or run.latest is None or not run.history.losses.count:
        return None
    metrics = getattr(run.end, "metrics", {})
    return Outcome(run.history.exact_losses, run.latest.params, run.latest.outputs, metrics)
