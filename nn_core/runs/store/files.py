"""The files of packed arrays beside the database, one for each run."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Collection
from pathlib import Path

FOLDER = "arrays"


class Files:
    """The files with the arrays of runs.

    Parameters
    ----------
    folder : Path
        The folder of the history; the files are in a subfolder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / FOLDER

    def path(self, run_id: str) -> Path:
        """The path of a run's file."""
        return self.folder / f"{run_id}.npz"

    def write(self, run_id: str, content: bytes) -> Path:
        """Write a file atomically: it is renamed once all of it is on the disk.

        Raises
        ------
        OSError
            If it cannot be written; nothing of it remains on the disk.
        """
        path = self.path(run_id)
        unnamed = path.with_suffix(f".{secrets.token_hex(8)}.part")
        path.parent.mkdir(exist_ok=True)
        try:
            with unnamed.open("xb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            unnamed.replace(path)
        except OSError:
            with contextlib.suppress(OSError):
                unnamed.unlink()
            raise
        return path

    def remove(self, run_id: str) -> None:
        """Remove the file of a run, if it exists and can be removed."""
        with contextlib.suppress(OSError):
            self.path(run_id).unlink()

    def remove_strays(self, known: Collection[str], before: float) -> None:
        """Remove files that belong to no run, such as incomplete ones of a killed process.

        Parameters
        ----------
        known : collection of str
            Ids of the existing runs.
        before : float
            Only older files are removed, because newer ones may still be written; seconds since
            1970, UTC.
        """
        with contextlib.suppress(OSError):
            for path in self.folder.iterdir():
                is_ours = path.suffix == ".npz" and path.stem in known
                if not is_ours and path.stat().st_mtime < before:
                    path.unlink()
