"""Convert an experiment to the query of a link and back.

A link contains only the differences from the defaults of its page, so that it is short. Links are
untrusted input: invalid fields are dropped and reported, and the valid fields are used.

Words, numbers and lists of them are plain text. Weights are the compressed bytes of their numbers;
all other values are compressed JSON. A tilde marks both.
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
"""Maximum characters of a query, within the limits of browsers and proxies."""

MOST_UNPACKED_BYTES = 1_000_000
OPTION_PREFIX = "task."
"""Prefix of the options of the data set."""

TOO_LARGE_ADVICE = "the page Runs hands over what is larger, as a zip file"
NOTHING = "none"
MARK = "~"
_TYPES = {"s": "<f4", "d": "<f8"}
_LISTS = ("hidden", "activations")


class OpenedLink(NamedTuple):
    """The result of reading a link.

    Attributes
    ----------
    experiment : Experiment
        The requested experiment, or the nearest valid one.
    problems : list of Problem
        The invalid fields, which keep their defaults.
    """

    experiment: Experiment
    problems: list[Problem]


def to_query(experiment: Experiment, defaults: Experiment) -> dict[str, str]:
    """Write the fields in which an experiment differs from the defaults of its page.

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
                OPTION_PREFIX + option: _text(getattr(value, option), plain=option)
                for option in type(value).model_fields
                if getattr(value, option) != getattr(base, option)
            }
        elif value != default:
            query[name] = (
                _pack_weights(value) if name == "given" and value else _text(value, plain=name)
            )
    return check_length(query)


def check_length(query: dict[str, str]) -> dict[str, str]:
    """Return the query, or raise if it is too long for a link.

    Raises
    ------
    InvalidExperiment
        If the query is too long; the problem names its longest field.
    """
    length = sum(len(name) + len(text) + 2 for name, text in query.items())
    if length > LONGEST_LINK:
        longest = max(query, key=lambda name: len(query[name]))
        reason = (
            f"it would take {len(query[longest]):,} of the {LONGEST_LINK:,} characters that a link "
            f"may have; {TOO_LARGE_ADVICE}"
        )
        raise InvalidExperiment([Problem(longest, "…", reason)])
    return query


def from_query(
    query: Mapping[str, str],
    defaults: Experiment,
    tasks: Sequence[str] = (),
    page_of: Callable[[str], str] | None = None,
) -> OpenedLink:
    """The experiment that a query asks for, or else the nearest one.

    Parameters
    ----------
    query : mapping of str to str
        The query of the link.
    defaults : Experiment
        Default experiment of the page.
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
        return OpenedLink(defaults, [Problem("link", "…", reason)])
    fields: dict[str, Any] = {}
    options: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, text in query.items():
        try:
            if name.startswith(OPTION_PREFIX):
                options[name.removeprefix(OPTION_PREFIX)] = _read(text)
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
            # This initializer needs the weights, so use the default one.
            experiment = experiment.replace(initializer=defaults.initializer)
    return OpenedLink(experiment, problems)


def with_weights(experiment: Experiment, params: Params) -> Experiment:
    """The experiment with exactly these initial weights.

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
    """The experiment with as many of these fields as are valid together, and the other fields."""
    dropped: list[Problem] = []
    while True:
        try:
            return _experiment(fields, options, defaults), dropped
        except InvalidExperiment as error:
            removed = _drop(error.problems, fields, options, defaults)
            if not removed:  # no field of the link causes the problems
                return defaults, [*dropped, *error.problems]
            dropped += removed


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
    """Drop the fields that the problems name, or else the field whose removal leaves the fewest."""
    removed = []
    for problem in problems:
        first, _, rest = problem.field.partition(".")
        option = rest.partition(".")[0]
        if first == "dataset_options" and option in options:
            del options[option]
            removed.append(problem._replace(field=OPTION_PREFIX + option))
        elif first == "dataset_options" and options and not option:
            removed.append(problem._replace(field=OPTION_PREFIX + "…"))
            options.clear()
        elif first in fields:
            del fields[first]
            removed.append(problem._replace(field=first))
    if removed or not (fields or options):
        return removed
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
        return [problems[0]._replace(field=OPTION_PREFIX + "…")]
    name = min(costs, key=lambda name: costs[name])
    return [problems[0]._replace(field=name, value=fields.pop(name))]


