"""In a real browser: what visitors do who do not mind the page, its bounds or each other."""

import re

import pytest

from tests.e2e.visitor import expect

pytestmark = pytest.mark.slow  # a minute or more in all


def test_pages_are_changed_in_quick_succession_while_studies_run(app):
    app.page.set_viewport_size({"width": 1920, "height": 1080})  # room for a link to each page
    app.open("convergence")
    app.page.get_by_role("button", name="Train 20 seeds").dblclick()
    app.page.get_by_text(
        re.compile("seeds are (on their way|done)|seeds solved it")
    ).first.wait_for()
    for _ in range(2):
        for name in ("Recipes", "Compare", "Autodiff", "Convergence"):
            app.page.get_by_role("link", name=name, exact=True).click()
    app.page.get_by_text("17 of 20 seeds solved it").wait_for()
    assert not app.alerts


def test_two_tabs_do_not_disturb_each_other(app, browser):
    app.open("convergence")
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    other = type(app)(context.new_page(), app.server).open("convergence")
    other.type_number("convergence.form.count", 5)
    app.press("Train 20 seeds")
    other.press("Train 5 seeds")
    other.page.get_by_text("4 of 5 seeds solved it").wait_for()
    app.page.get_by_text("17 of 20 seeds solved it").wait_for()
    assert not other.errors
    context.close()


def test_a_number_beyond_all_bounds_is_refused_and_loses_nothing(app):
    app.open("convergence")
    field = app.widget("convergence.form.count").locator("input")
    for text in ("99999999999", "-7", ""):
        field.fill(text)
        field.press("Enter")
        app.settle()
    train = app.page.get_by_role("button", name="Train").first
    expect(train).to_have_text(re.compile(r"Train \d+ seeds"))
    app.open("autodiff")
    app.type_number("autodiff.form.logistic.w.0", "1e301")
    app.until(lambda: "give a number between" in app.alerts, "the number was not refused")
    app.type_number("autodiff.form.logistic.w.0", "2")
    app.until(lambda: not app.alerts, "the refusal stays")
    expect(app.page.get_by_role("button", name="Differentiate")).to_be_enabled()
