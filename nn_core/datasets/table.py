"""A data set from the user's own table: numeric input columns and a column to predict.

The selected columns are part of the experiment, as one packed text, so that a run needs no file.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Annotated, Any

import numpy as np
from pydantic import Field, StringConstraints, model_validator

from nn_core.datasets.csv_text import LONGEST_NAME, MOST_ROWS, Table, read_table
from nn_core.datasets.plane import kind_of
from nn_core.datasets.registry import Dataset, Kind, Plane, dataset
from nn_core.datasets.split_and_targets import n_outputs_for, split, targets
from nn_core.errors import TableError
from nn_core.experiment import DatasetOptions, knob
from nn_core.seeds import generator
from nn_core.vocabulary import counted

Array = np.ndarray

FEWEST_ROWS = 4
FEWEST_INPUTS, MOST_INPUTS = 2, 10
MOST_CLASSES = 10
MOST_BYTES = MOST_ROWS * (MOST_INPUTS + 1) * 8
MOST_CHARACTERS = 2 * MOST_BYTES  # base64 of incompressible numbers takes 4/3 of their bytes

ColumnName = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_NAME)]


@lru_cache(maxsize=4)
def unpack(packed: str, n_columns: int) -> Array:
    """The numbers in `packed`: shape (rows, n_columns), float64, read-only.

    Raises
    ------
    ValueError
        If the text was not made by `pack`, or holds another number of columns.
    """
    try:
        opened = zlib.decompressobj()
        content = opened.decompress(base64.b64decode(packed, validate=True), MOST_BYTES)
        numbers = np.frombuffer(content, "<f8").reshape(-1, n_columns)
    except (binascii.Error, zlib.error, ValueError):
        raise ValueError("the rows cannot be read; upload the table again") from None
    if not opened.eof or len(numbers) < FEWEST_ROWS or not np.isfinite(numbers).all():
        raise ValueError("the rows are not whole; upload the table again")
    return numbers


def pack(numbers: Array) -> str:
    """Encode numbers as text that `unpack` restores bit for bit.

    Examples
    --------
    >>> rows = np.arange(8.0).reshape(4, 2)
    >>> np.array_equal(unpack(pack(rows), 2), rows)
    True
    """
    content = np.ascontiguousarray(numbers, "<f8").tobytes()
    return base64.b64encode(zlib.compress(content, level=1)).decode("ascii")


def example_csv() -> str:
    """An example CSV file: the two moons with plausible column names."""
    rng = generator(0, "data")
    lines = ["height,width,side"]
    for row in range(80):
        sign, angle = (1, -1)[row % 2], rng.uniform(0, np.pi)
        moon = np.array([np.cos(angle) - sign / 2, sign * np.sin(angle) - sign / 4])
        x1, x2 = moon + rng.normal(0, 0.08, 2)
        lines.append(f"{20 * x2 + 50:.1f},{20 * x1 + 100:.1f},{'upper' if sign > 0 else 'lower'}")
    return "\n".join(lines) + "\n"


@lru_cache(maxsize=1)
def _example() -> dict[str, Any]:
    return select_columns(read_table(example_csv().encode()), ["height", "width"], "side")


class TableOptions(DatasetOptions):
    """The selected columns of a table."""

    inputs: Annotated[
        tuple[ColumnName, ...], Field(min_length=FEWEST_INPUTS, max_length=MOST_INPUTS)
    ] = knob(
        ("height", "width"), "Columns to learn from", "Names of the columns that are the inputs."
    )
    target: ColumnName = knob("side", "Column to predict", "Name of the column that is learned.")
    classes: Annotated[tuple[ColumnName, ...], Field(max_length=MOST_CLASSES)] = knob(
        ("lower", "upper"),
        "Classes",
        "The values of the column to predict; empty where it holds numbers.",
    )
    packed: Annotated[str, StringConstraints(max_length=MOST_CHARACTERS)] = knob(
        "", "Rows", "The numbers of all rows, packed; empty for the example."
    )
    test_share: int = knob(
        30,
        "Test share",
        "Rows that are kept for the test: the network never learns from them. 0 learns from all.",
        unit="%",
        ge=0,
        le=90,
    )
    data_seed: int = knob(
        0,
        "Data seed",
        "Decides which rows are kept for the test. New seed leaves it alone.",
        ge=0,
        le=2**31 - 1,
    )

    @model_validator(mode="after")
    def _rows_fit_the_columns(self) -> TableOptions:
        if len(self.classes) == 1:
            raise ValueError("a single class is nothing to learn; give two or more, or none")
        if len({*self.inputs, self.target}) != len(self.inputs) + 1:
            raise ValueError("each column can be used once only")
        classes = self.rows[:, -1]
        if self.classes and not np.isin(classes, range(len(self.classes))).all():
            raise ValueError("a row is of a class that has no name; upload the table again")
        return self

    @property
    def rows(self) -> Array:
        """Inputs and, last, the target or the index of the class: shape (rows, n_inputs + 1)."""
        return unpack(self.packed or _example()["packed"], len(self.inputs) + 1)

    @property
    def n_classes(self) -> int:
        """Number of classes; 0 for regression."""
        return len(self.classes)

    @property
    def kind(self) -> Kind:
        """How the outputs are interpreted."""
        return kind_of(self.n_classes)

    @property
    def sizes(self) -> tuple[int, int]:
        """Number of inputs and number of outputs."""
        return len(self.inputs), n_outputs_for(self.n_classes) if self.classes else 1


def select_columns(
    table: Table, inputs: Sequence[str], target: str, as_classes: bool | None = None
) -> dict[str, Any]:
    """Select columns of a table and return them as fields of `TableOptions`.

    Parameters
    ----------
    table : Table
        The parsed file.
    inputs : sequence of str
        2 to 10 numeric columns.
    target : str
        The column to predict.
    as_classes : bool, optional
        Whether the target is a class. By default it is if its values are not numbers, or are at
        most 10 different integers.

    Raises
    ------
    TableError
        If a cell is not a number (the message names row and column), a column is constant, the
        target has one class or too many, or there are too few rows or columns.
    """
    if not FEWEST_INPUTS <= len(inputs) <= MOST_INPUTS:
        raise TableError(
            f"To learn from, {FEWEST_INPUTS} to {MOST_INPUTS} columns of numbers are needed, and "
            f"{len(inputs)} {'is' if len(inputs) == 1 else 'are'} chosen."
        )
    if target in inputs:
        raise TableError(f"Column '{target}' is to be predicted, so it cannot be learned from too.")
    columns = [np.array(table.floats(name)) for name in inputs]
    if len(table.rows) < FEWEST_ROWS:
        raise TableError(
            f"The file has {counted(len(table.rows), 'row')} of data; at "
            f"least {FEWEST_ROWS} are needed to learn from."
        )
    for name, column in zip(inputs, columns, strict=True):
        if np.ptp(column) == 0:
            raise TableError(
                f"Column '{name}' is {column[0]:g} in every row: nothing can be learned from it. "
                "Choose another column."
            )
    classes, values = _target(table, target, as_classes)
    return {
        "inputs": tuple(inputs),
        "target": target,
        "classes": classes,
        "packed": pack(np.column_stack([*columns, values])),
    }


def _target(table: Table, name: str, as_classes: bool | None) -> tuple[tuple[str, ...], Array]:
    """Names of the classes (none for regression), and the value of each row."""
    if as_classes is None:
        as_classes = not table.is_numeric(name)
        if not as_classes:
            different = set(table.floats(name))
            as_classes = len(different) <= MOST_CLASSES and all(v.is_integer() for v in different)
    if not as_classes:
        values = np.array(table.floats(name))
        if np.ptp(values) == 0:
            raise TableError(
                f"Column '{name}' is {values[0]:g} in every row: there is nothing to predict. "
                "Choose another column to predict."
            )
        return (), values
    cells = table.column(name)
    if "" in cells:
        raise TableError(
            f"Row {table.numbers[cells.index('')]}, column '{name}': the cell is empty. Write the "
            "class into it, or leave the row out."
        )
    classes = sorted(set(cells), key=_natural_order)
    if len(classes) == 1:
        raise TableError(
            f"Column '{name}' is '{classes[0][:40]}' in every row: there is only one class, so "
            "nothing to tell apart. Choose another column to predict."
        )
    if len(classes) > MOST_CLASSES:
        raise TableError(
            f"Column '{name}' has {len(classes):,} different values; at most {MOST_CLASSES} "
            "classes can be told apart. Choose another column, or predict a number."
        )
    for row, cell in zip(table.numbers, cells, strict=True):
        if len(cell) > LONGEST_NAME:
            raise TableError(
                f"Row {row}, column '{name}': the name of the class has {len(cell):,} characters; "
                f"at most {LONGEST_NAME} are allowed. Shorten it."
            )
    place = {cell: i for i, cell in enumerate(classes)}
    return tuple(classes), np.array([place[cell] for cell in cells], float)


def _natural_order(cell: str) -> tuple[float, str]:
    """Sort key: numbers by value, 9 before 10, then words alphabetically."""
    try:
        return float(cell), cell
    except ValueError:
        return np.inf, cell


@dataset("your own table (CSV)", group="plane", options=TableOptions)
def table(options: TableOptions, rng: np.random.Generator) -> Dataset:
    """A CSV file that you upload; each column is standardised.

    ``z = (x − mean) / standard deviation``, both taken over the rows that are learned from; a
    number to predict likewise.
    """
    rows, n_classes = options.rows, options.n_classes
    train, test = split(len(rows), options.test_share, options.data_seed)
    columns = rows if not n_classes else rows[:, :-1]
    mean, deviation = columns[train].mean(axis=0), columns[train].std(axis=0)
    # A column may be constant in the training rows alone; it is then only shifted.
    scaled = (columns - mean) / np.where(deviation > 0, deviation, 1.0)
    x = scaled[:, : len(options.inputs)]
    y = targets(rows[:, -1], n_classes) if n_classes else scaled[:, -1:]
    names = options.classes if n_classes > 2 else (_output_name(options),)
    plane = None
    if len(options.inputs) == 2:
        reach = float(np.ceil(np.abs(x).max() * 1.05))
        plane = Plane(
            points=x[train],
            points_test=None if test is None else x[test],
            features=np.asarray,
            low=-reach,
            high=reach,
            names=(f"{options.inputs[0]} (standardised)", f"{options.inputs[1]} (standardised)"),
        )
    return Dataset(
        x=x[train],
        y=y[train],
        x_test=None if test is None else x[test],
        y_test=None if test is None else y[test],
        kind=options.kind,
        input_names=options.inputs,
        output_names=names,
        n_shown=500,
        measure="accuracy" if n_classes else "r2",
        note=f"{len(rows):,} rows of your table; each column of numbers is standardised: minus its "
        "mean, divided by its standard deviation, over the rows that are learned from",
        plane=plane,
    )


def _output_name(options: TableOptions) -> str:
    return f"{options.target} = {options.classes[1]}" if options.classes else options.target
