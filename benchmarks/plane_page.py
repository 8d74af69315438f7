"""The spiral on the page Plane: how often its picture is drawn, and how soon it answers.

``python -m benchmarks.plane_page`` starts the app, opens it in headless Chromium, trains a
2-8-8-1 network on the spiral of 500 points at full speed, and prints for each backend

* frames a second of the live picture, and the time that painting one takes,
* steps a second meanwhile,
* seconds from a click on Pause until the first frame that shows the run at rest,
* seconds from the key that sets the output bias until the first frame that has it.

Two workers and a browser share the machine: let it rest before.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from playwright.sync_api import sync_playwright

from nn_core import backends
from tests.e2e.conftest import CHROMIUM, CHROMIUM_OPTIONS
from tests.e2e.visitor import App, Server

SECONDS = 8.0
BACKENDS = ("numpy", "torch", "jax")
UNTIL_PAUSED = """(view) => new Promise((resolve) => {
  let begin = performance.now();
  addEventListener("click", () => { begin = performance.now(); }, { capture: true, once: true });
  const look = () => {
    if (view.dataset.state === "paused") resolve((performance.now() - begin) / 1000);
    else requestAnimationFrame(look);
  };
  look();
})"""


def build(app: App, backend: str) -> None:
    """Choose the spiral, a 2-8-8-1 network, and no limit of speed."""
    app.open("plane")
    app.choose("plane.form.dataset", "spiral")
    for layer in range(2):
        app.type_number(f"plane.form.units.{layer}", 8)
    app.choose("plane.form.backend", backends.label(backend))
    app.type_number("plane.form.epochs", 1_000_000)
    app.slide("plane.form.speed", "none")


def watch(app: App) -> tuple[float, float, float]:
    """Frames a second, milliseconds for painting one, and steps a second."""
    app.press("Train")
    app.until(lambda: app.number("step") > 1000, "training never began", seconds=120)
    time.sleep(3.0)
    frame, step, start, _ = _moment(app)
    paints = []
    while (moment := _moment(app))[2] < start + SECONDS:
        paints.append(moment[3])
        time.sleep(0.2)
    seconds = moment[2] - start
    return (
        (moment[0] - frame) / seconds,
        statistics.median(paints),
        (moment[1] - step) / seconds,
    )


def pause(app: App) -> float:
    """Seconds from a click on Pause until the first frame that shows the run at rest."""
    handle = app.picture.evaluate_handle(f"view => ({{ found: ({UNTIL_PAUSED})(view) }})")
    app.press("Pause")
    return float(handle.evaluate("({ found }) => found"))


def _moment(app: App) -> tuple[int, float, float, float]:
    """Frames drawn, step, time in seconds, and milliseconds of the last painting, read at once."""
    frames, step, now, paint = app.picture.evaluate(
        """view => {
          const counted = window.countedFrames ??= { count: 0 };
          counted.observer ??= new MutationObserver(() => { counted.count += 1; });
          counted.observer.observe(view, { attributeFilter: ["data-seq"] });
          const step = view.querySelector('[data-tile="step"] .value').textContent;
          return [counted.count, step, performance.now(), view.dataset.paintMs];
        }"""
    )
    return frames, float(step.replace(",", "")), now / 1000, float(paint)


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--backends", nargs="+", default=list(BACKENDS))
    chosen = parser.parse_args()
    print("backend      frames/s   paint ms   steps/s   Pause s   edit s (slowest)", flush=True)
    server = Server()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_OPTIONS)
            for backend in chosen.backends:
                context = browser.new_context(viewport={"width": 1280, "height": 720})
                app = App(context.new_page(), server)
                build(app, backend)
                seen, pauses, edits = [], [], []
                for _ in range(chosen.repeats):
                    seen.append(watch(app))
                    pauses.append(pause(app))
                    for value in (1.5, -1.5, 0.5):
                        edits.append(app.set_output_bias(value, hidden_layers=2)["seconds"])
                        time.sleep(0.5)
                    app.press("Reset")
                    app.until_state("idle")
                frames, paint, steps = (
                    statistics.median(column) for column in zip(*seen, strict=True)
                )
                print(
                    f"{backend:<12} {frames:8.1f}   {paint:8.1f}   {steps:7,.0f}   "
                    f"{statistics.median(pauses):7.3f}   "
                    f"{statistics.median(edits):6.3f} ({max(edits):.3f})",
                    flush=True,
                )
                context.close()
            browser.close()
    finally:
        server.close()


if __name__ == "__main__":
    main()
