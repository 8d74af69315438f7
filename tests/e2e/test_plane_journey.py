"""The page Plane in a real browser."""

import numpy as np
import pytest

from nn_core import datasets
from nn_core.experiment import Experiment
from tests.e2e.visitor import expect


def test_setting_the_output_bias_moves_the_boundary_in_the_next_frame_and_the_backends_loss(app):
    app.open("plane")
    app.type_number("plane.form.epochs", 1_000_000)
    app.press("Train")
    app.until(lambda: app.number("step") > 60, "training never began")
    app.press("Pause")
    app.until_state("paused")
    before = app.number("loss")
    frame = app.set_output_bias(-3, hidden_layers=2)
    # The bias moves the output everywhere, and nothing else of the frame is older than it.
    assert frame["share"] > 0.9
    assert app.state == "paused"
    data = datasets.load(Experiment(dataset="circle"))
    layers = [(np.array(weight), np.array(bias)) for weight, bias in app.params()]
    a = data.x
    for weight, bias in layers[:-1]:
        a = np.tanh(a @ weight + bias)
    weight, bias = layers[-1]
    assert bias.tolist() == [-3]
    a = 1 / (1 + np.exp(-(a @ weight + bias)))
    by_hand = -(data.y * np.log(a) + (1 - data.y) * np.log(1 - a)).mean()
    by_hand = pytest.approx(by_hand, rel=1e-3)
    app.until(lambda: app.number("loss") == by_hand, f"the backend's loss is not {by_hand}")
    assert app.number("loss") != before


@pytest.mark.slow
def test_a_unit_pointed_at_while_the_spiral_is_learned_shows_its_numbers_of_the_moment(app):
    app.open("plane")
    app.choose("plane.form.dataset", "spiral")
    app.type_number("plane.form.epochs", 100_000)
    app.slide("plane.form.speed", "none")
    app.press("Train")
    app.until(lambda: app.number("step") > 100, "training never began")
    title = app.page.locator('[data-panel="boundary"] .title')
    app.canvas("network").focus()
    app.page.keyboard.press("ArrowRight")
    app.page.keyboard.press("ArrowRight")
    app.until(lambda: "hidden 1.1 · tanh" in title.inner_text(), title.inner_text())
    number, picture, step = app.tooltip("network"), app.pixels("boundary"), app.number("step")
    app.until(lambda: app.tooltip("network") != number, "the number is stale")
    app.until(lambda: app.pixels("boundary") != picture, "the large picture stands still")
    app.press("Pause")
    app.until_state("paused")
    assert app.number("step") > step
    bias = app.params()[0][1][0]
    app.canvas("network").focus()
    for key in ("Escape", "ArrowRight", "ArrowRight"):
        app.page.keyboard.press(key)
    app.until(lambda: "hidden 1.1" in app.tooltip("network"), "it is not pointed at")
    said = app.tooltip("network").rpartition("bias ")[2].replace("−", "-")
    assert float(said) == pytest.approx(bias, rel=1e-8)


@pytest.mark.slow
def test_a_network_that_only_draws_lines_is_told_so_on_the_page_and_cured_by_a_click(app):
    app.open("plane")
    for _ in range(2):
        app.page.get_by_role("button", name="− Layer", exact=True).click()
        app.settle()
    app.until(lambda: len(app.params()) == 1, "there still is a hidden layer")
    app.slide("plane.form.speed", "none")
    app.type_number("plane.form.epochs", 100)
    app.press("Train")
    app.until_state("finished")
    card = app.page.locator(".st-key-plane-doctor")
    expect(card).to_contain_text("no line is right on more than 177 of these 250 rows (70.8 %)")
    card.get_by_role("button", name="Apply and train").first.click()
    app.until(lambda: len(app.params()) == 3, "the cure has no hidden layers")
    app.until(lambda: app.number("train_accuracy") >= 99, "the cure does not help", seconds=90)


@pytest.mark.slow
def test_the_spiral_is_solved_live_by_a_network_built_by_buttons(app):
    app.open("plane")
    app.choose("plane.form.dataset", "spiral")

    for layer, units in enumerate((4, 2)):
        field = app.widget(f"plane.form.units.{layer}").locator("input")
        for wanted in range(units + 1, 9):
            app.page.get_by_role("button", name=f"Layer {layer + 1} +", exact=True).click()
            expect(field).to_have_value(str(wanted))
            app.settle()
    app.slide("plane.form.speed", "none")
    app.press("Train")
    app.until(lambda: app.number("train_accuracy") >= 95, "the spiral was not solved", seconds=60)
    app.until(lambda: app.number("test_accuracy") > 75, "it has learned the points by heart")
    assert not app.errors
