"""The views of images on the page Digits, and its picture before training."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from nn_core import Experiment, server
from nn_core.charts.live import packing
from nn_core.datasets import images
from nn_core.explain.images.image_answers import image_answers
from tests.helpers.root import ROOT
from tests.ui.page_visitor import Visitor
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
        visitor = Visitor(AppTest.from_file(str(ROOT / "app.py"), default_timeout=30))
        visitor.open("digits")
        visitor.set("Task", "digits_8x8")
        visitor.set("Units 1", 60)
        visitor.set("Epochs (passes)", 3)
        visitor.train()
        yield visitor
        server.get_pool().close()


def answers_of(visitor):
    run = visitor.run
    return image_answers(run.experiment, run.latest.params)


def test_examples_are_there_before_training(visitor):
    visitor.open("digits")
    visitor.set("Task", "digits_8x8")
    head, arrays = packing.unpack(visitor.session["digits.picture"].frame())
    panel = next(panel for panel in head["panels"] if panel["name"] == "examples")
    _, labels = images.raw_images("digits_8x8", 0)
    assert panel["labels"] == labels[:24].tolist()
    np.testing.assert_allclose(arrays["examples/outputs"].sum(axis=1), 1, rtol=1e-5)


def test_the_examples_are_of_the_chosen_digits(visitor):
    visitor.open("digits")
    visitor.set("Task", "digits_8x8")
    visitor.set("Classes", ["7", "1"])
    head, _ = packing.unpack(visitor.session["digits.picture"].frame())
    panel = next(panel for panel in head["panels"] if panel["name"] == "examples")
    assert panel["classes"] == ["1", "7"]
    assert set(panel["labels"]) == {0, 1}
    assert "Only the classes 1, 7." in visitor.captions
    visitor.set("Classes", ["7"])
    assert "at least two" in visitor.errors


def test_a_cell_opens_the_images_behind_it(digits):
    digits.open_view("Confused images")
    answers = answers_of(digits)
    true, chosen = answers.most_frequent_mistake()
    assert digits.control("True class").value == str(true)
    assert digits.control("Taken for").value == str(chosen)
    rows = answers.in_cell(true, chosen)
    assert f"image {rows[0] + 1}" in digits.figures
    assert digits.figures.count("<figure>") == len(rows)
    digits.set("True class", "0")
    digits.set("Taken for", "0")
    assert "0 recognised" in digits.markdown
    digits.press("Most frequent mistake")
    assert digits.control("True class").value == str(true)
    assert "All 360 test images" in digits.captions


def test_the_worst_mistakes_are_shown_with_their_probabilities(digits):
    digits.open_view("Worst mistakes")
    answers = answers_of(digits)
    rows = answers.mistakes()
    first = rows[0]
    assert digits.figures.count("<figure>") == min(24, len(rows))
    true, chosen = answers.classes[first], answers.answers[first]
    assert f"{true} → {chosen}" in digits.figures
    assert f"{chosen}: {answers.probabilities[first, chosen]:.1%}" in digits.figures
    assert f"{len(rows)} mistakes" in digits.captions
    digits.set("True class", str(true))
    assert digits.figures.count("<figure>") == min(24, len(answers.mistakes(true)))


def test_the_accuracy_of_all_classes_is_that_of_the_run(digits):
    digits.open_view("Accuracy by class")
    share = digits.run.end.metrics["test_accuracy"]
    assert f"{share:.1%}" in digits.captions


def test_there_is_a_mean_image_for_each_class_and_each_answer(digits):
    digits.open_view("Mean images")
    assert digits.figures.count("<figure>") == 20
    assert f"{(answers_of(digits).answers == 3).sum()} images" in digits.figures


def test_the_pictures_of_all_units_can_be_paged_through(digits):
    digits.open_view("First-layer weights")
    assert digits.figures.count("<figure>") == 48
    digits.set("Page (of 2)", 2)
    assert digits.figures.count("<figure>") == 12
    assert "hidden unit 60" in digits.figures


def test_enough_small_changes_make_an_image_another_digit(digits):
    digits.open_view("What would have to change")
    digits.set("Should be", "6")
    digits.set("Steps", 40)
    digits.set("Change in a step", 0.1)
    assert "after 40 steps, read as 6" in digits.figures
    first_mistake = int(np.sort(answers_of(digits).mistakes())[0])
    digits.press("Next mistake")
    after_1 = [int(row) for row in np.sort(answers_of(digits).mistakes()) if row > 0]
    wanted = after_1[0] if after_1 else first_mistake
    assert digits.control("Test image").value == wanted + 1


def test_an_earlier_moment_has_answers_of_its_own(digits):
    run = digits.run
    digits.open_view("Accuracy by class")
    now = digits.captions
    digits.session["digits.lookback"] = Lookback(run.id, 0)
    digits.look_again()
    assert "at step 0" in digits.captions
    assert digits.captions != now
    digits.session["digits.lookback"] = None


def test_networks_without_a_gradient_offer_no_view_of_it():
    step = Experiment(dataset="digits_8x8", output="step", loss="perceptron",
                      optimizer="sgd", hidden=())  # fmt: skip
    assert "What would have to change" not in views.suiting(step)
    assert "Confused images" in views.suiting(step)
    assert "Confused images" not in views.suiting(Experiment(dataset="xor"))


def test_the_tile_of_the_sample_says_how_many_images_it_is_of(digits):
    head, _ = packing.unpack(digits.session["digits.picture"].frame())
    tile = next(tile for tile in head["tiles"] if tile["key"] == "test_accuracy_sample")
    assert tile["unit"] == "% of 360"
    whole = next(tile for tile in head["tiles"] if tile["key"] == "test_accuracy")
    assert tile["value"] == whole["value"]  # there are no more than the sample has
