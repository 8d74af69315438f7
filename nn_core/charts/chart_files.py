"""A chart as files: its data as CSV, and the chart itself as PNG or SVG.

The picture is drawn from the same specification and the same rows as on the page, on white, by
vl-convert. That holds a JavaScript engine of some 170 MB, so it runs in a process of its own
(`nn_core.charts.converter`), which is gone afterwards.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa

from nn_core.charts.parts import Spec

ROOT = Path(__file__).resolve().parents[2]
WIDTH = 720
"""Of a chart that on the page is as wide as its place, in pixels."""

PATIENCE_SECONDS = 120.0
INK, GRID = "#31333f", "#e3e7ee"
PAPER: dict[str, Any] = {
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
"""Instead of the colours of a theme, which a page brings and a file does not."""

NAMING = {"color", "fill", "stroke", "strokeDash", "shape"}
"""Channels that tell words apart, and have a legend."""

Kind = Literal["png", "svg"]


def to_csv(table: pa.Table) -> bytes:
    r"""The rows of a chart, with a line of column names; what is missing stays empty.

    Examples
    --------
    >>> to_csv(pa.table({"step": [1, 2], "loss": [0.5, None]}))
    b'step,loss\n1,0.5\n2,\n'
    """
    text: str = table.to_pandas().to_csv(index=False, lineterminator="\n")
    return text.encode()


def whole_spec(table: pa.Table, spec: Spec, width: int | None = None) -> Spec:
    """The specification with its rows in it, as any tool for Vega-Lite takes it.

    Parameters
    ----------
    table : pyarrow.Table
        The rows.
    spec : dict
        Of the chart; it is left as it is.
    width : int, optional
        In pixels; by default that of the specification, or else `WIDTH`.
    """
    return {
        "width": width or WIDTH,
        **_with_domains(spec, table),
        "data": {"values": table.to_pylist()},
        "config": PAPER,
    }


def _with_domains(part: Any, table: pa.Table) -> Any:
    """The same, with the words of each colour, dash and shape written out.

    Otherwise this version of Vega-Lite makes a legend for each of them, where the layers of a
    chart take their rows in different ways; that of the page makes one.
    """
    if isinstance(part, list):
        return [_with_domains(each, table) for each in part]
    if not isinstance(part, dict):
        return part
    found = {name: _with_domains(each, table) for name, each in part.items()}
    for channel in NAMING & found.keys():
        named = found[channel]
        if not isinstance(named, dict) or named.get("type") != "nominal":
            continue
        field, scale = named.get("field"), named.get("scale") or {}
        if field in table.column_names and "domain" not in scale:
            words = table[field].drop_null().unique().to_pylist()
            in_order = words if "sort" in named and named["sort"] is None else sorted(words)
            found[channel] = {**named, "scale": {**scale, "domain": in_order}}
    return found


def to_picture(table: pa.Table, spec: Spec, kind: Kind, width: int | None = None) -> bytes:
    """The chart as a file.

    Parameters
    ----------
    table, spec, width
        See `whole_spec`.
    kind : {'png', 'svg'}
        Points with two pixels to each of the page's, or shapes and text.

    Raises
    ------
    RuntimeError
        If it cannot be drawn.
    """
    done = subprocess.run(
        [sys.executable, "-m", "nn_core.charts.converter", kind],
        cwd=ROOT,
        input=json.dumps(whole_spec(table, spec, width), allow_nan=False).encode(),
        capture_output=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    if done.returncode:
        lines = ["no reason given", *done.stderr.decode(errors="replace").splitlines()]
        reason = next(line for line in reversed(lines) if line and not line[0].isspace())
        raise RuntimeError(f"the chart could not be drawn: {reason}")
    return done.stdout
