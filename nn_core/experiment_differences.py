"""The settings in which experiments differ, as the form shows them; whether they share data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nn_core import datasets, vocabulary
from nn_core.experiment import Experiment


@dataclass(frozen=True)
class Difference:
    """A setting in which two experiments differ: its label and both values, as the form shows."""

    field: str
    label: str
    a: str
    b: str


def differences(a: Experiment, b: Experiment) -> list[Difference]:
    """The settings in which two experiments differ.

    Examples
    --------
    >>> [found] = differences(Experiment(hidden=(3,)), Experiment(hidden=(2, 2)))
    >>> found.label, found.a, found.b
    ('Hidden units', '3', '2-2')
    """
    found = []
    for name, info in Experiment.model_fields.items():
        one, other = getattr(a, name), getattr(b, name)
        if name == "dataset_options":
            found += _option_differences(a, b)
        elif one != other:
            found.append(
                Difference(name, str(info.title), _in_words(name, one), _in_words(name, other))
            )
    return found


def settings_that_differ(experiments: Sequence[Experiment]) -> dict[str, list[str]]:
    """The settings in which some experiment differs from the first one, as the form shows them.

    Returns
    -------
    settings : dict of str to list of str
        The values of all experiments, in their order, by the label of the setting.

    Examples
    --------
    >>> settings_that_differ([Experiment(), Experiment(seed=1), Experiment(hidden=(2,))])
    {'Hidden units': ['3', '3', '2'], 'Seed': ['0', '1', '0']}
    """
    found: dict[str, tuple[str, list[str]]] = {}
    for place, other in enumerate(experiments[1:], 1):
        for one in differences(experiments[0], other):
            _, row = found.setdefault(one.field, (one.label, [one.a] * len(experiments)))
            row[place] = one.b
    order = [*Experiment.model_fields]
    fields = sorted(found, key=lambda field: order.index(field.partition(".")[0]))
    labels = [found[field][0] for field in fields]
    return {
        label if labels.count(label) == 1 else f"{label} ({field})": found[field][1]
        for field, label in zip(fields, labels, strict=True)
    }


def _option_differences(a: Experiment, b: Experiment) -> list[Difference]:
    if a.dataset != b.dataset:
        return []
    one, other = a.dataset_options, b.dataset_options
    return [
        Difference(
            f"dataset_options.{name}",
            str(info.title or name),
            str(getattr(one, name)),
            str(getattr(other, name)),
        )
        for name, info in type(one).model_fields.items()
        if getattr(one, name) != getattr(other, name)
    ]


def _in_words(field: str, value: Any) -> str:
    """A value as the form shows it."""
    words = vocabulary.OF_FIELDS.get(field)
    if words and value in words:
        return str(words[value].label)
    if field == "hidden":
        return "-".join(map(str, value)) or "none"
    if field == "batch_size" and value is None:
        return "full batch"
    if value is None:
        return "off"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return f"{value:g}"
    text = f"{value:,}" if isinstance(value, int) else str(value)
    return text if len(text) <= 40 else text[:37] + "..."


def share_the_data(a: Experiment, b: Experiment) -> bool:
    """Whether two experiments learn from the same rows, so that their losses can be compared."""
    alike = (a.dataset, a.dataset_options, a.seed) == (b.dataset, b.dataset_options, b.seed)
    return alike or (a.dataset == b.dataset and _rows_are_alike(a, b))


def _rows_are_alike(a: Experiment, b: Experiment) -> bool:
    """Whether the data are equal although the seeds or options differ."""
    if datasets.describe(a.dataset).is_large:
        return False  # loading them would take too long here
    one, other = datasets.load(a), datasets.load(b)
    return np.array_equal(one.x, other.x) and np.array_equal(one.y, other.y)
