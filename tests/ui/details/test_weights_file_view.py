"""The views Draw and Save and load, on the pages that have them."""

import time

import numpy as np
import pytest

from nn_core import datasets
from nn_core.charts.live.packing import unpack
from nn_core.datasets.images.digits_8x8 import split_digits
from nn_core.exchange import weight_files
from nn_core.exchange.weight_files import Checkpoint
from nn_core.networks.forward import predict
from nn_core.networks.initializers import initial_params
from nn_core.seeds import generator
from tests.helpers.frameworks import installed
from tests.ui.small_digits import open_small_digits
from ui import session
from ui.details.views import draw_view, weights_file_view

WEIGHTS = "Weights (.safetensors or .npz)"


def saved_from(run):
    snapshot = run.latest
    return weight_files.write_npz(
        Checkpoint(snapshot.params, run.experiment, run.started.framework, snapshot.step)
    )


def test_trained_weights_are_saved_loaded_measured_and_trained_on(visitor):
    open_small_digits(visitor)
    first = visitor.train()
    content = saved_from(first)
    visitor.press("Reset")
    visitor.press("New seed")
    visitor.open_view("Save and load")
    visitor.upload(WEIGHTS, "mine.npz", content)
    assert "64-8-10" in visitor.everything
    visitor.press("Predict with these")
    visitor.until(lambda run: run.state == "paused" and run.history.measurements)
    second = visitor.run
    assert second.step == 0
    assert second.experiment.seed == first.experiment.seed + 1
    for pair, other in zip(second.latest.params, first.latest.params, strict=True):
        assert np.array_equal(pair[0], other[0])
    [measured] = [n for label, n in visitor.metrics.items() if "before any step" in label]
    accuracy = second.history.metrics_at(0)["test_accuracy"]
    assert measured == f"{100 * accuracy:.2f} %"
    visitor.press("Resume")
    visitor.until_over()
    assert visitor.run.state == "finished"


def test_weights_that_do_not_fit_say_so_and_offer_their_settings(visitor):
    experiment = visitor.experiment.replace(hidden=(4, 2), dataset="and")
    content = weight_files.write_safetensors(Checkpoint(initial_params(experiment), experiment))
    visitor.open_view("Save and load")
    visitor.upload(WEIGHTS, "four.safetensors", content)
    assert "2-4-2-1" in visitor.everything
    assert visitor.button("Train from these").disabled
    visitor.press("Take its settings")
    visitor.look_again()
    assert visitor.control("Hidden layers").value == 2
    assert visitor.control("Task").value == "and"
    assert not visitor.button("Train from these").disabled


def small_convolutions(visitor):
    """Page Digits with a small convolutional network on PyTorch."""
    open_small_digits(visitor)
    visitor.set("Backend", "torch")
    visitor.set("Architecture", "conv")
    visitor.set("Maps 1", 2)
    visitor.set("Maps 2", 3)
    return visitor.experiment


def test_trained_kernels_are_saved_loaded_measured_drawn_for_and_trained_on(visitor, monkeypatch):
    installed("torch", "PyTorch")
    small_convolutions(visitor)
    first = visitor.train(120)
    content = saved_from(first)
    visitor.open_view("Draw")
    drawn, _ = answer_of(visitor, monkeypatch, LINE)
    visitor.press("Reset")
    visitor.press("New seed")
    visitor.open_view("Save and load")
    visitor.upload(WEIGHTS, "mine.npz", content)
    assert "64-conv 5×5×2-conv 5×5×3-8-10" in visitor.everything
    visitor.press("Predict with these")
    visitor.until(lambda run: run.state == "paused" and run.history.measurements)
    second = visitor.run
    assert second.experiment.seed == first.experiment.seed + 1
    for pair, other in zip(second.latest.params, first.latest.params, strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(pair, other, strict=True))
    accuracy = second.history.metrics_at(0)["test_accuracy"]
    data = datasets.load(second.experiment)  # of the new seed
    outputs = predict(
        first.latest.params, data.x_test, second.experiment.hidden_activations, "softmax"
    )
    right = outputs.argmax(axis=1) == data.y_test.argmax(axis=1)
    assert accuracy == pytest.approx(right.mean())
    [measured] = [n for label, n in visitor.metrics.items() if "before any step" in label]
    assert measured == f"{100 * accuracy:.2f} %"
    visitor.open_view("Draw")
    again, _ = answer_of(visitor, monkeypatch, LINE)
    assert again["probabilities"] == drawn["probabilities"]
    visitor.press("Resume")
    visitor.until_over(120)
    assert visitor.run.state == "finished"
    assert not np.array_equal(visitor.run.latest.params[0][0], first.latest.params[0][0])


