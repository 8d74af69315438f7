"""A visitor trains on the embedded digits and looks at what the network confuses."""

import re

import pytest

pytestmark = pytest.mark.slow  # a minute or more in all


def test_a_click_on_a_cell_of_the_confusion_matrix_opens_its_images(app):
    app.open("digits")
    app.choose("digits.form.dataset", "embedded 8×8 digits")
    app.canvas("examples").wait_for()  # before any training
    app.type_number("digits.form.epochs", 4)
    app.press("Train")
    app.until_state("finished", seconds=120)
    app.open_view("digits", "Confused images")
    chart = app.widget("digits-confusion-cells").locator("canvas")
    chart.wait_for()
    chart.scroll_into_view_if_needed()
    # The open cell is the most frequent mistake, and its list says so.
    opened = app.widget("digits.form.cell.chosen").locator("input").input_value()
    box = chart.bounding_box()
    # The right-most column: what is taken for a 9; the left-most cells begin after the axis.
    column = 0.12 if opened == "9" else 0.97
    chart.click(position={"x": column * box["width"], "y": 0.5 * box["height"]})
    wanted = "0" if opened == "9" else "9"
    app.until(
        lambda: app.widget("digits.form.cell.chosen").locator("input").input_value() == wanted,
        "the click opened no other cell",
    )
    heading = app.page.get_by_text(re.compile(rf"(taken for {wanted}|{wanted} recognised): \d"))
    heading.wait_for()
    count = int(re.search(r": (\d+) image", heading.inner_text())[1])
    figures = app.page.locator(".figures figure")
    app.until(lambda: figures.count() == min(count, 24), "the images are not those of the cell")
