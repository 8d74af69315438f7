"""In a real browser: the picture is pointed at, walked through by keys, and edited."""

import numpy as np
import pytest

from tests.e2e.visitor import expect
from tests.helpers.by_hand import xor_loss

pytestmark = pytest.mark.slow  # a minute or more in all

PHONE = {"width": 390, "height": 844}


def train_and_pause(app):
    app.type_number("gates.form.epochs", 1_000_000)
    app.press("Train")
    app.until(lambda: app.number("step") > 20, "training never began")
    app.press("Pause")
    app.until_state("paused")


def walk(app, *keys):
    app.canvas("network").focus()
    for key in keys:
        app.page.keyboard.press(key)


def unit_at(app, share_x, share_y):
    """A place on the network, in shares of its width and height."""
    box = app.canvas("network").bounding_box()
    return box["x"] + share_x * box["width"], box["y"] + share_y * box["height"]


def find(app, word):
    """Move the mouse over the network until the tooltip says the word."""
    for share_x in (0.9, 0.87, 0.84, 0.8, 0.5, 0.45):
        for share_y in np.arange(0.1, 0.95, 0.02):
            place = unit_at(app, share_x, share_y)
            app.page.mouse.move(*place)
            app.page.wait_for_timeout(40)  # one animation frame paints it
            if word in app.tooltip("network"):
                return place
    raise AssertionError(f"nothing on the network says {word!r}")


def test_setting_the_output_bias_by_mouse_changes_the_boundary_and_the_backends_loss(app):
    app.open()
    train_and_pause(app)
    before, picture = app.number("loss"), app.pixels("boundary")
    place = find(app, "output Y: bias")
    app.page.mouse.click(*place)
    field = app.page.locator(".editor input")
    field.fill("−6,5")  # a minus sign and a comma, as some keyboards have them
    app.page.mouse.move(5, 5)
    app.page.locator(".editor .accept").click()
    app.until(lambda: app.params()[-1][1] == [-6.5], "the bias is not what was set")
    assert app.state == "paused"
    app.until(lambda: app.pixels("boundary") != picture, "the boundary stands still")
    by_hand = pytest.approx(xor_loss(app.params()), rel=1e-3)
    app.until(lambda: app.number("loss") == by_hand, f"the backend's loss is not {by_hand}")
    assert app.number("loss") != pytest.approx(before, rel=0.05)


def test_the_same_by_keys_alone_also_before_the_first_run(app):
    app.open()
    walk(app, "ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowDown")
    app.until(lambda: app.tooltip("network") == "output Y: bias 0", "the keys lead elsewhere")
    app.page.keyboard.press("Enter")
    field = app.page.locator(".editor input")
    for wrong, why in [("0abc", "is no number"), ("1e7", "larger ones overflow"), ("", "Type a n")]:
        field.fill(wrong)
        field.press("Enter")
        expect(app.page.locator(".editor .problem")).to_contain_text(why)
    field.fill("")
    app.page.keyboard.type("0")  # no shortcut of the page may hear it
    app.page.keyboard.press("ArrowUp")
    expect(field).to_have_value("0.1")
    app.page.keyboard.press("Escape")
    expect(field).to_be_hidden()
    assert app.state == "idle"
    app.page.keyboard.press("Enter")
    field.fill("4")
    field.press("Enter")
    app.until_state("paused")
    app.until(lambda: app.params()[-1][1] == [4.0], "the bias is not what was set")
    assert app.number("step") == 0
    by_hand = pytest.approx(xor_loss(app.params()), rel=1e-3)
    app.until(lambda: app.number("loss") == by_hand, f"the backend's loss is not {by_hand}")
    app.until(lambda: app.tooltip("network") == "output Y: bias 4", "the focus was lost")
    app.press("Step")
    app.until(lambda: app.number("step") == 1, "the edited run takes no step")


def test_a_weight_set_while_training_goes_on_is_taken_up(app):
    app.open()
    app.type_number("gates.form.epochs", 1_000_000)
    app.choose("gates.form.optimizer", "SGD")  # slow enough to see the weight where it was put
    app.press("Train")
    app.until(lambda: app.number("step") > 20, "training never began")
    walk(app, "ArrowRight")
    app.until(lambda: "A → hidden 1: weight" in app.tooltip("network"), "no link has the cursor")
    app.page.keyboard.press("Enter")
    app.page.locator(".editor input").fill("90")
    app.page.keyboard.press("Enter")
    app.until(lambda: abs(app.params()[0][0][0][0] - 90) < 5, "the weight is not what was set")
    assert app.state == "running"


