"""Parse the text of a CSV file into columns, or reject it with a message that says where and why.

Accepted are UTF-8 (or UTF-16 with a byte order mark), columns separated by commas, semicolons or
tabs, and an optional header row. Where semicolons or tabs separate the columns, numbers may have a
decimal comma. The parser checks every limit before it spends work on what lies beyond it.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass

from nn_core.errors import TableError
from nn_core.vocabulary import counted

MOST_BYTES = 5_000_000
MOST_ROWS = 20_000
MOST_LINES = 5 * MOST_ROWS  # blank ones included
MOST_COLUMNS = 50
LONGEST_NAME = 64
LARGEST_NUMBER = 1e15
SEPARATORS = {"\t": "tabs", ";": "semicolons", ",": "commas"}


@dataclass(frozen=True)
class Table:
    """The cells of a CSV file.

    Attributes
    ----------
    names : tuple of str
        One for each column, without duplicates.
    rows : list of list of str
        The cells of each row; every row has one cell for each column.
    numbers : list of int
        The number of each row in the file, counted from 1 as in a spreadsheet.
    separator : str
        The character between two cells.
    has_header : bool
        Whether the file has a header row.
    notes : tuple of str
        How the parser resolved irregularities, one sentence each.
    """

    names: tuple[str, ...]
    rows: list[list[str]]
    numbers: list[int]
    separator: str
    has_header: bool
    notes: tuple[str, ...] = ()

    def column(self, name: str) -> list[str]:
        """The cells of a column, without surrounding whitespace."""
        index = self.names.index(name)
        return [row[index].strip() for row in self.rows]

    def is_numeric(self, name: str) -> bool:
        """Whether at least half of the first 50 cells of a column are numbers."""
        index = self.names.index(name)
        cells = [row[index] for row in self.rows[:50]]
        return 2 * sum(_number(cell, self.separator) is not None for cell in cells) >= len(cells)

    def floats(self, name: str) -> list[float]:
        """The numbers of a column.

        Raises
        ------
        TableError
            If a cell is empty or not a number; the message names the first such row.
        """
        found = []
        for number, cell in zip(self.numbers, self.column(name), strict=True):
            value = _number(cell, self.separator)
            if value is None:
                raise TableError(f"Row {number}, column '{name}': {_why_no_number(cell)}")
            found.append(value)
        return found


def read_table(content: bytes, has_header: bool | None = None) -> Table:
    r"""Parse a CSV file.

    Parameters
    ----------
    content : bytes
        The content of the file.
    has_header : bool, optional
        Whether the first row holds the names of the columns. By default it does if none of its
        cells is a number.

    Raises
    ------
    TableError
        If the file is empty, too large or not text, or if its rows differ in length.

    Examples
    --------
    >>> table = read_table(b"height;weight\n1,80;75\n1,65;58\n")
    >>> table.names, table.floats("height")
    (('height', 'weight'), [1.8, 1.65])
    """
    text = _decoded(content)
    separator = _separator(text)
    first, rows, numbers = _records(text, separator)
    if has_header is None:
        has_header = not any(_number(cell, separator) is not None for cell in first)
    if not has_header:
        rows.insert(0, first)
        numbers.insert(0, 1)
    names, notes = _names(first, has_header)
    if not rows:
        raise TableError(
            "The file has a first row with names, and no rows below it. Add the rows to learn from."
        )
    return Table(names, rows, numbers, separator, has_header, notes)


def _decoded(content: bytes) -> str:
    if len(content) > MOST_BYTES:
        raise TableError(
            f"The file has {len(content) / 1e6:.1f} MB; at most {MOST_BYTES / 1e6:.0f} MB are "
            "read. Keep fewer rows or columns."
        )
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise TableError(
            f"Line {line} is not written in UTF-8 (byte {content[error.start]:#04x}). Save the "
            "file as “CSV UTF-8”, and upload it again."
        ) from None
    if (position := text.find("\0")) >= 0:
        line = text.count("\n", 0, position) + 1
        raise TableError(
            f"Line {line} holds a NUL byte: this is no text file. Export the table as CSV in UTF-8."
        )
    if not text.strip():
        raise TableError("The file is empty. Upload a table with a row for each example.")
    return text


def _separator(text: str) -> str:
    """The separator of the first line, outside quotes: tabs, else semicolons, else commas."""
    line = _first_line(text)
    outside = "".join(line.split('"')[::2])
    for separator in SEPARATORS:
        if separator in outside:
            return separator
    raise TableError(
        f"The first row, “{_short(line)}”, is a single column. Separate the columns by commas, "
        "semicolons or tabs."
    )


def _first_line(text: str) -> str:
    """The first line that is not blank; the rest of the text is not split."""
    first = len(text) - len(text.lstrip())
    start = 1 + max(text.rfind(end, 0, first) for end in "\r\n")
    ends = [place for end in "\r\n" if (place := text.find(end, first)) >= 0]
    return text[start : min(ends, default=len(text))]


def _records(text: str, separator: str) -> tuple[list[str], list[list[str]], list[int]]:
    """The first record, the records below it, and the line numbers of the latter."""
    first: list[str] = []
    rows: list[list[str]] = []
    numbers: list[int] = []
    number = 0
    try:
        for number, cells in enumerate(
            csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True), 1
        ):
            if number > MOST_LINES:
                raise TableError(
                    f"The file has more than {MOST_LINES:,} lines. Keep at most {MOST_ROWS:,} "
                    "rows, without blank lines between them."
                )
            if not any(cell.strip() for cell in cells):
                continue  # a blank line, or one of separators alone as spreadsheets leave them
            if len(rows) == MOST_ROWS:
                raise TableError(
                    f"The file has more than {MOST_ROWS:,} rows, the most that are read. Keep "
                    "fewer: a part drawn at random teaches nearly as much."
                )
            if not first:
                if len(cells) > MOST_COLUMNS:
                    raise TableError(
                        f"The first row has {len(cells):,} columns; at most {MOST_COLUMNS} are "
                        "read. Keep the columns to learn from."
                    )
                first = cells
                continue
            if len(cells) != len(first):
                raise TableError(
                    f"Row {number} has {counted(len(cells), 'cell')}, and the first row has "
                    f"{len(first)}. Give each row a cell for each column; a cell that holds "
                    f"{SEPARATORS[separator]} needs quotation marks around it."
                )
            rows.append(cells)
            numbers.append(number)
    except csv.Error as error:
        raise TableError(
            f"Row {number + 1} cannot be read: {error}. A quotation mark may be missing, or be in "
            "the wrong place."
        ) from None
    if not first:
        raise TableError(
            "The file holds separators alone. Upload a table with a row for each example."
        )
    return first, rows, numbers


def _names(first: list[str], has_header: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of the columns, and the notes about them."""
    if not has_header:
        names = tuple(f"column {i}" for i in range(1, len(first) + 1))
        return names, ("The first row is read as data: the columns have no names.",)
    found: dict[str, int] = {}
    notes = []
    for i, cell in enumerate(first, 1):
        name = " ".join(cell.split())
        if not name:
            name = f"column {i}"
            notes.append(f"Column {i} has no name in the first row; here it is “{name}”.")
        if len(name) > LONGEST_NAME:
            raise TableError(
                f"The name of column {i}, “{_short(name)}”, has {len(name):,} characters; at most "
                f"{LONGEST_NAME} are allowed. Shorten it."
            )
        if name in found:
            raise TableError(
                f"Columns {found[name]} and {i} are both called '{name}'. Give each column a name "
                "of its own."
            )
        found[name] = i
    return tuple(found), tuple(notes)


