"""A visitor of the pages."""

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from nn_core import server
from tests.helpers.root import ROOT
from tests.ui.page_visitor import Visitor


def fast_app() -> AppTest:
    """The app, not yet drawn, training as fast as it can."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
    for page in ("gates", "bits"):  # whose speed is one to watch at
        app.session_state[f"{page}.form.speed"] = None
    return app


@pytest.fixture
def visitor(monkeypatch) -> Iterator[Visitor]:
    """A visitor, on the page Gates; the pool ends with the test."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(server, "_pool", None)
    yield Visitor(fast_app()).look_again()
    server.get_pool().close()


@pytest.fixture
def slowly(visitor) -> None:
    """Let page Gates train at a speed to watch at, so that a run is not over in a blink."""
    visitor.set("Speed limit, steps/s", 300.0)
