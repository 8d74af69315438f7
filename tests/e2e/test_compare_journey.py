"""In a real browser: backends side by side, and two experiments against each other."""

import csv
from pathlib import Path

from nn_core import backends

INSTALLED = [name for name in backends.names() if backends.is_installed(name)]


def states(app):
    """The column State of the table, without its head."""
    return [row[1] for row in app.table()[1:]]


def test_all_installed_backends_are_compared_on_xor(app):
    app.open("compare")
    app.press("Train all")
    table = app.page.get_by_test_id("stTable")
    table.wait_for()
    app.until(
        lambda: states(app) == ["3,000 steps"] * len(INSTALLED), "not all have ended", seconds=180
    )
    with app.page.expect_download() as download:
        app.widget("compare.csv").get_by_role("button").first.click()
    rows = list(csv.DictReader(Path(download.value.path()).read_text("utf-8").splitlines()))
    assert sorted(row["backend"] for row in rows) == sorted(INSTALLED)
    for row in rows[1:]:
        assert 0 <= float(row["loss_difference"]) < 1e-3
        assert float(row["steps_per_second"]) > 0
        assert float(row["megabytes"]) > 20
    assert app.page.get_by_test_id("stVegaLiteChart").count() == 2
    app.page.get_by_text("What is being timed").click()
    app.page.get_by_text("one compute thread each").wait_for()


def test_two_experiments_train_side_by_side(app):
    app.open("compare")
    app.page.get_by_text("Two experiments, A and B").click()
    app.press("Keep as A")
    app.picture.nth(1).wait_for()
    app.choose("compare.form.activation", "tanh")
    app.press("Train both")
    app.until(
        lambda: [app.picture.nth(i).get_attribute("data-state") for i in (0, 1)] == ["running"] * 2,
        "the two do not run together",
    )
    assert app.table() == [["Differing settings", "Activation"], ["A", "sigmoid"], ["B", "tanh"]]
    app.press("Pause")
    app.until(
        lambda: [app.picture.nth(i).get_attribute("data-state") for i in (0, 1)] == ["paused"] * 2,
        "the two do not rest together",
    )
    app.press("Stop")
    app.until(
        lambda: [app.picture.nth(i).get_attribute("data-state") for i in (0, 1)] == ["stopped"] * 2,
        "the two do not stop together",
    )
