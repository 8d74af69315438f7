"""An experiment as the query of a link, and back.

Only what differs from the defaults of a page is written, so that a link is short. What is read
may come from anybody: what is wrong in it is dropped and named, and the rest is kept.

Words, numbers and lists of them are written plainly. Weights are the bytes of their numbers,
compressed; what else is not plain is compressed JSON. Both are marked by a tilde.
"""

from __future__ import annotations

import base64
import binascii
import itertools
import json
import math
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from pydantic import BaseModel

from nn_core import vocabulary
from nn_core.errors import InvalidExperiment, Problem
from nn_core.events import Params
from nn_core.experiment import Experiment, GivenParams
from nn_core.networks.initializers import known_optimum
from nn_core.rules import MAX_PARAMETERS

LONGEST_LINK = 6000
"""Characters of a query: what browsers and the servers between take."""

MOST_UNPACKED_BYTES = 1_000_000
OPTION = "task."
"""Before the name of a setting of the task."""

WAY_OUT = "the page Runs hands over what is larger, as a zip file"
NOTHING = "none"
MARK = "~"
_TYPES = {"s": "<f4", "d": "<f8"}
_LISTS = ("hidden", "activations")


class Opened(NamedTuple):
    """What a link leads to.

    Attributes
    ----------
    experiment : Experiment
        What it asks for, as far as that can be.
    problems : list of Problem
        What was wrong in it, and was left at the default; empty where nothing was.
    """

    experiment: Experiment
    problems: list[Problem]


def to_query(experiment: Experiment, defaults: Experiment) -> dict[str, str]:
    """The fields in which an experiment differs from the defaults of its page, as text.

    Raises
    ------
    InvalidExperiment
        If the experiment is too large for a link.

    Examples
    --------
    >>> to_query(Experiment(dataset="bits", hidden=(4, 2), epochs=10), Experiment())
    {'dataset': 'bits', 'hidden': '4-2', 'epochs': '10'}
    """
    query: dict[str, str] = {}
    for name in Experiment.model_fields:
        value, default = getattr(experiment, name), getattr(defaults, name)
        if name == "dataset_options":
            base = default if type(default) is type(value) else type(value)()
            query |= {
                OPTION + option: _text(getattr(value, option), plain=option)
                for option in type(value).model_fields
                if getattr(value, option) != getattr(base, option)
            }
        elif value != default:
            query[name] = _packed(value) if name == "given" and value else _text(value, plain=name)
    return fitting(query)


def fitting(query: dict[str, str]) -> dict[str, str]:
    """The same query, if it is short enough for a link.

    Raises
    ------
    InvalidExperiment
        If it is not; names what is longest in it.
    """
    length = sum(len(name) + len(text) + 2 for name, text in query.items())
    if length > LONGEST_LINK:
        longest = max(query, key=lambda name: len(query[name]))
        reason = (
            f"it would take {len(query[longest]):,} of the {LONGEST_LINK:,} characters that a link "
            f"may have; {WAY_OUT}"
        )
        raise InvalidExperiment([Problem(longest, "…", reason)])
    return query


