"""The page Plane in a real browser."""


def test_the_spiral_is_solved_live_by_a_network_built_by_buttons(app):
    app.open("plane")
    app.choose("plane.form.dataset", "spiral")

    for layer, units in enumerate((4, 2)):
        field = app.widget(f"plane.form.units.{layer}").locator("input")
        for wanted in range(units + 1, 9):
            app.page.get_by_role("button", name=f"Layer {layer + 1} +", exact=True).click()
            app.until(
                lambda field=field, wanted=wanted: field.input_value() == str(wanted),
                f"layer {layer + 1} never had {wanted} units",
            )
    app.slide("plane.form.speed", "none")
    app.press("Train")
    app.until(lambda: app.number("train_accuracy") >= 95, "the spiral was not solved", seconds=60)
    assert app.number("test_accuracy") > 75
    assert not app.errors
