"""A square to draw a digit in, and what a network makes of it.

Drawn with a mouse, a finger, a pen or the keyboard; the strokes stay with the browser until it asks
for the answer, one question at a time.
"""

from __future__ import annotations

from collections.abc import Callable

from ui.components.custom_element import CustomElement

_element = CustomElement("draw_pad")


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
    _element.show(answer, key=key, on_drawing_change=on_drawing)
