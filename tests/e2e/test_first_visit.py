"""In a real browser: the first visitor of a fresh server, and the last moment of a server."""

import re

import psutil
import pytest

from tests.e2e.visitor import ROOT, App, Server

PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))
QUICKLY = ("plane", "runs")  # a server for each takes its time: the others are slow tests


@pytest.fixture
def fresh_server():
    server = Server()
    yield server
    server.close()


@pytest.mark.parametrize(
    "page",
    [page if page in QUICKLY else pytest.param(page, marks=pytest.mark.slow) for page in PAGES],
)
def test_the_link_of_a_page_works_on_a_fresh_server(browser, fresh_server, page):
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    app = App(context.new_page(), fresh_server).open(f"{page}?from=mail")
    assert app.page.get_by_role("heading", level=1).count() == 1
    navigation = app.page.get_by_test_id("stTopNavLink").all_inner_texts()
    assert [name for name in ("Gates", "Bits", "Digits") if name in " ".join(navigation)] == [
        "Gates", "Bits", "Digits",
    ]  # fmt: skip
    assert app.page.get_by_text("Page not found").count() == 0
    context.close()


def test_the_first_page_answers_to_its_name_and_keeps_the_query(app):
    app.open("gates?hidden=2&seed=7")
    app.until(lambda: "seed 7" in app.message, "the query was lost on the way")
    assert app.page.url == f"{app.server.url}/?hidden=2&seed=7"
    assert app.page.get_by_text("Page not found").count() == 0


@pytest.mark.parametrize("end", ["terminate", "kill"])
def test_the_end_of_the_app_leaves_no_process_behind(browser, fresh_server, end):
    context = browser.new_context()
    app = App(context.new_page(), fresh_server).open()
    app.type_number("gates.form.epochs", 1_000_000)
    app.press("Train")
    app.until(lambda: app.number("step") > 20, "training never began")
    children = psutil.Process(fresh_server.process.pid).children(recursive=True)
    assert children
    getattr(fresh_server.process, end)()
    fresh_server.process.wait(20)
    _, alive = psutil.wait_procs(children, timeout=10)
    assert not alive
    context.close()


@pytest.mark.parametrize(
    "size",
    [(1280, 720), *(pytest.param(s, marks=pytest.mark.slow) for s in ((1920, 1080), (390, 844)))],
    ids=str,
)
@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.slow)])
def test_nothing_is_wider_than_the_window(browser, server, size, scheme):
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme=scheme
    )
    app = App(context.new_page(), server)
    for page in PAGES:
        app.open(page)
        assert app.page.evaluate("document.documentElement.scrollWidth") <= size[0]
        for picture in app.picture.all():
            assert picture.evaluate("view => view.scrollWidth <= view.clientWidth + 1")
    context.close()


def test_every_page_stands_in_the_navigation_of_a_small_screen(browser, server):
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    app = App(context.new_page(), server).open()
    links = app.page.get_by_test_id("stTopNavLink")

    def names_in_sight():
        return {link.inner_text().lower() for link in links.all() if link.is_visible()}

    app.until(lambda: {*PAGES} <= names_in_sight(), "a page hides behind the navigation")
    places = [link.bounding_box() for link in links.all()]
    assert all(one["x"] + one["width"] <= 1280 for one in places)
    assert app.page.get_by_text(re.compile(r"^\d+ more$")).count() == 0
    context.close()
