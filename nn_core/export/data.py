"""The rows a script learns from: drawn as the app draws them, read, or written out.

Every function yields lines that end with `x` and `y`, the training rows in the app's order. A data
set without a function of its own is written out as a table of numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from nn_core import datasets
from nn_core.datasets.images import SCALES, SOURCES
from nn_core.datasets.images.sources import FOLDER_VARIABLE
from nn_core.datasets.plane import BUMPS, FULL_NOISE
from nn_core.export.plan import Plan, rng
from nn_core.export.source import listed, literal

Array = np.ndarray
Lines = Iterator[str]

MOST_ROWS = 200
"""Rows that are written into the script; more of them travel in a file beside it."""

COMPANION = "rows.csv"

FEATURES = {
    "x1²": "x1**2",
    "x2²": "x2**2",
    "x1·x2": "x1 * x2",
    "sin x1": "np.sin(x1)",
    "sin x2": "np.sin(x2)",
}


def imports(plan: Plan) -> list[str]:
    """What the lines of `data` need besides NumPy."""
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
    """The rows as images of one map, where convolutions are to look at them."""
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
    """Inputs and targets beside each other, a row each: a truth table."""
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


def _idx_images(plan: Plan) -> Lines:
    """MNIST or Fashion-MNIST, from its files."""
    options: Any = plan.experiment.dataset_options
    source = SOURCES[plan.experiment.dataset]
    yield f"# {FOLDER_VARIABLE} names the folder in which a folder {source.name} holds the files."
    yield f'folder = Path(os.environ.get("{FOLDER_VARIABLE}", ".")) / "{source.name}"'
    files = source.train_images.file, source.train_labels.file
    yield f"files = {literal(files)}"
    yield "if missing := [name for name in files if not (folder / name).exists()]:"
    yield "    raise SystemExit("
    yield f"""        f"Put {{' and '.join(missing)}} of {source.label} \""""
    yield '        f"into the folder {folder.absolute()}. They are at "'
    yield f"        {literal(source.mirrors[0])}"
    yield "    )"
    yield ""
    yield "def read(name, header):"
    yield '    """The bytes of a file behind its header."""'
    yield "    with gzip.open(folder / name) as file:"
    yield "        return np.frombuffer(file.read(), np.uint8, offset=header)"
    yield ""
    yield "images = read(files[0], 16).reshape(-1, 784)"
    yield "labels = read(files[1], 8)"
    yield from _chosen_images(plan)
    if options.shifted_copies:
        yield f"rng = {rng(plan.experiment.seed, 'data')}"
        yield from _copies(plan)
    yield from _scaled_images(plan)


def _digits(plan: Plan) -> Lines:
    yield "digits = load_digits()"
    yield f"rng = {rng(plan.experiment.seed, 'data')}"
    yield "train = rng.permutation(1797)[360:]  # the first 360 are for the test"
    yield "images, labels = digits.data[train].astype(np.uint8), digits.target[train]"
    yield from _chosen_images(plan)
    yield from _copies(plan)
    yield from _scaled_images(plan)


def _chosen_images(plan: Plan) -> Lines:
    """Keep the first `images` and `labels` of the chosen classes; count these from 0."""
    options: Any = plan.experiment.dataset_options
    n = options.train_rows
    if options.classes == options.ALL_CLASSES:
        yield f"images, labels = images[:{n}], labels[:{n}]"
        return
    yield f"classes = {[options.ALL_CLASSES.index(name) for name in options.classes]}"
    yield f"chosen = np.flatnonzero(np.isin(labels, classes))[:{n}]"
    yield "images, labels = images[chosen], np.searchsorted(classes, labels[chosen])"


def _copies(plan: Plan) -> Lines:
    """Append shifted copies to `images` and `labels`; `rng` draws them."""
    options: Any = plan.experiment.dataset_options
    copies, most = options.shifted_copies, options.shift
    if not copies:
        return
    height, width = options.SHAPE
    yield "# Copies of the images, moved by some pixels."
    yield f"n, steps = len(images), range(-{most}, {most + 1})"
    yield "moves = [(down, right) for down in steps for right in steps if down or right]"
    yield f"drawn = rng.integers(0, len(moves), ({copies}, n))"
    edges = f"((0, 0), ({most}, {most}), ({most}, {most}))"
    yield f"padded = np.pad(images.reshape(n, {height}, {width}), {edges})"
    yield f"images = np.tile(images, ({1 + copies}, 1))"
    yield f"labels = np.tile(labels, {1 + copies})"
    yield "for i, move in enumerate(drawn.ravel()):"
    yield "    down, right = moves[move]"
    yield f"    rows = slice({most} - down, {most + height} - down)"
    yield f"    columns = slice({most} - right, {most + width} - right)"
    yield "    images[n + i] = padded[i % n, rows, columns].ravel()"


