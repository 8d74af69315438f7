"""The frame: one moment of a run, as the bytes that the live picture is drawn from.

A panel is what one part of the picture needs, as plain values and arrays. `frame` joins
panels, tiles and a status line and packs them: a JSON head that names the arrays, then the
arrays. Every panel is bounded in size, whatever the network and the data are.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping, Sequence
from itertools import pairwise, product
from typing import Any, Literal, NamedTuple, TypedDict

import numpy as np

from nn_core import metrics, vocabulary
from nn_core.datasets.registry import Dataset
from nn_core.events import Params
from nn_core.experiment import Experiment
from nn_core.forward import layer_activations

Array = np.ndarray
State = Literal["idle", "queued", "loading", "running", "paused", "finished", "failed", "stopped"]

LOW, HIGH = -0.25, 1.25
"""The input square reaches a little beyond the inputs 0 and 1."""

DRAWN_UNITS = 16
"""Inputs, and units of a hidden layer, that the diagram may draw."""

DRAWN_OUTPUTS = 32

PICTURED_INPUTS = 5
"""Most inputs for pictures of what each unit answers: all but two of them are held at 0."""

CURVE_POINTS = 300
TABLE_ROWS = 64
MATRIX_CELLS = 32 * 32
PICTURES = 64
EXAMPLES = 24

GRID_WORK = 40_000_000
"""Multiplications that one picture may cost: about 10 ms. Larger networks get coarser grids."""

COARSEST_GRID = 8


class Panel(NamedTuple):
    """What one part of the picture is drawn from.

    Attributes
    ----------
    head : dict
        Plain values; ``head["type"]`` decides how the panel is drawn.
    arrays : dict of str to ndarray
        Each packed as float32, or as uint8 where it is uint8.
    """

    head: dict[str, Any]
    arrays: dict[str, Array]


class Tile(TypedDict, total=False):
    """A number with its name, above the picture. `value` is shown as it is written."""

    key: str
    label: str
    value: str
    unit: str
    help: str


class Status(TypedDict):
    """What the run is doing, in a word for the program and a sentence for people."""

    state: State
    text: str


class Series(TypedDict, total=False):
    """One line of a chart: `values`, or `low` and `high` where each point stands for several."""

    name: str
    steps: Array
    values: Array
    low: Array
    high: Array
    last: float


def frame(
    *,
    seq: int,
    moving: bool,
    interval_ms: float,
    status: Status,
    tiles: Sequence[Tile] = (),
    panels: Mapping[str, Panel | None],
    address: str = "",
    around: str = "",
) -> bytes:
    """One moment of a run, packed.

    Parameters
    ----------
    seq : int
        Another number at each tick: the picture asks for the next frame when it has changed.
    moving : bool
        Whether there will be a next frame.
    interval_ms : float
        Time from one frame to the next, at least.
    status : Status
        What the run is doing.
    tiles : sequence of Tile
        Numbers above the picture, left to right.
    panels : mapping of str to Panel or None
        In the order they are drawn; None is left out. The names become ``data-panel``.
    address : str
        Where the browser may ask for further frames, on this server.
    around : str
        What the page around the picture depends on: when it changes, the picture asks for a
        script run.

    Returns
    -------
    packed : bytes
        See `pack`.
    """
    shown = {name: panel for name, panel in panels.items() if panel is not None}
    head = {
        "seq": seq,
        "moving": moving,
        "interval_ms": interval_ms,
        "address": address,
        "around": around,
        "status": dict(status),
        "tiles": [dict(tile) for tile in tiles],
        "panels": [{"name": name, **panel.head} for name, panel in shown.items()],
    }
    arrays = {
        f"{name}/{array_name}": array
        for name, panel in shown.items()
        for array_name, array in panel.arrays.items()
    }
    return pack(head, arrays)


def pack(head: dict[str, Any], arrays: dict[str, Array]) -> bytes:
    """A head and arrays as bytes.

    The length of the head as uint32, little-endian; the head as JSON in UTF-8, with an
    ``arrays`` entry that gives dtype, shape and offset of each array; the arrays. Offsets
    count from the end of the padded head. Everything begins at a multiple of 4 bytes.

    Parameters
    ----------
    head : dict
        JSON values. NaN becomes null, an infinite number a string.
    arrays : dict of str to ndarray
        uint8 arrays stay uint8; all others become float32.

    Examples
    --------
    >>> head, arrays = unpack(pack({"seq": 7}, {"x": np.array([0.5, np.inf])}))
    >>> head["seq"], arrays["x"]
    (7, array([0.5, inf], dtype=float32))
    """
    described, blocks, offset = {}, [], 0
    for name, array in arrays.items():
        dtype = "uint8" if array.dtype == np.uint8 else "float32"
        with np.errstate(over="ignore"):
            block = np.ascontiguousarray(array, dtype).tobytes()
        described[name] = {"dtype": dtype, "shape": list(array.shape), "offset": offset}
        blocks.append(_padded(block))
        offset += len(blocks[-1])
    text = json.dumps(
        _plain({**head, "arrays": described}), allow_nan=False, separators=(",", ":")
    ).encode()
    return b"".join([struct.pack("<I", len(text)), _padded(text), *blocks])


def unpack(packed: bytes) -> tuple[dict[str, Any], dict[str, Array]]:
    """The head and the arrays that `pack` was given."""
    (length,) = struct.unpack_from("<I", packed)
    head = json.loads(packed[4 : 4 + length])
    start = 4 + length + -length % 4
    arrays = {}
    for name, described in head["arrays"].items():
        shape = described["shape"]
        flat = np.frombuffer(
            packed, described["dtype"], math.prod(shape), start + described["offset"]
        )
        arrays[name] = flat.reshape(shape)
    return head, arrays


def network_panel(
    experiment: Experiment, params: Params, dataset: Dataset, *, cells: int = 24
) -> Panel:
    """The diagram: weights and biases of the first units of each layer, and their responses.

    Parameters
    ----------
    experiment : Experiment
        Whose network it is.
    params : list of (weight, bias)
        The parameters at the moment shown.
    dataset : Dataset
        For the names of inputs and outputs.
    cells : int
        Side of a response picture.

    Returns
    -------
    panel : Panel
        Arrays ``weight0 (drawn inputs, drawn units)``, ``bias0``, and for networks of at most
        `PICTURED_INPUTS` inputs ``response0 (drawn units, rows, columns)`` as uint8, see
        `centred_bytes`: what each unit answers over the input square, first input to the right,
        second upwards, all further inputs 0. Then the title says so. Many inputs, such as pixels,
        are drawn as one block: then ``drawn[0]`` is 0.
    """
    sizes = [params[0][0].shape[0], *(weight.shape[1] for weight, _ in params)]
    drawn = [*(min(size, DRAWN_UNITS) for size in sizes[:-1]), min(sizes[-1], DRAWN_OUTPUTS)]
    if sizes[0] > DRAWN_UNITS:
        drawn[0] = 0
    last = len(params) - 1
    names = [*experiment.hidden_activations, experiment.output]
    words = [vocabulary.OUTPUTS if i == last else vocabulary.ACTIVATIONS for i in range(len(names))]
    arrays: dict[str, Array] = {}
    for i, ((weight, bias), (n_in, n_out)) in enumerate(zip(params, pairwise(drawn), strict=True)):
        arrays[f"weight{i}"] = weight[:n_in, :n_out]
        if bias is not None:
            arrays[f"bias{i}"] = bias[:n_out]
    scales = []
    title, grid = "Network", None
    plane, held = min(sizes[0], 2), max(0, sizes[0] - 2)
    if sizes[0] <= PICTURED_INPUTS:
        grid = _grid(plane, _affordable(cells, params, 1))
    if grid is not None:
        if held:
            first, second, *rest = dataset.input_names
            title += (
                f": answers over {first} and {second}, {rest[0] if held == 1 else 'others'} at 0"
            )
        rows = np.column_stack([grid.rows, np.zeros((len(grid.rows), held))])
        with np.errstate(all="ignore"):
            layers = layer_activations(
                params, rows, experiment.hidden_activations, experiment.output
            )
        for i, (name, activations) in enumerate(zip(names, layers, strict=True)):
            shown = activations[:, : drawn[i + 1]]
            middle, reach = _response_scale(name, shown)
            scales.append({"low": middle - reach, "middle": middle, "high": middle + reach})
            pictures = centred_bytes(shown.T - middle, reach)
            arrays[f"response{i}"] = pictures.reshape(-1, *grid.shape)
    head = {
        "type": "network",
        "title": title,
        "sizes": sizes,
        "drawn": drawn,
        "input_names": list(dataset.input_names[: drawn[0]]),
        "output_names": list(dataset.output_names[: drawn[-1]]),
        "activations": [table[name].label for table, name in zip(words, names, strict=True)],
        "response_scales": scales,
        "image_shape": dataset.image_shape,
    }
    return Panel(head, arrays)


def boundary_panel(
    experiment: Experiment, params: Params, dataset: Dataset, outputs: Array, *, cells: int = 40
) -> Panel | None:
    """The output over the input square, and where it changes its mind.

    Parameters
    ----------
    experiment : Experiment
        Whose network it is.
    params : list of (weight, bias)
        The parameters at the moment shown.
    dataset : Dataset
        Of kind 'binary' with at most 4 inputs; for others there is no such picture.
    outputs : ndarray of shape (n_shown, n_outputs)
        What the backend answers for the rows that are shown: they decide right and wrong.
    cells : int
        Points along each side of the square.

    Returns
    -------
    panel : Panel or None
        ``field (squares, rows, columns)``: first input to the right, second upwards; for three
        inputs a square each for C=0 and C=1, for four for C, D = 00, 01, 10, 11. For one input
        the field is one row: the output as a curve. ``points (n, 2)`` lie in the square of
        number ``square``; ``target`` and ``right`` are 0 or 1.
    """
    x, y = dataset.shown
    n_inputs = x.shape[1]
    if dataset.kind != "binary" or not 1 <= n_inputs <= 4:
        return None
    plane = min(n_inputs, 2)
    corners = list(product((0.0, 1.0), repeat=n_inputs - plane))
    grid = _grid(plane, _affordable(cells, params, len(corners)))
    if grid is None:
        return None
    field = np.empty((len(corners), *grid.shape))
    for i, corner in enumerate(corners):
        rows = np.column_stack([grid.rows, np.tile(corner, (len(grid.rows), 1))])
        with np.errstate(all="ignore"):
            layers = layer_activations(
                params, rows, experiment.hidden_activations, experiment.output
            )
        field[i] = layers[-1][:, 0].reshape(grid.shape)
    threshold = metrics.threshold(experiment.output, experiment.loss)
    is_logit = threshold == 0.0
    right = metrics.is_right(outputs[:, :1], y[:, :1], "binary", threshold)
    powers = 2 ** np.arange(n_inputs - plane)[::-1]
    names = list(dataset.input_names)
    head = {
        "type": "boundary",
        "title": f"Output {dataset.output_names[0]} over the inputs",
        "names": names[:plane],
        "output_name": dataset.output_names[0],
        "low": LOW,
        "high": HIGH,
        "threshold": threshold,
        "reach": 4.0 if is_logit else 0.5,
        "squares": [
            ", ".join(
                f"{name} = {value:g}" for name, value in zip(names[plane:], corner, strict=True)
            )
            for corner in corners
        ],
    }
    arrays = {
        "field": field,
        "points": x[:, :plane],
        "square": np.rint(x[:, plane:] @ powers).clip(0, len(corners) - 1).astype(np.uint8),
        "target": np.rint(y[:, 0]).astype(np.uint8),
        "right": right.astype(np.uint8),
    }
    return Panel(head, arrays)


def curve_panel(
    series: Sequence[Series],
    *,
    title: str = "Loss",
    log: bool = True,
    x_label: str = "step",
    y_label: str = "loss",
    y_range: tuple[float, float] | None = None,
    mark: int | None = None,
) -> Panel:
    """Lines over the steps, such as the loss.

    Parameters
    ----------
    series : sequence of Series
        More than `CURVE_POINTS` points are joined into bins of which the least and the greatest
        value are kept. `last` is the number written at the end; by default the last value.
    title : str
        Heading of the panel.
    log : bool
        Whether the y axis is logarithmic.
    x_label, y_label : str
        What the axes measure. A unit alone as `y_label` gets the title as its quantity.
    y_range : (float, float), optional
        Fixed ends of the y axis, such as 0 and 1 for a share.
    mark : int, optional
        A step that is marked.
    """
    described: list[dict[str, Any]] = []
    arrays: dict[str, Array] = {}
    for i, line in enumerate(series):
        low = np.asarray(line["low"] if "low" in line else line["values"], float)
        high = np.asarray(line["high"] if "high" in line else line["values"], float)
        steps, low, high = thin(np.asarray(line["steps"], float), low, high)
        last = line.get("last")
        if last is None and "values" in line and len(line["values"]):
            last = float(line["values"][-1])
        elif last is None and len(low):
            last = (low[-1] + high[-1]) / 2
        described.append({"name": line["name"], "last": last})
        arrays |= {f"steps{i}": steps, f"low{i}": low, f"high{i}": high}
    head = {
        "type": "curve",
        "title": title,
        "log": log,
        "x_label": x_label,
        "y_label": _axis_title(title.lower(), y_label),
        "y_range": y_range,
        "mark": mark,
        "series": described,
    }
    return Panel(head, arrays)


def table_panel(dataset: Dataset, outputs: Array, threshold: float = 0.5) -> Panel:
    """The rows that are shown, with their targets, outputs and answers.

    Parameters
    ----------
    dataset : Dataset
        Of any kind. For 'classes' the panel is a matrix: a row for each input, a column for each
        class, the probabilities in the array ``outputs``.
    outputs : ndarray of shape (n_shown, n_outputs)
        What the backend answers.
    threshold : float
        See `nn_core.metrics.threshold`; for 'binary' only. Where it is 0, the outputs are logits,
        and the panel holds the ``probabilities`` that they stand for.
    """
    x, y = dataset.shown
    most = TABLE_ROWS
    if dataset.kind == "classes":
        most = min(most, max(1, MATRIX_CELLS // outputs.shape[1]))
    x, y, outputs = x[:most], y[:most], outputs[:most]
    answers = metrics.decide(outputs, dataset.kind, threshold)
    right = metrics.is_right(outputs, y, dataset.kind, threshold)
    head: dict[str, Any] = {
        "type": "table",
        "kind": dataset.kind,
        "title": "Probability of each class" if dataset.kind == "classes" else "Every row",
        "input_names": list(dataset.input_names),
        "output_names": list(dataset.output_names),
        "inputs": [[f"{value:g}" for value in row] for row in x],
        "right": right.tolist(),
        "n_rows": len(dataset.shown[0]),
    }
    if dataset.kind == "classes":
        head |= {"targets": y.argmax(axis=1).tolist(), "answers": answers.tolist()}
        return Panel(head, {"outputs": outputs})
    # As JSON, not float32: tests and screen readers read these to the last digit.
    head |= {"targets": y.tolist(), "outputs": outputs.tolist(), "answers": answers.tolist()}
    if dataset.kind == "binary" and threshold == 0:
        # By tanh, which never overflows.
        head["probabilities"] = (0.5 + 0.5 * np.tanh(outputs / 2)).tolist()
    return Panel(head, {})


def pictures_panel(
    weights: Array,
    image_shape: tuple[int, int],
    *,
    limit: int = PICTURES,
    title: str = "What each hidden unit looks for",
) -> Panel:
    """First-layer weights as images, one for each unit, all on one scale.

    Parameters
    ----------
    weights : ndarray of shape (n_pixels, units)
        The weights from the pixels.
    image_shape : (int, int)
        Height and width.
    limit : int
        Units that are shown: the first.
    title : str
        Heading of the panel.
    """
    shown = weights[:, : min(limit, PICTURES)].T
    finite = np.abs(shown[np.isfinite(shown)])
    reach = nice_ceiling(float(finite.max(initial=0.0)))
    total = weights.shape[1]
    head = {
        "type": "pictures",
        "title": title if len(shown) == total else f"{title}: {len(shown)} of {total:,} units",
        "total": total,
        "reach": reach,
    }
    return Panel(head, {"images": centred_bytes(shown, reach).reshape(-1, *image_shape)})


def examples_panel(
    images: Array,
    labels: Array,
    outputs: Array,
    *,
    class_names: Sequence[str] = (),
    title: str = "Examples",
) -> Panel:
    """Images with what the network says about them.

    Parameters
    ----------
    images : ndarray of shape (n, height, width)
        0 is the background, the greatest value is full ink. The first `EXAMPLES` are shown, of
        those that have outputs.
    labels : ndarray of shape (n,), int
        The true classes.
    outputs : ndarray of shape (n, n_classes)
        Probabilities.
    class_names : sequence of str
        By default the numbers of the classes.
    title : str
        Heading of the panel.
    """
    count = min(EXAMPLES, len(images), len(labels), len(outputs))
    images, labels, outputs = images[:count], np.asarray(labels)[:count], outputs[:count]
    answers = outputs.argmax(axis=1)
    ink = 255 / max(float(images.max(initial=0)), 1e-9)
    head = {
        "type": "examples",
        "title": title,
        "classes": list(class_names) or [str(i) for i in range(outputs.shape[1])],
        "labels": labels.tolist(),
        "answers": answers.tolist(),
        "right": (answers == labels).tolist(),
    }
    return Panel(head, {"images": np.rint(images * ink).astype(np.uint8), "outputs": outputs})


def thin(
    steps: Array, low: Array, high: Array, most: int = CURVE_POINTS
) -> tuple[Array, Array, Array]:
    """At most `most` points that keep the least and the greatest value of each bin.

    Examples
    --------
    >>> thin(np.arange(4.0), np.array([3.0, 1.0, 2.0, 5.0]), np.array([3.0, 1.0, 2.0, 5.0]), 2)
    (array([1., 3.]), array([1., 2.]), array([3., 5.]))
    """
    if len(steps) <= most:
        return steps, low, high
    ends = np.linspace(0, len(steps), most + 1).astype(int)
    starts = ends[:-1]
    # fmin and fmax pass over NaN: one broken loss must not blank a bin.
    return steps[ends[1:] - 1], np.fmin.reduceat(low, starts), np.fmax.reduceat(high, starts)


def centred_bytes(values: Array, reach: float) -> Array:
    """Numbers from −`reach` to `reach` as bytes: 0 to 254, with 127 exactly for zero.

    NaN becomes 127 as well; what lies further out is clipped.

    Examples
    --------
    >>> centred_bytes(np.array([-2.0, 0.0, 0.5, np.nan]), 1.0)
    array([  0, 127, 190, 127], dtype=uint8)
    """
    scaled = np.nan_to_num(np.asarray(values, float) / reach, nan=0.0, posinf=1.0, neginf=-1.0)
    return np.asarray(np.rint(127 + 127 * scaled.clip(-1, 1)), np.uint8)


def nice_ceiling(value: float) -> float:
    """The next of 1, 2, 5, 10, ... times a power of ten: a scale that does not flicker.

    Examples
    --------
    >>> nice_ceiling(0.23), nice_ceiling(7.0), nice_ceiling(0.0)
    (0.5, 10.0, 1.0)
    """
    if value <= 0 or not math.isfinite(value):
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    for factor in (1, 2, 5):
        if value <= factor * power * (1 + 1e-9):
            return factor * power
    return 10 * power


class _Grid(NamedTuple):
    rows: Array
    shape: tuple[int, int]


def _axis_title(quantity: str, label: str) -> str:
    """What an axis measures: the label, or the quantity where the label is its unit."""
    return label if quantity in label.lower() else f"{quantity} ({label})"


def _grid(n_inputs: int, cells: int | None) -> _Grid | None:
    """Points over the input square, or along the line for one input."""
    if cells is None:
        return None
    if n_inputs == 1:
        return _Grid(np.linspace(LOW, HIGH, 3 * cells)[:, None], (1, 3 * cells))
    line = np.linspace(LOW, HIGH, cells)
    second, first = np.meshgrid(line, line, indexing="ij")
    return _Grid(np.column_stack([first.ravel(), second.ravel()]), (cells, cells))


def _affordable(cells: int, params: Params, squares: int) -> int | None:
    """As many of `cells` as `GRID_WORK` allows, or None where too few would be left."""
    work = squares * sum(weight.size for weight, _ in params)
    cells = min(cells, math.isqrt(GRID_WORK // work))
    return cells if cells >= COARSEST_GRID else None


def _response_scale(activation: str, values: Array) -> tuple[float, float]:
    """The middle of a response picture's colours, and how far they reach."""
    if activation in ("sigmoid", "softmax", "step"):
        return 0.5, 0.5
    if activation == "tanh":
        return 0.0, 1.0
    finite = np.abs(values[np.isfinite(values)])
    return 0.0, nice_ceiling(float(finite.max(initial=0.0)))


def _padded(block: bytes) -> bytes:
    return block + b"\0" * (-len(block) % 4)


def _plain(value: Any) -> Any:
    """`value` with NaN as None, infinity as a string, and NumPy's scalars as Python's."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else "∞" if value > 0 else "−∞"
    return value
