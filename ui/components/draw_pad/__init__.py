"""A square to draw a digit in, and what a network makes of it.

Drawn with a mouse, a finger, a pen or the keyboard; the strokes stay with the browser until it has
asked for the answer, one question at a time. Code and data travel apart, as those of the live
picture do.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import streamlit as st

_HERE = Path(__file__).parent
_SHARED = _HERE.parent / "network_view"
_SCRIPTS = (
    _SHARED / "wire.js",
    _SHARED / "paint.js",
    _HERE / "strokes.js",
    _HERE / "answer.js",
    _HERE / "pad.js",
)

_STYLE = (_HERE / "draw_pad.css").read_text(encoding="utf-8")
_SOURCE = "\n".join(
    [
        f"const STYLE = {json.dumps(_STYLE)};",
        *(path.read_text(encoding="utf-8") for path in _SCRIPTS),
    ]
)
_ELEMENT = f"draw-pad-{hashlib.sha256(_SOURCE.encode()).hexdigest()[:8]}"

_code = st.components.v2.component(
    "draw_pad_code",
    js=f"const ELEMENT = {json.dumps(_ELEMENT)};\n{_SOURCE}",
)
_pad = st.components.v2.component(
    "draw_pad",
    html=f"<{_ELEMENT}></{_ELEMENT}>",
    js=f"""
export default function ({{ parentElement, data, setTriggerValue }}) {{
  customElements.whenDefined("{_ELEMENT}").then(() => {{
    const pad = parentElement.querySelector("{_ELEMENT}");
    pad?.show(data, setTriggerValue);
  }});
}}
""",
)


def draw_pad(answer: bytes, *, key: str, on_drawing: Callable[[], None]) -> None:
    """Show the square, and the answer to what was drawn.

    Parameters
    ----------
    answer : bytes
        From `nn_core.charts.live.drawing.drawing_answer`.
    key : str
        Names this pad on the page; the same at every call.
    on_drawing : callable
        Called when something was drawn: the session then holds under `key` a ``drawing`` with
        ``strokes`` (see `nn_core.explain.images.strokes.read_strokes`), ``centred``, ``width`` and
        a ``number`` that grows. The fragment that this is called in is run anew, and nothing else.
    """
    with st.container(gap=None):
        _code(key=f"{key}_code")
        _pad(data=answer, key=key, on_drawing_change=on_drawing)
