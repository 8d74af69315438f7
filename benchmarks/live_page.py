"""Looking at a run: does it slow the run down, and how fast does the page answer.

``python benchmarks/live_page.py`` starts the app, opens it in headless Chromium, and prints

* frames a second that the live picture reaches while XOR trains on NumPy,
* training speed with the page open, as a ratio to the same run with no page open,
* seconds from a click on Pause until the run rests, and until the page says so.

The two kinds of run take turns, so that whatever else the machine does weighs on both alike;
ratios are medians of the pairs.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from playwright.sync_api import sync_playwright

from nn_core import Experiment
from nn_core.runs.workers.pool import Pool
from tests.e2e.conftest import CHROMIUM, CHROMIUM_OPTIONS
from tests.e2e.visitor import App, Server

SECONDS = 8.0


def speed_without_page(pool: Pool) -> float:
    """Steps a second of a run that nobody looks at."""
    run = pool.submit(Experiment(epochs=1_000_000), "benchmark")
    run.wait(lambda run: run.step > 1000, 30)
    step, start = run.step, time.perf_counter()
    time.sleep(SECONDS)
    speed = (run.step - step) / (time.perf_counter() - start)
    pool.set_want(run, "benchmark", "stopped")
    run.wait(lambda run: run.is_over, 10)
    return speed


def speed_with_page(app: App) -> tuple[float, float]:
    """Steps a second of a run on an open page, and frames a second of its picture."""
    app.press("Train")
    app.until(lambda: app.number("step") > 1000, "training never began")
    time.sleep(2.0)
    step, sequence, start = _moment(app)
    time.sleep(SECONDS)
    step_2, sequence_2, end = _moment(app)
    return (step_2 - step) / (end - start), (sequence_2 - sequence) / (end - start)


def _moment(app: App) -> tuple[float, int, float]:
    """Step and frame number, read at once."""
    step, sequence, now = app.picture.evaluate(
        """view => [view.querySelector('[data-tile="step"] .value').textContent,
                    view.dataset.seq, performance.now()]"""
    )
    return float(step.replace(",", "")), int(sequence), now / 1000


def pause(app: App) -> float:
    """Seconds from the click on Pause until the page says that the run rests."""
    start = time.perf_counter()
    app.press("Pause")
    while app.state != "paused":
        time.sleep(0.005)
    return time.perf_counter() - start


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    repeats = parser.parse_args().repeats
    ratios, frames, pauses = [], [], []
    pool, server = Pool(slots=1), Server()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_OPTIONS)
            page = browser.new_page(viewport={"width": 1280, "height": 720})
            app = App(page, server).open()
            app.type_number("gates.form.epochs", 1_000_000)
            app.slide("gates.form.speed", "none")
            for _ in range(repeats):
                alone = speed_without_page(pool)
                watched, per_second = speed_with_page(app)
                pauses.append(pause(app))
                app.press("Reset")
                app.until_state("idle")
                ratios.append(watched / alone)
                frames.append(per_second)
                print(f"alone {alone:9,.0f} steps/s   watched {watched:9,.0f} steps/s   "
                      f"ratio {ratios[-1]:.3f}   {per_second:4.1f} frames/s   "
                      f"pause {pauses[-1]:.3f} s", flush=True)  # fmt: skip
            browser.close()
    finally:
        server.close()
        pool.close()
    print()
    print(f"training speed with the page open / without: {statistics.median(ratios):.3f}")
    print(f"frames a second:                             {statistics.median(frames):.1f}")
    print(f"seconds from Pause to paused, on the page:   {statistics.median(pauses):.3f}")


if __name__ == "__main__":
    main()
