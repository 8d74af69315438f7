"""In a real browser: axe-core, the field's checker of accessibility, has no serious finding."""

import os
import re

import pytest

from tests.e2e.visitor import App, expect
from tests.helpers.root import ROOT
from ui.links.page_list import PAGES

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
SERIOUS = ("serious", "critical")


@pytest.fixture(scope="module")
def axe() -> str:
    """The script of axe-core; the tests are skipped where `npm ci` did not install it."""
    if not AXE.exists():
        required = os.environ.get("BACKPROP_LIVE_REQUIRE_BROWSER")
        (pytest.fail if required else pytest.skip)("axe-core is not installed: run npm ci")
    return AXE.read_text("utf-8")


@pytest.fixture(params=["light", pytest.param("dark", marks=pytest.mark.slow)])
def themed(request, browser, server):
    context = browser.new_context(
        viewport={"width": 1280, "height": 720}, color_scheme=request.param
    )
    yield App(context.new_page(), server)
    context.close()


def serious_findings(app, axe) -> list[str]:
    app.settle()
    app.page.evaluate(axe)
    found = app.page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    return [
        f"{finding['id']}: {node['html'][:120]}"
        for finding in found
        if finding["impact"] in SERIOUS
        for node in finding["nodes"]
    ]


def test_no_page_has_a_serious_finding_and_each_has_a_title_of_its_own(themed, axe):
    for page in PAGES:
        themed.open(page.name)
        assert not serious_findings(themed, axe), page.name
        expect(themed.page).to_have_title(f"{page.title} · Backprop Live")


def test_neither_a_run_that_goes_on_nor_one_that_is_over_has_a_serious_finding(themed, axe):
    themed.open()
    themed.type_number("gates.form.epochs", 1_000_000)
    themed.press("Train")
    themed.until(lambda: themed.number("step") > 20, "training never began")
    themed.press("Pause")
    themed.until(lambda: themed.state == "paused", "it never paused")
    assert not serious_findings(themed, axe)
    themed.press("Reset")
    themed.type_number("gates.form.epochs", 5)
    themed.press("Train")
    themed.until(lambda: themed.state == "finished", "it never finished")
    assert not serious_findings(themed, axe)
    themed.open_view("gates", "Loss")
    curve = themed.page.get_by_test_id("stVegaLiteChart").first
    expect(curve).to_have_attribute("aria-label", re.compile("^Line chart of loss .* from 0 to "))
    assert not serious_findings(themed, axe)
