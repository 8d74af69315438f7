"""Download the files of a source into the cache, trying each mirror in turn."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from nn_core.datasets.images.idx import Archive
from nn_core.datasets.images.optional_packages import imported
from nn_core.datasets.images.progress import report_progress
from nn_core.datasets.images.sources import FOLDER_VARIABLE, Source, cache_folder
from nn_core.errors import DataUnavailable

WITHOUT_DOWNLOAD = 'or choose the "embedded 8×8 digits", which need no download'
CONNECT_AND_READ_SECONDS = (5, 30)
ROUNDS = 2  # how often the list of mirrors is tried
DAY_SECONDS = 24 * 3600


def downloaded_file(source: Source, archive: Archive) -> Path:
    """Path of a file in the cache; the file is downloaded if it is missing or not the original.

    Raises
    ------
    DataUnavailable
        If no mirror delivers it; the message lists the answer of each mirror.
    """
    pooch = imported("pooch", source.label)
    folder = cache_folder(source)
    _remove_stale_files(folder)
    n_before = sum(
        other.size
        for other in source.archives
        if other is not archive and (folder / other.file).is_file()
    )
    reasons: dict[str, str] = {}
    for mirror in source.mirrors * ROUNDS:
        host = urlsplit(mirror).netloc
        downloader = pooch.HTTPDownloader(
            progressbar=DownloadProgress(source, n_before),
            chunk_size=1 << 16,
            timeout=CONNECT_AND_READ_SECONDS,
        )
        try:
            path = pooch.retrieve(
                mirror + archive.file,
                known_hash=archive.checksum,
                fname=archive.file,
                path=folder,
                downloader=downloader,
            )
        except (OSError, ValueError) as error:
            reasons[host] = _download_error(error, archive)
            if _is_local_error(error):
                break
        else:
            return Path(path)
    answers = "; ".join(f"{host} {reason}" for host, reason in reasons.items())
    raise DataUnavailable(
        f"{source.label} could not be downloaded into {folder}: {answers} (file {archive.file}). "
        "Try again once this machine has a working network, put the four original files into a "
        f"folder {source.name} and name the folder above it in {FOLDER_VARIABLE}, "
        f"{WITHOUT_DOWNLOAD}."
    )


class DownloadProgress:
    """A progress bar for pooch that reports the progress as phrases.

    Parameters
    ----------
    source : Source
        The source that is being downloaded.
    n_before : int
        Bytes of the files that are already in the cache.
    """

    def __init__(self, source: Source, n_before: int) -> None:
        self.label = source.label
        self.n_before = n_before
        self.n_all = sum(archive.size for archive in source.archives)
        self.n_here = 0
        self.total = 0  # set by pooch to the length that the server announces
        self._last_phrase = ""

    def update(self, n: int) -> None:
        """Count `n` more bytes."""
        self.n_here += n
        n_done = min(self.n_before + self.n_here, self.n_all)
        phrase = f"downloading {self.label}, {n_done / 1e6:.1f} of {self.n_all / 1e6:.1f} MB"
        if phrase != self._last_phrase:
            self._last_phrase = phrase
            report_progress(phrase)

    def reset(self) -> None:
        """Restart the count of this file at 0."""
        self.n_here = 0

    def close(self) -> None:
        """Do nothing: pooch calls this, but no resource is open."""


def _is_local_error(error: Exception) -> bool:
    """Whether the error is local, such as a full disk, so that another mirror cannot help."""
    from requests.exceptions import RequestException

    return isinstance(error, OSError) and not isinstance(error, RequestException)


def _download_error(error: Exception, archive: Archive) -> str:
    """The reason of a failed download, worded to follow the name of the server."""
    from requests import exceptions

    if _is_local_error(error):
        return f"may be fine, but the file cannot be written here ({error})"
    if isinstance(error, exceptions.HTTPError) and error.response is not None:
        return f"answered {error.response.status_code} {error.response.reason}"
    if isinstance(error, exceptions.Timeout):
        return "did not answer in time"
    if isinstance(error, exceptions.ChunkedEncodingError):
        return "broke off before the end"
    if isinstance(error, exceptions.ConnectionError):
        return "cannot be reached"
    if isinstance(error, exceptions.RequestException):
        return f"failed ({type(error).__name__})"
    algorithm = archive.checksum.partition(":")[0]
    return f"sent another file than the original (its {algorithm} differs)"


def _remove_stale_files(folder: Path) -> None:
    """Remove temporary files of downloads that were interrupted more than a day ago."""
    for litter in folder.glob("tmp*"):
        # Another process may have removed it in the meantime.
        with suppress(OSError):
            if time.time() - litter.stat().st_mtime > DAY_SECONDS:
                litter.unlink()