def from_query(
    query: Mapping[str, str],
    defaults: Experiment,
    tasks: Sequence[str] = (),
    page_of: Callable[[str], str] | None = None,
) -> Opened:
    """The experiment that a query asks for, or else the nearest one.

    Parameters
    ----------
    query : mapping of str to str
        Of the link.
    defaults : Experiment
        Those of its page.
    tasks : sequence of str, optional
        The data sets that the page has; by default all.
    page_of : callable, optional
        From a data set to the title of the page that has it; by default, no page is named.

    Examples
    --------
    >>> opened = from_query({"hidden": "2", "seed": "-1", "rows": "3"}, Experiment())
    >>> opened.experiment.hidden, [problem.field for problem in opened.problems]
    ((2,), ['rows', 'seed'])
    """
    if sum(len(name) + len(text) for name, text in query.items()) > 2 * LONGEST_LINK:
        reason = f"a link has at most {LONGEST_LINK:,} characters"
        return Opened(defaults, [Problem("link", "…", reason)])
    fields: dict[str, Any] = {}
    options: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, text in query.items():
        try:
            if name.startswith(OPTION):
                options[name.removeprefix(OPTION)] = _read(text)
            elif name not in Experiment.model_fields or name == "dataset_options":
                problems.append(Problem(name[:40], text, "there is no such field"))
            elif name in _LISTS:
                fields[name] = _items(text)
            else:
                fields[name] = text if name == "given" else _read(text)
        except (ValueError, RecursionError) as error:
            problems.append(Problem(name[:40], text, str(error) or "it cannot be read"))
    if tasks and fields.get("dataset", tasks[0]) not in tasks:
        name = fields.pop("dataset")
        problems.append(Problem("dataset", name, _elsewhere(name, tasks, page_of)))
        options = {}
    given = fields.pop("given", None)
    experiment, found = _nearest(fields, options, defaults)
    problems += found
    if given is not None:
        experiment, found = _with_given(experiment, given)
        problems += found
        if found and experiment.initializer == "given" and known_optimum(experiment) is None:
            # Without its weights it could not begin at all.
            experiment = experiment.replace(initializer=defaults.initializer)
    return Opened(experiment, problems)


def with_weights(experiment: Experiment, params: Params) -> Experiment:
    """The experiment that begins with these weights, to the bit.

    Raises
    ------
    InvalidExperiment
        If a weight is not finite.
    """
    given = tuple(
        (
            tuple(tuple(map(float, row)) for row in weight),
            None if bias is None else tuple(map(float, bias)),
        )
        for weight, bias in params
    )
    return experiment.replace(initializer="given", given=given, given_offset=0.0)


def _nearest(
    fields: dict[str, Any], options: dict[str, Any], defaults: Experiment
) -> tuple[Experiment, list[Problem]]:
    """The experiment of as many of these fields as fit together, and those that do not."""
    dropped: list[Problem] = []
    while True:
        try:
            return _experiment(fields, options, defaults), dropped
        except InvalidExperiment as error:
            gone = _drop(error.problems, fields, options, defaults)
            if not gone:  # nothing that the link says is to blame
                return defaults, [*dropped, *error.problems]
            dropped += gone


def _experiment(
    fields: Mapping[str, Any], options: Mapping[str, Any], defaults: Experiment
) -> Experiment:
    base = dict(defaults) | {"given": None}
    if fields.get("dataset", defaults.dataset) != defaults.dataset:
        base["dataset_options"] = None
    if options:
        own = base["dataset_options"]
        base["dataset_options"] = {**(own.model_dump() if own else {}), **options}
    return Experiment(**{**base, **fields})


def _drop(
    problems: tuple[Problem, ...],
    fields: dict[str, Any],
    options: dict[str, Any],
    defaults: Experiment,
) -> list[Problem]:
    """Take out what the problems name, or else the one field without which there are fewest."""
    gone = []
    for problem in problems:
        first, _, rest = problem.field.partition(".")
        option = rest.partition(".")[0]
        if first == "dataset_options" and option in options:
            del options[option]
            gone.append(problem._replace(field=OPTION + option))
        elif first == "dataset_options" and options and not option:
            gone.append(problem._replace(field=OPTION + "…"))
            options.clear()
        elif first in fields:
            del fields[first]
            gone.append(problem._replace(field=first))
    if gone or not (fields or options):
        return gone
    costs = {}
    for name in fields:
        rest_of = {other: value for other, value in fields.items() if other != name}
        try:
            _experiment(rest_of, options, defaults)
            costs[name] = 0
        except InvalidExperiment as error:
            costs[name] = len(error.problems)
    if not costs:
        options.clear()
        return [problems[0]._replace(field=OPTION + "…")]
    name = min(costs, key=lambda name: costs[name])
    return [problems[0]._replace(field=name, value=fields.pop(name))]


def _elsewhere(name: Any, tasks: Sequence[str], page_of: Callable[[str], str] | None) -> str:
    """Where a task is that this page does not have, and which it has."""
    entries = vocabulary.DATASETS
    entry = entries.get(name) if isinstance(name, str) else None
    where = f"“{entry.label}” is on page {page_of(name)}; " if entry and page_of else ""
    return f"{where}this page has {', '.join(entries[task].label for task in tasks)}"


