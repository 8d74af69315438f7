"""Labels of runs in a common chart: a number, and the settings in which they differ."""

from __future__ import annotations

from collections.abc import Sequence

from nn_core.experiment import Experiment
from nn_core.experiment_differences import settings_that_differ
from nn_core.runs.store import ListedRun

MOST_CURVES = 10
LONGEST = 32
"""Most characters of a label: three labels fit into a row of a legend."""

_SHORT = {"Hidden units": "hidden", "Learning rate": "η", "Batch size": "batch"}
_NO_NAMES = ("on", "off", "none")


def drawn(lines: Sequence[ListedRun]) -> list[ListedRun]:
    """The runs of the chart, the baseline first: a pinned run if there is one among them."""
    return sorted(lines, key=lambda line: not line.pinned)[:MOST_CURVES]


def full_label(number: int, line: ListedRun) -> str:
    """The number of a run and its full name."""
    return f"{number} {line.label}"


def short_labels(lines: Sequence[ListedRun], experiments: Sequence[Experiment | None]) -> list[str]:
    """The number of each run with its name, or else with the settings in which the runs differ.

    Parameters
    ----------
    lines : sequence of ListedRun
        The runs in the order of their numbers, from 1.
    experiments : sequence of Experiment or None
        Their settings, in the same order; None where they cannot be read.

    Returns
    -------
    labels : list of str
        Different labels of at most `LONGEST` characters.
    """
    known = [one for one in experiments if one is not None]
    rows = settings_that_differ(known) if known else {}
    said = iter(zip(*rows.values(), strict=True) if rows else [()] * len(known))
    labels = []
    for number, (line, experiment) in enumerate(zip(lines, experiments, strict=True), 1):
        values = next(said) if experiment is not None else ()
        apart = ", ".join(map(_in_short, rows, values))
        labels.append(_cut(f"{number} {line.name or apart or line.title}"))
    return labels


def _in_short(label: str, value: str) -> str:
    """A setting in short: a word alone, a number with the name of its setting."""
    if value[:1].isalpha() and value not in _NO_NAMES:
        return value
    return f"{_SHORT.get(label, label.lower())} {value}"


def _cut(label: str) -> str:
    return label if len(label) <= LONGEST else label[: LONGEST - 1] + "…"
