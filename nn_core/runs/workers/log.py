"""The log of a worker process: its standard error, which the server keeps."""

from __future__ import annotations

import sys


def log(text: str) -> None:
    """Write a line or a traceback to standard error."""
    sys.stderr.write(text.rstrip() + "\n")
    sys.stderr.flush()
