"""The order in which several processes take the files of tests: the longest first."""

from collections import Counter

import pytest

SECONDS = {"slow": 60.0, "e2e": 6.0, "quick": 0.05}
"""About how long a test with one of these marks takes; the first that it has counts."""

OTHERS = 1.0
"""About how long any other test takes: it draws a page, starts a worker, or loads a framework."""


def seconds_of(item: pytest.Item) -> float:
    """About how long a test takes, by its marks."""
    found = (seconds for mark, seconds in SECONDS.items() if item.get_closest_marker(mark))
    return next(found, OTHERS)


def longest_first(items: list[pytest.Item]) -> None:
    """Sort tests in place: file by file, and the longest file first.

    With ``--dist loadfile`` a process takes one file after the other. A long one at the end would
    leave the other processes without work.
    """
    seconds: Counter[str] = Counter()
    for item in items:
        seconds[str(item.path)] += seconds_of(item)
    items.sort(key=lambda item: (-seconds[str(item.path)], str(item.path)))