def test_a_file_of_the_other_architecture_says_so_and_offers_its_settings(visitor):
    open_small_digits(visitor)
    dense = visitor.experiment
    convolutions = small_convolutions(visitor)
    visitor.open_view("Save and load")
    for own, other in ((dense, convolutions), (convolutions, dense)):
        content = weight_files.write_safetensors(Checkpoint(initial_params(own), own))
        visitor.upload(WEIGHTS, "other.safetensors", content)
        assert (
            f"{own.shape}, and the settings on the left ask for {other.shape}" in visitor.everything
        )
        assert visitor.button("Train from these").disabled
        visitor.press("Take its settings")
        visitor.look_again()
        assert visitor.control("Architecture").value == own.architecture
        assert not visitor.button("Train from these").disabled
    # Where the backend of the form knows no convolution, that of the file is taken, too.
    visitor.set("Architecture", "dense")
    visitor.set("Backend", "numpy")
    visitor.press("Take its settings")
    visitor.look_again()
    assert visitor.control("Backend").value == "torch"
    assert not visitor.button("Train from these").disabled


def test_the_page_tells_test_rows_that_the_weights_learned_and_taking_the_settings_mends_it(
    visitor,
):
    open_small_digits(visitor)
    experiment = visitor.experiment
    content = weight_files.write_npz(
        Checkpoint(initial_params(experiment), experiment, "NumPy", 10)
    )
    visitor.press("New seed")
    visitor.open_view("Save and load")
    visitor.upload(WEIGHTS, "mine.npz", content)
    test, _ = split_digits(generator(1, "data"))
    _, train = split_digits(generator(0, "data"))
    count = np.isin(test, train).sum()
    assert (
        f"{count} of the 360 test rows here are rows that these weights were trained"
        in visitor.everything
    )
    assert "(seed 1, not 0)" in visitor.everything
    visitor.press("Take its settings")
    visitor.look_again()
    assert visitor.control("Seed").value == 0
    assert "these weights were trained on" not in visitor.everything


def test_a_small_networks_weights_become_its_settings(visitor):
    experiment = visitor.experiment.replace(seed=77)
    params = initial_params(experiment)
    visitor.open_view("Save and load")
    visitor.upload(WEIGHTS, "xor.npz", weight_files.write_npz(Checkpoint(params, experiment)))
    visitor.press("Predict with these")
    visitor.until(lambda run: run.state == "paused" and run.latest)
    assert np.array_equal(visitor.run.latest.params[0][0], params[0][0])
    assert visitor.control("Initial weights").value == "given"
    visitor.press("Reset")
    visitor.train()
    assert np.array_equal(visitor.run.started.params[0][0], params[0][0])


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04 and no more", b"\x80\x04pickled", b"x" * 999]
)
def test_a_file_that_is_no_use_gets_a_sentence_and_changes_nothing(visitor, content):
    visitor.train()
    before = visitor.run
    visitor.open_view("Save and load")
    visitor.upload(WEIGHTS, "mine.npz", content)
    assert "Nothing was changed." in visitor.errors
    assert visitor.run is before
    assert not visitor.offers("Train from these")


