"""The numbers above the picture are of the step that they stand for."""

from tests.ui.small_digits import open_small_digits


def test_in_a_pause_the_loss_is_that_of_all_rows_as_they_are_answered_now(visitor):
    visitor.press("Step")
    visitor.until(lambda run: run.step == 1 and run.history.metrics_at(1))
    measured = visitor.run.history.measurements[-1]
    assert (measured.step, visitor.picture()[0]["loss"]) == (
        1,
        f"{measured.metrics['train_loss']:.4g}",
    )


def test_where_the_rows_are_too_many_for_that_it_is_the_last_batchs_and_not_an_older_one(visitor):
    open_small_digits(visitor)
    visitor.set("Units 1", 40)
    visitor.press("Step")
    visitor.until(lambda run: run.step == 1 and run.latest.step == 1)
    history = visitor.run.history
    first = history.measurements[0]
    assert (first.step, "train_loss" in first.metrics) == (0, True)
    last = f"{history.losses.last:.4g}"
    assert visitor.picture()[0]["loss"] == last != f"{first.metrics['train_loss']:.4g}"
