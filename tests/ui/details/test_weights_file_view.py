"""The views Draw and Save and load, on the pages that have them."""

import time

import numpy as np
import pytest

from nn_core import datasets
from nn_core.charts.live.packing import unpack
from nn_core.exchange import weight_files
from nn_core.exchange.weight_files import Checkpoint
from nn_core.networks.forward import predict
from nn_core.networks.initializers import initial_params
from tests.helpers.frameworks import installed
from tests.helpers.views import open_view
from tests.ui.details.test_wide_views import small_digits
from tests.ui.test_pages import press, run_of, until
from ui import session
from ui.details.views import draw_view, weights_file_view


def upload(app, page, name, content):
    app.file_uploader(key=f"{page}.weights_upload").upload(name, content).run()
    assert not app.exception


def shown(app):
    kinds = (app.error, app.warning, app.markdown, app.caption, app.metric)
    return "\n".join(str(getattr(it, "value", "")) for kind in kinds for it in kind)


def saved_from(run):
    snapshot = run.latest
    return weight_files.write_npz(
        Checkpoint(snapshot.params, run.experiment, run.started.framework, snapshot.step)
    )


def test_trained_weights_are_saved_loaded_measured_and_trained_on(app):
    small_digits(app)
    press(app, "digits", "train")
    until(app, "digits", lambda run: run.is_over)
    first = run_of(app, "digits")
    content = saved_from(first)
    press(app, "digits", "reset")
    press(app, "digits", "new_seed")
    open_view(app, "digits", "Save and load")
    upload(app, "digits", "mine.npz", content)
    assert "64-8-10" in shown(app)
    press(app, "digits", "begin_paused")
    until(app, "digits", lambda run: run.state == "paused" and run.history.measurements)
    second = run_of(app, "digits")
    assert second.step == 0
    assert second.experiment.seed == first.experiment.seed + 1
    for pair, other in zip(second.latest.params, first.latest.params, strict=True):
        assert np.array_equal(pair[0], other[0])
    [metric] = [metric for metric in app.metric if "before any step" in metric.label]
    accuracy = second.history.metrics_at(0)["test_accuracy"]
    assert metric.value == f"{100 * accuracy:.2f} %"
    press(app, "digits", "resume")
    until(app, "digits", lambda run: run.is_over)
    assert run_of(app, "digits").state == "finished"


def test_weights_that_do_not_fit_say_so_and_offer_their_settings(app):
    experiment = app.session_state["gates.valid"].replace(hidden=(4, 2), dataset="and")
    content = weight_files.write_safetensors(Checkpoint(initial_params(experiment), experiment))
    open_view(app, "gates", "Save and load")
    upload(app, "gates", "four.safetensors", content)
    assert "2-4-2-1" in shown(app)
    assert app.button(key="gates.begin_running").disabled
    press(app, "gates", "take_settings")
    app.run()
    assert app.number_input(key="gates.form.layers").value == 2
    assert app.selectbox(key="gates.form.dataset").value == "and"
    assert not app.button(key="gates.begin_running").disabled


def small_convolutions(app):
    """Page Digits with a small convolutional network on PyTorch."""
    small_digits(app)
    app.selectbox(key="digits.form.backend").set_value("torch").run()
    app.selectbox(key="digits.form.architecture").set_value("conv").run()
    app.number_input(key="digits.form.maps.0").set_value(2).run()
    app.number_input(key="digits.form.maps.1").set_value(3).run()
    assert not app.exception
    return app.session_state["digits.valid"]


def test_trained_kernels_are_saved_loaded_measured_drawn_for_and_trained_on(app, monkeypatch):
    installed("torch", "PyTorch")
    small_convolutions(app)
    press(app, "digits", "train")
    until(app, "digits", lambda run: run.is_over, seconds=120)
    first = run_of(app, "digits")
    content = saved_from(first)
    open_view(app, "digits", "Draw")
    drawn, _ = answer_of(app, monkeypatch, LINE)
    press(app, "digits", "reset")
    press(app, "digits", "new_seed")
    open_view(app, "digits", "Save and load")
    upload(app, "digits", "mine.npz", content)
    assert "64-conv 5×5×2-conv 5×5×3-8-10" in shown(app)
    press(app, "digits", "begin_paused")
    until(app, "digits", lambda run: run.state == "paused" and run.history.measurements)
    second = run_of(app, "digits")
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
    [metric] = [metric for metric in app.metric if "before any step" in metric.label]
    assert metric.value == f"{100 * accuracy:.2f} %"
    open_view(app, "digits", "Draw")
    again, _ = answer_of(app, monkeypatch, LINE)
    assert again["probabilities"] == drawn["probabilities"]
    press(app, "digits", "resume")
    until(app, "digits", lambda run: run.is_over, seconds=120)
    assert run_of(app, "digits").state == "finished"
    assert not np.array_equal(run_of(app, "digits").latest.params[0][0], first.latest.params[0][0])


