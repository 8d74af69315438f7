"""Time travel on a page: every number follows, and a new run goes on from the step looked at."""

import time

import numpy as np
import pytest

from nn_core.charts.live.packing import unpack
from nn_core.training.trainer import Trainer
from tests.helpers.views import open_view
from tests.ui.test_pages import open_page, press, run_of, until
from ui.form.lookback import Lookback, is_replaying, shown_step


def trained(app, page="gates"):
    app.session_state[f"{page}.form.speed"] = None
    press(app, page, "train")
    until(app, page, lambda run: run.is_over)
    return run_of(app, page)


def look(app, step, page="gates", per_second=0.0):
    run = run_of(app, page)
    app.session_state[f"{page}.lookback"] = Lookback(run.id, step, per_second, time.monotonic())
    app.run()
    assert not app.exception


def shown(app, page="gates"):
    """Tiles, panels and status of the picture."""
    head, arrays = unpack(app.session_state[f"{page}.picture"].frame())
    tiles = {tile["key"]: tile["value"] for tile in head["tiles"]}
    panels = {panel["name"]: panel for panel in head["panels"]}
    return tiles, panels, arrays, head


def go_on(app, step, page="gates"):
    app.session_state["wishes"][f"{page}.asked"] = "continue", step
    app.run()
    assert not app.exception


def test_every_number_of_the_picture_is_that_of_the_step_looked_at(app):
    run = trained(app)
    step = run.history.kept_steps[25]
    witness = Trainer(run.experiment)
    losses = []
    while witness.step < step:
        losses += witness.advance(step - witness.step)[0].losses.tolist()
    look(app, step)
    tiles, panels, arrays, head = shown(app)
    weight, _ = witness.model.get_params()[0]
    assert np.array_equal(arrays["network/weight0"], weight)
    assert panels["table"]["outputs"] == witness.snapshot().outputs.tolist()
    assert panels["loss"]["mark"] == step
    assert tiles["step"] == tiles["epoch"] == f"{step:,}"
    assert tiles["loss"] == f"{losses[-1]:.4g}"
    share = witness.evaluate()[0]["train_accuracy"]
    assert tiles["train_accuracy"] == f"{100 * share:.4g}"
    assert f"Looking back at step {step:,} of 3,000" in head["status"]["text"]
    assert not head["moving"]
    open_view(app, "gates", "Weights now")
    assert any(f"at step {step:,}," in caption.value for caption in app.caption)
    look(app, 3000)
    assert shown(app)[1]["loss"]["mark"] is None
    assert app.session_state["gates.lookback"] is None


def test_the_first_step_has_no_loss_yet(app):
    trained(app)
    look(app, 0)
    tiles, *_ = shown(app)
    assert (tiles["step"], tiles["loss"]) == ("0", "–")


@pytest.mark.usefixtures("slowly")
def test_nothing_is_looked_back_at_while_a_run_goes_on_and_resume_returns_to_now(app):
    press(app, "gates", "train")
    until(app, "gates", lambda run: run.step > 30)
    look(app, 10)
    assert "Looking back" not in shown(app)[3]["status"]["text"]
    press(app, "gates", "pause")
    until(app, "gates", lambda run: run.state == "paused")
    look(app, 10)
    assert shown(app)[0]["step"] == "10"
    press(app, "gates", "resume")
    until(app, "gates", lambda run: run.step > 60)
    assert "Looking back" not in shown(app)[3]["status"]["text"]


@pytest.mark.parametrize("button", ["step", "reset", "new_seed"])
@pytest.mark.usefixtures("slowly")
def test_other_buttons_return_to_now(app, button):
    press(app, "gates", "train")
    until(app, "gates", lambda run: run.step > 30)
    press(app, "gates", "pause")
    until(app, "gates", lambda run: run.state == "paused")
    step = run_of(app, "gates").step
    look(app, 10)
    press(app, "gates", button)
    if button == "step":
        until(app, "gates", lambda run: run.step == step + 1)
        assert shown(app)[0]["step"] == f"{step + 1:,}"
    else:
        assert shown(app)[0]["step"] == "0"
    assert app.session_state["gates.lookback"] is None


def test_a_replay_shows_one_kept_step_after_the_other_and_ends_at_the_last(app):
    run = trained(app)
    kept = run.history.kept_steps
    start = time.monotonic()
    replay = Lookback(run.id, kept[3], per_second=10.0, since=start)
    assert [replay.step_at(kept, start + s) for s in (0, 0.05, 0.15, 0.25)] == [
        kept[3], kept[3], kept[4], kept[5],
    ]  # fmt: skip
    assert replay.step_at(kept, start + 1e6) == kept[-1]
    assert is_replaying(run, replay)
    old = Lookback(run.id, kept[3], per_second=10.0, since=start - 1e6)
    assert not is_replaying(run, old)
    assert shown_step(run, old) is None
    assert shown_step(run, Lookback("another run", kept[3])) is None
    look(app, 0, per_second=0.001)
    assert shown(app)[3]["moving"]


def test_a_new_run_goes_on_from_the_step_and_says_so(app):
    first = trained(app)
    step = first.history.kept_steps[30]
    look(app, step)
    go_on(app, step)
    until(app, "gates", lambda run: run.is_over)
    run = run_of(app, "gates")
    assert run is not first
    assert run.continued_from == (first.id, step)
    for (weight, bias), (weight_2, bias_2) in zip(run.latest.params, first.latest.params,
                                                  strict=True):  # fmt: skip
        assert np.array_equal(weight, weight_2)
        assert np.array_equal(bias, bias_2)
    sentence = f"Continued from step {step:,} of the run before, with what Adam remembered there."
    assert any(sentence in caption.value for caption in app.caption)


def test_other_settings_hold_from_the_step_on_and_begin_the_optimizer_afresh(app):
    first = trained(app)
    app.selectbox(key="gates.form.optimizer").set_value("sgd").run()
    go_on(app, first.history.kept_steps[30])
    until(app, "gates", lambda run: run.is_over)
    run = run_of(app, "gates")
    assert run.origin.run_id == first.id
    assert run.experiment.optimizer == "sgd"
    assert any("SGD begins afresh" in caption.value for caption in app.caption)


def test_another_network_is_refused_with_a_sentence_and_the_run_stays(app):
    first = trained(app)
    app.number_input(key="gates.form.units.0").set_value(5).run()
    look(app, first.history.kept_steps[30])
    go_on(app, first.history.kept_steps[30])
    assert any("its weights do not fit" in error.value for error in app.error)
    assert run_of(app, "gates") is first


def test_the_end_of_the_epochs_is_refused_until_there_are_more(app):
    first = trained(app)
    go_on(app, 3000)
    assert any("Choose more epochs" in error.value for error in app.error)
    app.number_input(key="gates.form.epochs").set_value(3500).run()
    go_on(app, 3000)
    until(app, "gates", lambda run: run.is_over)
    assert run_of(app, "gates").step == 3500
    assert run_of(app, "gates") is not first


def test_the_confusion_matrix_is_that_of_the_step(app):
    open_page(app, "bits")
    run = trained(app, "bits")
    open_view(app, "bits", "Confusion")
    step = run.history.kept_steps[10]
    look(app, step, "bits")
    assert any(f"rows at step {step:,}:" in caption.value for caption in app.caption)
