"""A real server and a real browser."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator

import pytest

from tests.e2e.visitor import App, Server
from tests.helpers.real_mnist import real_mnist

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items):
    for item in items:
        if "e2e" in item.path.parts:
            item.add_marker(pytest.mark.e2e)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    """Say with a test that failed what its page said."""
    report = yield
    if report.failed and "app" in getattr(item, "funcargs", ()):
        with contextlib.suppress(Exception):  # the browser may be what failed
            app = item.funcargs["app"]
            report.sections.append((f"The page {app.page.url}", app.text))
    return report


@pytest.fixture(scope="session")
def browser() -> Iterator:
    """Headless Chromium; the tests are skipped by name where there is none."""
    required = os.environ.get("BACKPROP_LIVE_REQUIRE_BROWSER")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        if required:
            raise
        pytest.skip("playwright is not installed")
    if CHROMIUM is None:
        (pytest.fail if required else pytest.skip)("Chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_OPTIONS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


@pytest.fixture(scope="module")
def mnist_server() -> Iterator[Server]:
    """A server that finds the files of MNIST."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BACKPROP_LIVE_DATA", str(real_mnist()))
        server = Server()
        yield server
        server.close()


@pytest.fixture
def app(browser, server) -> Iterator[App]:
    """A visitor at 1280x720."""
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    app = App(context.new_page(), server)
    yield app
    context.close()
    assert not app.errors, "the browser's console has errors"


@pytest.fixture(autouse=True)
def no_worker_is_left_behind():
    """Nothing to look for: the server of a module keeps its workers, and ends them with it."""