def _number(cell: str, separator: str) -> float | None:
    """The number in a cell, or None."""
    if "_" in cell:  # `float` accepts 1_000, which is Python notation and not a table's
        return None
    if separator != "," and cell.count(",") == 1 and "." not in cell:
        cell = cell.replace(",", ".")
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) and abs(value) <= LARGEST_NUMBER else None


def _why_no_number(cell: str) -> str:
    if not cell:
        return "the cell is empty. Fill it in, or leave the row out."
    shown = f"'{_short(cell)}'"
    if "," in cell:
        return (
            f"{shown} is not a number. Write the decimal point as in 1234.5 and no mark between "
            "thousands; a decimal comma is understood where semicolons or tabs separate columns."
        )
    try:
        float(cell.replace("_", "x"))
    except ValueError:
        return f"{shown} is not a number. Correct it, or choose another column."
    return f"{shown} is not a number from −1e15 to 1e15. Correct it, or leave the row out."


def _short(text: str) -> str:
    """The text cut to at most 40 printable characters."""
    plain = "".join(c if c.isprintable() else " " for c in text[:60]).strip()
    return plain if len(plain) <= 40 and len(text) <= 60 else plain[:39] + "…"


def default_inputs(table: Table, target: str, most: int) -> Sequence[str]:
    """The initial selection of inputs: at most `most` numeric columns other than the target."""
    others = [name for name in table.names if name != target]
    return [name for name in others if table.is_numeric(name)][:most]
