"""Rows of small pictures with captions."""

from __future__ import annotations

import html
import io
from base64 import b64encode
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import streamlit as st
from PIL import Image

from nn_core.charts.live.panel import centred_bytes

Array = np.ndarray

SIGN_COLOURS = {"light": ((0, 114, 178), (213, 94, 0)), "dark": ((86, 180, 233), (255, 145, 40))}
"""Blue for positive and orange for negative, as in the live picture."""

THEME_COLOURS = {"light": ((255, 255, 255), (26, 28, 36)), "dark": ((14, 17, 23), (250, 250, 250))}
"""For each theme: the colour of the background, and the colour of full ink."""


class Figure(NamedTuple):
    """A picture with its caption.

    Attributes
    ----------
    source : str
        The picture as a data URI.
    title : str
        The first line, in bold.
    lines : tuple of str
        Further lines of the caption.
    alt : str
        Description for screen readers.
    """

    source: str
    title: str
    lines: tuple[str, ...] = ()
    alt: str = ""


def ink(shares: Array) -> str:
    """An image as a data URI, in the colours of the visitor's theme.

    Parameters
    ----------
    shares : ndarray of shape (height, width)
        0 is the background and 1 full ink.
    """
    ground, full = (np.array(colour, float) for colour in THEME_COLOURS[_theme()])
    grey = np.nan_to_num(np.asarray(shares, float)).clip(0, 1)[..., None]
    return _uri(ground + grey * (full - ground))


def signed(values: Array, reach: float) -> str:
    """A matrix as a data URI: blue for positive and orange for negative values.

    Parameters
    ----------
    values : ndarray of shape (height, width)
        NaN is drawn as 0.
    reach : float
        The absolute value of full colour.
    """
    ground = np.array(THEME_COLOURS[_theme()][0], float)
    centred = (centred_bytes(values, reach).astype(float) - 127) / 127
    colours = np.where(centred[..., None] > 0, *SIGN_COLOURS[_theme()])
    return _uri(ground + np.abs(centred)[..., None] * (colours - ground))


def figures(shown: Sequence[Figure], size: str = "5.5rem", room: str = "6.25rem") -> None:
    """Show pictures in rows that fill the available width.

    Parameters
    ----------
    shown : sequence of Figure
        The pictures in order.
    size : str
        Width of a picture, in CSS units.
    room : str
        Minimum width of the caption, in CSS units.
    """
    style = f"--size: {size}; --room: {room}"
    st.html(f'<div class="figures" style="{style}">{"".join(map(_figure, shown))}</div>')


def _figure(figure: Figure) -> str:
    lines = "".join(f"<span>{html.escape(line)}</span>" for line in figure.lines)
    return (
        f'<figure><img src="{figure.source}" alt="{html.escape(figure.alt or figure.title)}">'
        f"<figcaption><b>{html.escape(figure.title)}</b>{lines}</figcaption></figure>"
    )


def _theme() -> str:
    return "dark" if st.context.theme.type == "dark" else "light"


def _uri(colours: Array) -> str:
    file = io.BytesIO()
    Image.fromarray(np.rint(colours).astype(np.uint8)).save(file, "PNG")
    return f"data:image/png;base64,{b64encode(file.getvalue()).decode()}"
