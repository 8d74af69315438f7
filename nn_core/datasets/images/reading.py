"""Read the arrays of a source from the user's folder, or else from the cache."""

from __future__ import annotations

import functools

import numpy as np

from nn_core.datasets.images.download import WITHOUT_DOWNLOAD, downloaded_file
from nn_core.datasets.images.idx import Archive, read_idx
from nn_core.datasets.images.sources import FOLDER_VARIABLE, SOURCES, Source, folder_given

Array = np.ndarray


def read(source: Source, archive: Archive) -> Array:
    """Read and verify one of the files, as a uint8 array.

    Raises
    ------
    DataUnavailable
        If the file is missing or corrupt and cannot be downloaded.
    """
    given = folder_given(source)
    if given is not None:
        others = source.archives
        repair = (
            f"Put the four original files ({', '.join(other.file for other in others)}) into "
            f"{given}, unset {FOLDER_VARIABLE} so that they are downloaded, {WITHOUT_DOWNLOAD}."
        )
        return read_idx(given / archive.file, archive, repair)
    return read_idx(
        downloaded_file(source, archive), archive, "Delete it; it is then downloaded again."
    )


@functools.lru_cache(maxsize=4)
def raw_test_images(name: str) -> tuple[Array, Array]:
    """All test images of a source and their labels; cached and shared, therefore read-only."""
    source = SOURCES[name]
    return _read_only(read(source, source.test_images)), _read_only(
        read(source, source.test_labels)
    )


@functools.lru_cache(maxsize=4)
def training_labels(name: str) -> Array:
    """The labels of all training images of a source; cached, therefore read-only."""
    source = SOURCES[name]
    return _read_only(read(source, source.train_labels))


def _read_only(array: Array) -> Array:
    array.flags.writeable = False
    return array
