"""The live picture: network, boundary, curves and rows, painted many times a second.

One custom HTML element. `live_view.js` takes the frames, `panel_grid.js` places the panels, and
each kind of panel has a folder.
"""

from __future__ import annotations

from collections.abc import Callable

from ui.components.custom_element import CustomElement

_element = CustomElement("network_view")


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
    _element.show(
        frame,
        key=key,
        on_tick_change=_nothing,
        on_edit_change=on_edit or _nothing,
        on_point_change=on_point or _nothing,
    )


def _nothing() -> None:
    pass
