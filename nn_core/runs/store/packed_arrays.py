"""The arrays of a run as the bytes of one ``.npz`` file, within limits."""

from __future__ import annotations

from collections.abc import Mapping

from nn_core.arrays import npz
from nn_core.errors import ArchiveError
from nn_core.events import Array

MOST_BYTES = 64_000_000
"""Limit of all arrays of a file together, unpacked."""

MOST_ARRAYS = 2000
_REASONS: dict[npz.Fault, str] = {
    "too many": "Its arrays are too many or too large.",
    "too large": "Its arrays are too many or too large.",
    "twice": "It names an array twice.",
    "packing": "Its arrays are packed in a way that is not read here.",
    "no array": "An array in it is written in another format.",
    "type": "An array in it holds something other than plain numbers.",
    "shape": "An array in it is cut off.",
}


def packed(arrays: Mapping[str, Array]) -> bytes:
    """The bytes of an ``.npz`` file.

    Raises
    ------
    ArchiveError
        If an array has a dtype that `unpacked` refuses.
    """
    if strange := [name for name, array in arrays.items() if array.dtype.name not in npz.TYPES]:
        raise ArchiveError(f"The array {strange[0]} has a type that is not kept.")
    return npz.written(arrays, is_compressed=True)


def unpacked(content: bytes, most_bytes: int = MOST_BYTES) -> dict[str, Array]:
    """The arrays in the bytes of an ``.npz`` file, each under its name.

    Parameters
    ----------
    content : bytes
        The file.
    most_bytes : int
        Limit of all arrays together.

    Raises
    ------
    ArchiveError
        If it is damaged, too large, or holds anything but plain numbers.

    Examples
    --------
    >>> import numpy as np
    >>> unpacked(packed({"weight_1": np.eye(2)}))["weight_1"]
    array([[1., 0.],
           [0., 1.]])
    """
    limits = npz.Limits(MOST_ARRAYS, most_bytes, bytes_of=lambda name: most_bytes)
    try:
        return {name: member.array() for name, member in npz.read(content, limits).items()}
    except npz.NpzError as error:
        cause = error.detail or "BadZipFile"
        reason = _REASONS.get(error.fault, f"Its arrays cannot be read: {cause}.")
        raise ArchiveError(reason) from None
