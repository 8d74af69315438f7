"""The live picture: network, boundary, curves and rows, painted many times a second.

One custom HTML element, defined by the files beside this one. Streamlit sends a component's
code again with every frame; so the code travels in a component of its own, which never
changes and which the browser therefore keeps, and the component that changes is small.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import streamlit as st

_HERE = Path(__file__).parent
_SCRIPTS = (
    "wire.js",
    "paint.js",
    "network.js",
    "boundary.js",
    "square.js",
    "curve.js",
    "pictures.js",
    "tables.js",
    "reading.js",
    "editor.js",
    "view.js",
)


def _read(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


_SOURCE = "\n".join([f"const STYLE = {json.dumps(_read('network_view.css'))};"])
_SOURCE = "\n".join([_SOURCE, *map(_read, _SCRIPTS)])
_ELEMENT = f"live-view-{hashlib.sha256(_SOURCE.encode()).hexdigest()[:8]}"

_code = st.components.v2.component(
    "network_view_code",
    js=f"const ELEMENT = {json.dumps(_ELEMENT)};\n{_SOURCE}",
)
_view = st.components.v2.component(
    "network_view",
    html=f"<{_ELEMENT}></{_ELEMENT}>",
    js=f"""
export default function ({{ parentElement, data, setTriggerValue }}) {{
  customElements.whenDefined("{_ELEMENT}").then(() => {{
    const view = parentElement.querySelector("{_ELEMENT}");
    view?.show(data, setTriggerValue);
  }});
}}
""",
)


def network_view(
    frame: bytes,
    *,
    key: str,
    on_edit: Callable[[], None] | None = None,
    on_point: Callable[[], None] | None = None,
) -> None:
    """Show a frame, and ask for the next one where it says that there will be one.

    Each request reruns the fragment that this is called in. They come one at a time: the next
    only after the picture of the one before stands on the screen.

    Parameters
    ----------
    frame : bytes
        From `nn_core.charts.live.frame.frame`.
    key : str
        Names this picture on the page; the same at every call.
    on_edit : callable, optional
        Called when a weight or bias was edited: the session then holds under `key` an ``edit``
        with ``layer``, ``source`` (None for a bias), ``target``, ``value`` and ``number``.
    on_point : callable, optional
        Called when a point of the input square was chosen: a ``point`` with ``x1`` and ``x2``.
    """
    with st.container(gap=None):
        _code(key=f"{key}_code")
        _view(
            data=frame,
            key=key,
            on_tick_change=_nothing,
            on_edit_change=on_edit or _nothing,
            on_point_change=on_point or _nothing,
        )


def _nothing() -> None:
    pass
