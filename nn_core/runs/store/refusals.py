"""Classifies SQLite's errors."""

from __future__ import annotations

import sqlite3

_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_DAMAGED = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)


def is_busy(error: sqlite3.Error) -> bool:
    """Whether an error means that another connection holds a lock."""
    return _code(error) in _BUSY


def is_damage(error: sqlite3.Error) -> bool:
    """Whether an error means that the file is not a database, or is damaged."""
    return _code(error) in _DAMAGED


def _code(error: sqlite3.Error) -> int:
    """SQLite's primary code of an error, without the upper bits; 0 for other errors."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
