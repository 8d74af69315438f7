"""Programs to read: line numbers, colours, what changed, and two of them side by side.

Streamlit's own code block marks no lines. The words travel as data, and the browser puts them in
as text, so that whatever a name in them holds, it stays a name.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import streamlit as st
from pygments.lexers import PythonLexer
from pygments.token import Token

from nn_core.export.comparison import Line, Row

_HERE = Path(__file__).parent

_component = st.components.v2.component(
    "backprop_live_code",
    html='<div class="code"></div>',
    css=(_HERE / "code_view.css").read_text(encoding="utf-8"),
    js=(_HERE / "code_view.js").read_text(encoding="utf-8"),
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


def code_view(label: str, text: str, changed: Collection[int], *, key: str) -> None:
    """Show a program.

    Parameters
    ----------
    label : str
        What stands above it.
    text : str
        The program.
    changed : collection of int
        Numbers of lines, from 1, that are marked as changed.
    key : str
        Names this view on the page.
    """
    lines = _highlighted(text)
    rows = [[_cell(i, lines, "changed" if i in changed else "")] for i in range(1, len(lines) + 1)]
    _show([(label, text)], rows, key)


def comparison_view(panes: list[tuple[str, str]], rows: list[Row], *, key: str) -> None:
    """Show two programs side by side.

    Parameters
    ----------
    panes : list of (label, text)
        Left and right.
    rows : list of Row
        What stands beside each other.
    key : str
        Names this view on the page.
    """
    left, right = (_highlighted(text) for _, text in panes)
    shown = []
    for row in rows:
        mark = "" if row.is_same else "differs"
        shown.append([_side(row.left, left, mark), _side(row.right, right, mark)])
    _show(panes, shown, key)


def _show(panes: list[tuple[str, str]], rows: list[list[Any]], key: str) -> None:
    data = {"panes": [{"label": label, "text": text} for label, text in panes], "rows": rows}
    version = hashlib.sha256(json.dumps(data).encode()).hexdigest()[:16]
    _component(key=key, data={**data, "version": version})


def _side(line: Line | None, lines: list[Any], mark: str) -> dict[str, Any] | None:
    return None if line is None else _cell(line.number, lines, mark)


def _cell(number: int, lines: list[Any], mark: str) -> dict[str, Any]:
    return {"number": number, "words": lines[number - 1], "mark": mark}


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
