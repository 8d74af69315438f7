"""In a real browser: a recipe is opened by its key, trained, and remembered."""

import pytest

pytestmark = pytest.mark.slow  # a minute or more in all


def open_list(app):
    app.page.get_by_role("link", name="Recipes").click()
    app.page.get_by_text("Published teaching examples").wait_for()


def card(app, name):
    return app.widget(f"recipes-card-{name}")


def test_a_recipe_is_opened_by_its_key_and_its_figures_are_remembered(app):
    app.open("recipes")
    app.page.get_by_text("AND and NAND", exact=True).first.click()
    card(app, "xor-tf").wait_for(state="detached")
    table = card(app, "perceptron-batch").get_by_test_id("stTable")
    app.until(lambda: table.inner_text().count("(-1, -1, 2)") == 1, "no published figure")
    app.settle()
    app.page.locator("body").press("2")  # the second card is the perceptron on all rows at once
    app.picture.wait_for()
    app.page.get_by_text("recipe perceptron-batch").wait_for()
    app.slide("gates.form.speed", "none")
    app.press("Train")
    app.until_state("finished")
    open_list(app)
    app.until(lambda: table.inner_text().count("(-1, -1, 2)") == 2, "the run was not remembered")
