"""Serialise a JSON head and arrays into bytes that a browser reads without copying."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

Array = np.ndarray


def pack(head: dict[str, Any], arrays: dict[str, Array], exact: Collection[str] = ()) -> bytes:
    """Serialise a head and arrays.

    The format is the length of the head as little-endian uint32; the head as JSON in UTF-8, whose
    ``arrays`` entry gives dtype, shape and offset of each array; the arrays. Offsets count from the
    end of the padded head. All parts are aligned to 4 bytes.

    Parameters
    ----------
    head : dict
        JSON values. NaN becomes null, infinity becomes a string.
    arrays : dict of str to ndarray
        uint8 arrays stay uint8; all others become float32.
    exact : collection of str
        Names of arrays that are packed as float64, for display with all digits.

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
        _json_value({**head, "arrays": described}), allow_nan=False, separators=(",", ":")
    ).encode()
    return b"".join([struct.pack("<I", len(text)), _padded(text), *blocks])


def unpack(packed: bytes) -> tuple[dict[str, Any], dict[str, Array]]:
    """Inverse of `pack`: the head and the arrays."""
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


def _json_value(value: Any) -> Any:
    """`value` with NaN as None, infinity as a string, and NumPy's scalars as Python's."""
    if isinstance(value, Mapping):
        return {str(key): _json_value(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_json_value(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else "∞" if value > 0 else "−∞"
    return value
