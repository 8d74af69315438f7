"""What a chart shows, in a sentence made from its data: for those who do not see it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from nn_core.charts.parts import Array, Spec

MOST_NAMED = 6
"""Lines or bars that the sentence names; more are only counted."""

NO_DATA = "A chart without data so far."

Encoding = dict[str, Any]


def alt_text(table: pa.Table, spec: Spec) -> str:
    """The alternative text of a chart (WCAG 2.2, criterion 1.1.1).

    Parameters
    ----------
    table : pyarrow.Table
        Data of the chart.
    spec : dict
        Vega-Lite specification; its first line, bar or rectangle is described, or else its first
        mark.

    Returns
    -------
    text : str
        Of a line chart, where each line begins and ends; of a bar chart, the bars; of a heat map,
        the range of its colours; of any other, how many marks there are.

    Examples
    --------
    >>> spec = {"mark": "line", "encoding": {
    ...     "x": {"field": "epoch", "type": "quantitative", "title": "epoch"},
    ...     "y": {"field": "loss", "type": "quantitative", "title": "loss"},
    ...     "color": {"field": "rows", "type": "nominal"}}}
    >>> table = pa.table({"epoch": [0, 1, 2], "loss": [0.69, 0.2, 0.003], "rows": ["train"] * 3})
    >>> alt_text(table, spec)
    'Line chart of loss by epoch, from 0 to 2. train: falls from 0.69 to 0.003.'
    """
    if not table.num_rows:
        return NO_DATA
    describe = {"line": _lines, "bar": _bars, "rect": _heat_map}
    placed = [(mark, e) for mark, e in _marks(spec, {}) if {"x", "y"} <= {*e}]
    for mark, encoding in placed:
        if mark in describe:
            return describe[mark](table, encoding)
    _, encoding = placed[0]
    return f"Chart of {_title(encoding['y'])} by {_title(encoding['x'])}: {table.num_rows} marks."


def _marks(spec: Spec, outer: Encoding) -> Iterator[tuple[str, Encoding]]:
    """Every mark of a specification, with its own and the enclosing encoding."""
    encoding = {**outer, **spec.get("encoding", {})}
    for layer in spec.get("layer", ()):
        yield from _marks(layer, encoding)
    if "mark" in spec:
        mark = spec["mark"]
        yield (mark if isinstance(mark, str) else str(mark["type"])), encoding


def _lines(table: pa.Table, encoding: Encoding) -> str:
    x, y = _numbers(table, encoding["x"]), _numbers(table, encoding["y"])
    names, codes = _names(table, encoding.get("color"))
    is_drawn = np.isfinite(x) & np.isfinite(y)
    if not is_drawn.any():
        return NO_DATA
    x, y, codes = x[is_drawn], y[is_drawn], codes[is_drawn]
    lines, first_rows = np.unique(codes, return_index=True)
    order = lines[np.argsort(first_rows)]
    sentences = []
    for code in order[:MOST_NAMED]:
        is_of_line = codes == code
        values = y[is_of_line][np.argsort(x[is_of_line], kind="stable")]
        name = names[code]
        sentences.append(f"{name}: {_course(values)}" if name else _course(values))
    if len(order) > MOST_NAMED:
        sentences.append(f"and {len(order) - MOST_NAMED} more lines")
    return (
        f"Line chart of {_title(encoding['y'])} by {_title(encoding['x'])}, from {x.min():.4g} "
        f"to {x.max():.4g}. {'; '.join(sentences)}."
    )


def _course(values: Array) -> str:
    """Where a line begins and ends."""
    first, last = (f"{value:.3g}" for value in (values[0], values[-1]))
    if first == last:
        return f"begins and ends at {first}"
    return f"{'falls' if values[-1] < values[0] else 'rises'} from {first} to {last}"


def _bars(table: pa.Table, encoding: Encoding) -> str:
    lengths = _numbers(table, encoding["x"])
    title = f"Bar chart of {_title(encoding['x'])} by {_title(encoding['y'])}"
    if encoding["y"].get("type") == "quantitative":
        low = _numbers(table, encoding["y"])
        longest = lengths.argmax()
        return (
            f"{title}: {len(lengths)} bars, the longest, {lengths[longest]:.3g}, at "
            f"{low[longest]:.3g}."
        )
    names, codes = _names(table, encoding["y"])
    order = np.argsort(-lengths, kind="stable")[:MOST_NAMED]
    named = "; ".join(f"{names[codes[i]]}: {lengths[i]:.3g}" for i in order)
    rest = len(lengths) - len(order)
    return f"{title}. {named}{f'; and {rest} shorter bars' if rest else ''}."


def _heat_map(table: pa.Table, encoding: Encoding) -> str:
    values = _numbers(table, encoding["color"])
    values = values[np.isfinite(values)]
    if not len(values):
        return NO_DATA
    return (
        f"Heat map of {_title(encoding['color'])} over {_title(encoding['x'])} and "
        f"{_title(encoding['y'])}: {len(values)} cells, from {values.min():.3g} to "
        f"{values.max():.3g}."
    )


def _title(channel: Encoding) -> str:
    """The title of an axis or a legend, in one line."""
    title = channel.get("title") or channel["field"]
    return title if isinstance(title, str) else " ".join(title)


def _numbers(table: pa.Table, channel: Encoding) -> Array:
    column = table.column(channel["field"]).to_numpy(zero_copy_only=False)
    return np.asarray(column, dtype=np.float64)


def _names(table: pa.Table, channel: Encoding | None) -> tuple[list[str], Array]:
    """The names of a nominal channel, and the place of each row's name among them.

    Without a nominal channel, the only name is empty. Names stay encoded: a chart has thousands of
    rows and is drawn twice a second.
    """
    if not channel or channel.get("type") != "nominal" or not channel.get("field"):
        return [""], np.zeros(table.num_rows, np.int64)
    column = table.column(channel["field"])
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    encoded = column.unify_dictionaries().combine_chunks()
    return encoded.dictionary.to_pylist(), encoded.indices.to_numpy(zero_copy_only=False)
