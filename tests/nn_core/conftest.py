"""What the tests of the core share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from nn_core.runs.workers.pool import Pool


@pytest.fixture
def slots() -> int:
    """How many runs the pool of a test trains at a time; a file of tests may say another number."""
    return 2


@pytest.fixture
def pool(clock, slots) -> Iterator[Pool]:
    """A pool of worker processes by the clock of the test; it ends with the test."""
    # Imported here: the Python of a framework that needs its own cannot import it.
    from nn_core.runs.workers.pool import Pool

    pool = Pool(slots=slots, queue_length=3, clock=clock)
    yield pool
    pool.close()
