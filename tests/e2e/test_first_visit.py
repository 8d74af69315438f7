"""In a real browser: the first visitor of a fresh server, and the last moment of a server."""

import re

import psutil
import pytest

from tests.e2e.visitor import App, Server, expect
from tests.helpers.root import ROOT

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
    expect(app.page.get_by_role("heading", level=1)).to_have_count(1)
    navigation = app.page.get_by_test_id("stTopNavLink")
    for name in ("Gates", "Bits", "Digits"):
        expect(navigation.filter(has_text=name)).to_have_count(1)
    expect(app.page.get_by_text("Page not found")).to_have_count(0)
    context.close()


def test_the_first_page_answers_to_its_name_and_keeps_the_query(app):
    app.open("gates?hidden=2&seed=7")
    app.until(lambda: "seed 7" in app.message, "the query was lost on the way")
    expect(app.page).to_have_url(f"{app.server.url}/?hidden=2&seed=7")
    expect(app.page.get_by_text("Page not found")).to_have_count(0)


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
        app.settle()
        app.until_no_wider_than_the_window()
        for picture in app.picture.all():
            app.until(
                lambda picture=picture: picture.evaluate(
                    "view => view.scrollWidth <= view.clientWidth + 1"
                ),
                f"the picture of {page} is wider than its place",
            )
    context.close()


def test_every_page_stands_in_the_navigation_of_a_small_screen(browser, server):
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    app = App(context.new_page(), server).open()
    links = app.page.get_by_test_id("stTopNavLink")

    def names_in_sight():
        return {link.inner_text().lower() for link in links.all() if link.is_visible()}

    app.until(lambda: {*PAGES} <= names_in_sight(), "a page hides behind the navigation")
    expect(app.page.get_by_text(re.compile(r"^\d+ more$"))).to_have_count(0)
    for link in links.all():
        expect(link).to_be_in_viewport(ratio=1)
    context.close()
