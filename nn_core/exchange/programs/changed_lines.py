"""Which lines of a script changed, and two scripts beside each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

from nn_core.exchange.programs import Script


def changed_lines(before: str, after: str) -> list[int]:
    """The lines of `after`, counted from 1, that are not in `before`.

    Where lines were only removed, the line that follows them counts as changed.

    Examples
    --------
    >>> before, after = ["x = 1", "y = 2", "z = 3"], ["x = 1", "y = 5", "z = 3"]
    >>> changed_lines(chr(10).join(before), chr(10).join(after))
    [2]
    """
    old, new = before.splitlines(), after.splitlines()
    found: list[int] = []
    for tag, _, _, start, end in _matcher(old, new).get_opcodes():
        if tag in ("replace", "insert"):
            found += [i + 1 for i in range(start, end) if new[i].strip()]
        elif tag == "delete" and new:
            found.append(min(start, len(new) - 1) + 1)
    return found


@dataclass(frozen=True)
class Line:
    """A line of a script: its number, counted from 1, and its text."""

    number: int
    text: str


@dataclass(frozen=True)
class Row:
    """Two lines beside each other; None where one side has no such line.

    Attributes
    ----------
    left, right : Line or None
    is_same : bool
        Whether both lines are equal.
    """

    left: Line | None
    right: Line | None
    is_same: bool


def side_by_side(left: Script, right: Script) -> list[Row]:
    """Two scripts, piece beside piece, and within a piece equal lines beside each other.

    Parameters
    ----------
    left, right : Script
        Neither refused.
    """
    rows: list[Row] = []
    lefts, rights = _pieces(left), _pieces(right)
    for title in _merged([t for t, _ in lefts], [t for t, _ in rights]):
        rows += _aligned(dict(lefts).get(title, []), dict(rights).get(title, []))
    return rows


def _pieces(script: Script) -> list[tuple[str, list[Line]]]:
    """The lines of each piece, numbered as in the text of the script."""
    lines = [Line(i, text) for i, text in enumerate(script.text.splitlines(), 1)]
    starts, position = [], 0
    for piece in script.pieces:
        if piece.title:
            heads = (i for i in range(position, len(lines)) if lines[i].text == f"# {piece.title}")
            position = next(heads)
        starts.append(position)
    ends = [*starts[1:], len(lines)]
    return [
        (piece.title, lines[start:end])
        for piece, start, end in zip(script.pieces, starts, ends, strict=True)
    ]


def _merged(left: Sequence[str], right: Sequence[str]) -> Iterator[str]:
    """The titles of both, each once, in an order that preserves both orders."""
    for tag, i, j, k, n in _matcher(left, right).get_opcodes():
        yield from left[i:j]
        if tag != "equal":
            yield from (title for title in right[k:n] if title not in left)


def _aligned(left: list[Line], right: list[Line]) -> Iterator[Row]:
    matcher = _matcher([line.text for line in left], [line.text for line in right])
    for tag, i, j, k, n in matcher.get_opcodes():
        pairs = zip_longest(left[i:j], right[k:n])
        yield from (Row(one, other, tag == "equal") for one, other in pairs)


def _matcher(left: Sequence[str], right: Sequence[str]) -> SequenceMatcher:
    return SequenceMatcher(None, left, right, autojunk=False)
