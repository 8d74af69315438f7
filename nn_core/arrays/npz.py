"""Writes named arrays as the bytes of one ``.npz`` file, and reads untrusted files.

It is a zip file with a ``.npy`` member for each array. ``numpy.load`` reads the same files, but
allocates the memory that a header declares. Here the directory of the archive and the header of
each array are checked first: they must be small and match the actual content. No member is
unpickled, and no header is evaluated.

References
----------
.. [1] NumPy, "The NPY format", https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
"""

from __future__ import annotations

import io
import math
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from nn_core.arrays.frames import DTYPES
from nn_core.events import Array

Fault = Literal[
    "damaged", "zip64", "too many", "twice", "foreign", "too large", "locked", "packing",
    "no array", "header", "type", "shape",
]  # fmt: skip

TYPES = {name: np.dtype(name).newbyteorder("<").str for name in sorted(DTYPES)}
"""The dtypes by NumPy's names, with their notation in a header."""

_PLAIN = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_UNREADABLE = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, KeyError, NotImplementedError, OSError,
    OverflowError, RuntimeError, ValueError, TypeError, MemoryError,
)  # fmt: skip
_END = struct.Struct("<4s4H2LH")
_DIRECTORY_BYTES_PER_MEMBER = 200
_MOST_HEADER_BYTES = 256
_HEADER = re.compile(
    r"\{'descr': '([<>|=][A-Za-z]\d{0,6})', 'fortran_order': (True|False), "
    r"'shape': \(((?:\d{1,20}(?:, \d{1,20}){0,7},?)?)\), \} *\n"
)


class NpzError(ValueError):
    """A file that cannot be read.

    Parameters
    ----------
    fault : str
        The kind of error, as one word.
    reason : str
        The same as a clause for a message.
    name : str
        The invalid member; empty if it is the archive.
    detail : str
        Its dtype, size or shape, or the error of a library.
    """

    def __init__(self, fault: Fault, reason: str, name: str = "", detail: str = "") -> None:
        super().__init__(reason)
        self.detail = detail
        self.fault = fault
        self.reason = reason
        self.name = name


class Member(NamedTuple):
    """A member of an archive whose header was read.

    Attributes
    ----------
    name : str
        Without the ending ``.npy``.
    dtype : str
        In the notation of the header, such as ``<f4``.
    shape : tuple of int
        Shape in the header.
    is_fortran : bool
        Whether the first index varies fastest.
    content : bytes
        The bytes after the header.
    """

    name: str
    dtype: str
    shape: tuple[int, ...]
    is_fortran: bool
    content: bytes

    def array(self, types: Mapping[str, str] = TYPES) -> Array:
        """The array: a read-only view of `content`.

        Raises
        ------
        NpzError
            If its dtype is not allowed, or its size does not match its shape.
        """
        if self.dtype not in types.values():
            raise NpzError("type", "it has another type", self.name, self.dtype)
        if math.prod(self.shape) * np.dtype(self.dtype).itemsize != len(self.content):
            found = f"{self.shape}, and holds {len(self.content):,}"
            raise NpzError("shape", "its shape and its size do not agree", self.name, found)
        order: Literal["C", "F"] = "F" if self.is_fortran else "C"
        try:
            return np.frombuffer(self.content, self.dtype).reshape(self.shape, order=order)
        except (ValueError, OverflowError):  # an empty array with too many dimensions
            raise NpzError("shape", "its shape cannot be", self.name, str(self.shape)) from None


@dataclass(frozen=True)
class Limits:
    """Limits of an archive.

    Attributes
    ----------
    members : int
        Number of members.
    total_bytes : int
        Bytes of all members, unpacked.
    bytes_of : callable
        From the name of a member to the limit of its bytes; 0 where the member is not allowed.
    """

    members: int
    total_bytes: int
    bytes_of: Callable[[str], int]


def written(arrays: Mapping[str, Array], *, is_compressed: bool) -> bytes:
    """The bytes of an ``.npz`` file."""
    how = zipfile.ZIP_DEFLATED if is_compressed else zipfile.ZIP_STORED
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", how, compresslevel=3) as members:
        for name, array in arrays.items():
            with members.open(f"{name}.npy", "w", force_zip64=True) as member:
                # Not `ascontiguousarray`, which adds a dimension to a single number.
                np.lib.format.write_array(member, np.asarray(array, order="C"), (1, 0), False)
    return stream.getvalue()


def read(content: bytes, limits: Limits) -> dict[str, Member]:
    """The members of an ``.npz`` file, by name.

    Raises
    ------
    NpzError
        If it is damaged, or holds more than the limits allow.
    """
    _check_directory(content, limits)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            infos = archive.infolist()
            _check_members(infos, limits)
            found = {}
            for info in infos:
                name = info.filename.removesuffix(".npy")
                with archive.open(info) as stream:
                    # The read is limited to the size in the directory, so a zip bomb stays small.
                    found[name] = _member(name, stream.read(info.file_size))
            return found
    except NpzError:
        raise
    except _UNREADABLE as error:
        kind = type(error).__name__
        raise NpzError("damaged", "its archive cannot be unpacked", detail=kind) from None


def _check_directory(content: bytes, limits: Limits) -> None:
    """Reject an archive whose list of members is too long, before it is read."""
    if len(content) < _END.size:
        raise NpzError("damaged", "it ends before its list of members")
    signature, *numbers, n_comment = _END.unpack(content[-_END.size :])
    if signature != b"PK\x05\x06" or n_comment:
        raise NpzError("damaged", "it does not end with its list of members")
    _, _, _, count, n_directory, _ = numbers
    if content[-_END.size - 20 : -_END.size].startswith(b"PK\x06\x07"):
        raise NpzError("zip64", "it says that it is larger than 4 GB")
    if count > limits.members or n_directory > _DIRECTORY_BYTES_PER_MEMBER * limits.members:
        raise NpzError("too many", "it has too many members")


def _check_members(infos: list[zipfile.ZipInfo], limits: Limits) -> None:
    if len(infos) > limits.members:
        raise NpzError("too many", "it has too many members")
    names = [info.filename for info in infos]
    if len(set(names)) < len(names):
        raise NpzError("twice", "it has two members of one name")
    total = 0
    for info in infos:
        name = info.filename.removesuffix(".npy")
        most = limits.bytes_of(name)
        if not most or name == info.filename:
            raise NpzError("foreign", "it holds something else", info.filename)
        total += info.file_size
        if info.file_size > most + _MOST_HEADER_BYTES or total > limits.total_bytes:
            raise NpzError("too large", "it is too large", name, f"{info.file_size:,} bytes")
        if info.flag_bits & 1:
            raise NpzError("locked", "it is locked with a password", name)
        if info.compress_type not in _PLAIN:
            raise NpzError("packing", "it is packed in a way that is not read here", name)


def _member(name: str, block: bytes) -> Member:
    if block[:6] != b"\x93NUMPY" or len(block) < 10 or block[6:8] != b"\x01\x00":
        raise NpzError("no array", "a member is no array of NumPy", name)
    (length,) = struct.unpack("<H", block[8:10])
    text = block[10 : 10 + min(length, _MOST_HEADER_BYTES)].decode("latin-1")
    found = _HEADER.fullmatch(text)
    if length > _MOST_HEADER_BYTES or not found:
        raise NpzError("header", "a member has no header of an array", name)
    dtype, order, sizes = found.groups()
    shape = tuple(int(size) for size in sizes.split(",") if size)
    return Member(name, dtype, shape, order == "True", block[10 + length :])
