"""The exceptions of this project.

Every message names what happened, why, and what to do next, because it is shown to the user
unchanged::

    BackpropError
    ├─ InvalidExperiment      a field out of bounds, an unknown name, fields that do not fit
    ├─ BackendUnavailable     the framework is absent, or fails to import
    ├─ DeviceUnavailable      the device is not on this machine
    ├─ DataUnavailable        a data file is missing, corrupt, or cannot be downloaded
    ├─ TableError             a CSV file of the user that cannot be read as a table
    ├─ WeightsError           a file of weights that is wrong, damaged or hostile
    ├─ StoreError             the history of runs cannot be read or written
    ├─ ArchiveError           a file of stored runs that cannot be read
    ├─ QueueFull              too many runs are waiting already
    └─ NotYourRun             a command for a run that another session started
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from pydantic import ValidationError


class BackpropError(Exception):
    """The base class of all exceptions of this project."""


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
    is_unknown_name : bool
        Whether the value is not one of the names that the field allows; `reason` then lists them.
    """

    field: str
    value: object
    reason: str
    is_unknown_name: bool = False

    def __str__(self) -> str:
        shown = repr(self.value)
        if len(shown) > 60:
            shown = shown[:57] + "..."
        return f"{self.field} = {shown}: {self.reason}"


class InvalidExperiment(BackpropError, ValueError):
    """An experiment whose fields are invalid.

    Parameters
    ----------
    problems : sequence of Problem
        All problems that were found, at least one.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(map(str, self.problems)))

    def __reduce__(self) -> tuple[type[InvalidExperiment], tuple[Sequence[Problem]]]:
        return type(self), (self.problems,)


class BackendUnavailable(BackpropError):
    """The framework of a backend is not installed, or its import fails."""


class DeviceUnavailable(BackpropError):
    """The requested device is not on this machine."""


class DataUnavailable(BackpropError):
    """A data set could not be read."""


class TableError(BackpropError, ValueError):
    """A CSV file, or a choice of its columns, that cannot be used as a data set."""


class WeightsError(BackpropError, ValueError):
    """A file of weights that cannot be read, or a network that cannot be written to one."""


class StoreError(BackpropError):
    """The history of runs could not be read or written."""


class ArchiveError(BackpropError, ValueError):
    """A file that is damaged, too large, or not a file of stored runs."""


class QueueFull(BackpropError):
    """Too many runs are waiting already."""


class NotYourRun(BackpropError):
    """A command for a run that another session started."""


class UnknownName(ValueError):
    """A name that the field does not allow.

    Parameters
    ----------
    known : mapping
        The table of the field; its keys are the names.
    """

    def __init__(self, known: Mapping[Any, Any]) -> None:
        super().__init__(f"choose one of {', '.join(map(str, sorted(known)))}")


_NUMBERS = {"int_": "give a whole number", "float_": "give a number"}
_REASONS = {
    "finite_number": "give a finite number",
    "greater_than_equal": "give at least {ge:,.10g}",
    "less_than_equal": "give at most {le:,.10g}",
    "bool_parsing": "give 1 for yes or 0 for no",
    "bool_type": "give 1 for yes or 0 for no",
    "tuple_type": "give a list",
    "too_long": "give at most {max_length:,} of them",
    "too_short": "give at least {min_length:,} of them",
    "literal_error": "choose {expected}",
    "missing": "this is missing, and required",
    "string_type": "give a text",
    "string_too_long": "give at most {max_length:,} characters",
    "string_pattern_mismatch": "this is not how it is written",
}


def problems_of(error: ValidationError) -> list[Problem]:
    """The errors that pydantic found, with messages of this project.

    A validator may raise `InvalidExperiment` with finished problems, `UnknownName` for a name that
    the field does not allow, or another `ValueError` whose text states what to do.
    """
    problems: list[Problem] = []
    for item in error.errors():
        cause = item.get("ctx", {}).get("error")
        field = ".".join(str(part) for part in item["loc"]) or "experiment"
        if isinstance(cause, InvalidExperiment):
            prefix = f"{field}." if item["loc"] else ""
            problems += [p._replace(field=prefix + p.field) for p in cause.problems]
        elif item["type"] == "extra_forbidden":
            problems.append(Problem(field, item["input"], "there is no such field"))
        else:
            reason = (
                str(cause) if cause else _reason(item["type"], item["msg"], item.get("ctx", {}))
            )
            is_unknown_name = isinstance(cause, UnknownName)
            problems.append(Problem(field, item["input"], reason, is_unknown_name))
    return problems


def _reason(kind: str, message: str, context: Mapping[str, Any]) -> str:
    """The project's message for one of pydantic's error types; else pydantic's own message."""
    if kind in _REASONS:
        return _REASONS[kind].format(**context)
    for beginning, reason in _NUMBERS.items():
        if kind.startswith(beginning):
            return reason
    return message[:1].lower() + message[1:]