def test_what_is_pointed_at_tells_the_numbers_of_the_moment_and_is_seen_large(app):
    app.open()
    app.type_number("gates.form.epochs", 1_000_000)
    title = app.page.locator('[data-panel="boundary"] .title')
    expect(title).to_have_text("Output Y over the inputs")
    app.press("Train")
    app.until(lambda: app.number("step") > 20, "training never began")
    find(app, "hidden 2 · sigmoid")
    expect(title).to_have_text("hidden 2 · sigmoid")
    number, picture = app.tooltip("network"), app.pixels("boundary")
    app.until(lambda: app.tooltip("network") != number, "the number under the mouse is stale")
    app.until(lambda: app.pixels("boundary") != picture, "the large picture stands still")
    app.press("Pause")  # the mouse leaves the unit
    app.until_state("paused")
    app.until(lambda: title.inner_text() == "Output Y over the inputs", "the unit stays large")
    app.page.mouse.click(*find(app, "hidden 2 · sigmoid"))
    app.page.mouse.move(5, 5)
    app.until(lambda: title.inner_text() == "hidden 2 · sigmoid · pinned", "it is not pinned")
    app.canvas("network").press("Escape")
    app.until(lambda: title.inner_text() == "Output Y over the inputs", "Escape releases nothing")


def test_an_edit_of_a_finished_run_goes_on_from_its_end_and_waits(app):
    app.open()
    app.type_number("gates.form.epochs", 10)
    app.press("Train")
    app.until_state("finished")
    layers = app.params()
    walk(app, "ArrowRight", "Enter")
    app.page.locator(".editor input").fill("3")
    app.page.keyboard.press("Enter")
    app.until_state("paused")
    app.until(lambda: app.params()[0][0][0][0] == 3, "the weight is not what was set")
    assert app.params()[1] == layers[1]
    assert app.number("step") == 10
    app.page.get_by_text("Continued from step 10 of the run before").wait_for()
    app.press("Step")
    app.until(lambda: app.number("step") == 11, "it does not go on")


def test_what_is_below_the_picture_follows_an_edit_in_a_pause(app):
    app.open()
    train_and_pause(app)
    app.open_view("gates", "Health")
    gauges = app.page.get_by_test_id("stMetric").first
    before = gauges.inner_text()
    walk(app, "ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowDown", "Enter")
    app.page.locator(".editor input").fill("5")
    app.page.keyboard.press("Enter")
    app.until(lambda: app.params()[-1][1] == [5.0], "the bias is not what was set")
    app.until(lambda: gauges.inner_text() != before, "the gradient norm is that of before the edit")


def test_a_finger_points_with_the_first_tap_and_sets_with_the_second(browser, server, app):
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    phone = type(app)(context.new_page(), server).open()
    title = phone.page.locator('[data-panel="boundary"] .title')
    canvas = phone.canvas("network")
    canvas.scroll_into_view_if_needed()
    phone.until_no_wider_than_the_window()
    # The middle one of three hidden units lies in the middle of the picture, a little higher.
    box = canvas.bounding_box()
    place = (box["x"] + 0.49 * box["width"], box["y"] + 0.52 * box["height"])
    phone.page.touchscreen.tap(*place)
    phone.until(lambda: title.inner_text() == "hidden 2 · sigmoid", phone.tooltip("network"))
    phone.page.touchscreen.tap(*place)
    phone.until(lambda: "pinned" in title.inner_text(), "a second tap is no click")
    context.close()
    assert not phone.errors


def test_the_text_of_the_network_is_a_click_away_and_stays_fresh(app):
    app.open()
    toggle = app.page.get_by_role("button", name="Read as text")
    expect(toggle).to_have_attribute("aria-expanded", "false")
    toggle.click()
    bias = app.page.locator('.reading td[data-layer="1"][data-source="bias"]')
    expect(bias).to_have_text("0")
    app.press("Train")
    expect(bias).not_to_have_text("0")
    app.page.get_by_role("button", name="Hide the text").click()
    expect(bias).to_be_hidden()
