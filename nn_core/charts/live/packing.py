"""A head of plain values and some arrays, as bytes that a browser reads without copying."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

Array = np.ndarray


def pack(head: dict[str, Any], arrays: dict[str, Array], exact: Collection[str] = ()) -> bytes:
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
    exact : collection of str
        Names of arrays that become float64 instead: numbers to be read to the last digit.

    Examples
    --------
    >>> head, arrays = unpack(pack({"seq": 7}, {"x": np.array([0.5, np.inf])}))
    >>> head["seq"], arrays["x"]
    (7, array([0.5, inf], dtype=float32))
    """
    described, blocks, offset = {}, [], 0
    for name, array in arrays.items():
        dtype = "uint8" if array.dtype == np.uint8 else "float64" if name in exact else "float32"
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
