"""A server and a visitor's page, by the words that are on it."""

from __future__ import annotations

import contextlib
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil

from tests.helpers.root import ROOT

try:
    from playwright.sync_api import Error as PlaywrightError
    from playwright.sync_api import TimeoutError as PlaywrightTimeout
    from playwright.sync_api import expect
except ImportError:  # the fixture `browser` says so
    PlaywrightError = PlaywrightTimeout = Exception  # type: ignore[assignment,misc]
    expect = None  # type: ignore[assignment]

from tests.helpers.views import GROUP_OF

WITHOUT_PICTURE = ("compare", "convergence", "recipes", "pathologies")
PATIENCE = 60_000  # milliseconds to wait for a fact; a busy machine is slow, not wrong
if expect:
    expect.set_options(timeout=PATIENCE)

SCRIPT_STATE = "document.querySelector('[data-testid=stApp]')?.dataset.testScriptState"

FIRST_FRAME = """(view, bias) => new Promise((resolve) => {
  const panel = (name) => view.parentElement.frame.panels.find((panel) => panel.name === name);
  const field = () => panel("boundary").arrays.field.values;
  const before = Array.from(field());
  let begin = performance.now();
  addEventListener("keydown", () => { begin = performance.now(); }, { capture: true, once: true });
  const look = () => {
    const biases = Object.entries(panel("network").arrays).filter(([name]) => /^bias/.test(name));
    if (Math.abs(biases.at(-1)[1].values[0] - bias) > 1e-6) return requestAnimationFrame(look);
    const moved = field().reduce((sum, value, i) => sum + (Math.abs(value - before[i]) > 1e-6), 0);
    resolve({ share: moved / before.length, seconds: (performance.now() - begin) / 1000 });
  };
  look();
})"""
"""Resolves with the first frame that has this output bias: the share of the square that moved."""


FROM_SOURCE = (sys.executable, "-m", "streamlit", "run", "app.py")
"""The command that starts the app in the project's folder."""


