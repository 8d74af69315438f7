"""Progress reports of the loading of images, for an optional listener."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_listener: ContextVar[Callable[[str], None] | None] = ContextVar("listener", default=None)


@contextmanager
def on_progress(callback: Callable[[str], None]) -> Iterator[None]:
    """Call `callback` with the progress of every load within this context.

    Parameters
    ----------
    callback : callable
        Takes a phrase such as "downloading MNIST, 3.1 of 11.6 MB". It is called in the thread
        that loads, at most once for each tenth of a megabyte.
    """
    token = _listener.set(callback)
    try:
        yield
    finally:
        _listener.reset(token)


def report_progress(phrase: str) -> None:
    """Pass a phrase to the listener of this context, if there is one."""
    listener = _listener.get()
    if listener is not None:
        listener(phrase)
