"""The page Runs in a browser: how long it takes to open with ten thousand runs, a few, and none.

``python -m benchmarks.runs_page`` starts an app for each history, opens the page in headless
Chromium in turns, each time as a new visitor, and prints the median of the seconds from the
address until the list stands (or the sentence that there is no run), and its difference to that
of the empty history.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from playwright.sync_api import Browser, sync_playwright

from benchmarks.run_history import ROWS, filled
from nn_core.runs.store import Store
from tests.e2e.conftest import CHROMIUM, CHROMIUM_OPTIONS
from tests.e2e.visitor import Server

HOME = "BACKPROP_LIVE_HOME"


def opened(browser: Browser, server: Server, runs: int) -> float:
    """Seconds until the page stands."""
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    page = context.new_page()
    begin = time.perf_counter()
    page.goto(f"{server.url}/runs")
    stands = page.get_by_text("No run yet") if not runs else page.get_by_text(f"of {runs:,} ·")
    stands.wait_for(timeout=60_000)
    if runs:
        page.get_by_test_id("stDataFrame").locator("canvas").first.wait_for(timeout=60_000)
    seconds = time.perf_counter() - begin
    context.close()
    return seconds


def main() -> None:
    """Make the histories, and open the page in turns."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--repeats", type=int, default=7)
    arguments = parser.parse_args()
    counts = (0, ROWS, arguments.runs)
    with ExitStack() as ends, tempfile.TemporaryDirectory() as folder, sync_playwright() as api:
        servers = {}
        for runs in counts:
            os.environ[HOME] = str(Path(folder) / str(runs))
            filled(Store(Path(os.environ[HOME])), runs).close()
            servers[runs] = Server()
            ends.callback(servers[runs].close)
        browser = api.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_OPTIONS)
        for runs, server in servers.items():
            opened(browser, server, runs)  # the first visitor of a server waits for its imports
        seconds: dict[int, list[float]] = {runs: [] for runs in counts}
        for _ in range(arguments.repeats):
            for runs, server in servers.items():
                seconds[runs].append(opened(browser, server, runs))
        browser.close()
    empty = statistics.median(seconds[0])
    for runs, found in seconds.items():
        median = statistics.median(found)
        print(
            f"{runs:>7,} runs: {median:.2f} s ({min(found):.2f} to {max(found):.2f}), "
            f"{median - empty:+.2f} s"
        )


if __name__ == "__main__":
    main()