def test_pytorch_writes_its_file_in_a_worker_while_training_goes_on(visitor):
    installed("torch", "PyTorch")
    visitor.set("Epochs (passes)", 1_000_000)
    visitor.press("Train")
    visitor.until(lambda run: run.step > 0)
    visitor.open_view("Save and load")
    visitor.press("Write .pt with PyTorch")
    _, step, asked = visitor.session["gates.writing.pt"]
    assert asked.wait(120)
    assert asked.content.startswith(b"PK")
    visitor.look_again()
    assert f"Step {step:,}, written by PyTorch" in visitor.captions
    assert visitor.run.state == "running"
    visitor.press("Reset")


@pytest.mark.usefixtures("slowly")
def test_while_it_trains_the_newest_weights_are_saved(visitor):
    visitor.press("Train")
    visitor.until(lambda run: run.step > 0)
    run = visitor.run
    then = Checkpoint(run.latest.params, run.experiment)
    newest = weights_file_view._latest_checkpoint(then, run)
    step = newest().step
    deadline = time.monotonic() + 30
    while newest().step == step and not run.is_over:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert newest().step > step


def answer_of(visitor, monkeypatch, drawing):
    """What the pad would show, in the words of its data."""
    found = {}
    monkeypatch.setattr(
        draw_view, "draw_pad", lambda answer, **how: found.update(answer=answer, **how)
    )
    visitor.session["digits.drawing"] = drawing
    visitor.look_again()
    return unpack(found["answer"])


LINE = {"strokes": [{"width": 0.1, "points": [0.1, 0.1, 1, 0.2, 0.3, 1]}], "centred": True,
        "width": 0.1, "number": 3}  # fmt: skip


def test_the_pad_answers_for_the_step_that_is_looked_at(visitor, monkeypatch):
    open_small_digits(visitor)
    visitor.open_view("Draw")
    before, arrays = answer_of(visitor, monkeypatch, LINE)
    assert (before["number"], before["step"], before["is_empty"]) == (3, 0, False)
    assert before["strokes"] == LINE["strokes"]
    assert len(before["names"]) == len(before["probabilities"]) == 10
    assert sum(before["probabilities"]) == pytest.approx(1, abs=1e-5)
    assert arrays["pad/units"].shape == (8, 8, 8)
    assert "NumPy's forward pass" in before["note"]
    visitor.train()
    after, _ = answer_of(visitor, monkeypatch, LINE)
    run = visitor.run
    assert after["step"] == run.step
    assert after["probabilities"] != before["probabilities"]
    from ui.form.lookback import Lookback

    visitor.session["digits.lookback"] = Lookback(run.id, 0)
    visitor.look_again()
    back, _ = answer_of(visitor, monkeypatch, LINE)
    assert back["step"] == 0
    assert back["probabilities"] == pytest.approx(before["probabilities"], abs=1e-6)


@pytest.mark.parametrize(
    "sent",
    [
        None,
        {},
        {"drawing": None},
        {"drawing": {"number": 9, "width": "x", "strokes": []}},
        {"drawing": {"number": 9, "width": 0.1, "strokes": [{"width": 1, "points": [1]}]}},
        {"drawing": {"number": 2, "width": 0.1, "strokes": []}},
        {"drawing": {"number": 10**400, "width": float("nan"), "strokes": []}},
    ],
)
def test_what_no_pad_sends_is_passed_over(monkeypatch, sent):
    kept = {"digits.drawing": LINE}
    monkeypatch.setattr(session, "peek", lambda key, default=None: kept.get(key, default))
    monkeypatch.setattr(session, "value", lambda key, default=None: kept.get(key, default))
    monkeypatch.setattr(session, "put", kept.__setitem__)
    draw_view._store_drawing("digits", sent)
    assert kept == {"digits.drawing": LINE}
