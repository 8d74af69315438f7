"""Lines of Python: literals, lists and blank lines as `ruff format` writes them.

Values are written into a script only by `literal`, so that a text can never become code.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

LINE_LENGTH = 100

Lines = Iterable[str]


@dataclass(frozen=True)
class Piece:
    """A part of a script that can be read by itself: a cell of the notebook.

    Attributes
    ----------
    title : str
        A short description; a comment above the piece in the script.
    lines : tuple of str
        The code.
    """

    title: str
    lines: tuple[str, ...]


def piece(title: str, lines: Lines) -> Piece:
    """A piece with the lines that a generator yields."""
    return Piece(title, tuple(lines))


def literal(value: object) -> str:
    """A number, text or truth value, or a list of them, as Python writes it.

    Examples
    --------
    >>> print(literal(0.1), literal('a "word"'), literal("it's"), literal([1, 2.5]))
    0.1 'a "word"' "it's" [1, 2.5]

    Raises
    ------
    TypeError
        For values of other types.
    """
    if isinstance(value, str):
        written = repr(str(value))
        return f'"{written[1:-1]}"' if written[0] == "'" and '"' not in value else written
    if isinstance(value, bool | int | float):
        return repr(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(literal, value))}]"
    raise TypeError(f"{type(value).__name__} has no literal here")


def listed(before: str, items: Sequence[str], after: str) -> Iterator[str]:
    """Items between brackets: in one line where they fit, otherwise one a line.

    The arguments of a call may have a line of their own before they are given one each.

    Parameters
    ----------
    before, after : str
        The text before the first item and after the last, including brackets.
    items : sequence of str
    """
    indent = " " * (len(before) - len(before.lstrip()))
    line = f"{before}{', '.join(items)}{after}"
    if len(line) <= LINE_LENGTH:
        yield line
        return
    yield before
    together = f"{indent}    {', '.join(items)}"
    if after.startswith(")") and len(together) <= LINE_LENGTH:
        yield together
        yield f"{indent}{after}"
        return
    for item in items:
        yield f"{indent}    {item},"
    yield f"{indent}{after}"


def indented(lines: Lines, by: int = 1) -> Iterator[str]:
    """The lines, four spaces further in for each level."""
    for line in lines:
        yield " " * (4 * by) + line if line else ""


def import_lines(wanted: Iterable[str]) -> Iterator[str]:
    """Import statements in the order of isort: the standard library first."""
    standard: list[str] = []
    others: list[str] = []
    for line in sorted(set(wanted), key=_import_order):
        top = re.split(r"[ .]", line)[1]
        (standard if top in sys.stdlib_module_names else others).append(line)
    yield from standard
    if standard and others:
        yield ""
    yield from others


def _import_order(line: str) -> tuple[bool, str]:
    return line.startswith("from"), line.lower()


def spaced(lines: Lines) -> str:
    """A program of these lines, with two blank lines around each function and class."""
    written: list[str] = []
    in_definition = False
    for line in lines:
        if not line:
            if written and written[-1]:
                written.append("")
            continue
        is_top = not line[0].isspace() and line[0] not in ")]}"
        starts = line.startswith(("def ", "class ", "@"))
        if is_top and written:
            if starts and not written[-1].startswith("@"):
                _blank_above_comments(written)
            elif in_definition and not starts:
                _blank_lines(written, 2)
        if is_top and not line.startswith("#"):
            in_definition = starts
        elif is_top:
            in_definition = False
        written.append(line)
    return "\n".join(written).rstrip() + "\n"


def _blank_above_comments(written: list[str]) -> None:
    """Two blank lines above a definition, and above the comment that belongs to it."""
    comments: list[str] = []
    while written and written[-1].startswith("#"):
        comments.insert(0, written.pop())
    if written:
        _blank_lines(written, 2)
    written += comments


def _blank_lines(written: list[str], count: int) -> None:
    while written and not written[-1]:
        written.pop()
    written += [""] * count
