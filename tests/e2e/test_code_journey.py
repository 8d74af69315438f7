"""In a real browser: the program is taken home, and prints what the page's run said."""

import os
import re
import subprocess
import sys

import pytest

from tests.e2e.visitor import expect

pytestmark = pytest.mark.slow  # a minute or more in all


def taken_home(app, tmp_path):
    """The file behind the button Program."""
    with app.page.expect_download() as download:
        app.page.get_by_role("button", name="Program", exact=True).click()
    place = tmp_path / "program.py"
    download.value.save_as(place)
    return place


@pytest.mark.parametrize("backend", ["numpy"], indirect=True)
def test_the_program_that_is_downloaded_prints_the_losses_of_the_run(app, backend, tmp_path):
    app.open()
    app.type_number("gates.form.epochs", 300)
    app.unfold("Stop rules and precision")
    app.choose("gates.form.dtype", "float64")
    app.press("Train")
    app.until_state("finished", seconds=120)
    app.open_view("gates", "Code")
    app.page.locator("table.lines").wait_for()
    place = taken_home(app, tmp_path)
    done = subprocess.run(
        [sys.executable, "-I", place.name],
        cwd=tmp_path, capture_output=True, text=True, timeout=120, check=True, env=os.environ,
    )  # fmt: skip
    epoch, loss = done.stdout.splitlines()[-1].split()
    assert int(epoch) == app.number("epoch") == 300
    assert float(loss) == pytest.approx(app.number("loss"), rel=1e-3)  # a tile has four digits
    # What the page shows is what the file holds, and Copy says that it was taken.
    shown = app.page.locator("table.lines code")
    program = place.read_text(encoding="utf-8").splitlines()
    app.until(lambda: shown.all_text_contents() == program, "the page shows another program")
    app.page.get_by_role("button", name="Copy the program").click()
    app.page.get_by_text("Copied", exact=True).or_(app.page.get_by_text("Not allowed")).wait_for()


def test_a_setting_that_moves_marks_its_lines_and_two_dialects_stand_side_by_side(app):
    app.open()
    app.open_view("gates", "Code")
    app.page.locator("table.lines").wait_for()
    expect(app.page.locator("td.changed")).to_have_count(0)
    app.type_number("gates.form.epochs", 500)
    marked = app.page.locator("td.words.changed")
    marked.first.wait_for()
    expect(marked.first).to_contain_text("range(1, 501)")
    # The buttons above the code lead to the lines; the page stays where it is.
    box = app.page.locator(".code .box")
    in_sight = """(cell) => {
      const [box, line] = [cell.closest(".box"), cell].map((e) => e.getBoundingClientRect());
      return line.top >= box.top && line.bottom <= box.bottom + 1;
    }"""
    app.until(lambda: marked.first.evaluate(in_sight), "the code does not follow the change")
    expect(app.page.locator(".code [role=status]")).to_have_text("2 lines changed by Epochs.")
    box.evaluate("box => box.scrollTo(0, 0)")
    app.until(lambda: not marked.first.evaluate(in_sight), "the code does not scroll")
    button = app.page.get_by_role("button", name=re.compile("^Go to line ")).first
    button.press("Enter")
    app.until(lambda: marked.first.evaluate(in_sight), "the button leads nowhere")
    expect(app.page.locator(".here")).to_contain_text("range(1, 501)")
    app.choose("gates.form.code.beside", "JAX – pure functions, compiled")
    app.page.locator(".code.two").wait_for()
    for row in app.page.locator("table.lines tr").all():
        same = row.locator("td.differs, td.none").count() == 0
        left, right = row.locator("td.words").all_text_contents()
        assert same == (left == right) or not (left or right)
    # On a phone both stay wide enough to be read: the code scrolls sideways, and not the page.
    app.page.set_viewport_size({"width": 390, "height": 844})
    code = app.page.locator(".code.two .box")
    app.until(lambda: code.evaluate("e => e.clientWidth") < 390, "the page stays wide")
    for words in app.page.locator("table.lines tr").first.locator("td.words").all():
        app.until(lambda words=words: words.evaluate("e => e.clientWidth") > 220, "too narrow")
    app.until(lambda: code.evaluate("e => e.scrollWidth > e.clientWidth"), "it does not scroll")
    app.until_no_wider_than_the_window()