def _elsewhere(name: Any, tasks: Sequence[str], page_of: Callable[[str], str] | None) -> str:
    """Where a task is that this page does not have, and which it has."""
    entries = vocabulary.DATASETS
    entry = entries.get(name) if isinstance(name, str) else None
    where = f"“{entry.label}” is on page {page_of(name)}; " if entry and page_of else ""
    return f"{where}this page has {', '.join(entries[task].label for task in tasks)}"


def _with_given(experiment: Experiment, text: str) -> tuple[Experiment, list[Problem]]:
    """The experiment with the weights of a link, if they fit its network."""
    if text == NOTHING:
        return experiment, []
    try:
        return experiment.replace(given=_unpack_weights(text, experiment)), []
    except InvalidExperiment as error:
        return experiment, list(error.problems)
    except ValueError as error:
        return experiment, [Problem("given", text, str(error))]


def _text(value: Any, *, plain: str) -> str:
    """Encode a value as text that `_read` (or `_items`) decodes to the same value."""
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
    content = json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=_json_default)
    return MARK + _compress_checked(plain, content.encode())


def _json_default(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    raise TypeError(f"{type(value).__name__} cannot be written into a link")


def _read(text: str) -> Any:
    """Decode a value; numbers stay text, which `Experiment` converts."""
    if text == NOTHING:
        return None
    if not text.startswith(MARK):
        return text
    return json.loads(_decompress(text.removeprefix(MARK)))


def _items(text: str) -> tuple[str, ...]:
    return () if text == NOTHING else tuple(text.split("-"))


def _pack_weights(given: GivenParams) -> str:
    """Encode weights as the bytes of their numbers, as float32 if that is lossless."""
    numbers = np.array([*_numbers_of(given)], "<f8")
    narrow = numbers.astype("<f4")
    kind = "s" if np.array_equal(narrow.astype("<f8"), numbers) else "d"
    return MARK + kind + _compress_checked("given", (narrow if kind == "s" else numbers).tobytes())


def _numbers_of(given: GivenParams) -> itertools.chain[float]:
    return itertools.chain.from_iterable(
        itertools.chain(itertools.chain.from_iterable(rows), bias or ()) for rows, bias in given
    )


def _unpack_weights(text: str, experiment: Experiment) -> GivenParams:
    kind = text[1:2]
    if not text.startswith(MARK) or kind not in _TYPES:
        raise ValueError("these are no weights")
    content = _decompress(text[2:])
    expected_bytes = experiment.n_parameters * np.dtype(_TYPES[kind]).itemsize
    if len(content) != expected_bytes or experiment.n_parameters > MAX_PARAMETERS:
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


def _compress_checked(name: str, content: bytes) -> str:
    """`_compress`, but raise if `_decompress` would reject the result."""
    if len(content) > MOST_UNPACKED_BYTES:
        reason = f"it holds {len(content):,} bytes, and a link at most {MOST_UNPACKED_BYTES:,}"
        raise InvalidExperiment([Problem(name, "…", f"{reason}; {TOO_LARGE_ADVICE}")])
    return _compress(content)


def _compress(content: bytes) -> str:
    return base64.urlsafe_b64encode(zlib.compress(content, 9)).decode().rstrip("=")


def _decompress(text: str) -> bytes:
    """Inverse of `_compress`; never unpacks more than `MOST_UNPACKED_BYTES`."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        unpacker = zlib.decompressobj()
        content = unpacker.decompress(raw, MOST_UNPACKED_BYTES)
    except (binascii.Error, zlib.error, ValueError):
        raise ValueError("it is cut off, or was changed on its way") from None
    if not unpacker.eof:
        raise ValueError("it is cut off, or too large")
    return content