class Server:
    """The app, on a port of its own, perhaps below a folder of the server.

    Parameters
    ----------
    base : str
        The folder of the server, with a leading slash.
    command : sequence of str
        What starts it, without the options.
    folder : path
        Where the command is given.
    """

    def __init__(
        self, base: str = "", command: Sequence[str] = FROM_SOURCE, folder: Path = ROOT
    ) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}{base}"
        self.process = subprocess.Popen(
            [*command, "--server.headless=true", f"--server.port={self.port}",
             "--server.address=127.0.0.1", f"--server.baseUrlPath={base}"],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.until_it_answers()

    def until_it_answers(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=5).close()
                return
            time.sleep(0.1)
        raise AssertionError("the server does not answer")

    def workers(self) -> list[psutil.Process]:
        """The worker processes, newest last."""
        found = []
        for child in psutil.Process(self.process.pid).children():
            with contextlib.suppress(psutil.Error):
                if "nn_core.runs.workers.worker" in child.cmdline():
                    found.append(child)
        return sorted(found, key=lambda worker: worker.create_time())

    def close(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class App:
    """One visitor's page, by the words that are on it."""

    def __init__(self, page, server: Server) -> None:
        self.page = page
        self.server = server
        self.errors: list[str] = []
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def open(self, path: str = "") -> App:
        """Open a page and wait until its picture stands, or its button, or its answers."""
        self.page.goto(f"{self.server.url}/{path}")
        if path.startswith(WITHOUT_PICTURE):
            self.page.get_by_role(
                "button", name=re.compile("^(Train|Open on|Show it)")
            ).first.wait_for()
        elif path.startswith("runs"):
            self.page.get_by_role("heading", name="Runs", level=1).wait_for()
        else:
            self.picture.or_(self.answers).wait_for()
        return self

    @property
    def picture(self):
        return self.page.locator(".view[data-seq]")

    @property
    def answers(self):
        """The table of the page Autodiff."""
        return self.page.locator(".st-key-autodiff-answers table")

    def tile(self, key: str) -> str:
        """The number in a tile, as it is written."""
        return self.page.locator(f'[data-tile="{key}"] .value').inner_text()

    def number(self, key: str) -> float:
        """The number in a tile."""
        return float(self.tile(key).replace(",", "").replace("–", "nan"))

    @property
    def state(self) -> str:
        return self.picture.get_attribute("data-state") or ""

    @property
    def message(self) -> str:
        return self.page.locator(".status .message").or_(self.answers).inner_text()

    @property
    def text(self) -> str:
        """All that the page and its sidebar say, for the message of a test that fails."""
        parts = self.page.locator('[data-testid="stMain"], [data-testid="stSidebar"]')
        return " | ".join(" ".join(part.split()) for part in parts.all_inner_texts())

    @property
    def messages(self) -> str:
        """What all pictures say; empty where there is none."""
        return "; ".join(self.page.locator(".status .message").all_inner_texts())

    def table(self) -> list[list[str]]:
        """The cells of the first table on the page, row by row."""
        return (
            self.page.get_by_test_id("stTable")
            .first.locator("tr")
            .evaluate_all(
                "rows => rows.map(row => [...row.children].map(cell => cell.innerText.trim()))"
            )
        )

    def until(self, is_true: Callable[[], bool], what: str, seconds: float = PATIENCE / 1000):
        """Wait for a fact."""
        deadline = time.monotonic() + seconds
        while not self._holds(is_true):
            assert time.monotonic() < deadline, f"{what}; the page says: {self.text}"
            time.sleep(0.03)

    @staticmethod
    def _holds(is_true: Callable[[], bool]) -> bool:
        """Whether a fact holds; while a part of the page is drawn anew it may be there twice."""
        try:
            return is_true()
        except PlaywrightError as error:
            if "strict mode violation" not in error.message:
                raise
            return False

    def until_state(self, *states: str, seconds: float = PATIENCE / 1000):
        """Wait until the run is in one of these states."""
        self.until(lambda: self.state in states, f"the state never was {states}", seconds)

    def press(self, label: str) -> None:
        """Click a button of the transport bar."""
        # Streamlit has a Stop of its own, in its header.
        main = self.page.get_by_test_id("stMain")
        main.get_by_role("button", name=re.compile(rf"^{label}\b")).click()

    def choose(self, key: str, option: str) -> None:
        """Choose an option of a list in the form."""
        box = self.widget(key)
        if box.locator("input").input_value() == option:
            return
        # In the middle of the window, so that its list has room to open.
        box.evaluate("box => box.scrollIntoView({block: 'center'})")
        wanted = self.page.get_by_role("option", name=option, exact=True)
        self.until(lambda: self._opens(box, wanted), f"the list {key} does not open")
        wanted.click()
        self.settle()
        expect(box.locator("input")).to_have_value(option)

    def _opens(self, box, option) -> bool:
        """Click on a list; a click on one that is still sliding into its place is lost."""
        if not option.is_visible():
            box.locator("input").click()
            self.page.wait_for_timeout(300)
        return option.is_visible()

    def unfold(self, title: str) -> None:
        """Open a part of the page that is folded."""
        part = self.page.locator("details").filter(has=self.page.get_by_text(title, exact=True))

        def is_open() -> bool:
            if part.get_attribute("open") is None:
                part.locator("summary").click()
                self.settle()
            return part.get_attribute("open") is not None

        self.until(is_open, f"{title} stays folded")

    def open_view(self, page: str, name: str) -> None:
        """Open a view below the picture by its buttons: its group's, and then its own."""
        self.widget(f"{page}.form.views").get_by_text(GROUP_OF[name], exact=True).first.click()
        self.settle()
        self.widget(f"{page}.form.view").get_by_text(name, exact=True).first.click()
        self.settle()

    def type_number(self, key: str, value: float | str) -> None:
        """Type a number into a field of the form."""
        field = self.widget(key).locator("input")

        if isinstance(value, str):  # something that the field may refuse
            field.fill(value)
            field.press("Enter")
            self.settle()
            return

        def stands() -> bool:
            """What is typed while the page is drawn anew can be lost: a visitor types again."""
            if float(field.input_value() or "nan") != value:
                field.fill(str(value))
                field.press("Enter")
                self.settle()
            return float(field.input_value() or "nan") == value

        self.until(stands, f"{key} does not take {value}")
        self.settle()
        self.until(stands, f"{key} does not keep {value}")

    def slide(self, key: str, label: str) -> None:
        """Move a slider to the value that reads `label`, by the keyboard."""
        thumb = self.widget(key).locator('[role="slider"], input[type="range"]').first
        shown = self.widget(key).get_by_test_id("stSliderThumbValue")
        for press in ["Home"] + 200 * ["ArrowRight"]:
            thumb.focus()
            before = shown.inner_text()
            thumb.press(press)
            with contextlib.suppress(AssertionError):  # at its end, or the press was lost: again
                self.until(lambda before=before: shown.inner_text() != before, "", seconds=1)
            if shown.inner_text() == label:
                # It tells the server after a moment of its own: a click in between is cut off.
                with contextlib.suppress(PlaywrightTimeout):
                    self.page.wait_for_function(f"{SCRIPT_STATE} === 'running'", timeout=1000)
                self.settle()
                return
        raise AssertionError(f"the slider {key} has no value {label}")

    def widget(self, key: str):
        """A widget by its key."""
        return self.page.locator(".st-key-" + re.sub(r"[^\w-]", "-", key))

    def top(self, key: str) -> int:
        """How far below the beginning of the page a widget or part of it stands, in pixels."""
        return round(
            self.widget(key).evaluate(
                "part => part.getBoundingClientRect().top"
                " + part.closest('[data-testid=stMain]').scrollTop"
            )
        )

    def bar_lines(self, page: str) -> int:
        """On how many lines the buttons of the transport bar stand."""
        bottoms = self.widget(f"{page}-transport").evaluate(
            "bar => [...bar.children].map(part => Math.round(part.getBoundingClientRect().bottom))"
        )
        return len(set(bottoms))

    def until_no_wider_than_the_window(self) -> None:
        """Wait until the page does not scroll sideways."""
        fits = "document.documentElement.scrollWidth <= innerWidth"
        self.until(lambda: self.page.evaluate(fits), "the page is wider than the window")

    def settle(self) -> None:
        """Wait until the server has answered."""
        self.page.wait_for_function(f"{SCRIPT_STATE} !== 'running'")

    def rows(self) -> list[str]:
        """What the table says of each row: right or wrong."""
        return self.page.locator("tr[data-row]").evaluate_all(
            "rows => rows.map(row => row.querySelector('.mark').textContent)"
        )

    def rows_are_right(self) -> bool:
        rows = self.rows()
        return bool(rows) and all("right" in row for row in rows)

    def params(self) -> list[tuple[list[list[float]], list[float]]]:
        """Weights and biases of each layer, as the page's text gives them, to the last digit."""
        cells = self.page.locator(".reading td[data-layer]").evaluate_all(
            "cells => cells.map(({dataset}) => ({...dataset}))"
        )
        layers: list[tuple[list[list[float]], list[float]]] = []
        for layer in range(1 + max(int(cell["layer"]) for cell in cells)):
            of_layer = [cell for cell in cells if int(cell["layer"]) == layer]
            rows: dict[str, list[float]] = {}
            for cell in of_layer:
                rows.setdefault(cell["source"], []).append(float(cell["value"]))
            bias = rows.pop("bias")
            layers.append((list(rows.values()), bias))
        return layers

    def outputs(self) -> list[list[float]]:
        """What the table of rows says that the backend answers, to the last digit."""
        found = self.page.locator("tr[data-row]").evaluate_all(
            "rows => rows.map(row => row.dataset.output)"
        )
        return [[float(value) for value in row.split()] for row in found]

    def canvas(self, panel: str):
        """The canvas of a panel."""
        return self.page.locator(f'[data-panel="{panel}"] canvas')

    def set_output_bias(self, value: float, hidden_layers: int) -> dict[str, float]:
        """Set the bias of a single output by keys, in a pause; see `FIRST_FRAME`."""
        self.canvas("network").focus()
        self.page.keyboard.press("Escape")
        for key in ["ArrowRight"] * 2 * (hidden_layers + 1) + ["ArrowDown"]:
            self.page.keyboard.press(key)
        self.until(lambda: ": bias" in self.tooltip("network"), "the keys lead elsewhere")
        self.page.keyboard.press("Enter")
        field = self.page.locator(".editor input")
        field.fill(str(value))
        script = f"view => ({{ found: ({FIRST_FRAME})(view, {value}) }})"
        handle = self.picture.evaluate_handle(script)
        field.press("Enter")
        found: dict[str, float] = handle.evaluate("({ found }) => found")
        return found

    def tooltip(self, panel: str) -> str:
        """What stands beside the thing that is pointed at; empty where nothing does."""
        tooltip = self.page.locator(f'[data-panel="{panel}"] .tooltip')
        return tooltip.inner_text() if tooltip.is_visible() else ""

    def pixels(self, panel: str) -> str:
        """The picture itself, to be compared with another moment's."""
        return str(self.canvas(panel).evaluate("canvas => canvas.toDataURL()"))

    @property
    def alerts(self) -> str:
        return "\n".join(self.page.get_by_test_id("stAlert").all_inner_texts())
