"""The chart component: every Vega-Lite chart of the app, with its downloads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import streamlit as st

from nn_core.charts.alt_text import alt_text
from nn_core.charts.chart_files import to_csv, to_image
from nn_core.charts.parts import Spec

FILES: dict[str, tuple[str, str]] = {
    "PNG": ("image/png", "The chart as pixels, two to each of the screen's, on white."),
    "SVG": ("image/svg+xml", "The chart as shapes and text, on white: sharp at any size."),
    "CSV": ("text/csv", "The numbers that are drawn, one row each."),
}


def chart(
    table: pa.Table,
    spec: Spec,
    *,
    key: str,
    width: int | str = "stretch",
    alt: str | None = None,
    **more: Any,
) -> None:
    """Show a chart, and below it a button to download it as PNG, SVG or CSV.

    Parameters
    ----------
    table : pyarrow.Table
        Data of the chart.
    spec : dict
        Specification of the chart; see `nn_core.charts`.
    key : str
        Key of the chart, and stem of the file names.
    width : int or str
        In pixels, or 'stretch'.
    alt : str, optional
        Alternative text, for those who do not see the chart; by default made from its data.
    **more
        Passed to ``st.vega_lite_chart``.
    """
    with st.container(key=f"chart-{key}", gap=None):
        st.vega_lite_chart(
            table, spec, key=key, width=width,  # type: ignore[arg-type]
            alt=alt or alt_text(table, spec), **more,
        )  # fmt: skip
        popover = st.popover(
            "Download", icon=":material/download:", type="tertiary", key=f"{key}.download",
            on_change="rerun", help="The chart as PNG or SVG, its data as CSV.",
        )  # fmt: skip
        if popover.open:
            with popover, st.container(horizontal=True):
                pixels = width if isinstance(width, int) else None
                for kind, (mime, help_text) in FILES.items():
                    st.download_button(
                        kind, _file_content(table, spec, kind, pixels),
                        f"{key}.{kind.lower()}", mime,
                        key=f"{key}.download.{kind}", on_click="ignore", help=help_text,
                    )  # fmt: skip


def _file_content(table: pa.Table, spec: Spec, kind: str, width: int | None) -> Callable[[], bytes]:
    """A function that creates the file on request."""
    if kind == "CSV":
        return lambda: to_csv(table)
    return lambda: to_image(table, spec, "svg" if kind == "SVG" else "png", width)
