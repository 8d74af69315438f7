"""Stored runs as files to download: a zip that can be loaded again, CSV, and JSON.

A zip file is not trusted. Names, number and sizes of its members are checked before one of them is
read, nothing in it is unpickled or extracted to a file, and it is imported as a whole or not at
all.
"""

from __future__ import annotations

import csv
import io
import json
import re
import time
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from nn_core.errors import ArchiveError, InvalidExperiment
from nn_core.events import Array
from nn_core.experiment import Experiment
from nn_core.runs.store import StoredRun
from nn_core.runs.store.packed_arrays import MOST_BYTES, packed, unpacked
from nn_core.runs.store.record import LONGEST_NAME, LONGEST_NOTE, Facts, Record, run_of
from nn_core.runs.store.record_arrays import curve_of

MOST_RUNS = 500
MOST_ZIP_BYTES = 50_000_000
MOST_UNPACKED_BYTES = 200_000_000
MOST_TEXT_BYTES = 4_000_000
MOST_CURVE_POINTS = 500
_MEMBER = re.compile(r"runs/([0-9a-f]{32})\.(json|npz)")
_ABOUT = "README.txt"
_ABOUT_TEXT = """Runs of Backprop Live.

Load this file on the page Runs to have them in a history again. Each run is a pair of files in the
folder runs: .json, what is known of it, and .npz, its losses and its weights. To read weights:

    import numpy
    arrays = numpy.load("runs/<id>.npz")
    arrays["weight_1"][-1]  # of the first layer, at the end: a row for each input
"""
_FORMULA = re.compile(r"[=+\-@\t\r]")


class _Document(BaseModel):
    """The content of a JSON file in a zip."""

    model_config = ConfigDict(extra="forbid", ser_json_inf_nan="strings")

    facts: Facts
    name: Annotated[str, StringConstraints(max_length=LONGEST_NAME)] = ""
    note: Annotated[str, StringConstraints(max_length=LONGEST_NOTE)] = ""
    pinned: bool = False


def to_zip(runs: Sequence[StoredRun], left_out: Sequence[str] = ()) -> bytes:
    """A zip file that `from_zip` reads back.

    Parameters
    ----------
    runs : sequence of StoredRun
        The runs to write.
    left_out : sequence of str
        Sentences on runs that could not be read; they are written into its README.

    Raises
    ------
    ArchiveError
        If it would be larger than may be loaded.
    """
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as members:
        members.writestr(_ABOUT, "\n".join([_ABOUT_TEXT, *left_out]))
        for run in runs:
            facts, arrays = run.record
            document = _Document(facts=facts, name=run.name, note=run.note, pinned=run.pinned)
            members.writestr(f"runs/{facts.id}.json", document.model_dump_json(indent=1))
            members.writestr(f"runs/{facts.id}.npz", packed(arrays), zipfile.ZIP_STORED)
            if stream.tell() > MOST_ZIP_BYTES:
                raise ArchiveError(
                    f"These runs take more than {MOST_ZIP_BYTES / 1e6:.0f} MB. Choose fewer."
                )
    return stream.getvalue()


def from_zip(content: bytes) -> list[StoredRun]:
    """The runs in a zip file.

    Raises
    ------
    ArchiveError
        If it is not a zip file, is damaged, or holds anything but runs; the message names the
        wrong member and the reason.
    """
    if len(content) > MOST_ZIP_BYTES:
        raise ArchiveError(
            f"The file has {len(content) / 1e6:.0f} MB; at most {MOST_ZIP_BYTES / 1e6:.0f} MB are "
            "read."
        )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as members:
            infos = _checked(members.infolist())
            return [_run(members, run_id, infos) for run_id in _ids(infos)]
    except zipfile.BadZipFile:
        raise ArchiveError(
            "This is no zip file, or only a part of one. Load a zip that was downloaded on this "
            "page."
        ) from None
    except (zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, MemoryError) as error:
        raise ArchiveError(f"The zip file is damaged ({type(error).__name__}).") from None


def as_csv(runs: Sequence[StoredRun]) -> str:
    """A table of runs: a row for each, with its settings and results."""
    fields = [name for name in Experiment.model_fields if name != "given"]
    metrics = sorted({name for run in runs for name in _facts(run).metrics})
    head = ["id", "name", "note", "pinned", "ended", "state", "framework", "steps", "passes",
            "last_loss", "seconds", "train_seconds", *metrics, *fields]  # fmt: skip
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(head)
    for run in runs:
        facts = _facts(run)
        framework = facts.started.framework if facts.started else ""
        experiment = facts.experiment.model_dump(mode="json")
        writer.writerow([
            facts.id, _escaped(run.label), _escaped(run.note), run.pinned, _date(facts.ended),
            facts.state, _escaped(framework), facts.step, repr(facts.epoch),
            "" if facts.loss is None else repr(facts.loss), repr(facts.elapsed_seconds),
            repr(facts.train_seconds),
            *(repr(facts.metrics[name]) if name in facts.metrics else "" for name in metrics),
            *(_cell(experiment[name]) for name in fields),
        ])  # fmt: skip
    return stream.getvalue()


def as_json(runs: Sequence[StoredRun]) -> str:
    """Runs as JSON for other programs: facts, loss curves and final weights.

    Losses that are infinite or NaN are written as the texts “Infinity” and “NaN”.
    """
    return json.dumps([_exported(run) for run in runs], indent=1, allow_nan=False)