def test_a_file_of_the_other_architecture_says_so_and_offers_its_settings(app):
    small_digits(app)
    dense = app.session_state["digits.valid"]
    convolutions = small_convolutions(app)
    open_view(app, "digits", "Save and load")
    for own, other in ((dense, convolutions), (convolutions, dense)):
        content = weight_files.write_safetensors(Checkpoint(initial_params(own), own))
        upload(app, "digits", "other.safetensors", content)
        assert f"{own.shape}, and the settings on the left ask for {other.shape}" in shown(app)
        assert app.button(key="digits.begin_running").disabled
        press(app, "digits", "take_settings")
        app.run()
        assert app.selectbox(key="digits.form.architecture").value == own.architecture
        assert not app.button(key="digits.begin_running").disabled
    # Where the backend of the form knows no convolution, that of the file is taken, too.
    app.selectbox(key="digits.form.architecture").set_value("dense").run()
    app.selectbox(key="digits.form.backend").set_value("numpy").run()
    press(app, "digits", "take_settings")
    app.run()
    assert app.selectbox(key="digits.form.backend").value == "torch"
    assert not app.button(key="digits.begin_running").disabled


def test_a_small_networks_weights_become_its_settings(app):
    experiment = app.session_state["gates.valid"].replace(seed=77)
    params = initial_params(experiment)
    open_view(app, "gates", "Save and load")
    upload(app, "gates", "xor.npz", weight_files.write_npz(Checkpoint(params, experiment)))
    press(app, "gates", "begin_paused")
    until(app, "gates", lambda run: run.state == "paused" and run.latest)
    assert np.array_equal(run_of(app, "gates").latest.params[0][0], params[0][0])
    assert app.selectbox(key="gates.form.initializer").value == "given"
    press(app, "gates", "reset")
    press(app, "gates", "train")
    until(app, "gates", lambda run: run.is_over)
    assert np.array_equal(run_of(app, "gates").started.params[0][0], params[0][0])


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04 and no more", b"\x80\x04pickled", b"x" * 999]
)
def test_a_file_that_is_no_use_gets_a_sentence_and_changes_nothing(app, content):
    press(app, "gates", "train")
    until(app, "gates", lambda run: run.is_over)
    before = run_of(app, "gates")
    open_view(app, "gates", "Save and load")
    upload(app, "gates", "mine.npz", content)
    assert any("Nothing was changed." in error.value for error in app.error)
    assert run_of(app, "gates") is before
    assert "gates.begin_running" not in [button.key for button in app.button]


def test_pytorch_writes_its_file_in_a_worker_while_training_goes_on(app):
    installed("torch", "PyTorch")
    app.number_input(key="gates.form.epochs").set_value(1_000_000).run()
    press(app, "gates", "train")
    until(app, "gates", lambda run: run.step > 0)
    open_view(app, "gates", "Save and load")
    app.button(key="gates.write.pt").click().run()
    assert not app.exception
    _, step, asked = app.session_state["gates.writing.pt"]
    assert asked.wait(120)
    assert asked.content.startswith(b"PK")
    app.run()
    assert any(f"Step {step:,}, written by PyTorch" in caption.value for caption in app.caption)
    assert run_of(app, "gates").state == "running"
    press(app, "gates", "reset")


@pytest.mark.usefixtures("slowly")
def test_while_it_trains_the_newest_weights_are_saved(app):
    press(app, "gates", "train")
    until(app, "gates", lambda run: run.step > 0)
    run = run_of(app, "gates")
    then = Checkpoint(run.latest.params, run.experiment)
    newest = weights_file_view._latest_checkpoint(then, run)
    step = newest().step
    deadline = time.monotonic() + 30
    while newest().step == step and not run.is_over:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert newest().step > step


def answer_of(app, monkeypatch, drawing):
    """What the pad would show, in the words of its data."""
    found = {}
    monkeypatch.setattr(
        draw_view, "draw_pad", lambda answer, **how: found.update(answer=answer, **how)
    )
    app.session_state["digits.drawing"] = drawing
    app.run()
    assert not app.exception
    return unpack(found["answer"])


LINE = {"strokes": [{"width": 0.1, "points": [0.1, 0.1, 1, 0.2, 0.3, 1]}], "centred": True,
        "width": 0.1, "number": 3}  # fmt: skip


def test_the_pad_answers_for_the_step_that_is_looked_at(app, monkeypatch):
    small_digits(app)
    open_view(app, "digits", "Draw")
    before, arrays = answer_of(app, monkeypatch, LINE)
    assert (before["heard"], before["step"], before["is_empty"]) == (3, 0, False)
    assert before["strokes"] == LINE["strokes"]
    assert len(before["names"]) == len(before["probabilities"]) == 10
    assert sum(before["probabilities"]) == pytest.approx(1, abs=1e-5)
    assert arrays["pad/units"].shape == (8, 8, 8)
    assert "NumPy's forward pass" in before["note"]
    press(app, "digits", "train")
    until(app, "digits", lambda run: run.is_over)
    after, _ = answer_of(app, monkeypatch, LINE)
    run = run_of(app, "digits")
    assert after["step"] == run.step
    assert after["probabilities"] != before["probabilities"]
    from ui.form.lookback import Lookback

    app.session_state["digits.lookback"] = Lookback(run.id, 0)
    app.run()
    back, _ = answer_of(app, monkeypatch, LINE)
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
