"""The frame: one moment of a run, packed as bytes for the live picture.

A panel holds the data of one part of the picture, as plain values and arrays; each kind has its own
file beside this one. `frame` combines panels, tiles and a status line and packs them. The size of
every panel is bounded for any network and data.
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
    """A labelled number above the picture; `value` is shown verbatim."""

    key: str
    label: str
    value: str
    unit: str
    help: str


class Status(TypedDict):
    """The state of the run, for the program and as text."""

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
    """Pack one moment of a run.

    Parameters
    ----------
    seq : int
        Sequence number of the tick; the picture requests the next frame after it has changed.
    moving : bool
        Whether another frame will follow.
    interval_ms : float
        Minimum time between two frames, in milliseconds.
    status : Status
        State of the run.
    tiles : sequence of Tile
        Numbers above the picture, left to right.
    panels : mapping of str to Panel or None
        Panels in drawing order; None is omitted. The names become ``data-panel``.
    address : str
        Path on this server from which the browser may request further frames.
    around : str
        State that the rest of the page depends on: when it changes, the picture requests a script
        run.

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
