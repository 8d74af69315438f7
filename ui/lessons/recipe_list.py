"""The recipes as cards by task, with published figures, results and a button."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

import pandas as pd
import streamlit as st

from nn_core import autodiff, backends, vocabulary
from nn_core.lessons import recipes
from nn_core.lessons.recipes import GRADIENT, TASKS, Recipe
from nn_core.vocabulary import counted
from ui import session
from ui import session_keys as keys
from ui.autodiff import gradients
from ui.lessons import recipe_card
from ui.links.page_list import page_of

GRADIENTS = "Gradients"
GROUPS = (*dict.fromkeys(TASKS.values()), GRADIENTS)
MOST_KEYS = 9


def choose() -> tuple[str | None, list[str]]:
    """Show the filters.

    Returns
    -------
    task : str or None
        The selected group; None for all.
    frameworks : list of str
        The selected backends; empty for all.
    """
    used = [recipe.backend for recipe in map(recipes.get, recipes.names())]
    session.value(keys.RECIPE_TASK, None)
    session.value(keys.RECIPE_FRAMEWORKS, [])
    with st.container(horizontal=True, gap="medium", key="recipes-bar"):
        task = st.pills(
            "Task", GROUPS, key=keys.RECIPE_TASK, wrap=True,
            help="Shows the recipes of one task. Click it again to see all.",
        )  # fmt: skip
        frameworks = st.pills(
            "Framework", [name for name in backends.names() if name in used],
            format_func=backends.label, selection_mode="multi", key=keys.RECIPE_FRAMEWORKS,
            wrap=True,
            help="Shows what the author wrote in one of these. None chosen shows all.",
        )  # fmt: skip
    return task, frameworks


def cards(task: str | None, frameworks: Sequence[str]) -> str:
    """Show the cards of the chosen recipes.

    Returns
    -------
    page : str
        The page of the opened recipe; empty if none was opened.
    """
    variant_groups = [
        variant_group
        for variant_group in recipes.variant_groups()
        if task in (None, variant_group[0].task)
        and (not frameworks or variant_group[0].backend in frameworks)
    ]
    opened, number = "", 0
    for group, members in groupby(variant_groups, key=lambda variant_group: variant_group[0].task):
        st.markdown(f"##### {group}")
        with st.container(key=keys.recipe_cards(GROUPS.index(group))):
            for variant_group in members:
                number += 1
                opened = _card(variant_group, number) or opened
    methods = {method.framework for method in autodiff.all_methods()}
    if task in (None, GRADIENTS) and (not frameworks or methods.intersection(frameworks)):
        number += 1
        st.markdown(f"##### {GRADIENTS}")
        with st.container(key=keys.recipe_cards(GROUPS.index(GRADIENTS))):
            opened = _gradient_card(number) or opened
    if not number:
        st.info(
            "No recipe of this task was written in this framework. Choose another one.",
            icon=":material/filter_alt_off:",
        )
    return opened


def _card(variant_group: Sequence[Recipe], number: int) -> str:
    recipe = variant_group[0]
    page = page_of(recipe.dataset)
    with st.container(border=True, key=keys.recipe_card(recipe.variant_group or recipe.id)):
        st.markdown(f"**{recipe.variant_group or recipe.title}**")
        if len(variant_group) > 1:
            recipe = _choose_variant(variant_group)
        st.caption(f"`{recipe.id}` · {set_up(recipe)}")
        found = recipe_card.result_of(recipe)
        named = "this run"
        if found and found.seed != recipe.seed:
            named = f"this run, seed {found.seed}"
        st.table(
            recipe_card.figures_table(recipe, found.figures if found else None, named),
            border="horizontal",
        )
        st.caption(recipe.lesson)
        is_absent = not backends.is_installed(recipe.backend)
        opened = _open_button(
            recipe.id, page, number, is_absent,
            backends.how_to_install(recipe.backend) if is_absent
            else "Fills in the form of that page. Then press Train.",
            recipe_card.open_recipe, recipe,
        )  # fmt: skip
    return page if opened else ""


def _choose_variant(variant_group: Sequence[Recipe]) -> Recipe:
    key = keys.recipe_rung(variant_group[0].id)
    session.value(key, 0)
    index = st.segmented_control(
        "Form of the code", range(len(variant_group)), format_func=lambda i: f"{i + 1}", key=key,
        required=True, help="\n".join(f"{i}. {r.form}" for i, r in enumerate(variant_group, 1)),
    )  # fmt: skip
    return variant_group[index or 0]


def _gradient_card(number: int) -> str:
    with st.container(border=True, key=keys.recipe_card(GRADIENT.id)):
        st.markdown(f"**{GRADIENT.title}**")
        labels = ", ".join(
            method.label for method in autodiff.all_methods() if not method.takes_step
        )
        st.caption(f"`{GRADIENT.id}` · −log σ(w·x) · {labels}")
        answer = gradients.answer_by_hand(GRADIENT.question)
        slopes = " ".join(f"{slope:.8f}" for slope in answer.gradient) if answer else "–"
        st.table(
            pd.DataFrame(
                {
                    "published": [GRADIENT.value, GRADIENT.gradient],
                    "by hand, here": [f"{answer.value:.17g}" if answer else "–", slopes],
                },
                index=["value", "gradient"],
            ),
            border="horizontal",
        )
        st.caption(GRADIENT.lesson)
        opened = _open_button(
            GRADIENT.id, gradients.PAGE, number, False,
            "Differentiates at once, in every way there is.",
            gradients.request_gradient, GRADIENT.question,
        )  # fmt: skip
    return gradients.PAGE if opened else ""


def _open_button(
    name: str, page: str, number: int, is_disabled: bool, help_text: str,
    act: Callable[[Any], None], subject: Any,
) -> bool:  # fmt: skip
    return st.button(
        f"Open on {page.capitalize()}", key=keys.button("recipes", "open", name),
        on_click=act, args=(subject,), icon=":material/arrow_forward:",
        shortcut=str(number) if number <= MOST_KEYS else None, disabled=is_disabled, help=help_text,
    )  # fmt: skip


def set_up(recipe: Recipe) -> str:
    """Framework, network and training of a recipe in one line."""
    sizes = recipe.shape
    batch = f"batch {recipe.batch_size}" if recipe.batch_size else "full batch"
    rule = vocabulary.OPTIMIZERS[recipe.optimizer].label
    if recipe.loss == "perceptron":
        rule = "learning rate"
    return (
        f"{backends.label(recipe.backend)} · {sizes} · {vocabulary.LOSSES[recipe.loss].label} · "
        f"{rule} {recipe.learning_rate:g} · {batch} · {counted(recipe.epochs, 'epoch')}"
    )
