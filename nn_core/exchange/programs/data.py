"""The training data of a script: drawn as in the app, read from a file, or written out.

Every function yields lines that end with `x` and `y`, the training rows in the app's order. A data
set without a function of its own is written out as a table of numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from nn_core import datasets
from nn_core.exchange.programs.drawn_points import DRAWN
from nn_core.exchange.programs.image_data import digits, idx_images
from nn_core.exchange.programs.plan import Plan, rng
from nn_core.exchange.programs.source import listed, literal

Array = np.ndarray
Lines = Iterator[str]

MOST_ROWS = 200
"""Most rows that are written into the script; more are in a file beside it."""

COMPANION = "rows.csv"

FEATURES = {
    "x1²": "x1**2",
    "x2²": "x2**2",
    "x1·x2": "x1 * x2",
    "sin x1": "np.sin(x1)",
    "sin x2": "np.sin(x2)",
}


def imports(plan: Plan) -> list[str]:
    """The imports of the lines of `data`, besides NumPy."""
    match plan.experiment.dataset:
        case "mnist" | "fashion_mnist":
            return ["import gzip", "import os", "from pathlib import Path"]
        case "digits_8x8":
            return ["from sklearn.datasets import load_digits"]
    return []


def data(plan: Plan) -> Lines:
    """Lines that end with `x` and `y`."""
    name = plan.experiment.dataset
    if name in DRAWN:
        yield from _drawn(plan)
    elif name in OTHERS:
        yield from OTHERS[name](plan)
    else:
        yield from _written_out(plan)


def images(plan: Plan) -> Lines:
    """Lines that reshape the rows to images of one map, for convolutions."""
    if plan.front:
        yield f"x = x.reshape(-1, {plan.side}, {plan.side}, 1)"


def companion(plan: Plan) -> str:
    """The numbers of the file that a script reads, as CSV; empty where it reads none."""
    rows = _companion_rows(plan)
    if rows is None:
        return ""
    return "".join(",".join(map(repr, row)) + "\n" for row in rows.tolist())


def _companion_rows(plan: Plan) -> Array | None:
    e = plan.experiment
    options: Any = e.dataset_options
    if e.dataset == "own_points":
        rows = np.array(options.points, float).reshape(-1, 3)
    elif e.dataset == "table":
        rows = options.rows
    elif e.dataset in DRAWN or e.dataset in OTHERS:
        return None
    else:
        rows = _all_rows(plan)
    return rows if len(rows) > MOST_ROWS else None


def _all_rows(plan: Plan) -> Array:
    found = datasets.load(plan.experiment)
    return np.column_stack([found.x, found.y])


def _rows(name: str, rows: Array, dtype: str = "float64") -> Lines:
    """A table under this name: written out, or read from the file beside the script."""
    if len(rows) > MOST_ROWS:
        yield "# The file lies beside this one."
        yield f'{name} = np.loadtxt("{COMPANION}", delimiter=",", dtype="{dtype}")'
        return
    yield f"{name} = np.array("
    yield "    ["
    for row in rows.tolist():
        numbers = [int(n) if float(n).is_integer() else n for n in row]
        yield from listed("        [", [literal(n) for n in numbers], "],")
    yield "    ],"
    yield f'    dtype="{dtype}",'
    yield ")"


def _written_out(plan: Plan) -> Lines:
    """Lines of a truth table: inputs and targets of each row."""
    yield from _rows("table", _all_rows(plan), plan.dtype)
    n_in = plan.sizes[0]
    yield f"x, y = table[:, :{n_in}], table[:, {n_in}:]"


def _bits(plan: Plan) -> Lines:
    options: Any = plan.experiment.dataset_options
    shape = ", ".join(["2"] * options.bits)
    yield f'x = np.array(list(np.ndindex({shape})), "{plan.dtype}")'
    if options.answer == "number":
        yield f'y = np.arange({2**options.bits}, dtype="{plan.dtype}").reshape(-1, 1)'
    else:
        yield f'y = np.eye({2**options.bits}, dtype="{plan.dtype}")'


def _own_points(plan: Plan) -> Lines:
    options: Any = plan.experiment.dataset_options
    points = np.array(options.points, float).reshape(-1, 3)
    yield from _rows("placed", points)
    yield "points, value = placed[:, :2], placed[:, 2]"
    if options.n_classes:
        yield "value = value.astype(int)"
    yield from _split(plan, len(points))
    yield from _features(plan)
    yield from _targets(plan, options.n_classes)


def _table(plan: Plan) -> Lines:
    options: Any = plan.experiment.dataset_options
    yield "# The columns of the table, the one to predict last."
    yield from listed("columns = [", [literal(n) for n in (*options.inputs, options.target)], "]")
    if options.classes:
        yield from listed("classes = [", [literal(n) for n in options.classes], "]")
    yield from _rows("rows", options.rows)
    yield from _split(plan, len(options.rows))
    columns = "rows[train, :-1]" if options.classes else "rows[train]"
    yield f"learned = {columns}"
    yield "deviation = learned.std(axis=0)"
    yield "scaled = (learned - learned.mean(axis=0)) / np.where(deviation > 0, deviation, 1)"
    if options.classes:
        yield f'x = scaled.astype("{plan.dtype}")'
        yield "value = rows[:, -1].astype(int)"
        yield from _targets(plan, len(options.classes))
    else:
        yield f'x, y = scaled[:, :-1].astype("{plan.dtype}"), scaled[:, -1:].astype("{plan.dtype}")'


def _split(plan: Plan, n: int) -> Lines:
    """Row numbers of the training rows, in their order."""
    options: Any = plan.experiment.dataset_options
    n_test = n - plan.n_rows
    order = f"{rng(options.data_seed, 'split')}.permutation({n})"
    if not n_test:
        yield f"train = {order}"
        return
    yield f"order = {order}"
    yield f"train = order[{n_test}:]  # the others are for the test"


def _features(plan: Plan) -> Lines:
    options: Any = plan.experiment.dataset_options
    if tuple(options.features) == ("x1", "x2"):
        yield f'x = points[train].astype("{plan.dtype}")'
        return
    yield "x1, x2 = points[train].T"
    columns = [FEATURES.get(name, name) for name in options.features]
    yield f'x = np.column_stack([{", ".join(columns)}]).astype("{plan.dtype}")'


def _targets(plan: Plan, n_classes: int) -> Lines:
    if n_classes > 2:
        yield f'y = np.eye({n_classes}, dtype="{plan.dtype}")[value[train]]'
    else:
        yield f'y = value[train, None].astype("{plan.dtype}")'


def _drawn(plan: Plan) -> Lines:
    """Points of the plane, drawn by the formula of their set."""
    options: Any = plan.experiment.dataset_options
    yield f"rng = {rng(options.data_seed, 'data')}"
    yield from DRAWN[plan.experiment.dataset](options)
    yield from _split(plan, options.points)
    yield from _features(plan)
    yield from _targets(plan, options.n_classes)


OTHERS: dict[str, Callable[[Plan], Lines]] = {
    "bits": _bits,
    "mnist": idx_images,
    "fashion_mnist": idx_images,
    "digits_8x8": digits,
    "own_points": _own_points,
    "table": _table,
}
