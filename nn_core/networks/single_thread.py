"""Linear algebra on one thread, for charts that are computed while workers train."""

from __future__ import annotations

import functools
from contextlib import AbstractContextManager
from typing import Any

from threadpoolctl import ThreadpoolController


def on_one_thread() -> AbstractContextManager[Any]:
    """Within this context, matrix products of this process use one thread.

    Where the cores are busy, the threads of a product wait for each other: a sequence of small
    products then takes many times as long on two threads as on one.
    """
    limited: AbstractContextManager[Any] = _controller().limit(limits=1, user_api="blas")
    return limited


@functools.cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()  # scans the libraries of the process, so it is cached
