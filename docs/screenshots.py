"""The pictures of README.md and docs/guide.md, taken from the app.

``python docs/screenshots.py`` starts the app, trains on every page that is shown, and writes
``docs/screenshots/<page>.png``. Names of pages take only those. It needs Chromium and what the
tests need; for `digits`, MNIST.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).parents[1]))

from PIL import Image
from playwright.sync_api import sync_playwright

from tests.e2e.conftest import CHROMIUM, CHROMIUM_OPTIONS
from tests.e2e.visitor import App, Server

FOLDER = Path(__file__).resolve().parent / "screenshots"
SIZE = {"width": 1280, "height": 720}
STILL_MILLISECONDS = 2500  # charts fade in
PATIENCE_SECONDS = 300
RATES = {
    "sgd": 0.5, "momentum": 0.1, "nesterov": 0.1, "adagrad": 0.1, "rmsprop": 0.01, "adam": 0.02,
}  # fmt: skip


def gates(app: App) -> None:
    """XOR, learned."""
    app.open()
    _train(app)


def bits(app: App) -> None:
    """Binary to decimal, learned."""
    app.open("bits")
    _train(app)


def plane(app: App) -> None:
    """A spiral, nearly learned."""
    app.open("plane?dataset=spiral&hidden=8-8&learning_rate=0.01&epochs=300")
    app.slide("plane.form.speed", "none")
    _train(app)


def digits(app: App) -> None:
    """MNIST, two epochs of it."""
    app.open("digits")
    app.type_number("digits.form.epochs", 2)
    _train(app)


def recipes(app: App) -> None:
    """All of them, one of which was run."""
    app.open("recipes")
    app.widget("recipes.open.perceptron-batch").get_by_role("button").click()
    app.picture.wait_for()
    _train(app)
    app.page.get_by_role("link", name="Recipes").click()
    app.page.get_by_text("AND and NAND", exact=True).first.click()
    app.page.get_by_text("NAND by the perceptron, all rows at once").wait_for()


def pathologies(app: App) -> None:
    """The first of them."""
    app.open("pathologies")


def runs(app: App) -> None:
    """The same network with six optimizers, each at the rate that suits it, over each other."""
    for optimizer, rate in RATES.items():
        query = urlencode({"hidden": 4, "optimizer": optimizer, "learning_rate": rate})
        app.open(f"?{query}&activation=tanh&epochs=600&seed=4")
        _train(app)
    app.page.set_viewport_size({**SIZE, "height": 960})
    app.open("runs")
    app.press("Tick all")
    app.widget("runs-diff").get_by_test_id("stTable").wait_for()
    app.widget("chart-runs-overlay").wait_for()


def compare(app: App) -> None:
    """XOR on all backends that are installed."""
    app.open("compare")
    app.press("Train all")
    app.page.get_by_test_id("stTable").wait_for()
    app.until(
        lambda: {row[1] for row in app.table()[1:]} == {"3,000 steps"},
        "not all have ended",
        PATIENCE_SECONDS,
    )


def convergence(app: App) -> None:
    """XOR 2-2-1 from twenty seeds."""
    app.open("convergence")
    app.press("Train 20 seeds")
    app.page.get_by_text("of 20 seeds solved it").wait_for()


def autodiff(app: App) -> None:
    """The gradient of a logistic unit, in every way."""
    app.open("autodiff")
    app.press("Differentiate")
    app.until(
        lambda: "…" not in app.answers.inner_text() and "–" not in app.answers.inner_text(),
        "not all have answered",
        PATIENCE_SECONDS,
    )


def _shrink(path: Path) -> None:
    """Keep few colours, and among them the rare ones: a line's, or a word's."""
    with Image.open(path) as image:
        few = image.convert("RGB").quantize(
            256, method=Image.Quantize.MAXCOVERAGE, kmeans=2, dither=Image.Dither.NONE
        )
        few.save(path, optimize=True)


def _train(app: App) -> None:
    app.press("Train")
    app.until_state("finished", seconds=PATIENCE_SECONDS)


PICTURES: dict[str, tuple[Callable[[App], None], str]] = {
    "gates": (gates, "light"),
    "bits": (bits, "dark"),
    "plane": (plane, "light"),
    "digits": (digits, "light"),
    "recipes": (recipes, "light"),
    "pathologies": (pathologies, "light"),
    "compare": (compare, "light"),
    "convergence": (convergence, "dark"),
    "runs": (runs, "light"),
    "autodiff": (autodiff, "light"),
}


def main() -> None:
    """Take the pictures that are asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("pages", nargs="*", help=f"of {', '.join(PICTURES)}; all by default")
    asked = parser.parse_args().pages or list(PICTURES)
    if unknown := [page for page in asked if page not in PICTURES]:
        parser.error(f"no picture is called {', '.join(unknown)}")
    # No picture shows, or adds to, the history of whoever takes it.
    os.environ["BACKPROP_LIVE_HOME"] = tempfile.mkdtemp(prefix="backprop-live-pictures-")
    server = Server()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_OPTIONS)
            for page in asked:
                show, scheme = PICTURES[page]
                context = browser.new_context(viewport=SIZE, color_scheme=scheme)
                app = App(context.new_page(), server)
                show(app)
                app.page.mouse.move(SIZE["width"] - 1, SIZE["height"] // 2)
                app.page.evaluate("document.activeElement?.blur()")
                app.page.wait_for_timeout(STILL_MILLISECONDS)
                app.page.screenshot(path=FOLDER / f"{page}.png")
                _shrink(FOLDER / f"{page}.png")
                context.close()
                print(f"docs/screenshots/{page}.png", flush=True)
            browser.close()
    finally:
        server.close()


if __name__ == "__main__":
    main()
