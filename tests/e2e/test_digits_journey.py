"""In a real browser: handwritten digits are learned, and seen to be learned."""

import numpy as np
import pytest

from nn_core import Experiment, backends, datasets
from nn_core.runs.workers.pool import Pool
from tests.e2e.visitor import App, expect
from tests.helpers.frameworks import BACKENDS, installed
from tests.helpers.real_mnist import real_mnist

SETTINGS = {
    "dataset": "mnist", "hidden": (200,), "activation": "relu", "output": "softmax",
    "loss": "cross_entropy", "optimizer": "adam", "learning_rate": 0.001, "batch_size": 128,
    "epochs": 5,
}  # fmt: skip

STEPS_SHOWN = """view => {
  const shown = [];
  const note = () => {
    const step = view.querySelector('[data-tile="step"] .value').textContent;
    if (view.dataset.state === "running" && step !== shown.at(-1)) shown.push(step);
  };
  const everything = { attributes: true, characterData: true, childList: true, subtree: true };
  new MutationObserver(note).observe(view, everything);
  return shown;
}"""
"""Every number of steps that the page shows from now on while the run goes on, noted by itself."""


@pytest.fixture
def app(browser, mnist_server):
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    app = App(context.new_page(), mnist_server)
    yield app
    context.close()
    assert not app.errors


@pytest.mark.mnist
@pytest.mark.slow
@pytest.mark.parametrize("name", BACKENDS)
def test_mnist_is_learned_to_97_percent_within_5_epochs(app, name):
    backend = installed(name, backends.label(name))
    app.open("digits")
    app.choose("digits.form.backend", backends.label(backend))
    app.press("Train")
    app.until(lambda: app.number("step") > 0, "training never began", seconds=180)
    shown = app.picture.evaluate_handle(STEPS_SHOWN)
    app.until_state("finished", seconds=300)
    assert len(shown.json_value()) > 5, "the numbers stand still"
    app.until(lambda: app.number("epoch") == 5, "it has not had five epochs")
    app.until(lambda: app.number("test_accuracy") >= 97.0, "it reads too few")
    app.open_view("digits", "Confusion")
    app.page.get_by_text("All 10,000 test rows").wait_for()


@pytest.mark.slow
@pytest.mark.mnist
def test_the_picture_moves_within_the_first_epoch_of_mnist(app):
    app.open("digits")
    app.slide("digits.form.speed", "30")
    app.press("Train")
    app.until(lambda: app.number("step") > 20, "training never began")
    assert app.number("epoch") == 0
    first = app.number("loss")
    app.until(lambda: app.number("loss") < first / 2, "the loss does not fall")
    assert app.number("epoch") == 0
    expect(app.canvas("examples")).to_have_count(1)
    expect(app.canvas("pictures")).to_have_count(1)


def test_the_embedded_digits_need_no_files(app):
    app.open("digits")
    app.choose("digits.form.dataset", "embedded 8×8 digits")
    app.type_number("digits.form.epochs", 20)
    app.press("Train")
    card = app.widget("digits-doctor")
    card.wait_for()
    place = app.top("digits-views")  # where somebody may be drawing
    app.until_state("finished", seconds=120)
    card.get_by_text("Solved at epoch").wait_for()
    app.until(lambda: app.top("digits-views") == place, "what is below the picture moves")
    app.until(lambda: app.number("test_accuracy") > 90, "it reads too few")
    app.open_view("digits", "Times")
    app.page.get_by_text("embedded 8×8 digits of scikit-learn, not MNIST").wait_for()


@pytest.mark.slow
def test_a_convolutional_network_learns_and_shows_what_its_kernels_find(app):
    installed("torch", "PyTorch")
    app.open("digits")
    app.choose("digits.form.dataset", "embedded 8×8 digits")
    app.choose("digits.form.architecture", "convolutional")
    app.page.get_by_text("NumPy has no convolution").wait_for()
    app.choose("digits.form.backend", "PyTorch")
    app.page.get_by_text("NumPy has no convolution").wait_for(state="detached")
    app.type_number("digits.form.epochs", 20)
    app.open_view("digits", "Feature maps")
    maps = app.page.locator('img[alt^="Map "]')
    app.until(lambda: maps.count() == 8 + 16, "the maps of both convolutions are not drawn")
    before = [image.get_attribute("src") for image in maps.all()]
    app.press("Train")
    app.until_state("finished", seconds=300)
    app.until(lambda: app.number("test_accuracy") > 85, "it reads too few")
    app.page.get_by_text("at step 240;").wait_for()
    app.until(
        lambda: maps.count() == 24 and maps.first.get_attribute("src") != before[0],
        "the maps are those of the start",
    )
    widths = [image.evaluate("image => image.naturalWidth") for image in maps.all()]
    assert widths == [8] * 8 + [4] * 16


@pytest.mark.slow
@pytest.mark.mnist
def test_the_accuracy_on_screen_is_that_of_all_test_images_by_the_final_weights(monkeypatch):
    """Second witness: the weights that came over the wire, multiplied out here."""
    monkeypatch.setenv("BACKPROP_LIVE_DATA", str(real_mnist()))
    experiment = Experiment(**{**SETTINGS, "epochs": 1})
    pool = Pool(slots=1)
    try:
        run = pool.submit(experiment, "ada")
        assert run.wait(lambda run: run.is_over, 120)
        data = datasets.load(experiment)
        x = data.x_test
        for i, (weight, bias) in enumerate(run.latest.params):
            x = x @ weight + bias
            x = np.maximum(x, 0) if i == 0 else x
        right = (x.argmax(axis=1) == data.y_test.argmax(axis=1)).mean()
        assert len(data.x_test) == 10_000
        assert run.end.metrics["test_accuracy"] == pytest.approx(right, abs=2e-4)
        assert run.confusion[1].sum() == 10_000
        assert np.trace(run.confusion[1]) / 10_000 == run.end.metrics["test_accuracy"]
    finally:
        pool.close()
