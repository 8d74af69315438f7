"""The files beside the database: the packed arrays of runs, one file for each."""

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
        Where the history lies; they are in a folder of their own there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / FOLDER

    def path(self, run_id: str) -> Path:
        """Where the file of a run lies."""
        return self.folder / f"{run_id}.npz"

    def write(self, run_id: str, content: bytes) -> Path:
        """Write a file whole or not at all: it gets its name once all of it is on the disk.

        Raises
        ------
        OSError
            If the disk refuses it; then nothing of it is left there.
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
        """Remove the file of a run, if it is there and can be."""
        with contextlib.suppress(OSError):
            self.path(run_id).unlink()

    def remove_strays(self, known: Collection[str], before: float) -> None:
        """Remove the files of no run, such as those that a killed process left half written.

        Parameters
        ----------
        known : collection of str
            Ids of the runs that there are.
        before : float
            Younger ones stay, for they may be in work; in seconds since 1970, UTC.
        """
        with contextlib.suppress(OSError):
            for path in self.folder.iterdir():
                is_ours = path.suffix == ".npz" and path.stem in known
                if not is_ours and path.stat().st_mtime < before:
                    path.unlink()
