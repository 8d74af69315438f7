"""In a real browser: backends side by side, and two experiments against each other."""

import csv
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from PIL import Image

from nn_core import backends
from tests.e2e.visitor import App, Server, expect
from tests.helpers.frameworks import REQUIRED

pytestmark = pytest.mark.slow  # a minute or more in all

INSTALLED = [name for name in backends.names() if backends.is_installed(name)]
LIGHT = [name for name in INSTALLED if name in ("numpy", "autograd", "torch")]
COLUMNS = {
    "Largest |Δ loss|": ("loss_difference", "{:.1e}"),
    "Largest |Δ weights|": ("weight_difference", "{:.1e}"),
    "Import, s": ("import_seconds", "{:.2f}"),
    "Compile, s": ("compile_seconds", "{:.2f}"),
    "Train, s": ("train_seconds", "{:.3f}"),
    "Steps/s": ("steps_per_second", "{:,.0f}"),
    "Memory, MB": ("megabytes", "{:,.0f}"),
}


def states(app):
    """The column State of the table, without its head."""
    return [row[1] for row in app.table()[1:]]


def compare(app, names):
    """Train all that are chosen."""
    app.press("Train all")
    app.page.get_by_test_id("stTable").wait_for()
    app.until(
        lambda: states(app) == ["3,000 steps"] * len(names), "not all have ended", seconds=180
    )


def downloaded(app):
    """The rows of the file behind the button Table as CSV."""
    with app.page.expect_download() as download:
        app.widget("compare.csv").get_by_role("button").first.click()
    assert download.value.suggested_filename == "comparison.csv"
    return list(csv.DictReader(Path(download.value.path()).read_text("utf-8").splitlines()))


def check_the_file(app, names):
    """What is downloaded is what is on the screen, in full precision."""
    rows = downloaded(app)
    assert sorted(row["backend"] for row in rows) == sorted(names)
    head, *screen = app.table()
    assert [row["framework"] for row in rows] == [cells[0] for cells in screen]
    for row, cells in zip(rows, screen, strict=True):
        shown = dict(zip(head, cells, strict=True))
        assert shown["State"] == f"{int(row['steps']):,} steps"
        for column, (field, form) in COLUMNS.items():
            in_words = form.format(float(row[field])) if row[field] else "reference"
            assert shown[column] == ("0" if in_words == "0.0e+00" else in_words)
    for row in rows[1:]:
        assert 0 <= float(row["loss_difference"]) < 1e-3
        assert float(row["steps_per_second"]) > 0
        assert float(row["megabytes"]) > 20


def test_backends_are_compared_on_xor_and_the_table_can_be_downloaded(app):
    app.open("compare")
    for name in set(INSTALLED) - set(LIGHT):
        app.widget("compare.form.backends").get_by_text(backends.label(name), exact=True).click()
        app.settle()
    compare(app, LIGHT)
    check_the_file(app, LIGHT)
    app.page.get_by_test_id("stVegaLiteChart").nth(1).wait_for()
    app.unfold("What is being timed")
    app.page.get_by_text("one compute thread each").wait_for()


def test_a_comparison_is_shared_and_its_chart_taken_home(app, browser, tmp_path):
    app.open("compare?backends=autograd-numpy&epochs=200&seed=5&hidden=2")
    app.press("Train all")
    app.page.get_by_test_id("stTable").wait_for()
    app.until(lambda: states(app) == ["200 steps"] * 2, "not both have ended", seconds=180)
    app.settle()
    app.widget("compare-losses.download").get_by_role("button").click()
    files = {}
    for kind in ("PNG", "SVG", "CSV"):
        with app.page.expect_download() as download:
            app.page.get_by_role("button", name=kind, exact=True).click()
        assert download.value.suggested_filename == f"compare-losses.{kind.lower()}"
        files[kind] = tmp_path / kind
        download.value.save_as(files[kind])
    Image.open(files["PNG"]).load()
    texts = {"".join(t.itertext()) for t in ElementTree.parse(files["SVG"]).iter()}
    assert {"NumPy", "autograd", "loss (squared error)"} <= texts
    rows = list(csv.DictReader(files["CSV"].read_text("utf-8").splitlines()))
    assert {row["name"] for row in rows} == {"NumPy", "autograd"}
    assert {int(row["step"]) for row in rows} == set(range(200))
    app.page.keyboard.press("Escape")
    app.press("Share")
    field = app.page.get_by_label("Link to this page")
    field.wait_for()
    query = "backends=autograd-numpy&hidden=2&epochs=200&seed=5"
    app.until(lambda: urlsplit(field.input_value()).query == query, "it is another link")
    link = field.input_value()
    fresh = App(browser.new_context().new_page(), app.server)
    fresh.page.goto(link)
    fresh.page.get_by_role("button", name="Train all").wait_for()
    expect(fresh.widget("compare.form.seed").locator("input")).to_have_value("5")
    chosen = fresh.widget("compare.form.backends").locator(
        "[aria-pressed=true], [kind=pillsActive]"
    )
    expect(chosen).to_have_text(["autograd", "NumPy"])
    fresh.settle()
    assert not fresh.alerts
    assert not app.errors + fresh.errors


@pytest.mark.slow
def test_all_installed_backends_are_compared_on_xor_on_a_cold_server(browser):
    assert set(INSTALLED) >= REQUIRED
    server = Server()
    try:
        app = App(browser.new_context(viewport={"width": 1280, "height": 720}).new_page(), server)
        app.open("compare")
        compare(app, INSTALLED)
        check_the_file(app, INSTALLED)
        assert not app.errors
    finally:
        server.close()


def test_two_experiments_train_side_by_side(app):
    app.open("compare")
    app.page.get_by_text("Two experiments, A and B").click()
    app.type_number("compare.form.epochs", 1_000_000)
    app.press("Keep as A")
    app.picture.nth(1).wait_for()
    app.choose("compare.form.activation", "tanh")
    app.press("Train both")
    app.until(
        lambda: [app.picture.nth(i).get_attribute("data-state") for i in (0, 1)] == ["running"] * 2,
        "the two do not run together",
    )
    differences = [["Differing settings", "Activation"], ["A", "sigmoid"], ["B", "tanh"]]
    app.until(lambda: app.table() == differences, "the table names other differences")
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
