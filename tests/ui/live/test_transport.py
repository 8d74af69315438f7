"""The buttons that command a run, and what becomes of it while the visitor goes on."""

import pytest

from nn_core import server


def test_a_gate_is_learned_paused_resumed_and_reset(visitor):
    visitor.set("Speed limit, steps/s", 10.0)
    visitor.press("Train")
    visitor.until(lambda run: run.step > 3)
    visitor.press("Pause")
    visitor.until(lambda run: run.state == "paused")
    step = visitor.run.step
    visitor.press("Step")
    visitor.until(lambda run: run.step == step + 1)
    visitor.press("Resume")
    visitor.set("Speed limit, steps/s", 1000.0)
    visitor.until_over()
    run = visitor.run
    assert run.state == "finished"
    assert [float(y) > 0.5 for y in run.latest.outputs[:, 0]] == [False, True, True, False]
    assert visitor.button("Train")
    visitor.press("Reset")
    assert visitor.run is None
    assert visitor.control("Seed").value == 0


def test_new_seed_changes_the_seed_and_nothing_else(visitor):
    visitor.press("New seed")
    assert visitor.control("Seed").value == 1
    visitor.press("New seed")
    assert visitor.control("Seed").value == 2
    assert visitor.control("Task").value == "xor"


def test_step_begins_a_run_that_waits(visitor):
    visitor.press("Step")
    visitor.until(lambda run: run.step == 1)
    assert visitor.run.state == "paused"


def test_the_learning_rate_moves_in_a_run_that_goes_on(visitor):
    visitor.set("Epochs (passes)", 1_000_000)
    visitor.press("Train")
    visitor.until(lambda run: run.step > 5)
    visitor.set("Learning rate", 0.02)
    visitor.until(lambda run: run.learning_rate_now == 0.02)
    assert not visitor.run.is_over


def test_another_widget_can_be_changed_while_a_run_goes_on_without_losing_it(visitor):
    visitor.set("Epochs (passes)", 1_000_000)
    visitor.press("Train")
    visitor.until(lambda run: run.step > 5)
    run = visitor.run
    visitor.set("Activation", "tanh")
    assert visitor.run is run
    assert not run.is_over
    assert "Activation" in visitor.captions


@pytest.mark.usefixtures("slowly")
def test_a_run_goes_on_while_another_page_is_looked_at(visitor):
    visitor.press("Train")
    visitor.until(lambda run: run.step > 5)
    run = visitor.run
    visitor.open("bits")
    assert not run.is_over
    visitor.open("gates")
    assert visitor.run is run


def test_train_uses_what_was_typed_just_before_it(visitor):
    visitor.control("Epochs (passes)").set_value(7)
    visitor.button("Train").click()
    visitor.look_again()  # both arrive at once, as they do from a quick hand
    visitor.until_over()
    assert visitor.run.end.step == 7


@pytest.mark.parametrize(
    ("page", "control", "value"),
    [
        ("gates", "Units 1", 5),
        ("gates", "Hidden layers", 2),
        ("gates", "Task", "truth_table"),
        ("bits", "Bits", 4),
        ("digits", "Task", "mnist"),
    ],
)
def test_the_form_may_change_while_a_run_has_nothing_to_show_yet(
    visitor, page, control, value, monkeypatch
):
    visitor.open(page)
    if page == "digits":
        visitor.set("Task", "digits_8x8")
    visitor.open_view("Weights now")
    monkeypatch.setattr(server.get_pool().queue, "slots", 0)  # the run waits in line
    visitor.press("Train")
    assert visitor.run.state == "queued"
    visitor.set(control, value)


def test_a_run_that_is_over_is_told_apart_from_settings_that_changed_since(visitor):
    visitor.set("Epochs (passes)", 5)
    visitor.train()
    visitor.set("Units 1", 4)
    assert "the run before" in visitor.captions


def test_a_page_that_requests_frames_keeps_its_lease(visitor):
    pool = server.get_pool()
    visitor.press("Train")
    owner = visitor.session["owner"]
    pool.release(owner)
    before = pool.leases.ends[owner]
    visitor.session["gates.picture"].frame()
    assert pool.leases.ends[owner] > before
    pool.reconnect(owner)
    assert owner not in pool.leases.ends
