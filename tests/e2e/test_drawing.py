"""In a real browser: a digit is drawn, recognised while it is drawn, and its network is kept."""

import numpy as np
import pytest

from nn_core.exchange import weight_files
from tests.e2e.visitor import App, expect
from tests.helpers.frameworks import installed

pytestmark = pytest.mark.slow  # a minute or more in all

# As one writes them, in shares of the digit's own box.
DIGITS = {
    7: [[(0.05, 0.05), (0.95, 0.05), (0.4, 1.0)]],
    1: [[(0.5, 0.0), (0.5, 1.0)]],
    0: [[(0.5 + 0.4 * np.sin(a), 0.5 - 0.5 * np.cos(a)) for a in np.linspace(0, 2 * np.pi, 24)]],
    3: [
        [(0.1, 0.05), (0.6, 0.0), (0.9, 0.2), (0.75, 0.42), (0.4, 0.47)],
        [(0.4, 0.47), (0.8, 0.55), (0.95, 0.75), (0.65, 1.0), (0.1, 0.95)],
    ],
    2: [[(0.1, 0.2), (0.35, 0.0), (0.8, 0.05), (0.9, 0.3), (0.5, 0.65), (0.05, 1.0), (1.0, 1.0)]],
}


class Pad:
    """The square, by its strokes."""

    def __init__(self, app: App, page: str = "digits") -> None:
        self.app = app
        app.open_view(page, "Draw")
        self.root = app.page.locator(".draw[data-number]")
        self.square = self.root.locator("canvas.square")
        self.square.wait_for()

    def draw(self, strokes, x=0.0, y=0.0, scale=1.0):
        """Draw with the mouse; the digit's box has its corner at (x, y)."""
        mouse = self.app.page.mouse
        self.square.evaluate("square => square.scrollIntoView({block: 'center'})")
        for points in strokes:
            box = self.square.bounding_box()  # what is above may have grown meanwhile
            places = [
                (box["x"] + (x + scale * px) * box["width"],
                 box["y"] + (y + 1.2 * scale * py) * box["height"])
                for px, py in points
            ]  # fmt: skip
            mouse.move(*places[0])
            mouse.down()
            for place in places[1:]:
                mouse.move(*place, steps=3)
            mouse.up()

    def button(self, name):
        return self.root.get_by_role("button", name=name, exact=True)

    @property
    def guess(self) -> str:
        """The first guess for what stands in the square now."""
        self.app.until(
            lambda: self.root.get_attribute("data-answered") == "true", "there is no answer"
        )
        return self.root.locator("p.guess").inner_text()

    def is_sure_of(self, digit) -> bool:
        return self.guess.startswith(f"{digit} ")

    @property
    def lesson(self) -> str:
        return self.root.locator("p.lesson").inner_text()

    @property
    def probabilities(self) -> list[float]:
        texts = self.root.locator(".bar .value").all_inner_texts()
        return [float(text.strip("<% \xa0").replace("–", "nan")) / 100 for text in texts]

    def say(self):
        return self.root.locator("[role=status]")


