"""The views below the picture of a small network, one by one."""

import time

import pytest

from nn_core.runs.run import Run
from ui.details import details_area, views


def test_the_check_against_numpy_of_numpy_itself_finds_no_difference(visitor):
    visitor.set("Speed limit, steps/s", 1000.0)
    visitor.train()
    visitor.open_view("Check against NumPy")
    visitor.press("Compare with NumPy")
    deadline = time.monotonic() + 30
    while not visitor.metrics and time.monotonic() < deadline:
        time.sleep(0.1)
        visitor.look_again()
    assert [*visitor.metrics.values()] == ["0", "0", "3,000"]


@pytest.mark.parametrize(("view", "rows"), [("Walk-through", "Row"), ("Graph", "Row of the graph")])
def test_a_step_can_be_walked_through_before_and_after_training_but_not_while_weights_move(
    visitor, view, rows
):
    visitor.open_view(view)
    chosen = visitor.control(rows).options
    assert "row 2: A = 0, B = 1 → Y = 1" in chosen
    assert (len(chosen) == 5) == (view == "Walk-through")  # all rows are a batch, and no graph
    visitor.set("Epochs (passes)", 1_000_000)
    visitor.press("Train")
    visitor.until(lambda run: run.step > 5)
    assert "Press Pause to walk through" in visitor.infos
    visitor.press("Pause")
    visitor.until(lambda run: run.state == "paused")
    assert visitor.control(rows)
    step = visitor.run.latest.step
    assert f"at the weights of step {step:,}" in visitor.captions


def test_a_network_too_large_for_formulas_says_so(visitor):
    visitor.set("Units 1", 50)
    visitor.open_view("Graph")
    assert "they stay readable up to 64" in visitor.infos
    visitor.open_view("Walk-through")
    assert "the first 2 units of each layer" in visitor.infos
    assert visitor.control("Row of the graph")


def test_a_run_that_ends_while_a_view_is_drawn_is_drawn_once_more(visitor, monkeypatch):
    visitor.press("Train")
    visitor.until(lambda run: run.step > 0)
    asks, changing = [], [True]
    monkeypatch.setattr(details_area, "pacer", lambda *, is_on, **_: asks.append(is_on))
    monkeypatch.setattr(Run, "is_changing", property(lambda run: changing[0]))
    show = views.loss_view.show

    def ends_meanwhile(*arguments):
        show(*arguments)
        changing[0] = False

    visitor.open_view("Loss")
    monkeypatch.setattr(views.loss_view, "show", ends_meanwhile)
    visitor.look_again()
    assert asks[-1]
    visitor.look_again()
    assert not asks[-1]
