"""What can go wrong, as one family.

Every message says what happened, why, and what to do next, because it is shown
to the person at the screen as it stands::

    BackpropError
    ├─ InvalidExperiment      a field out of bounds, an unknown name, a pair that makes no sense
    ├─ BackendUnavailable     the framework is absent, or fails to import
    ├─ DeviceUnavailable      the device is not on this machine
    ├─ DataUnavailable        a data file is missing, corrupt, or cannot be downloaded
    ├─ TableError             a table of the user's own that cannot be read as one
    ├─ WeightsError           a file of weights that is wrong, damaged or hostile
    ├─ QueueFull              too many runs are waiting already
    ├─ NotYourRun             a command for a run that another session started
    └─ RunFailed              the worker reported an error, or vanished
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class BackpropError(Exception):
    """The root of the family."""


class Problem(NamedTuple):
    """One thing that is wrong with an experiment.

    Attributes
    ----------
    field : str
        Name of the field, as in `Experiment`.
    value : object
        The value that was given.
    reason : str
        What is allowed instead, or why the value cannot work.
    """

    field: str
    value: object
    reason: str

    def __str__(self) -> str:
        shown = repr(self.value)
        if len(shown) > 60:
            shown = shown[:57] + "..."
        return f"{self.field} = {shown}: {self.reason}"


class InvalidExperiment(BackpropError, ValueError):
    """An experiment that cannot be run as it is written.

    Parameters
    ----------
    problems : sequence of Problem
        At least one; all that were found.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(map(str, self.problems)))

    def __reduce__(self) -> tuple[type[InvalidExperiment], tuple[Sequence[Problem]]]:
        return type(self), (self.problems,)


class BackendUnavailable(BackpropError):
    """The framework behind a backend is not installed, or does not import."""


class DeviceUnavailable(BackpropError):
    """The device asked for is not on this machine."""


class DataUnavailable(BackpropError):
    """A data set could not be read."""


class TableError(BackpropError, ValueError):
    """A CSV file, or a choice of its columns, that nothing can be learned from."""


class WeightsError(BackpropError, ValueError):
    """A file of weights that cannot be read, or a network that cannot be written to one."""


class QueueFull(BackpropError):
    """Too many runs are waiting already."""


class NotYourRun(BackpropError):
    """A command for a run that another session started."""


class RunFailed(BackpropError):
    """A run ended before its time."""
