"""The program that turns a Vega-Lite specification on stdin into a PNG or an SVG on stdout.

``python -m nn_core.charts.converter svg``, in a process of its own; see
`nn_core.charts.chart_files`.
"""

from __future__ import annotations

import sys

import vl_convert

PIXELS = 2.0
"""Of a PNG, to each pixel of the page."""


def convert(spec: str, kind: str) -> bytes:
    """Draw a specification, as JSON, with its rows in it; nothing is fetched from anywhere."""
    if kind == "svg":
        return str(vl_convert.vegalite_to_svg(spec, allowed_base_urls=[])).encode()
    return bytes(vl_convert.vegalite_to_png(spec, scale=PIXELS, allowed_base_urls=[]))


def main() -> None:
    """Convert what comes in."""
    sys.stdout.buffer.write(convert(sys.stdin.buffer.read().decode(), sys.argv[1]))


if __name__ == "__main__":
    main()
