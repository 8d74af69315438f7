"""What SQLite means when it refuses something."""

from __future__ import annotations

import sqlite3

_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_DAMAGED = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)


def is_busy(error: sqlite3.Error) -> bool:
    """Whether an error says that another connection is in the way."""
    return _code(error) in _BUSY


def is_damage(error: sqlite3.Error) -> bool:
    """Whether an error says that the file is no database, or not a whole one."""
    return _code(error) in _DAMAGED


def _code(error: sqlite3.Error) -> int:
    """Of what kind an error is, without the details in the upper bits; 0 for one of our own."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
