"""In a real browser: runs of yesterday are drawn over each other, deleted, opened and shared."""

import os

import pytest

from nn_core.runs.store import Filter, Store
from tests.e2e.visitor import App, Server, expect
from tests.helpers.stored import record

pytestmark = pytest.mark.slow  # a minute or more in all

TEN = [
    record(seed=seed, hidden=(2 + seed % 3,), epochs=100, dataset="and" if seed == 4 else "xor")
    for seed in range(10)
]


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    """A folder with ten runs that another process recorded; the server has it as its home."""
    folder = tmp_path_factory.mktemp("history")
    store = Store(folder)
    for number, kept in enumerate(TEN):
        facts = kept.facts.model_copy(update={"ended": kept.facts.ended - 60 * number})
        store.add(kept._replace(facts=facts), "yesterday")
    yield store
    store.close()


@pytest.fixture(scope="module")
def server(history):
    before = os.environ["BACKPROP_LIVE_HOME"]
    os.environ["BACKPROP_LIVE_HOME"] = str(history.folder)
    try:
        server = Server()
    finally:
        os.environ["BACKPROP_LIVE_HOME"] = before
    yield server
    server.close()


def open_runs(app):
    app.page.goto(f"{app.server.url}/runs")
    app.page.get_by_test_id("stDataFrame").wait_for()
    app.settle()


def tick(app, row):
    """Click the box at the beginning of a row; the table is drawn on a canvas."""
    before = ticked(app)
    table = app.page.get_by_test_id("stDataFrame").first
    table.click(position={"x": 17, "y": 35 * row + 53})
    app.until(lambda: ticked(app) != before, f"row {row} was not ticked")
    app.settle()


def ticked(app):
    """How many runs are ticked, as the page says it."""
    return app.widget("runs-pages").inner_text().split("·")[1].split()[0]


def names(app, key):
    return app.widget(key).get_by_test_id("stTable").locator("tbody th").all_inner_texts()


def test_ten_runs_are_drawn_over_each_other_and_compared_with_the_pinned_one(app):
    open_runs(app)
    tick(app, 4)
    app.press("Pin")
    app.page.get_by_role("button", name="Unpin").wait_for()
    app.press("Tick all")
    app.until(lambda: ticked(app) == "10", "not all are ticked")
    app.widget("runs-diff").get_by_test_id("stTable").wait_for()
    app.until(lambda: len(names(app, "runs-diff")) == 10, "not ten rows")
    app.page.get_by_text("the baseline is the pinned run").wait_for()
    app.settle()
    expect(app.page.get_by_test_id("stVegaLiteChart")).to_have_count(1)
    head, first, *rest = app.table()
    assert head == ["Run", "Task", "Hidden units", "Seed", "Last loss", "Right", "Steps"]
    assert first[1:4] == ["AND", "3", "4"]
    assert {row[1] for row in rest} == {"XOR"}
    assert [row[3] for row in rest] == [str(n) for n in range(10) if n != 4]
    canvas = app.page.get_by_test_id("stVegaLiteChart").locator("canvas")
    app.until(lambda: canvas.bounding_box()["width"] > 600, "the chart is too narrow")
    app.until(lambda: canvas.bounding_box()["height"] > 200, "the chart is too low")


def test_at_a_projector_the_list_its_buttons_and_the_curves_are_in_sight(app):
    open_runs(app)
    table = app.page.get_by_test_id("stDataFrame").first
    chart = app.page.get_by_test_id("stVegaLiteChart")
    place = table.bounding_box()
    for row in (2, 0):
        tick(app, row)
        chart.locator("canvas").wait_for()
        app.settle()
        app.until(lambda: table.bounding_box() == place, "the table moves")
        for name in ("open", "rerun", "pin", "delete", "older", "none"):
            expect(app.widget(f"runs.{name}")).to_be_in_viewport(ratio=1)
        app.until(lambda: chart.bounding_box()["y"] < 720 - 120, "the curves are out of sight")
    app.page.get_by_role("link", name="Recipes").click()
    app.page.get_by_role("heading", name="Recipes", level=1).wait_for()
    app.page.get_by_role("link", name="Runs").click()
    table.wait_for()
    app.settle()
    app.until(lambda: ticked(app) == "2", "the ticks are lost when one comes back")


