"""Texts from elsewhere, so that nothing in them is taken for Markdown."""

from __future__ import annotations

_SIGNS = set("\\`*_[]()<>#$~:!|&")


def plain(text: object, most: int = 4000) -> str:
    r"""A text that Streamlit shows as it stands, cut to so many signs.

    Examples
    --------
    >>> print(plain("a *b* :red[c]"))
    a \*b\* \:red\[c\]
    """
    shown = str(text)
    shown = shown if len(shown) <= most else shown[: most - 1] + "…"
    signs = (sign if sign.isprintable() else " " for sign in shown)
    return "".join(f"\\{sign}" if sign in _SIGNS else sign for sign in signs)
