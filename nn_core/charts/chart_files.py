"""Export of charts: data as CSV, pictures as PNG or SVG.

vl-convert renders the specification and the rows of the page on a white background. It contains a
JavaScript engine of about 170 MB, so it runs in a short-lived process of its own
(`nn_core.charts.converter`).
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any, Literal

import pyarrow as pa

from nn_core import backends
from nn_core.charts.parts import Spec

WIDTH = 720
"""Width in pixels of a chart that has the width of its container on the page."""

TIMEOUT_SECONDS = 120.0
INK, GRID = "#31333f", "#e3e7ee"
FILE_THEME: dict[str, Any] = {
    "background": "white",
    "padding": 12,
    "font": "sans-serif",
    "view": {"stroke": None},
    "axis": {
        "labelColor": INK, "labelFontSize": 12, "titleColor": INK, "titleFontSize": 12,
        "titleFontWeight": 400, "titlePadding": 10, "gridColor": GRID, "domainColor": GRID,
        "tickColor": GRID,
    },
    "legend": {
        "labelColor": INK, "labelFontSize": 12, "titleColor": INK, "titleFontSize": 12,
        "titleFontWeight": 400,
    },
    "header": {"labelColor": INK, "titleColor": INK},
}  # fmt: skip
"""Fixed colours, because a file has no theme."""

CATEGORY_CHANNELS = {"color", "fill", "stroke", "strokeDash", "shape"}
"""Channels of nominal data that have a legend."""

Kind = Literal["png", "svg"]


def to_csv(table: pa.Table) -> bytes:
    r"""The rows of a chart as CSV with a header; missing values are empty.

    Examples
    --------
    >>> to_csv(pa.table({"step": [1, 2], "loss": [0.5, None]}))
    b'step,loss\n1,0.5\n2,\n'
    """
    text: str = table.to_pandas().to_csv(index=False, lineterminator="\n")
    return text.encode()


def self_contained_spec(table: pa.Table, spec: Spec, width: int | None = None) -> Spec:
    """The specification with inline data, for any Vega-Lite tool.

    Parameters
    ----------
    table : pyarrow.Table
        The rows.
    spec : dict
        Specification of the chart; it is not modified.
    width : int, optional
        Width in pixels; by default that of the specification, or else `WIDTH`.
    """
    return {
        "width": width or WIDTH,
        **_with_domains(spec, table),
        "data": {"values": table.to_pylist()},
        "config": FILE_THEME,
    }


def _with_domains(part: Any, table: pa.Table) -> Any:
    """Add explicit domains to the nominal scales of colour, dash and shape.

    Otherwise this version of Vega-Lite draws a legend for each channel of charts whose layers
    transform their rows differently; the version on the page draws one.
    """
    if isinstance(part, list):
        return [_with_domains(each, table) for each in part]
    if not isinstance(part, dict):
        return part
    found = {name: _with_domains(each, table) for name, each in part.items()}
    for channel in CATEGORY_CHANNELS & found.keys():
        named = found[channel]
        if not isinstance(named, dict) or named.get("type") != "nominal":
            continue
        field, scale = named.get("field"), named.get("scale") or {}
        if field in table.column_names and "domain" not in scale:
            words = table[field].drop_null().unique().to_pylist()
            in_order = words if "sort" in named and named["sort"] is None else sorted(words)
            found[channel] = {**named, "scale": {**scale, "domain": in_order}}
    return found


def to_image(table: pa.Table, spec: Spec, kind: Kind, width: int | None = None) -> bytes:
    """Render a chart as a PNG or SVG file.

    Parameters
    ----------
    table, spec, width
        See `self_contained_spec`.
    kind : {'png', 'svg'}
        Raster image with two pixels per page pixel, or vector graphics.

    Raises
    ------
    RuntimeError
        If rendering fails.
    """
    done = subprocess.run(
        [sys.executable, "-m", "nn_core.charts.converter", kind],
        cwd=backends.ROOT,
        input=json.dumps(self_contained_spec(table, spec, width), allow_nan=False).encode(),
        capture_output=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    if done.returncode:
        lines = ["no reason given", *done.stderr.decode(errors="replace").splitlines()]
        reason = next(line for line in reversed(lines) if line and not line[0].isspace())
        raise RuntimeError(f"the chart could not be drawn: {reason}")
    return done.stdout