def _scaled_images(plan: Plan) -> Lines:
    """`x` and `y` from `images` and `labels`."""
    options: Any = plan.experiment.dataset_options
    scale = SCALES[plan.experiment.dataset]
    pixels = f"np.divide(images, {scale.whitest}, dtype=np.float32)"
    if options.pixels == "standardised":
        mean, std = literal(scale.mean), literal(scale.std)
        yield f"pixels = {pixels}"
        pixels = f"((pixels - np.float32({mean})) / np.float32({std}))"
    yield f"x = {pixels}" + ('.astype("float64")' if plan.dtype == "float64" else "")
    yield f'y = np.eye({len(options.classes)}, dtype="{plan.dtype}")[labels]'


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
    """Numbers of the rows that are learned from, in the order in which they are kept."""
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


def _classes(options: Any) -> Lines:
    yield f"value = np.arange({options.points}) % {options.n_classes}"


def _moved(options: Any, is_bounded: bool) -> Lines:
    """Noise, and the edge of the square where a point could lie beyond it."""
    if options.noise:
        deviation = literal(FULL_NOISE * options.noise / 100)
        yield f"points = (points + {deviation} * rng.normal(size=points.shape)).clip(-6, 6)"
    elif not is_bounded:
        yield "points = points.clip(-6, 6)"


def _circle(options: Any) -> Lines:
    yield from _classes(options)
    yield "low, high = np.where(value == 1, 0, 3.5), np.where(value == 1, 2.5, 5)"
    yield "radius = np.sqrt(rng.uniform(low**2, high**2))"
    yield f"angle = rng.uniform(0, 2 * np.pi, {options.points})"
    yield "points = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])"
    yield from _moved(options, is_bounded=True)


def _xor_points(options: Any) -> Lines:
    yield from _classes(options)
    yield f"size = rng.uniform(0.4, 5.4, ({options.points}, 2))"
    yield f"sign = rng.choice([-1.0, 1.0], {options.points})"
    yield "points = size * np.column_stack([sign, np.where(value == 1, -sign, sign)])"
    yield from _moved(options, is_bounded=True)


def _gauss(options: Any) -> Lines:
    yield from _classes(options)
    yield "centre = 2.2 * (2 * value[:, None] - 1)"
    yield f"points = centre + 0.8 * rng.normal(size=({options.points}, 2))"
    yield from _moved(options, is_bounded=False)


def _spiral(options: Any) -> Lines:
    yield from _classes(options)
    arms, n = options.arms, options.points
    yield f"t = np.linspace(0, 1, {-(-n // arms)})[np.arange({n}) // {arms}]"
    yield f"angle = 2 * np.pi * (3 * t / {arms} + value / {arms})"
    yield "radius = 0.4 + 4.8 * t"
    yield "points = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])"
    yield from _moved(options, is_bounded=True)


def _moons(options: Any) -> Lines:
    yield from _classes(options)
    yield "turn = np.where(value == 1, -1, 1)"
    yield f"angle = rng.uniform(0, np.pi, {options.points})"
    yield "height = 3 * np.sin(angle) * turn - 0.75 * turn"
    yield "points = np.column_stack([3 * np.cos(angle) - 1.5 * turn, height])"
    yield from _moved(options, is_bounded=True)


def _blobs(options: Any) -> Lines:
    yield from _classes(options)
    yield f"angle = 2 * np.pi * value / {options.classes}"
    yield "centre = 4 * np.column_stack([np.cos(angle), np.sin(angle)])"
    yield f"points = centre + 0.6 * rng.normal(size=({options.points}, 2))"
    yield from _moved(options, is_bounded=False)


def _numbers(options: Any, formula: str) -> Lines:
    yield f"points = rng.uniform(-6, 6, ({options.points}, 2))"
    yield f"value = {formula}"
    if options.noise:
        yield f"value += {literal(options.noise / 100)} * rng.normal(size={options.points})"


def _regression_plane(options: Any) -> Lines:
    yield from _numbers(options, "points.sum(axis=1) / 12")


def _regression_gauss(options: Any) -> Lines:
    yield "bumps = ["
    for x1, x2, sign in BUMPS:
        yield f"    ([{literal(x1)}, {literal(x2)}], {literal(sign)}),"
    yield "]"
    yield from _numbers(
        options, "sum(s * np.exp(-((points - c) ** 2).sum(axis=1) / 4) for c, s in bumps)"
    )


def _regression_sine(options: Any) -> Lines:
    yield from _numbers(options, "np.sin(points).sum(axis=1) / 2")


DRAWN: dict[str, Callable[[Any], Lines]] = {
    "circle": _circle,
    "xor_points": _xor_points,
    "gauss": _gauss,
    "spiral": _spiral,
    "moons": _moons,
    "blobs": _blobs,
    "regression_plane": _regression_plane,
    "regression_gauss": _regression_gauss,
    "regression_sine": _regression_sine,
}
OTHERS: dict[str, Callable[[Plan], Lines]] = {
    "bits": _bits,
    "mnist": _idx_images,
    "fashion_mnist": _idx_images,
    "digits_8x8": _digits,
    "own_points": _own_points,
    "table": _table,
}
