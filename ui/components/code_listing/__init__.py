"""Programs to read: line numbers, colours, what changed, and two of them side by side.

Streamlit's own code block marks no lines. The words travel as data, and the browser puts them in
as text, so that whatever a name in them holds, it stays a name.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st
from pygments.lexers import PythonLexer
from pygments.token import Token

from nn_core.exchange.programs.changed_lines import Row
from ui.components.bundles import bundle

_HERE = Path(__file__).parent

_component = st.components.v2.component(
    "backprop_live_code",
    html=(_HERE / "code_listing.html").read_text(encoding="utf-8"),
    css=(_HERE / "code_listing.css").read_text(encoding="utf-8"),
    js=bundle("code_listing"),
)

# The first that fits decides.
_KINDS = (
    (Token.Comment, "comment"),
    (Token.Literal.String.Interpol, "interpolated"),
    (Token.Literal.String, "string"),
    (Token.Literal.Number, "figure"),
    (Token.Keyword, "keyword"),
    (Token.Operator.Word, "keyword"),
    (Token.Name.Function, "defined"),
    (Token.Name.Class, "defined"),
    (Token.Name.Decorator, "defined"),
    (Token.Name.Builtin, "builtin"),
)


@dataclass(frozen=True)
class Pane:
    """A program to show.

    Attributes
    ----------
    name : str
        What it is called, in a word or two.
    label : str
        What stands above it.
    text : str
        The program.
    changed : tuple of int
        Numbers of lines, from 1, that are marked as changed.
    """

    name: str
    label: str
    text: str
    changed: tuple[int, ...] = ()


def code_listing(panes: Sequence[Pane], rows: Sequence[Row], settings: str, *, key: str) -> None:
    """Show a program, or two of them side by side.

    Parameters
    ----------
    panes : sequence of Pane
        One, or left and right.
    rows : sequence of Row
        What stands beside each other; not looked at where there is one program.
    settings : str
        What changed the lines that changed.
    key : str
        Names this view on the page.
    """
    lines = [_highlighted(pane.text) for pane in panes]
    shown: list[list[dict[str, Any] | None]]
    if len(panes) == 1:
        shown = [[_cell(panes[0], number, lines[0])] for number in range(1, len(lines[0]) + 1)]
    else:
        shown = [
            [
                _cell(pane, line.number, words, differs=not row.is_same) if line else None
                for pane, line, words in zip(panes, (row.left, row.right), lines, strict=True)
            ]
            for row in rows
        ]
    data = {
        "panes": [{"label": pane.label, "text": pane.text} for pane in panes],
        "rows": shown,
        "change": _change(panes, settings),
    }
    version = hashlib.sha256(json.dumps(data).encode()).hexdigest()[:16]
    _component(key=key, data={**data, "version": version})


def _cell(pane: Pane, number: int, lines: list[Any], *, differs: bool = False) -> dict[str, Any]:
    is_changed = number in pane.changed
    words = lines[number - 1]
    return {"number": number, "words": words, "changed": is_changed, "differs": differs}


def _change(panes: Sequence[Pane], settings: str) -> dict[str, Any] | None:
    """How many lines changed, in words, and where they are; None where there are none."""
    count = sum(len(pane.changed) for pane in panes)
    if not count:
        return None
    return {
        "said": f"{count} {'line' if count == 1 else 'lines'} changed by {settings}",
        "places": [
            {"name": pane.name if len(panes) > 1 else "", "ranges": ranges(pane.changed)}
            for pane in panes
        ],
    }


def ranges(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Numbers in order, as first and last of each run of them.

    Examples
    --------
    >>> ranges([3, 7, 8, 9])
    [(3, 3), (7, 9)]
    """
    found: list[tuple[int, int]] = []
    for number in numbers:
        if found and number == found[-1][1] + 1:
            found[-1] = found[-1][0], number
        else:
            found.append((number, number))
    return found


def _highlighted(text: str) -> list[list[tuple[str, str]]]:
    """The words of each line, each with its kind."""
    lines: list[list[tuple[str, str]]] = [[]]
    for kind, words in _words(text):
        first, *others = words.split("\n")
        if first:
            lines[-1].append((kind, first))
        for other in others:
            lines.append([(kind, other)] if other else [])
    return lines[: len(text.splitlines())]


def _words(text: str) -> Iterator[tuple[str, str]]:
    for token, words in PythonLexer(stripnl=False).get_tokens(text):
        yield next((kind for family, kind in _KINDS if token in family), ""), words
