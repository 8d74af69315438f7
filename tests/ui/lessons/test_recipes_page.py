"""The page Recipes: every published example is a click away, and remembers what it came to."""

import time

import pytest

from nn_core import backends
from nn_core.lessons import recipes
from nn_core.lessons.recipes import GRADIENT
from tests.helpers.frameworks import installed
from ui.lessons import recipe_list
from ui.links.page_list import page_of

ALONE = [
    variant_group[0].id for variant_group in recipes.variant_groups() if len(variant_group) == 1
]
LADDERS = [
    [recipe.id for recipe in variant_group]
    for variant_group in recipes.variant_groups()
    if len(variant_group) > 1
]


def shown(visitor):
    """Ids of the recipes whose cards are on the page."""
    keys = [button.key for button in visitor.app.button if button.key.startswith("recipes.open.")]
    return [key.removeprefix("recipes.open.") for key in keys]


def figures(visitor, name):
    """The table on a recipe's card."""
    visitor.open("recipes")
    return visitor.tables[shown(visitor).index(name)]


def test_every_recipe_has_a_card_and_those_of_a_ladder_share_one(visitor):
    visitor.open("recipes")
    assert shown(visitor) == [variant_group[0].id for variant_group in recipes.variant_groups()] + [
        GRADIENT.id
    ]
    everything = [
        recipe.id for variant_group in recipes.variant_groups() for recipe in variant_group
    ]
    assert sorted(everything) == sorted(recipes.names())
    assert [len(variant_group) for variant_group in LADDERS] == [4, 4]


def test_all_rungs_of_a_ladder_are_one_experiment(visitor):
    for variant_group in LADDERS:
        assert len({recipes.get(name).experiment.model_dump_json() for name in variant_group}) == 1
        assert len({recipes.get(name).published for name in variant_group}) == 1


def test_one_click_fills_the_form_of_its_page(visitor):
    for name in ALONE:
        recipe = recipes.get(name)
        if not backends.is_installed(recipe.backend):
            continue
        visitor.open("recipes")
        visitor.press("Open on", of=name)
        visitor.open(page_of(recipe.dataset))  # what the browser does by itself
        assert not visitor.errors
        assert f"recipe `{name}`" in visitor.markdown
        assert "Changed from the recipe" not in visitor.captions


def test_the_form_of_the_code_chooses_the_rung(visitor):
    installed("torch", "PyTorch")
    for variant_group in LADDERS:
        visitor.open("recipes")
        visitor.set("Form of the code", 2, of=variant_group[0])
        assert recipes.get(variant_group[2]).lesson in visitor.texts()
        visitor.press("Open on", of=variant_group[2])
        assert visitor.session["gates.recipe"] == variant_group[2]


@pytest.mark.parametrize("task", recipe_list.GROUPS)
def test_a_task_shows_its_recipes_alone(visitor, task):
    visitor.session["recipes.form.task"] = task
    visitor.open("recipes")
    wanted = [r[0].id for r in recipes.variant_groups() if r[0].task == task]
    assert shown(visitor) == (wanted or [GRADIENT.id])


def test_frameworks_narrow_the_choice_and_none_left_is_said(visitor):
    visitor.session["recipes.form.frameworks"] = ["mxnet"]
    visitor.open("recipes")
    assert shown(visitor) == ["mnist-gluon"]
    visitor.session["recipes.form.task"] = "XOR"
    visitor.look_again()
    assert shown(visitor) == []
    assert "No recipe of this task" in visitor.infos


def test_a_recipe_of_an_absent_framework_says_how_to_install_it(visitor, monkeypatch):
    monkeypatch.setattr(backends, "is_installed", lambda name: name != "torch")
    visitor.open("recipes")
    button = visitor.button("Open on Gates", of="xor-torch")
    assert button.disabled
    assert "pip install torch" in button.help


def test_published_figures_stand_beside_those_of_this_run_and_are_remembered(visitor):
    visitor.open("recipes")
    visitor.press("Open on Gates", of="perceptron-batch")
    visitor.open("gates")
    visitor.set("Speed limit, steps/s", None)
    visitor.train(60)
    (table,) = [table for table in visitor.tables if "published" in table.columns]
    assert table.loc["final weights and bias"].tolist() == ["(-1, -1, 2)", "(-1, -1, 2)"]
    assert table.loc["predictions"].tolist() == ["1 1 1 0", "1 1 1 0"]
    assert figures(visitor, "perceptron-batch").equals(table)
    visitor.press("Open on Gates", of="logistic-sgd")  # another one on the same page
    assert figures(visitor, "perceptron-batch").equals(table)


def test_another_seed_is_named_and_another_experiment_is_not_remembered(visitor):
    visitor.open("recipes")
    visitor.press("Open on Gates", of="perceptron-online")
    visitor.open("gates")
    visitor.set("Speed limit, steps/s", None)
    visitor.set("Epochs (passes)", 5)
    visitor.train(60)
    assert set(figures(visitor, "perceptron-online")["this run"]) == {"–"}
    visitor.open("gates")
    visitor.set("Epochs (passes)", 13)
    visitor.set("Seed", 7)
    run = visitor.train(60)
    assert run.state == "finished"
    assert "this run, seed 7" in figures(visitor, "perceptron-online").columns


def test_the_published_gradient_is_found_with_the_click(visitor, monkeypatch):
    monkeypatch.setattr("nn_core.autodiff.names", lambda: ["numpy"])
    visitor.open("recipes")
    assert set(figures(visitor, GRADIENT.id)["by hand, here"]) == {"–"}
    visitor.press("Open on", of=GRADIENT.id)
    visitor.open("autodiff")
    deadline = time.monotonic() + 30
    while set(figures(visitor, GRADIENT.id)["by hand, here"]) == {"–"}:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    table = figures(visitor, GRADIENT.id)
    assert float(table["by hand, here"]["value"]) == pytest.approx(
        float(table["published"]["value"]), abs=1e-7
    )
    assert table["by hand, here"]["gradient"] == table["published"]["gradient"]
