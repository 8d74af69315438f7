"""The page Plane in a real browser."""


def test_the_spiral_is_solved_live_by_a_network_built_by_buttons(app):
    app.open("plane")
    app.choose("plane.form.dataset", "spiral")

    def click(name, times):
        for _ in range(times):
            count = app.page.get_by_role("button", name=name, exact=True)
            count.click()
            app.settle()

    click("Layer 1 +", 4)
    click("Layer 2 +", 6)
    app.until(
        lambda: (
            [app.widget(f"plane.form.units.{i}").locator("input").input_value() for i in (0, 1)]
            == ["8", "8"]
        ),
        "the buttons did not build two layers of 8 units",
    )
    app.slide("plane.form.speed", "none")
    app.press("Train")
    app.until(lambda: app.number("train_accuracy") >= 95, "the spiral was not solved", seconds=60)
    assert app.number("test_accuracy") > 75
    assert not app.errors