def curves_as_csv(runs: Sequence[StoredRun]) -> str:
    """The loss curves of runs: a row for each bin of steps, with its lowest and highest loss."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["run", "first_step", "lowest_loss", "highest_loss"])
    for run in runs:
        curve = curve_of(run.record.arrays).envelope(MOST_CURVE_POINTS)
        for step, low, high in zip(*curve, strict=True):
            row = [_escaped(run.label), int(step), repr(float(low)), repr(float(high))]
            writer.writerow(row)
    return stream.getvalue()


def _facts(run: StoredRun) -> Facts:
    return run.record.facts


def _exported(run: StoredRun) -> dict[str, Any]:
    facts, arrays = run.record
    document = _Document(facts=facts, name=run.name, note=run.note, pinned=run.pinned)
    curve = curve_of(arrays).envelope(MOST_CURVE_POINTS)
    return {
        **json.loads(document.model_dump_json()),
        "losses": {
            "first_step": [int(step) for step in curve.steps],
            "lowest": _numbers(curve.low),
            "highest": _numbers(curve.high),
        },
        "final_weights": _final_weights(arrays, len(facts.experiment.weight_shapes)),
    }


def _final_weights(arrays: Mapping[str, Array], layers: int) -> list[dict[str, Any]]:
    """Weight and bias of each layer; none where the run failed before it had any."""
    if "weight_1" not in arrays:
        return []
    found = []
    for number in range(1, layers + 1):
        weight = arrays[f"weight_{number}"][-1]
        bias = arrays.get(f"bias_{number}")
        found.append(
            {
                "weight": _numbers(weight),
                "bias": None if bias is None else _numbers(bias[-1]),
            }
        )
    return found


def _numbers(values: Array) -> list[Any]:
    """Numbers as strict JSON allows, in nested lists, one level for each dimension."""
    if values.ndim > 1:
        return [_numbers(row) for row in values]
    names = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
    return [names.get(str(value), value) for value in values.astype(float).tolist()]


def _cell(value: Any) -> Any:
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return value


def _escaped(text: str) -> str:
    """A text that a spreadsheet does not interpret as a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def _date(seconds: float) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
    except (OverflowError, OSError, ValueError):  # a loaded run may have any date
        return ""


def _checked(infos: Sequence[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    """The members that hold runs, after a check of all members."""
    if len(infos) > 2 * MOST_RUNS + 1:
        raise ArchiveError(
            f"The zip file has {len(infos):,} members; at most {MOST_RUNS} runs are loaded at once."
        )
    found: dict[str, zipfile.ZipInfo] = {}
    for info in infos:
        name, shown = info.filename, f"“{info.filename[:60]}”"
        if name != _ABOUT and not _MEMBER.fullmatch(name):
            raise ArchiveError(
                f"The zip file holds {shown}, which is no run. Load a zip that was downloaded on "
                "this page, whole and unchanged."
            )
        if name in found:
            raise ArchiveError(f"The zip file holds {shown} twice.")
        if info.flag_bits & 1:
            raise ArchiveError(f"{shown} is encrypted. Load a zip without a password.")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ArchiveError(f"{shown} is packed in a way that is not read here.")
        if info.file_size > (MOST_BYTES if name.endswith(".npz") else MOST_TEXT_BYTES):
            raise ArchiveError(f"{shown} has {info.file_size / 1e6:,.0f} MB, which is too large.")
        found[name] = info
    if sum(info.file_size for info in infos) > MOST_UNPACKED_BYTES:
        raise ArchiveError("Unpacked, the zip file would be too large. Load fewer runs at once.")
    return found


def _ids(infos: Mapping[str, zipfile.ZipInfo]) -> list[str]:
    matches = [match for name in infos if (match := _MEMBER.fullmatch(name))]
    ids = list(dict.fromkeys(match[1] for match in matches))
    if not ids:
        raise ArchiveError("There is no run in this zip file.")
    if 2 * len(ids) != len(matches):
        raise ArchiveError("A run in this zip file has only one of its two files: it is cut off.")
    return ids


def _run(
    members: zipfile.ZipFile, run_id: str, infos: Mapping[str, zipfile.ZipInfo]
) -> StoredRun:  # fmt: skip
    try:
        document = _Document.model_validate_json(members.read(infos[f"runs/{run_id}.json"]))
    except (ValidationError, InvalidExperiment) as error:
        raise ArchiveError(f"Run {run_id[:8]}…: {_first_problem(error)}") from None
    facts = document.facts
    if facts.id != run_id:
        raise ArchiveError(f"Run {run_id[:8]}… calls itself by another name.")
    if facts.ended > time.time() + 86_400:
        raise ArchiveError(f"Run {run_id[:8]}… says that it ended in the future.")
    arrays = unpacked(members.read(infos[f"runs/{run_id}.npz"]))
    record = Record(facts, arrays)
    try:
        run_of(record, "")  # otherwise it could be listed, but not opened
    except ArchiveError as error:
        raise ArchiveError(f"Run {run_id[:8]}…: {error}") from None
    return StoredRun(record, document.name, document.note, document.pinned)


def _first_problem(error: ValidationError | InvalidExperiment) -> str:
    if isinstance(error, InvalidExperiment):
        return f"{error}."
    found = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in found["loc"])[:80] or "the file"
    return f"{where}: {found['msg'][:200]}."