@pytest.fixture(scope="module")
def trained(browser, mnist_server):
    """A page whose network has had one pass over MNIST."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, has_touch=True)
    app = App(context.new_page(), mnist_server)
    app.open("digits")
    app.type_number("digits.form.epochs", 1)
    app.press("Train")
    app.until_state("finished", seconds=300)
    yield app
    context.close()
    assert not app.errors


@pytest.mark.mnist
@pytest.mark.slow
def test_digits_that_are_small_and_in_a_corner_are_recognised_and_worse_without_centring(trained):
    pad = Pad(trained)
    right = {"with": 0, "without": 0}
    slider = pad.root.get_by_label("Thickness")
    slider.fill("4")
    for digit, strokes in DIGITS.items():
        pad.draw(strokes, x=0.06, y=0.62, scale=0.26)
        right["with"] += pad.is_sure_of(digit)
        trained.until(lambda: "Without centring" in pad.lesson, "no lesson")
        right["without"] += f"taken for {digit} (" in pad.lesson
        pad.root.get_by_label("Without centring").check()
        trained.until(lambda: "Centred and scaled" in pad.lesson, "the other answer")
        expect(pad.root.locator(".step")).to_have_count(1)
        pad.root.get_by_label("Without centring").uncheck()
        trained.until(lambda: "Without centring" in pad.lesson, "the first answer again")
        expect(pad.root.locator(".step")).to_have_count(4)
        pad.button("Clear").click()
        trained.until(lambda: pad.guess == "Draw a digit.", "the square is not empty")
    assert right["with"] >= 4, right
    assert right["without"] <= 2, right


@pytest.fixture
def small(app):
    """The embedded digits, learned quickly."""
    app.open("digits")
    app.choose("digits.form.dataset", "embedded 8×8 digits")
    app.type_number("digits.form.epochs", 30)
    app.press("Train")
    app.until_state("finished", seconds=120)
    return app


def test_a_digit_is_recognised_while_it_is_drawn_undone_and_drawn_by_keyboard(small):
    pad = Pad(small)
    pad.draw(DIGITS[0], x=0.55, y=0.1, scale=0.35)
    small.until(lambda: pad.is_sure_of(0), "0 is not seen")
    one = pytest.approx(1, abs=0.02)
    small.until(lambda: sum(pad.probabilities) == one, "the bars do not add up")
    expect(pad.root.locator(".unit")).to_have_count(8)
    expect(pad.root.locator(".step")).to_have_count(3)
    small.until(lambda: "First guess 0" in pad.say().inner_text(), "nothing is read out")

    pad.button("Undo").click()
    small.until(lambda: pad.guess == "Draw a digit.", "the stroke is not undone")
    pad.square.focus()
    for key in ["ArrowUp"] * 6 + [" "] + ["ArrowDown"] * 12 + [" "]:
        pad.square.press(key)
    small.until(lambda: pad.lesson, "the keyboard draws nothing")
    seen = pad.guess
    pad.square.press("Delete")
    small.until(lambda: pad.guess == "Draw a digit.", "Delete does not clear")
    pad.square.press("Backspace")
    small.until(lambda: pad.guess == seen, "Clear is not undone")

    # The drawing outlives its view, and follows the scrubber.
    small.open_view("digits", "Model")
    pad = Pad(small)
    small.until(lambda: pad.guess == seen, "the drawing is lost")
    last = pad.root.get_attribute("data-step")
    small.page.get_by_label("Kept step").press("Home")
    small.until(lambda: pad.root.get_attribute("data-step") == "0", "step 0 is not asked")
    small.page.get_by_role("button", name="Now").click()
    small.until(lambda: pad.root.get_attribute("data-step") == last, "the end is not asked")


def test_a_finger_draws_and_the_page_stays_where_it_is(browser, server):
    context = browser.new_context(viewport={"width": 800, "height": 700}, has_touch=True)
    app = App(context.new_page(), server)
    app.open("digits")
    pad = Pad(app)
    pad.square.evaluate("square => square.scrollIntoView({block: 'center'})")
    expect(pad.square).to_have_css("touch-action", "none")
    box = pad.square.bounding_box()
    touch = context.new_cdp_session(app.page)
    x, y = box["x"] + 60, box["y"] + 60

    def send(kind, *points):
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(points)})

    send("touchStart", {"x": x, "y": y})
    for i in range(1, 12):
        send("touchMove", {"x": x + 2 * i, "y": y + 12 * i})
    send("touchEnd")
    app.until(lambda: pad.lesson, "the finger draws nothing")
    top = pytest.approx(box["y"], abs=1)
    app.until(lambda: pad.square.bounding_box()["y"] == top, "the page was scrolled")
    assert not app.errors
    context.close()


def saved(app, kind, folder):
    """The file that the visitor gets for the weights of now."""
    app.open_view("digits", "Save and load")
    with app.page.expect_download() as download:
        app.widget(f"digits.save.{kind}").get_by_role("button").click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    found = weight_files.read(path.read_bytes())
    assert found.experiment.dataset == "digits_8x8"
    assert str(found.step) == app.tile("step").replace(",", "")
    return path


def loaded(app, path, shape):
    """Choose a file, and let the backend of the form measure what is in it."""
    app.page.locator('.st-key-digits-weights_upload input[type="file"]').set_input_files(path)
    app.widget("digits-loaded").get_by_text(f"a network {shape}").wait_for()
    app.page.get_by_role("button", name="Predict with these").click()
    app.until_state("paused", seconds=120)


def test_weights_are_saved_and_loaded_by_another_backend_in_the_browser(small, tmp_path):
    accuracy = small.number("test_accuracy")
    path = saved(small, "safetensors", tmp_path)
    small.press("Reset")
    small.choose("digits.form.backend", "autograd")
    loaded(small, path, "64-200-10")
    small.until(lambda: small.number("test_accuracy") == accuracy, "another accuracy")
    small.until(lambda: small.tile("step") == "0", "it has taken steps")
    small.page.get_by_text("before any step, on autograd").wait_for()


def test_kernels_are_saved_loaded_by_another_backend_and_trained_on_in_the_browser(app, tmp_path):
    installed("torch", "PyTorch")
    installed("jax", "JAX")
    app.open("digits")
    app.choose("digits.form.dataset", "embedded 8×8 digits")
    app.choose("digits.form.backend", "PyTorch")
    app.choose("digits.form.architecture", "convolutional")
    app.type_number("digits.form.epochs", 10)
    app.press("Train")
    app.until_state("finished", seconds=300)
    accuracy = app.number("test_accuracy")
    path = saved(app, "npz", tmp_path)
    assert path.name == "digits_8x8-64-conv5x5x8-conv5x5x16-200-10-step-120.npz"
    app.press("Reset")
    app.choose("digits.form.backend", "JAX")
    loaded(app, path, "64-conv 5×5×8-conv 5×5×16-200-10")
    app.until(lambda: app.number("test_accuracy") == accuracy, "another accuracy")
    app.until(lambda: app.tile("step") == "0", "it has taken steps")
    app.page.get_by_text("before any step, on JAX").wait_for()
    app.press("Resume")
    app.until_state("finished", seconds=300)
    app.until(lambda: app.tile("step") == "120", "it has not taken as many steps again")
    app.until(lambda: app.number("test_accuracy") >= accuracy - 2, "it has forgotten")  # percent
