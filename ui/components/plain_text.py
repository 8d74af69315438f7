"""Escaping of external text, so that Streamlit does not interpret it as Markdown."""

from __future__ import annotations

_SIGNS = set("\\`*_[]()<>#$~:!|&")


def plain(text: object, most: int = 4000) -> str:
    r"""Escape a text for Markdown and cut it to at most `most` characters.

    Examples
    --------
    >>> print(plain("a *b* :red[c]"))
    a \*b\* \:red\[c\]
    """
    shown = str(text)
    shown = shown if len(shown) <= most else shown[: most - 1] + "…"
    signs = (sign if sign.isprintable() else " " for sign in shown)
    return "".join(f"\\{sign}" if sign in _SIGNS else sign for sign in signs)