def test_a_chart_has_one_way_to_be_downloaded(app):
    open_runs(app)
    tick(app, 0)
    chart = app.widget("chart-runs-overlay")
    chart.get_by_test_id("stVegaLiteChart").hover()
    whole = chart.get_by_role("button", name="Fullscreen")
    whole.wait_for()
    expect(chart.get_by_role("button")).to_have_count(2)
    expect(chart.get_by_role("button").filter(has_text="Download")).to_have_count(1)
    whole.click()
    app.page.get_by_role("button", name="Close fullscreen").click()
    whole.wait_for()


def test_a_run_is_deleted_and_comes_back(app, history):
    open_runs(app)
    newest = history.lines(Filter())[0].id
    tick(app, 0)
    app.press("Delete")
    app.page.get_by_text("1 run deleted").wait_for()
    app.until(lambda: history.count(Filter()) == 9, "the run is still there")
    assert newest not in {line.id for line in history.lines(Filter())}
    app.press("Undo")
    app.page.get_by_text("1 run deleted").wait_for(state="detached")
    app.until(lambda: history.count(Filter()) == 10, "the run did not come back")
    assert history.lines(Filter())[0].id == newest


def test_a_stored_run_opens_on_its_page_with_its_past(app, history):
    open_runs(app)
    line = history.lines(Filter())[1]
    tick(app, 1)
    app.widget("runs.open").get_by_role("button").click()
    app.picture.wait_for()
    app.until_state("finished")
    app.until(lambda: app.number("step") == line.step, "it does not stand at its end")
    slider = app.page.get_by_role("slider", name="Kept step")
    slider.focus()
    slider.press("Home")
    app.until(lambda: app.number("step") == 0, "the scrubber does not lead back")
    app.until(lambda: "Looking back at step 0" in app.message, "the message is another's")


def weights(app):
    """Every weight and bias of the picture, as its text for the screen reader has them."""
    app.page.get_by_role("button", name="Read as text").click()
    text = app.page.get_by_label("The network as text")
    text.locator("table").first.wait_for()
    return text.inner_text()


@pytest.mark.parametrize("with_weights", [False, True], ids=["settings", "weights"])
def test_a_copied_link_gives_the_same_first_frame_in_a_fresh_browser(app, browser, with_weights):
    context = app.page.context
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=app.server.url)
    app.open("?dataset=nand&hidden=4&activation=tanh&seed=11&epochs=40")
    app.until(lambda: "seed 11" in app.message, "the link has another seed")
    before = ""
    if with_weights:
        app.press("Train")
        app.until_state("finished")
        before = weights(app)
    app.press("Share")
    link = app.page.get_by_label("Link to this page")
    link.wait_for()
    if with_weights:
        short = link.input_value()
        app.widget("gates.form.share_weights").locator("label").first.click()
        app.until(lambda: link.input_value() != short, "the link did not take the weights")
    app.page.get_by_role("button", name="Copy link").click()
    app.page.get_by_text("Copied.").wait_for()
    expect(app.widget("gates-qr-code").locator("img")).to_have_attribute(
        "alt", "QR code of the link"
    )
    copied = app.page.evaluate("navigator.clipboard.readText()")
    expect(link).to_have_value(copied)
    assert copied.startswith(f"{app.server.url}/?")
    app.page.keyboard.press("Escape")
    before = before or weights(app)
    fresh = browser.new_context(viewport={"width": 1280, "height": 720})
    try:
        other = App(fresh.new_page(), app.server)
        other.page.goto(copied)
        other.picture.wait_for()
        other.until(lambda: "Ready" in other.message, "it is not ready")
        assert weights(other) == before
        assert not other.errors
    finally:
        fresh.close()


def test_a_bad_link_gets_a_sentence_and_a_picture(app):
    app.open("?hidden=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E&seed=4&nothing=1")
    app.page.get_by_text("Not all of the link could be opened").wait_for()
    app.until(lambda: "there is no such field" in app.alerts, "the field is not named")
    app.until(lambda: "seed 4" in app.message, "the good part was not opened")
    app.press("Understood")
    app.until(lambda: app.alerts == "", "the note does not go away")
