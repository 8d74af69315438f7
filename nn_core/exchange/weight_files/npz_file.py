"""NumPy's .npz archives: written by NumPy, read by a parser that checks every limit first.

An archive is a zip file with a ``.npy`` member for each array. The reader validates the directory
and each array header before it uses them; it unpickles no member and evaluates no header.
"""

from __future__ import annotations

import io
import json
import re
import struct
import zipfile
import zlib
from typing import Any

import numpy as np

from nn_core.errors import WeightsError
from nn_core.events import Array
from nn_core.exchange.weight_files.checkpoint import (
    DTYPES,
    MOST_BYTES,
    MOST_LAYERS,
    MOST_TEXT,
    Checkpoint,
    checkpoint_from_arrays,
    max_array_bytes,
)

METADATA = "metadata"
MOST_MEMBERS = 2 * MOST_LAYERS + 1
MOST_METADATA_BYTES = 4 * 2 * MOST_TEXT
"""Four bytes per character, as in NumPy strings; JSON within JSON needs additional characters."""

_END = struct.Struct("<4s4H2LH")
_MOST_DIRECTORY_BYTES = 100 * MOST_MEMBERS
_HEADER = re.compile(
    r"\{'descr': '([<|][fU]\d{1,6})', 'fortran_order': (True|False), "
    r"'shape': \((\d{0,9}(?:, \d{1,9}){0,3}),?\), \} *\n"
)
_MOST_HEADER_BYTES = 256


def write_npz(checkpoint: Checkpoint) -> bytes:
    """Write a checkpoint as a ``.npz`` file.

    ``np.load`` opens it; ``json.loads(str(file["metadata"]))`` returns its metadata.
    """
    stream = io.BytesIO()
    members: dict[str, Any] = {
        **checkpoint.arrays,
        METADATA: np.array(json.dumps(checkpoint.metadata)),
    }
    np.savez(stream, **members)
    return stream.getvalue()


def read_npz(content: bytes) -> Checkpoint:
    """Read the checkpoint of a ``.npz`` file.

    Raises
    ------
    WeightsError
        If the file is damaged or not a checkpoint.
    """
    _check_directory(content)
    arrays: dict[str, Array] = {}
    metadata: dict[str, object] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            _check_members(members)
            for member in members:
                name = member.filename.removesuffix(".npy")
                with archive.open(member) as stream:
                    block = stream.read(member.file_size)
                if name == METADATA:
                    metadata = _metadata(block)
                else:
                    arrays[name] = _array(name, block)
    except (
        zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError,
        ValueError, struct.error, OverflowError,
    ) as error:  # fmt: skip
        if isinstance(error, WeightsError):
            raise
        raise WeightsError(_damaged("its archive cannot be unpacked")) from None
    return checkpoint_from_arrays(arrays, metadata)


def _damaged(why: str) -> str:
    return f"The .npz file is damaged, or was cut short: {why}. Save it anew, or choose another."


def _check_directory(content: bytes) -> None:
    """Reject an archive whose directory is too long, before parsing it."""
    if len(content) < _END.size:
        raise WeightsError(_damaged("it ends before its list of members"))
    signature, *numbers, n_comment = _END.unpack(content[-_END.size :])
    if signature != b"PK\x05\x06" or n_comment:
        raise WeightsError(_damaged("it does not end with its list of members"))
    _, _, _, count, n_directory, _ = numbers
    if content[-_END.size - 20 : -_END.size].startswith(b"PK\x06\x07"):
        raise WeightsError("The .npz file says that it is larger than 4 GB. Choose another one.")
    if count > MOST_MEMBERS or n_directory > _MOST_DIRECTORY_BYTES:
        raise WeightsError(
            f"The archive has more members than weights need: at most {MOST_MEMBERS}. "
            "Load a file that was saved here as .npz; .pt and .keras files are for their "
            "frameworks, and are not loaded."
        )


def _check_members(members: list[zipfile.ZipInfo]) -> None:
    names = [member.filename for member in members]
    if len(set(names)) < len(names):
        raise WeightsError("The archive has two members of one name. Choose another file.")
    total = 0
    for member in members:
        name = member.filename.removesuffix(".npy")
        most = MOST_METADATA_BYTES if name == METADATA else max_array_bytes(name)
        if not most or not member.filename.endswith(".npy"):
            raise WeightsError(
                f"The archive holds “{_shown(member.filename)}”, which is no layer of a network. "
                "Load a file that was saved here as .npz or .safetensors; those for PyTorch "
                "(.pt) and Keras (.keras) are not loaded."
            )
        total += member.file_size
        if member.file_size > most + _MOST_HEADER_BYTES or total > MOST_BYTES:
            raise WeightsError(
                f"“{_shown(name)}” would unpack to {member.file_size:,} bytes, more than a layer "
                "can have. The file is not opened."
            )
        if member.flag_bits & 1:
            raise WeightsError("The archive is locked with a password. Save it without one.")


def _shown(name: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in name[:60])


def _header(block: bytes) -> tuple[str, bool, tuple[int, ...], bytes]:
    """dtype, order and shape of a ``.npy`` member, and the bytes behind its header."""
    if block[:6] != b"\x93NUMPY" or len(block) < 10 or block[6:8] != b"\x01\x00":
        raise WeightsError(_damaged("a member is no array of NumPy"))
    (length,) = struct.unpack("<H", block[8:10])
    text = block[10 : 10 + min(length, _MOST_HEADER_BYTES)].decode("latin-1")
    found = _HEADER.fullmatch(text)
    if length > _MOST_HEADER_BYTES or not found:
        raise WeightsError(
            _damaged("a member is no plain array of float32 or float64 numbers in rows")
        )
    dtype, order, sizes = found.groups()
    shape = tuple(int(size) for size in sizes.split(",") if size)
    return dtype, order == "True", shape, block[10 + length :]


def _array(name: str, block: bytes) -> Array:
    dtype, is_fortran, shape, rest = _header(block)
    if dtype not in ("<f4", "<f8"):
        raise WeightsError(f"{name} is of the type {dtype}; only {' and '.join(DTYPES)} are read.")
    count = 1
    for size in shape:
        count *= size
    if count * int(dtype[2:]) != len(rest):
        raise WeightsError(
            f"{name} says that it has the shape {shape}, and holds {len(rest):,} bytes: that does "
            "not go together. The file is damaged."
        )
    array = np.frombuffer(rest, dtype).astype(dtype[1:])
    return array.reshape(shape, order="F" if is_fortran else "C")


def _metadata(block: bytes) -> dict[str, object]:
    """The metadata of the file; empty if it cannot be parsed."""
    dtype, _, shape, rest = _header(block)
    if not dtype.startswith("<U") or shape or len(rest) > MOST_METADATA_BYTES:
        return {}
    try:
        found = json.loads(rest.decode("utf-32-le").rstrip("\0"))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
