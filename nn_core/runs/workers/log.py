"""The log of a worker process: its standard error, which the server keeps."""

from __future__ import annotations

import sys


def log(text: str) -> None:
    """Write a line, or a traceback, for whoever looks into a failure."""
    sys.stderr.write(text.rstrip() + "\n")
    sys.stderr.flush()
