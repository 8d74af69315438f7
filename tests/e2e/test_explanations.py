"""In a real browser: XOR walked through with a calculator, and a failing run cured."""

import re

import pytest

from nn_core import backends
from tests.e2e.visitor import expect
from tests.helpers.latex import value_of

pytestmark = pytest.mark.slow  # a minute or more in all


def formulas(app):
    """The LaTeX source of every formula of the walk-through, as it stands in the page."""
    return app.page.locator(
        '[class*="st-key-gates-walk-"] .katex-mathml annotation'
    ).all_text_contents()


def sides(formula):
    """Symbol, formula with values, and result of a line; None for a rule without numbers."""
    body = formula.replace(r"\begin{aligned}", "").replace(r"\end{aligned}", "").strip()
    parts = re.split(r" (?:\\\\ )?&?= ", body)
    return parts if r"\begin{aligned}" in formula and len(parts) == 3 else None


@pytest.mark.parametrize("backend", ["numpy", "torch"], indirect=True)
def test_every_number_of_the_walk_can_be_recomputed_from_the_screen(app, backend):
    app.open()
    app.choose("gates.form.backend", backends.label(backend))
    app.type_number("gates.form.units.0", 2)
    app.type_number("gates.form.epochs", 20)
    app.unfold("Stop rules and precision")
    app.choose("gates.form.dtype", "float64")
    app.press("Train")
    app.until_state("finished", seconds=180)
    app.open_view("gates", "Walk-through")
    app.page.get_by_text("the largest difference is").wait_for()
    difference = app.page.get_by_text("the largest difference is").inner_text()
    assert float(re.search(r"difference is ([\d.e-]+?)\.?$", difference)[1]) < 1e-12
    app.page.get_by_text("Micro-step 1 of 16").wait_for()
    app.page.get_by_role("heading", level=1).click()
    app.page.locator("body").press("f")
    app.page.get_by_text("Micro-step 2 of 16").wait_for()
    app.page.locator("body").press("b")
    app.page.get_by_text("Micro-step 1 of 16").wait_for()
    app.page.get_by_text("All at once").click()
    app.page.locator(".st-key-gates-walk-16 .katex").first.wait_for()
    lines = [found for found in map(sides, formulas(app)) if found]
    # Forward, loss, deltas, gradients; then Adam's m, v and w of each.
    assert len(lines) == 6 + 2 + 4 + 9 + 3 * 9
    for symbol, values, result in lines:
        assert value_of(values) == pytest.approx(value_of(result), rel=2e-4, abs=2e-6), symbol
    # One number leads to the next: what is found in a line is what goes into a later one.
    found = {symbol: result for symbol, _, result in lines}
    into = {symbol: values for symbol, values, _ in lines}
    assert found["z^{(1)}_{1}"].strip("()") in into["a^{(1)}_{1}"]
    assert found["a^{(1)}_{1}"] in into["z^{(2)}_{1}"]
    assert found["a^{(2)}_{1}"] in into[r"\ell"]


def test_xor_without_a_hidden_layer_is_explained_cured_and_solved(app):
    app.open()
    app.type_number("gates.form.layers", 0)
    app.type_number("gates.form.epochs", 300)
    app.press("Train")
    app.until_state("finished")
    card = app.page.locator(".st-key-gates-doctor")
    card.get_by_text("cannot represent the task: it has no hidden layer").wait_for()
    expect(card).to_contain_text("3 of these 4 rows (75 %)")
    card.get_by_role("button", name="Cure: A hidden layer of 4 tanh units").first.click()
    app.until_state("idle")
    expect(app.widget("gates.form.layers").locator("input")).to_have_value("1")
    app.press("Train")
    app.until_state("finished", seconds=60)
    app.until(app.rows_are_right, "a row is wrong")
    card.get_by_text("Solved at epoch").wait_for()


def test_a_pathology_is_one_click_and_its_cure_is_another(app):
    app.open("recipes")
    for what, sentence in (("Show it", "still copies of each other"), ("Show the cure", "Solved")):
        app.page.get_by_role("link", name="Pathologies").click()
        card = app.page.locator(".st-key-pathology-zero-start")
        card.get_by_role("button", name=what).first.click()
        app.page.locator(".st-key-gates-doctor").get_by_text(sentence).wait_for()
        app.until_state("finished")  # the picture has a way of its own to the browser


def test_the_graph_shows_value_and_gradient_of_every_number(app):
    app.open()
    app.type_number("gates.form.units.0", 2)
    app.open_view("gates", "Graph")
    nodes = app.page.locator("[data-testid=stGraphVizChart] g.node")
    nodes.first.wait_for()
    texts = nodes.all_text_contents()
    assert len(texts) == 2 + 9 + 3 + 3 + 1 + 1  # inputs, weights, sums, activations, target, loss
    assert sum("∂L/∂" in text for text in texts) == 9 + 3 + 3 + 1