def _with_given(experiment: Experiment, text: str) -> tuple[Experiment, list[Problem]]:
    """The experiment with the weights of a link, if they are weights of its network."""
    if text == NOTHING:
        return experiment, []
    try:
        return experiment.replace(given=_unpacked(text, experiment)), []
    except InvalidExperiment as error:
        return experiment, list(error.problems)
    except ValueError as error:
        return experiment, [Problem("given", text, str(error))]


def _text(value: Any, *, plain: str) -> str:
    """A value as text that `_read` (or `_items`) takes for the same value."""
    if plain in _LISTS:
        return "-".join(map(str, value)) or NOTHING
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str) and value not in ("", NOTHING) and not value.startswith(MARK):
        return value
    content = json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=_dumped)
    return MARK + _fitting(plain, content.encode())


def _dumped(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    raise TypeError(f"{type(value).__name__} cannot be written into a link")


def _read(text: str) -> Any:
    """What a text says; numbers are left as text, which the experiment takes for numbers."""
    if text == NOTHING:
        return None
    if not text.startswith(MARK):
        return text
    return json.loads(_long(text.removeprefix(MARK)))


def _items(text: str) -> tuple[str, ...]:
    return () if text == NOTHING else tuple(text.split("-"))


def _packed(given: GivenParams) -> str:
    """Weights as the bytes of their numbers: as float32 where that says the same."""
    numbers = np.array([*_numbers_of(given)], "<f8")
    narrow = numbers.astype("<f4")
    kind = "s" if np.array_equal(narrow.astype("<f8"), numbers) else "d"
    return MARK + kind + _fitting("given", (narrow if kind == "s" else numbers).tobytes())


def _numbers_of(given: GivenParams) -> itertools.chain[float]:
    return itertools.chain.from_iterable(
        itertools.chain(itertools.chain.from_iterable(rows), bias or ()) for rows, bias in given
    )


def _unpacked(text: str, experiment: Experiment) -> GivenParams:
    kind = text[1:2]
    if not text.startswith(MARK) or kind not in _TYPES:
        raise ValueError("these are no weights")
    content = _long(text[2:])
    wanted = experiment.n_parameters * np.dtype(_TYPES[kind]).itemsize
    if len(content) != wanted or experiment.n_parameters > MAX_PARAMETERS:
        raise ValueError(
            "these are not the weights of a network "
            + "-".join(map(str, experiment.layer_sizes))
            + ("" if experiment.bias else " without biases")
        )
    numbers = iter(np.frombuffer(content, _TYPES[kind]).astype(float).tolist())
    layers = []
    for n_in, n_out in itertools.pairwise(experiment.layer_sizes):
        rows = tuple(tuple(itertools.islice(numbers, n_out)) for _ in range(n_in))
        layers.append((rows, tuple(itertools.islice(numbers, n_out)) if experiment.bias else None))
    if not all(math.isfinite(number) for number in _numbers_of(tuple(layers))):
        raise ValueError("a weight is not finite")
    return tuple(layers)


def _fitting(name: str, content: bytes) -> str:
    """As `_short`, of what `_long` will take."""
    if len(content) > MOST_UNPACKED_BYTES:
        reason = f"it holds {len(content):,} bytes, and a link at most {MOST_UNPACKED_BYTES:,}"
        raise InvalidExperiment([Problem(name, "…", f"{reason}; {WAY_OUT}")])
    return _short(content)


def _short(content: bytes) -> str:
    return base64.urlsafe_b64encode(zlib.compress(content, 9)).decode().rstrip("=")


def _long(text: str) -> bytes:
    """The bytes behind `_short`; never more than `MOST_UNPACKED_BYTES`, whatever it promises."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        unpacker = zlib.decompressobj()
        content = unpacker.decompress(raw, MOST_UNPACKED_BYTES)
    except (binascii.Error, zlib.error, ValueError):
        raise ValueError("it is cut off, or was changed on its way") from None
    if not unpacker.eof:
        raise ValueError("it is cut off, or too large")
    return content
