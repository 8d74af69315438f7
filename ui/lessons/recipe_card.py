"""The recipe card: published figures beside the results of the run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd
import streamlit as st

from nn_core.events import Finished
from nn_core.experiment import Experiment
from nn_core.lessons import recipes
from nn_core.lessons.recipes import FIGURES, Outcome, Recipe
from nn_core.runs.run import Run
from ui import session
from ui import session_keys as keys
from ui.form import experiment_form
from ui.form.form_fields import load
from ui.links.page_list import page_of


class RecipeResult(NamedTuple):
    """What a recipe's run came to.

    Attributes
    ----------
    seed : int
        Seed of the run.
    figures : mapping of str to str
        Texts of the figures by their names in `FIGURES`.
    """

    seed: int
    figures: Mapping[str, str]


def open_recipe(recipe: Recipe) -> None:
    """Load a recipe into the form of its page; for callbacks."""
    page = page_of(recipe.dataset)
    store_result(page)
    run = session.run_of(page)
    if run and run.is_over:
        session.show_run(page, None)
    load(page, recipe.experiment)
    session.put(keys.recipe(page), recipe.id)


def recipe_card(page: str, experiment: Experiment) -> None:
    """Show the recipe that the page was opened with, if any, and how this run compares."""
    name = session.peek(keys.recipe(page))
    if name is None:
        return
    recipe = recipes.get(name)
    with st.container(border=True, key=f"{page}-recipe"):
        st.markdown(f"**{recipe.title}** · recipe `{recipe.id}`")
        if recipe.experiment != experiment:
            changed = ", ".join(experiment_form.changed_fields(recipe.experiment, experiment))
            st.caption(f"Changed from the recipe: {changed or 'the learning rate'}.")
        figures(recipe, session.run_of(page))
        st.caption(recipe.lesson)


@st.fragment
def figures(recipe: Recipe, run: Run | None) -> None:
    """A table of the published figures and this run's, once it is over."""
    store_result(page_of(recipe.dataset))
    outcome = outcome_of(run) if run else None
    st.table(figures_table(recipe, figures_of(recipe, outcome) if outcome else None))


def figures_table(
    recipe: Recipe, found: Mapping[str, str] | None, run: str = "this run"
) -> pd.DataFrame:
    """A table of the published figures and the figures of a run; `run` is its column title."""
    return pd.DataFrame(
        {
            "published": dict(recipe.published),
            run: {name: found[name] if found else "–" for name, _ in recipe.published},
        }
    ).rename(index=lambda name: FIGURES[name].label)


def figures_of(recipe: Recipe, outcome: Outcome) -> dict[str, str]:
    """Read the published figures of a recipe from a run."""
    return {name: FIGURES[name].read(outcome) for name, _ in recipe.published}


def outcome_of(run: Run) -> Outcome | None:
    """The outcome of a run, or None while it is active."""
    if not run.is_over or run.latest is None or not run.history.losses.count:
        return None
    metrics = run.end.metrics if isinstance(run.end, Finished) else {}
    return Outcome(run.history.exact_losses, run.latest.params, run.latest.outputs, metrics)


def store_result(page: str) -> None:
    """Keep what the recipe on a page has come to, if its run went to the end unchanged."""
    name, run = session.peek(keys.recipe(page)), session.run_of(page)
    if name is None or run is None or run.state != "finished":
        return
    recipe = recipes.get(name)
    is_as_written = run.experiment.replace(seed=recipe.seed) == recipe.experiment
    outcome = outcome_of(run)
    if outcome and is_as_written and not run.learning_rate_changes and not run.took_samples:
        result = RecipeResult(run.experiment.seed, figures_of(recipe, outcome))
        session.put(keys.RECIPE_RESULTS, {**session.peek(keys.RECIPE_RESULTS, {}), name: result})


def result_of(recipe: Recipe) -> RecipeResult | None:
    """What the recipe came to in this session, if it was run to its end."""
    store_result(page_of(recipe.dataset))
    found: RecipeResult | None = session.peek(keys.RECIPE_RESULTS, {}).get(recipe.id)
    return found
