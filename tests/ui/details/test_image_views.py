"""The views of images on the page Digits, and its picture before training."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from nn_core import Experiment, server
from nn_core.charts.live import packing
from nn_core.datasets import images
from nn_core.explain.images.image_predictions import predict_images
from tests.helpers.views import open_view
from tests.ui.test_pages import ROOT, open_page, press, run_of, until
from ui.details import views
from ui.form.lookback import Lookback


@pytest.fixture(autouse=True)
def no_worker_is_left_behind():
    """The worker of the run that all these tests look at ends with them."""


@pytest.fixture(scope="module")
def digits():
    """The page, after some epochs on the embedded digits; no test changes the run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        patch.setattr(server, "_pool", None)
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30).run()
        open_page(app, "digits")
        app.selectbox(key="digits.form.dataset").set_value("digits_8x8").run()
        app.number_input(key="digits.form.units.0").set_value(60).run()
        app.number_input(key="digits.form.epochs").set_value(3).run()
        press(app, "digits", "train")
        until(app, "digits", lambda run: run.is_over)
        yield app
        server.get_pool().close()


def answers_of(app):
    run = run_of(app, "digits")
    return predict_images(run.experiment, run.latest.params)


def shown(app):
    """The figures on the page, as HTML."""
    return "".join(part.body for part in app.get("html") if "figure" in part.body)


def captions(app):
    return " ".join(caption.value for caption in app.caption)


def test_examples_are_there_before_training(app):
    open_page(app, "digits")
    app.selectbox(key="digits.form.dataset").set_value("digits_8x8").run()
    head, arrays = packing.unpack(app.session_state["digits.picture"].frame())
    panel = next(panel for panel in head["panels"] if panel["name"] == "examples")
    _, labels = images.raw_images("digits_8x8", 0)
    assert panel["labels"] == labels[:24].tolist()
    np.testing.assert_allclose(arrays["examples/outputs"].sum(axis=1), 1, rtol=1e-5)


def test_the_examples_are_of_the_chosen_digits(app):
    open_page(app, "digits")
    app.selectbox(key="digits.form.dataset").set_value("digits_8x8").run()
    app.pills(key="digits.form.digits_8x8.classes").set_value(["7", "1"]).run()
    head, _ = packing.unpack(app.session_state["digits.picture"].frame())
    panel = next(panel for panel in head["panels"] if panel["name"] == "examples")
    assert panel["classes"] == ["1", "7"]
    assert set(panel["labels"]) == {0, 1}
    assert "Only the classes 1, 7." in captions(app)
    app.pills(key="digits.form.digits_8x8.classes").set_value(["7"]).run()
    assert any("at least two" in error.value for error in app.error)


def test_a_cell_opens_the_images_behind_it(digits):
    open_view(digits, "digits", "Confused images")
    answers = answers_of(digits)
    true, chosen = answers.most_frequent_mistake()
    assert digits.selectbox(key="digits.form.cell.true").value == str(true)
    assert digits.selectbox(key="digits.form.cell.chosen").value == str(chosen)
    rows = answers.in_cell(true, chosen)
    assert f"image {rows[0] + 1}" in shown(digits)
    assert shown(digits).count("<figure>") == len(rows)
    digits.selectbox(key="digits.form.cell.true").set_value("0").run()
    digits.selectbox(key="digits.form.cell.chosen").set_value("0").run()
    assert any("0 recognised" in text.value for text in digits.markdown)
    press(digits, "digits", "cell.most")
    assert digits.selectbox(key="digits.form.cell.true").value == str(true)
    assert "All 360 test images" in captions(digits)


def test_the_worst_mistakes_are_shown_with_their_probabilities(digits):
    open_view(digits, "digits", "Worst mistakes")
    answers = answers_of(digits)
    rows = answers.mistakes()
    first = rows[0]
    assert shown(digits).count("<figure>") == min(24, len(rows))
    true, chosen = answers.classes[first], answers.answers[first]
    assert f"{true} → {chosen}" in shown(digits)
    assert f"{chosen}: {answers.probabilities[first, chosen]:.1%}" in shown(digits)
    assert f"{len(rows)} mistakes" in captions(digits)
    digits.selectbox(key="digits.form.mistakes.class").set_value(str(true)).run()
    assert shown(digits).count("<figure>") == min(24, len(answers.mistakes(true)))


def test_the_accuracy_of_all_classes_is_that_of_the_run(digits):
    open_view(digits, "digits", "Accuracy by class")
    share = run_of(digits, "digits").end.metrics["test_accuracy"]
    assert f"{share:.1%}" in captions(digits)


def test_there_is_a_mean_image_for_each_class_and_each_answer(digits):
    open_view(digits, "digits", "Mean images")
    assert shown(digits).count("<figure>") == 20
    assert f"{(answers_of(digits).answers == 3).sum()} images" in shown(digits)


def test_the_pictures_of_all_units_can_be_paged_through(digits):
    open_view(digits, "digits", "First-layer weights")
    assert shown(digits).count("<figure>") == 48
    digits.number_input(key="digits.form.unit_page").set_value(2).run()
    assert shown(digits).count("<figure>") == 12
    assert "hidden unit 60" in shown(digits)


def test_enough_small_changes_make_an_image_another_digit(digits):
    open_view(digits, "digits", "What would have to change")
    digits.selectbox(key="digits.form.change.target").set_value("6").run()
    digits.slider(key="digits.form.change.steps").set_value(40).run()
    digits.select_slider(key="digits.form.change.size").set_value(0.1).run()
    assert "after 40 steps, read as 6" in shown(digits)
    first_mistake = int(np.sort(answers_of(digits).mistakes())[0])
    press(digits, "digits", "change.next")
    after_1 = [int(row) for row in np.sort(answers_of(digits).mistakes()) if row > 0]
    wanted = after_1[0] if after_1 else first_mistake
    assert digits.number_input(key="digits.form.change.image").value == wanted + 1


def test_an_earlier_moment_has_answers_of_its_own(digits):
    run = run_of(digits, "digits")
    open_view(digits, "digits", "Accuracy by class")
    now = captions(digits)
    digits.session_state["digits.lookback"] = Lookback(run.id, 0)
    digits.run()
    assert "at step 0" in captions(digits)
    assert captions(digits) != now
    digits.session_state["digits.lookback"] = None


def test_networks_without_a_gradient_offer_no_view_of_it():
    step = Experiment(dataset="digits_8x8", output="step", loss="perceptron",
                      optimizer="sgd", hidden=())  # fmt: skip
    assert "What would have to change" not in views.views_for(step)
    assert "Confused images" in views.views_for(step)
    assert "Confused images" not in views.views_for(Experiment(dataset="xor"))


def test_the_tile_of_the_sample_says_how_many_images_it_is_of(digits):
    head, _ = packing.unpack(digits.session_state["digits.picture"].frame())
    tile = next(tile for tile in head["tiles"] if tile["key"] == "test_accuracy_sample")
    assert tile["unit"] == "% of 360"
    whole = next(tile for tile in head["tiles"] if tile["key"] == "test_accuracy")
    assert tile["value"] == whole["value"]  # there are no more than the sample has
