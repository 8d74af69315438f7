"""The frame: one moment of a run, as the bytes that the live picture is drawn from.

A panel is what one part of the picture needs, as plain values and arrays; each has a file of
its own beside this one. `frame` joins panels, tiles and a status line and packs them. Every panel
is bounded in size, whatever the network and the data are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypedDict

from nn_core.charts.live.boundary_panel import boundary_panel
from nn_core.charts.live.curve_panel import Series, curve_panel
from nn_core.charts.live.examples_panel import examples_panel
from nn_core.charts.live.network_panel import network_panel
from nn_core.charts.live.packing import pack
from nn_core.charts.live.panel import Panel
from nn_core.charts.live.pictures_panel import pictures_panel
from nn_core.charts.live.table_panel import TABLE_ROWS, table_panel

__all__ = [
    "TABLE_ROWS",
    "Panel",
    "Series",
    "State",
    "Status",
    "Tile",
    "boundary_panel",
    "curve_panel",
    "examples_panel",
    "frame",
    "network_panel",
    "pictures_panel",
    "table_panel",
]

State = Literal["idle", "queued", "loading", "running", "paused", "finished", "failed", "stopped"]


class Tile(TypedDict, total=False):
    """A number with its name, above the picture. `value` is shown as it is written."""

    key: str
    label: str
    value: str
    unit: str
    help: str


class Status(TypedDict):
    """What the run is doing, in a word for the program and a sentence for people."""

    state: State
    text: str


def frame(
    *,
    seq: int,
    moving: bool,
    interval_ms: float,
    status: Status,
    tiles: Sequence[Tile] = (),
    panels: Mapping[str, Panel | None],
    address: str = "",
    around: str = "",
) -> bytes:
    """One moment of a run, packed.

    Parameters
    ----------
    seq : int
        Another number at each tick: the picture asks for the next frame when it has changed.
    moving : bool
        Whether there will be a next frame.
    interval_ms : float
        Time from one frame to the next, at least.
    status : Status
        What the run is doing.
    tiles : sequence of Tile
        Numbers above the picture, left to right.
    panels : mapping of str to Panel or None
        In the order they are drawn; None is left out. The names become ``data-panel``.
    address : str
        Where the browser may ask for further frames, on this server.
    around : str
        What the page around the picture depends on: when it changes, the picture asks for a
        script run.

    Returns
    -------
    packed : bytes
        See `pack`.
    """
    shown = {name: panel for name, panel in panels.items() if panel is not None}
    head = {
        "seq": seq,
        "moving": moving,
        "interval_ms": interval_ms,
        "address": address,
        "around": around,
        "status": dict(status),
        "tiles": [dict(tile) for tile in tiles],
        "panels": [{"name": name, **panel.head} for name, panel in shown.items()],
    }
    arrays = {
        f"{name}/{array_name}": array
        for name, panel in shown.items()
        for array_name, array in panel.arrays.items()
    }
    exact = {
        f"{name}/{exact}" for name, panel in shown.items() for exact in panel.head.get("exact", ())
    }
    return pack(head, arrays, exact)
