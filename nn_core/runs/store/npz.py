"""Named arrays as the bytes of one ``.npz`` file, and back, without trust in where they come from.

``numpy.load`` would read the same files. It takes memory for what the head of a file promises;
here nothing is read that has not been measured first.
"""

from __future__ import annotations

import io
import math
import zipfile
import zlib
from collections.abc import Mapping

import numpy as np

from nn_core.errors import ArchiveError
from nn_core.events import Array

MOST_BYTES = 64_000_000
"""Unpacked, all arrays of a file together."""

MOST_ARRAYS = 2000
DTYPES = frozenset({"float32", "float64", "int32", "int64", "uint8"})
_PLAIN = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_UNREADABLE = (
    zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, OSError, OverflowError,
    RuntimeError, ValueError, TypeError, MemoryError,
)  # fmt: skip


def packed(arrays: Mapping[str, Array]) -> bytes:
    """The bytes of an ``.npz`` file.

    Raises
    ------
    ArchiveError
        If an array has a type that `unpacked` would refuse.
    """
    if strange := [name for name, array in arrays.items() if array.dtype.name not in DTYPES]:
        raise ArchiveError(f"The array {strange[0]} has a type that is not kept.")
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as members:
        for name, array in arrays.items():
            with members.open(f"{name}.npy", "w", force_zip64=True) as member:
                # Not `ascontiguousarray`, which gives a single number a dimension.
                np.lib.format.write_array(member, np.asarray(array, order="C"), (1, 0), False)
    return stream.getvalue()


def unpacked(content: bytes, most_bytes: int = MOST_BYTES) -> dict[str, Array]:
    """The arrays in the bytes of an ``.npz`` file, each under its name.

    Parameters
    ----------
    content : bytes
        The file.
    most_bytes : int
        That all arrays together may take.

    Raises
    ------
    ArchiveError
        If it is damaged, too large, or holds anything but plain numbers.

    Examples
    --------
    >>> unpacked(packed({"weight_1": np.eye(2)}))["weight_1"]
    array([[1., 0.],
           [0., 1.]])
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as members:
            infos = members.infolist()
            if len(infos) > MOST_ARRAYS or sum(info.file_size for info in infos) > most_bytes:
                raise ArchiveError("Its arrays are too many or too large.")
            if any(info.compress_type not in _PLAIN for info in infos):
                raise ArchiveError("Its arrays are packed in a way that is not read here.")
            # What is read of a member ends where its head says: a bomb stays small.
            found = {info.filename: _array(members.read(info)) for info in infos}
    except ArchiveError:
        raise
    except _UNREADABLE as error:
        raise ArchiveError(f"Its arrays cannot be read: {type(error).__name__}.") from None
    if len(found) != len(infos):
        raise ArchiveError("It names an array twice.")
    return {name.removesuffix(".npy"): array for name, array in found.items()}


def _array(content: bytes) -> Array:
    stream = io.BytesIO(content)
    if np.lib.format.read_magic(stream) != (1, 0):
        raise ArchiveError("An array in it is written in another format.")
    shape, is_fortran, dtype = np.lib.format.read_array_header_1_0(stream)
    start = stream.tell()
    if dtype.name not in DTYPES or not dtype.isnative or is_fortran:
        raise ArchiveError("An array in it holds something other than plain numbers.")
    if len(shape) > 8 or min(shape, default=1) < 0:
        raise ArchiveError("An array in it has a shape that cannot be.")
    if math.prod(shape) * dtype.itemsize != len(content) - start:
        raise ArchiveError("An array in it is cut off.")
    return np.frombuffer(content, dtype, offset=start).reshape(shape)
