"""The page Recipes: every published example is a click away, and remembers what it came to."""

import time

import pytest

from nn_core import backends
from nn_core.lessons import recipes
from nn_core.lessons.recipes import GRADIENT
from tests.helpers.frameworks import installed
from ui.lessons import recipe_list

ALONE = [
    variant_group[0].id for variant_group in recipes.variant_groups() if len(variant_group) == 1
]
LADDERS = [
    [recipe.id for recipe in variant_group]
    for variant_group in recipes.variant_groups()
    if len(variant_group) > 1
]


def open_page(app, page):
    app.switch_page(f"pages/{page}.py").run()
    assert not app.exception


def click(app, key):
    app.button(key=key).click().run()
    assert not app.exception


def shown(app):
    """Ids of the recipes whose cards are on the page."""
    keys = [button.key for button in app.button if button.key.startswith("recipes.open.")]
    return [key.removeprefix("recipes.open.") for key in keys]


def train(app, page):
    click(app, f"{page}.train")
    run = app.session_state[f"{page}.run"]
    assert run.wait(lambda run: run.is_over, 60)
    app.run()
    return run


def figures(app, name):
    """The table on a recipe's card."""
    open_page(app, "recipes")
    return app.table[shown(app).index(name)].value


def test_every_recipe_has_a_card_and_those_of_a_ladder_share_one(app):
    open_page(app, "recipes")
    assert shown(app) == [variant_group[0].id for variant_group in recipes.variant_groups()] + [
        GRADIENT.id
    ]
    everything = [
        recipe.id for variant_group in recipes.variant_groups() for recipe in variant_group
    ]
    assert sorted(everything) == sorted(recipes.names())
    assert [len(variant_group) for variant_group in LADDERS] == [4, 4]


def test_all_rungs_of_a_ladder_are_one_experiment(app):
    for variant_group in LADDERS:
        assert len({recipes.get(name).experiment.model_dump_json() for name in variant_group}) == 1
        assert len({recipes.get(name).published for name in variant_group}) == 1


def test_one_click_fills_the_form_of_its_page(app):
    for name in ALONE:
        recipe = recipes.get(name)
        if not backends.is_installed(recipe.backend):
            continue
        open_page(app, "recipes")
        click(app, f"recipes.open.{name}")
        open_page(app, recipe.page)  # what the browser does by itself
        assert not app.error
        assert any(f"recipe `{name}`" in text.value for text in app.markdown)
        assert not any("Changed from the recipe" in text.value for text in app.caption)


def test_the_form_of_the_code_chooses_the_rung(app):
    installed("torch", "PyTorch")
    for variant_group in LADDERS:
        open_page(app, "recipes")
        key = f"recipes.form.rung.{variant_group[0]}"
        (control,) = [c for c in app.get("button_group") if c.key == key]
        control.set_value(2).run()
        assert recipes.get(variant_group[2]).lesson in [text.value for text in app.caption]
        click(app, f"recipes.open.{variant_group[2]}")
        assert app.session_state["gates.recipe"] == variant_group[2]


@pytest.mark.parametrize("task", recipe_list.GROUPS)
def test_a_task_shows_its_recipes_alone(app, task):
    app.session_state["recipes.form.task"] = task
    open_page(app, "recipes")
    wanted = [r[0].id for r in recipes.variant_groups() if r[0].task == task]
    assert shown(app) == (wanted or [GRADIENT.id])


def test_frameworks_narrow_the_choice_and_none_left_is_said(app):
    app.session_state["recipes.form.frameworks"] = ["mxnet"]
    open_page(app, "recipes")
    assert shown(app) == ["mnist-gluon"]
    app.session_state["recipes.form.task"] = "XOR"
    app.run()
    assert shown(app) == []
    assert "No recipe of this task" in app.info[0].value


def test_a_recipe_of_an_absent_framework_says_how_to_install_it(app, monkeypatch):
    monkeypatch.setattr(backends, "is_installed", lambda name: name != "torch")
    open_page(app, "recipes")
    button = app.button(key="recipes.open.xor-torch")
    assert button.disabled
    assert "pip install torch" in button.help


def test_published_figures_stand_beside_those_of_this_run_and_are_remembered(app):
    open_page(app, "recipes")
    click(app, "recipes.open.perceptron-batch")
    open_page(app, "gates")
    app.select_slider(key="gates.form.speed").set_value(None).run()
    train(app, "gates")
    (table,) = [t.value for t in app.table if "published" in t.value.columns]
    assert table.loc["final weights and bias"].tolist() == ["(-1, -1, 2)", "(-1, -1, 2)"]
    assert table.loc["predictions"].tolist() == ["1 1 1 0", "1 1 1 0"]
    assert figures(app, "perceptron-batch").equals(table)
    click(app, "recipes.open.logistic-sgd")  # another one on the same page
    assert figures(app, "perceptron-batch").equals(table)


def test_another_seed_is_named_and_another_experiment_is_not_remembered(app):
    open_page(app, "recipes")
    click(app, "recipes.open.perceptron-online")
    open_page(app, "gates")
    app.select_slider(key="gates.form.speed").set_value(None).run()
    app.number_input(key="gates.form.epochs").set_value(5).run()
    train(app, "gates")
    assert set(figures(app, "perceptron-online")["this run"]) == {"–"}
    open_page(app, "gates")
    app.number_input(key="gates.form.epochs").set_value(13).run()
    app.number_input(key="gates.form.seed").set_value(7).run()
    run = train(app, "gates")
    assert run.state == "finished"
    assert "this run, seed 7" in figures(app, "perceptron-online").columns


def test_the_published_gradient_is_found_with_the_click(app, monkeypatch):
    monkeypatch.setattr("nn_core.autodiff.names", lambda: ["numpy"])
    open_page(app, "recipes")
    assert set(figures(app, GRADIENT.id)["by hand, here"]) == {"–"}
    click(app, f"recipes.open.{GRADIENT.id}")
    open_page(app, "autodiff")
    deadline = time.monotonic() + 30
    while set(figures(app, GRADIENT.id)["by hand, here"]) == {"–"}:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    table = figures(app, GRADIENT.id)
    assert float(table["by hand, here"]["value"]) == pytest.approx(
        float(table["published"]["value"]), abs=1e-7
    )
    assert table["by hand, here"]["gradient"] == table["published"]["gradient"]
