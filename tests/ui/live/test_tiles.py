"""The numbers above the picture are of the step that they stand for."""

from tests.ui.details.test_wide_views import small_digits
from tests.ui.live.test_timeline import shown
from tests.ui.test_pages import press, run_of, until


def test_in_a_pause_the_loss_is_that_of_all_rows_as_they_are_answered_now(app):
    press(app, "gates", "step")
    until(app, "gates", lambda run: run.step == 1 and run.history.metrics_at(1))
    measured = run_of(app, "gates").history.measurements[-1]
    assert (measured.step, shown(app)[0]["loss"]) == (1, f"{measured.metrics['train_loss']:.4g}")


def test_where_the_rows_are_too_many_for_that_it_is_the_last_batchs_and_not_an_older_one(app):
    small_digits(app)
    app.number_input(key="digits.form.units.0").set_value(40).run()
    press(app, "digits", "step")
    until(app, "digits", lambda run: run.step == 1 and run.latest.step == 1)
    history = run_of(app, "digits").history
    first = history.measurements[0]
    assert (first.step, "train_loss" in first.metrics) == (0, True)
    last = f"{history.losses.last:.4g}"
    assert shown(app, "digits")[0]["loss"] == last != f"{first.metrics['train_loss']:.4g}"
