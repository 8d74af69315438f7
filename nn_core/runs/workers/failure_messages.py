"""Messages for the screen, from the exceptions of a worker."""

from __future__ import annotations

from nn_core import backends
from nn_core.errors import (
    BackendUnavailable,
    BackpropError,
    DataUnavailable,
    DeviceUnavailable,
    InvalidExperiment,
)
from nn_core.events import Failed, FailureKind

LONGEST_LINE = 300
KINDS: dict[type[Exception], FailureKind] = {
    BackendUnavailable: "framework",
    DeviceUnavailable: "device",
    DataUnavailable: "data",
    InvalidExperiment: "invalid",
    BackpropError: "framework",
}
"""Exceptions whose text is shown as it is; the first that matches counts."""

SIGNS_OF_NO_MEMORY = (
    "MemoryError",
    "RESOURCE_EXHAUSTED",
    "ResourceExhausted",
    "DefaultCPUAllocator",
    "bad_alloc",
    "out of memory",
    "Unable to allocate",
)
"""Texts in the errors of Python and the frameworks when an allocation fails."""


def failed(error: Exception, backend: str) -> Failed:
    """The event that ends a run after an exception.

    Parameters
    ----------
    error : Exception
        Any exception of a framework.
    backend : str
        The backend of the run; it may be unknown.
    """
    for kind, name in KINDS.items():
        if isinstance(error, kind):
            return Failed(name, str(error))
    text = f"{type(error).__name__}: {error}"
    if any(sign in text for sign in SIGNS_OF_NO_MEMORY):
        return Failed(
            "memory",
            "This network needs more memory than the app allows a run. "
            "Choose fewer hidden units, a smaller batch or float32.",
        )
    return Failed(
        "framework",
        f"{backends.label(backend) if backend in backends.names() else 'The framework'} stopped "
        f"with an error: {_plain(text)} Press Train to try again, or choose another backend.",
    )


def refusal(error: Exception, framework: str) -> str:
    """The message of a request that failed."""
    if isinstance(error, BackpropError):
        return str(error)
    text = _plain(f"{type(error).__name__}: {error}")
    return f"{backends.label(framework)} stopped with an error: {text}"


def _plain(text: str) -> str:
    """One line of printable text, at most `LONGEST_LINE` characters."""
    line = "".join(c if c.isprintable() else " " for c in text)
    if len(line) > LONGEST_LINE:
        line = line[: LONGEST_LINE - 3] + "..."
    return line.rstrip(".") + "."
