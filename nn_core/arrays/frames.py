"""A head of JSON values and some arrays, as two blocks of bytes.

The first block is the head as strict JSON in UTF-8. Its entry ``arrays`` lists the dtype, the shape
and the offset of each array in the second block, in which every array begins at a multiple of 4
bytes, little-endian. The sender decides how the two blocks are joined: `nn_core.runs.wire` between
server and worker, `nn_core.charts.live.packing` for the browser.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from nn_core.events import Array

DTYPES = frozenset({"float32", "float64", "int32", "int64", "uint8"})
ALIGNMENT = 4
MOST_DIMENSIONS = 32


class FrameError(ValueError):
    """A head and a block that do not belong together."""


def joined(head: Mapping[str, Any], arrays: Mapping[str, Array]) -> tuple[bytes, bytes]:
    """Encode values and arrays as the two blocks.

    Parameters
    ----------
    head : mapping of str to JSON values
        Values without NaN and infinity, which JSON does not have.
    arrays : mapping of str to ndarray
        Arrays of the dtypes in `DTYPES`.

    Raises
    ------
    FrameError
        If an array has another dtype.
    ValueError
        If the head holds NaN or infinity.

    Examples
    --------
    >>> head, block = joined({"step": 7}, {"x": np.array([0.5], np.float32)})
    >>> head
    b'{"step":7,"arrays":{"x":{"dtype":"float32","shape":[1],"offset":0}}}'
    >>> parted(head, block)
    ({'step': 7}, {'x': array([0.5], dtype=float32)})
    """
    described: dict[str, Any] = {}
    pieces: list[bytes] = []
    offset = 0
    for name, array in arrays.items():
        if array.dtype.name not in DTYPES:
            raise FrameError(f"an array of {array.dtype.name}")
        shape = list(array.shape)
        described[name] = {"dtype": array.dtype.name, "shape": shape, "offset": offset}
        pieces.append(padded(array.tobytes()))
        offset += len(pieces[-1])
    whole = {**head, "arrays": described}
    text = json.dumps(whole, allow_nan=False, separators=(",", ":")).encode()
    return text, b"".join(pieces)


def parted(head: bytes | str, block: bytes | bytearray) -> tuple[dict[str, Any], dict[str, Array]]:
    """Decode the head and the arrays that `joined` encoded.

    The arrays are views of the block: they are writable if it is.

    Raises
    ------
    FrameError
        If the head is not a JSON object, or describes an array outside of the block.
    """
    try:
        found = json.loads(head)
        described = found.pop("arrays")
        return found, {name: _array(entry, block) for name, entry in described.items()}
    except (
        ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError,
    ) as error:  # fmt: skip
        raise FrameError(str(error)) from error


def padded(block: bytes) -> bytes:
    """A block, padded with zeros to a multiple of 4 bytes."""
    return block + b"\0" * (-len(block) % ALIGNMENT)


def _array(described: Mapping[str, Any], block: bytes | bytearray) -> Array:
    dtype, shape, offset = described["dtype"], described["shape"], described["offset"]
    if dtype not in DTYPES:
        raise FrameError(f"an array of {dtype}")
    sizes = [*shape, offset]
    if len(sizes) > MOST_DIMENSIONS or any(type(n) is not int or n < 0 for n in sizes):
        raise FrameError(f"an array of the shape {shape} at {offset}")
    count = math.prod(shape)
    if offset + count * np.dtype(dtype).itemsize > len(block):
        raise FrameError(f"an array of the shape {shape}, which is not there")
    return np.frombuffer(block, dtype, count, offset if count else 0).reshape(shape)
