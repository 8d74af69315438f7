"""In a real browser: XOR from twenty seeds, and one that failed, watched on its own page."""

import pytest

from tests.e2e.visitor import expect

pytestmark = pytest.mark.slow  # a minute or more in all


def test_twenty_seeds_of_xor_and_one_that_gets_stuck(app):
    app.open("convergence")
    app.press("Train 20 seeds")
    app.page.get_by_text("17 of 20 seeds solved it").wait_for()
    app.page.get_by_test_id("stVegaLiteChart").wait_for()
    app.page.get_by_role("button", name="Seed 11").click()
    app.picture.wait_for()
    expect(app.page.get_by_role("heading", level=1)).to_have_text("Logic gates")
    app.until(lambda: "seed 11" in app.message, "another seed was opened")
    app.slide("gates.form.speed", "none")
    app.press("Train")
    app.until_state("finished")
    assert not app.rows_are_right()
