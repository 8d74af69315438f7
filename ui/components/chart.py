"""A chart, and its files: every chart of the app is drawn here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import streamlit as st

from nn_core.charts.chart_files import to_csv, to_picture
from nn_core.charts.parts import Spec

FILES: dict[str, tuple[str, str]] = {
    "PNG": ("image/png", "The chart as pixels, two to each of the screen's, on white."),
    "SVG": ("image/svg+xml", "The chart as shapes and text, on white: sharp at any size."),
    "CSV": ("text/csv", "The numbers that are drawn, one row each."),
}


def chart(
    table: pa.Table, spec: Spec, *, key: str, width: int | str = "stretch", **more: Any
) -> None:
    """Show a chart, and below it a button that hands it over as PNG, SVG or CSV.

    Parameters
    ----------
    table : pyarrow.Table
        What is drawn.
    spec : dict
        How; see `nn_core.charts`.
    key : str
        Identity of the chart; the files are named after it.
    width : int or str
        In pixels, or 'stretch'.
    **more
        Given to ``st.vega_lite_chart``.
    """
    with st.container(key=f"chart-{key}", gap=None):
        st.vega_lite_chart(table, spec, key=key, width=width, **more)  # type: ignore[arg-type]
        popover = st.popover(
            "Download", icon=":material/download:", type="tertiary", key=f"{key}.download",
            on_change="rerun", help="The chart as PNG or SVG, its data as CSV.",
        )  # fmt: skip
        if popover.open:
            with popover, st.container(horizontal=True):
                pixels = width if isinstance(width, int) else None
                for kind, (mime, help_text) in FILES.items():
                    st.download_button(
                        kind, _made(table, spec, kind, pixels), f"{key}.{kind.lower()}", mime,
                        key=f"{key}.download.{kind}", on_click="ignore", help=help_text,
                    )  # fmt: skip


def _made(table: pa.Table, spec: Spec, kind: str, width: int | None) -> Callable[[], bytes]:
    """Makes the file, once it is asked for."""
    if kind == "CSV":
        return lambda: to_csv(table)
    return lambda: to_picture(table, spec, "svg" if kind == "SVG" else "png", width)
