"""In a real browser: a recipe is opened by its key, trained, and remembered."""


def open_list(app):
    app.page.get_by_role("link", name="Recipes").click()
    app.page.get_by_text("Published teaching examples").wait_for()


def card(app, name):
    return app.widget(f"recipes-card-{name}")


def test_a_recipe_is_opened_by_its_key_and_its_figures_are_remembered(app):
    app.open("recipes")
    app.page.get_by_text("AND and NAND", exact=True).first.click()
    card(app, "xor-tf").wait_for(state="detached")
    table = card(app, "perceptron-batch").get_by_test_id("stTable")
    assert "(-1, -1, 2)\t–" in table.inner_text()
    app.settle()
    app.page.locator("body").press("2")  # the second card is the perceptron on all rows at once
    app.picture.wait_for()
    app.page.get_by_text("recipe perceptron-batch").wait_for()
    app.slide("gates.form.speed", "none")
    app.press("Train")
    app.until_state("finished")
    open_list(app)
    app.until(lambda: table.inner_text().count("(-1, -1, 2)") == 2, "the run was not remembered")


def test_pages_are_changed_in_quick_succession_while_studies_run(app):
    app.open("convergence")
    app.page.get_by_role("button", name="Train 20 seeds").dblclick()
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
    for text in ("1e400", "-7", "99999999999", "", "abc"):
        field.fill(text)
        field.press("Enter")
        app.settle()
    app.page.get_by_role("button", name="Train").first.wait_for()
    assert "Traceback" not in app.page.locator("body").inner_text()
    app.page.goto(f"{app.server.url}/autodiff")
    app.answers.wait_for()
    first = app.widget("autodiff.form.logistic.w.0").locator("input")
    for text in ("1e308", "1e301", "-1e400", "", "NaN"):
        first.fill(text)
        first.press("Enter")
        app.settle()
    app.answers.wait_for()
    assert "Traceback" not in app.page.locator("body").inner_text()
