"""Time travel on a page: every number follows, and a new run goes on from the step looked at."""

import time

import numpy as np
import pytest

from nn_core.training.trainer import Trainer
from ui import session_keys as keys
from ui.form.lookback import Lookback, is_replaying, shown_step


def trained(visitor):
    visitor.session[f"{visitor.page}.form.speed"] = None
    return visitor.train()


def look(visitor, step, per_second=0.0):
    moment = Lookback(visitor.run.id, step, per_second, time.monotonic())
    visitor.session[f"{visitor.page}.lookback"] = moment
    visitor.look_again()


def go_on(visitor, step):
    visitor.session[keys.REQUESTS][f"{visitor.page}.asked"] = "continue", step
    visitor.look_again()


def test_every_number_of_the_picture_is_that_of_the_step_looked_at(visitor):
    run = trained(visitor)
    step = run.history.kept_steps[25]
    witness = Trainer(run.experiment)
    losses = []
    while witness.step < step:
        losses += witness.advance(step - witness.step)[0].losses.tolist()
    look(visitor, step)
    tiles, panels, arrays, head = visitor.picture()
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
    visitor.open_view("Weights now")
    assert f"at step {step:,}," in visitor.captions
    look(visitor, 3000)
    assert visitor.picture()[1]["loss"]["mark"] is None
    assert visitor.session["gates.lookback"] is None


def test_the_first_step_has_no_loss_yet(visitor):
    trained(visitor)
    look(visitor, 0)
    tiles, *_ = visitor.picture()
    assert (tiles["step"], tiles["loss"]) == ("0", "–")


@pytest.mark.usefixtures("slowly")
def test_nothing_is_looked_back_at_while_a_run_goes_on_and_resume_returns_to_now(visitor):
    visitor.press("Train")
    visitor.until(lambda run: run.step > 30)
    look(visitor, 10)
    assert "Looking back" not in visitor.picture()[3]["status"]["text"]
    visitor.press("Pause")
    visitor.until(lambda run: run.state == "paused")
    look(visitor, 10)
    assert visitor.picture()[0]["step"] == "10"
    visitor.press("Resume")
    visitor.until(lambda run: run.step > 60)
    assert "Looking back" not in visitor.picture()[3]["status"]["text"]


@pytest.mark.parametrize("button", ["Step", "Reset", "New seed"])
@pytest.mark.usefixtures("slowly")
def test_other_buttons_return_to_now(visitor, button):
    visitor.press("Train")
    visitor.until(lambda run: run.step > 30)
    visitor.press("Pause")
    visitor.until(lambda run: run.state == "paused")
    step = visitor.run.step
    look(visitor, 10)
    visitor.press(button)
    if button == "Step":
        visitor.until(lambda run: run.step == step + 1)
        assert visitor.picture()[0]["step"] == f"{step + 1:,}"
    else:
        assert visitor.picture()[0]["step"] == "0"
    assert visitor.session["gates.lookback"] is None


def test_a_replay_shows_one_kept_step_after_the_other_and_ends_at_the_last(visitor):
    run = trained(visitor)
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
    look(visitor, 0, per_second=0.001)
    assert visitor.picture()[3]["moving"]


def test_a_new_run_goes_on_from_the_step_and_says_so(visitor):
    first = trained(visitor)
    step = first.history.kept_steps[30]
    look(visitor, step)
    go_on(visitor, step)
    visitor.until_over()
    run = visitor.run
    assert run is not first
    assert run.continued_from == (first.id, step)
    for (weight, bias), (weight_2, bias_2) in zip(run.latest.params, first.latest.params,
                                                  strict=True):  # fmt: skip
        assert np.array_equal(weight, weight_2)
        assert np.array_equal(bias, bias_2)
    sentence = f"Continued from step {step:,} of the run before, with what Adam remembered there."
    assert sentence in visitor.captions


def test_other_settings_hold_from_the_step_on_and_begin_the_optimizer_afresh(visitor):
    first = trained(visitor)
    visitor.set("Optimizer", "sgd")
    go_on(visitor, first.history.kept_steps[30])
    visitor.until_over()
    run = visitor.run
    assert run.origin.run_id == first.id
    assert run.experiment.optimizer == "sgd"
    assert "SGD begins afresh" in visitor.captions


def test_another_network_is_refused_with_a_sentence_and_the_run_stays(visitor):
    first = trained(visitor)
    visitor.set("Units 1", 5)
    look(visitor, first.history.kept_steps[30])
    go_on(visitor, first.history.kept_steps[30])
    assert "its weights do not fit" in visitor.errors
    assert visitor.run is first


def test_the_end_of_the_epochs_is_refused_until_there_are_more(visitor):
    first = trained(visitor)
    go_on(visitor, 3000)
    assert "Choose more epochs" in visitor.errors
    visitor.set("Epochs (passes)", 3500)
    go_on(visitor, 3000)
    visitor.until_over()
    assert visitor.run.step == 3500
    assert visitor.run is not first


def test_the_confusion_matrix_is_that_of_the_step(visitor):
    visitor.open("bits")
    run = trained(visitor)
    visitor.open_view("Confusion")
    step = run.history.kept_steps[10]
    look(visitor, step)
    assert f"rows at step {step:,}:" in visitor.captions
