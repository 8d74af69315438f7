"""A visitor of a page without a browser, by the words on it.

`tests/e2e/visitor.py` is a visitor with a browser.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from nn_core.charts.live.packing import unpack
from nn_core.runs.run import Run
from tests.helpers.views import GROUP_OF


class Visitor:
    """One visitor: opens pages, sets controls, presses buttons, waits, and reads.

    Whatever a visitor does is followed by a look at the page, which must show no exception.

    Parameters
    ----------
    app : streamlit.testing.v1.AppTest
        The app. It opens on the page Gates.
    """

    def __init__(self, app) -> None:
        self.app = app
        self.page = "gates"

    # What a visitor does.

    def open(self, page: str, query: Mapping[str, Any] | None = None) -> Visitor:
        """Open a page, by a link with a query where there is one."""
        for name, text in (query or {}).items():
            self.app.query_params[name] = text
        self.page = page
        self.app.switch_page(f"pages/{page}.py")
        return self.look_again()

    def look_again(self) -> Visitor:
        """Let the page be drawn once more, as a browser does while a run goes on."""
        self.app.run()
        assert not self.app.exception, [found.value for found in self.app.exception]
        return self

    def set(self, label: str, value: Any, of: str = "") -> None:
        """Set a control."""
        self.control(label, of).set_value(value)
        self.look_again()

    def press(self, label: str, of: str = "") -> None:
        """Press a button."""
        self.button(label, of).click()
        self.look_again()

    def upload(self, label: str, name: str, content: bytes) -> None:
        """Give a file to a field for files."""
        self.control(label).upload(name, content)
        self.look_again()

    def open_view(self, name: str) -> None:
        """Open a view below the picture by its buttons: its group's, and then its own."""
        self.set("Kind of view", GROUP_OF[name])
        self.set("Details", name)
        assert self.session[f"{self.page}.form.view"] == name, f"{self.page} does not offer {name}"

    def train(self, seconds: float = 30) -> Run:
        """Train to the end."""
        self.press("Train")
        self.until_over(seconds)
        return self.run

    # What a visitor waits for.

    def until(self, is_true: Callable[[Run], Any], seconds: float = 30) -> None:
        """Wait for a fact about the run of the page."""
        deadline = time.monotonic() + seconds
        while not is_true(self.run):
            assert time.monotonic() < deadline, self.run.state
            time.sleep(0.05)
        self.look_again()

    def until_over(self, seconds: float = 30) -> None:
        """Wait for the end of the run."""
        self.until(lambda run: run.is_over, seconds)

    # What a visitor finds.

    def control(self, label: str, of: str = ""):
        """The control with this label.

        Parameters
        ----------
        label : str
        of : str
            One of the words in the key of the control, where several have the same label.
        """
        found = [part for part in self._parts(of) if getattr(part, "label", None) == label]
        assert len(found) == 1, f"{len(found)} controls {label}; there are {self._labels()}"
        return found[0]

    def button(self, label: str, of: str = ""):
        """The button that reads `label`, or begins with that word."""
        buttons = [part for part in self._parts(of) if part.type == "button"]
        exact = [button for button in buttons if button.label == label]
        begins = [button for button in buttons if re.match(rf"{re.escape(label)}\b", button.label)]
        found = exact or begins
        assert len(found) == 1, f"{len(found)} buttons {label}; there are {self._labels()}"
        return found[0]

    def offers(self, label: str) -> bool:
        """Whether the page has a control or a button with this label."""
        return label in self._labels()

    def _parts(self, of: str = "") -> list:
        """All that has a key, the sidebar first."""
        parts = [*self.app.sidebar, *self.app.main]
        keyed = [part for part in parts if getattr(part, "key", None)]
        return [part for part in keyed if not of or of in part.key.split(".")]

    def _labels(self) -> list[str]:
        return [part.label for part in self._parts() if getattr(part, "label", "")]

    # What a visitor reads.

    @property
    def run(self) -> Run:
        """The run of the page."""
        return self.session[f"{self.page}.run"]

    @property
    def experiment(self):
        """What the form of the page holds."""
        return self.session[f"{self.page}.valid"]

    @property
    def session(self):
        """What the app remembers of this visitor."""
        return self.app.session_state

    @property
    def captions(self) -> str:
        return self._joined("caption")

    @property
    def markdown(self) -> str:
        return self._joined("markdown")

    @property
    def infos(self) -> str:
        return self._joined("info")

    @property
    def warnings(self) -> str:
        return self._joined("warning")

    @property
    def errors(self) -> str:
        return self._joined("error")

    def texts(self, kind: str = "caption") -> list[str]:
        """Each text of one kind: caption, markdown, info, warning, error, title, code and so on."""
        return [found.value for found in self.app.get(kind)]

    def _joined(self, *kinds: str) -> str:
        return "\n".join(text for kind in kinds for text in self.texts(kind))

    @property
    def everything(self) -> str:
        """All sentences and numbers of the page."""
        return self._joined("error", "warning", "markdown", "caption", "metric")

    @property
    def metrics(self) -> dict[str, str]:
        """The numbers with a label, below the picture."""
        return {metric.label: metric.value for metric in self.app.metric}

    @property
    def table(self):
        """The first table."""
        return self.tables[0]

    @property
    def tables(self) -> list:
        return [found.value for found in self.app.table]

    @property
    def figures(self) -> str:
        """The figures on the page, as HTML."""
        return "".join(part.body for part in self.app.get("html") if "figure" in part.body)

    def code(self) -> dict[str, Any]:
        """What the view Code gives the browser: panes, rows and what changed."""
        views = [found.proto for found in self.app.get("bidi_component")]
        (view,) = [view for view in views if "backprop_live_code" in view.component_name]
        return json.loads(view.json)

    def program(self) -> str:
        """The program in the first pane of the view Code."""
        return self.code()["panes"][0]["text"]

    def address(self) -> dict[str, str] | None:
        """The query that the page writes into its address; None where it leaves it alone."""
        parts = (part.proto for part in self.app.get("bidi_component"))
        found = next((part for part in parts if f"{self.page}-address" in part.id), None)
        if found is None:
            return None
        data = json.loads(found.json)
        assert data["page"] == self.page
        return dict(parse_qsl(data["query"], strict_parsing=bool(data["query"])))

    def picture(self):
        """Tiles and panels by their names, arrays, and the head of the picture."""
        head, arrays = unpack(self.session[f"{self.page}.picture"].frame())
        tiles = {tile["key"]: tile["value"] for tile in head["tiles"]}
        panels = {panel["name"]: panel for panel in head["panels"]}
        return tiles, panels, arrays, head
