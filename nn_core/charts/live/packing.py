"""Serialise a JSON head and arrays into bytes that a browser reads without copying."""

from __future__ import annotations

import math
import struct
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from nn_core.arrays import frames
from nn_core.events import Array

_LENGTH = struct.Struct("<I")


def pack(head: dict[str, Any], arrays: dict[str, Array], exact: Collection[str] = ()) -> bytes:
    """Serialise a head and arrays.

    The length of the head as uint32, little-endian; the head, padded to a multiple of 4 bytes; the
    arrays: see `nn_core.arrays.frames`. ``ui/components/common/frame_bytes.js`` reads them.

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
    text, block = frames.joined(
        _json_value(head), {name: _sent(array, name in exact) for name, array in arrays.items()}
    )
    return b"".join([_LENGTH.pack(len(text)), frames.padded(text), block])


def unpack(packed: bytes) -> tuple[dict[str, Any], dict[str, Array]]:
    """The head and the arrays that `pack` was given, as the browser reads them."""
    (length,) = _LENGTH.unpack_from(packed)
    text = packed[_LENGTH.size : _LENGTH.size + length]
    return frames.parted(text, packed[_LENGTH.size + len(frames.padded(text)) :])


def _sent(array: Array, is_exact: bool) -> Array:
    dtype = np.uint8 if array.dtype == np.uint8 else np.float64 if is_exact else np.float32
    with np.errstate(over="ignore"):
        return np.asarray(array, dtype)


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
