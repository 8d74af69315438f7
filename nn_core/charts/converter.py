"""Program that converts a Vega-Lite specification on stdin to a PNG or SVG on stdout.

`nn_core.charts.chart_files` runs ``python -m nn_core.charts.converter svg`` in a separate
process.
"""

from __future__ import annotations

import sys

import vl_convert

PIXELS = 2.0
"""Pixels of a PNG per pixel of the page."""


def convert(spec: str, kind: str) -> bytes:
    """Render a JSON specification with inline data; network access is disabled."""
    if kind == "svg":
        return str(vl_convert.vegalite_to_svg(spec, allowed_base_urls=[])).encode()
    return bytes(vl_convert.vegalite_to_png(spec, scale=PIXELS, allowed_base_urls=[]))


def main() -> None:
    """Convert the specification on stdin to the format in the first argument."""
    sys.stdout.buffer.write(convert(sys.stdin.buffer.read().decode(), sys.argv[1]))


if __name__ == "__main__":
    main()
