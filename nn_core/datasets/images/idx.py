"""Read gzipped IDX files and verify every byte.

References
----------
.. [1] Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits": the IDX format.
"""

from __future__ import annotations

import gzip
import hashlib
import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np

from nn_core.errors import DataUnavailable

Array = np.ndarray

UNSIGNED_BYTE = 0x08  # the type code of IDX for the only type these files use


class Archive(NamedTuple):
    """A gzipped IDX file as published.

    Attributes
    ----------
    file : str
        Its name.
    size : int
        Its length in bytes.
    checksum : str
        Of the archive, as ``sha256:`` or ``md5:`` and the digits.
    contents_md5 : str
        Of the unpacked bytes: a recompressed copy differs in everything else. Empty where only the
        checksum of the archive is published; recompressed copies are then rejected.
    shape : tuple of int
        Dimensions of the unpacked array.
    """

    file: str
    size: int
    checksum: str
    contents_md5: str
    shape: tuple[int, ...]


def read_idx(path: Path, archive: Archive, repair: str = "") -> Array:
    """Read the array in a gzipped IDX file and verify every byte.

    Parameters
    ----------
    path : Path
        The file.
    archive : Archive
        The expected content.
    repair : str
        Advice for a file that cannot be used; it ends the error message.

    Returns
    -------
    array : ndarray of archive.shape, uint8

    Raises
    ------
    DataUnavailable
        If the file is missing, unreadable, or differs from the expected content.
    """
    try:
        if not archive.contents_md5:
            _check_archive(path, archive)
        with gzip.open(path) as stream:
            return _parse(stream, archive)
    except FileNotFoundError:
        reason = f"{path} is missing."
    except (gzip.BadGzipFile, EOFError, zlib.error, ValueError) as error:
        reason = f"{path} is corrupt: {str(error).rstrip('.')}."
    except OSError as error:
        reason = f"{path} cannot be read: {error.strerror or error}."
    raise DataUnavailable(f"{reason} {repair}".rstrip())


def _check_archive(path: Path, archive: Archive) -> None:
    """Verify the checksum of the compressed file."""
    algorithm, _, expected = archive.checksum.partition(":")
    with path.open("rb") as stream:
        found = hashlib.file_digest(
            stream, lambda: hashlib.new(algorithm, usedforsecurity=False)
        ).hexdigest()
    if found != expected:
        raise ValueError(f"its checksum ({algorithm}) is {found}, not the published {expected}")


def _parse(stream: gzip.GzipFile, archive: Archive) -> Array:
    """Read header and contents; memory is allocated only once the header is verified."""
    header = stream.read(4)
    expected = bytes((0, 0, UNSIGNED_BYTE, len(archive.shape)))
    if header != expected:
        raise ValueError(
            f"it begins with the bytes {header.hex() or 'of nothing'}, not with the "
            f"{expected.hex()} of an IDX file of {len(archive.shape)} dimensions"
        )
    sizes = stream.read(4 * len(archive.shape))
    shape = tuple(np.frombuffer(sizes[: len(sizes) // 4 * 4], ">u4").tolist())
    if shape != archive.shape:
        raise ValueError(
            f"its dimensions are {_shape_text(shape)}, not {_shape_text(archive.shape)}"
        )
    array = np.empty(archive.shape, np.uint8)
    rest = array.data.cast("B")
    while rest:
        n_read = stream.readinto(rest)
        if not n_read:
            raise ValueError(f"{len(rest):,} of its {array.size:,} values are missing")
        rest = rest[n_read:]
    # This read also makes gzip compare its own checksum.
    if stream.read(1):
        raise ValueError(f"it goes on after its {array.size:,} values")
    if archive.contents_md5:
        digest = hashlib.md5(header + sizes, usedforsecurity=False)
        digest.update(array.data)
        if digest.hexdigest() != archive.contents_md5:
            raise ValueError(
                f"the checksum (md5) of its contents is {digest.hexdigest()}, "
                f"not {archive.contents_md5}"
            )
    return array


def _shape_text(shape: tuple[int, ...]) -> str:
    return " by ".join(f"{size:,}" for size in shape) or "missing"
