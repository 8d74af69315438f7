"""Runs that are taken home: a zip comes back whole, and a bad one changes nothing."""

import csv
import io
import json
import struct
import tomllib
import zipfile

import numpy as np
import pytest

from nn_core.datasets import csv_text
from nn_core.errors import ArchiveError
from nn_core.exchange.weight_files import checkpoint
from nn_core.runs.store import StoredRun, archive
from nn_core.runs.store.archive import as_csv, as_json, curves_as_csv, from_zip, to_zip
from nn_core.runs.store.packed_arrays import packed, unpacked
from nn_core.runs.store.record import Record
from tests.helpers.frameworks import installed
from tests.helpers.root import ROOT
from tests.helpers.stored import record

GATE = record()
POINTS = record(dataset="moons", hidden=(2,), batch_size=10, epochs=3)
RUNS = [StoredRun(GATE, "first, “quoted”", "=1+1\nnext line", True), StoredRun(POINTS)]


def members(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as found:
        return {name: found.read(name) for name in found.namelist()}


def zipped(files: dict[str, bytes], how=zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", how) as out:
        for name, content in files.items():
            out.writestr(name, content)
    return stream.getvalue()


def changed(**facts) -> bytes:
    """A zip whose run says something else of itself."""
    files = members(to_zip([StoredRun(GATE)]))
    name = f"runs/{GATE.facts.id}.json"
    document = json.loads(files[name])
    document["facts"] |= facts
    return zipped({**files, name: json.dumps(document).encode()})


def test_a_zip_comes_back_as_it_went():
    again = from_zip(to_zip(RUNS))
    assert [(run.name, run.note, run.pinned) for run in again] == [run[1:] for run in RUNS]
    for before, after in zip(RUNS, again, strict=True):
        assert after.record.facts == before.record.facts
        assert after.record.arrays.keys() == before.record.arrays.keys()
        for name, array in before.record.arrays.items():
            assert np.array_equal(after.record.arrays[name], array, equal_nan=True)
            assert after.record.arrays[name].dtype == array.dtype


def test_losses_that_are_no_numbers_come_back_as_such():
    facts = GATE.facts.model_copy(update={"loss": float("nan"), "metrics": {"a": float("inf")}})
    (again,) = from_zip(to_zip([StoredRun(Record(facts, GATE.arrays))]))
    assert np.isnan(again.record.facts.loss)
    assert again.record.facts.metrics == {"a": float("inf")}
    exported = json.loads(as_json([again]))
    assert exported[0]["facts"]["loss"] == "NaN"


def test_numpy_alone_reads_the_weights():
    content = members(to_zip(RUNS))[f"runs/{GATE.facts.id}.npz"]
    with np.load(io.BytesIO(content)) as arrays:
        assert np.array_equal(arrays["weight_1"][-1], GATE.arrays["weight_1"][-1])


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


WHOLE = to_zip(RUNS)
FILES = members(WHOLE)
JSON, NPZ = f"runs/{GATE.facts.id}.json", f"runs/{GATE.facts.id}.npz"


def npy(header: str, body: bytes = b"") -> bytes:
    head = header.encode().ljust(118) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head + body


def with_array(content: bytes) -> bytes:
    """A zip whose arrays hold a strange one."""
    inner = {f"{n}.npy": c for n, c in (("losses", content),)}
    return zipped({**FILES, NPZ: zipped(inner)})


HUGE = "{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,), }"
ENDLESS = "{'descr': '<f8', 'fortran_order': False, 'shape': (0, 10000000000000000000), }"
OBJECT = "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"
ATTACKS = {
    "empty": (b"", "no zip file"),
    "text": (b"hello" * 100, "no zip file"),
    "cut off": (WHOLE[: len(WHOLE) // 2], "whole and unchanged"),  # the zip within is whole
    "without runs": (zipped({"README.txt": b""}), "no run"),
    "another file": (zipped({**FILES, "runs/run.sh": b"rm"}), "which is no run"),
    "path above": (zipped({**FILES, "../../evil.npz": b""}), "which is no run"),
    "absolute path": (zipped({**FILES, "/etc/passwd": b""}), "which is no run"),
    "backslashes": (zipped({**FILES, "runs\\..\\x.json": b""}), "which is no run"),
    "half a run": (zipped({JSON: FILES[JSON]}), "cut off"),
    "no json": (zipped({**FILES, JSON: b"{"}), "Invalid JSON"),
    "deep json": (zipped({**FILES, JSON: nested(100_000)}), "recursion|JSON"),
    "another id": (zipped({f"runs/{'0' * 32}.json": FILES[JSON],
                           f"runs/{'0' * 32}.npz": FILES[NPZ]}), "by another name"),
    "unknown field": (changed(password="x"), "password"),
    "wrong experiment": (changed(experiment={"dataset": "xor", "hidden": [0]}), "hidden"),
    "text for a number": (changed(step="many"), "step"),
    "infinite date": (changed(ended="Infinity"), "ended"),
    "future": (changed(ended=9e9), "in the future"),
    "long message": (changed(message="x" * 5000), "message"),
    "another network": (changed(experiment={"hidden": [5]}), "not those of its network"),
    "arrays no zip": (zipped({**FILES, NPZ: b"no arrays"}), "cannot be read"),
    "arrays cut off": (zipped({**FILES, NPZ: FILES[NPZ][:300]}), "cannot be read"),
    "array too large": (with_array(npy(HUGE)), "cut off"),
    "nothing in rows without end": (with_array(npy(ENDLESS)), "cut off"),
    "pickled array": (with_array(npy(OBJECT, b"cos\nsystem\n.")), "other than plain numbers"),
    "code in a header": (with_array(npy("__import__('os').abort()")), "cannot be read"),
    "arrays missing": (zipped({**FILES, NPZ: packed({"a": np.zeros(1)})}), "do not fit"),
    "bomb": (zipped({**FILES, JSON: b" " * 50_000_000}), "too large"),
    "bomb of arrays": (zipped({**FILES, NPZ: zipped({"a.npy": b"\0" * 70_000_000})}),
                       "too many or too large"),
    "strange packing": (zipped(FILES, zipfile.ZIP_BZIP2), "not read here"),
}  # fmt: skip


@pytest.mark.parametrize("name", ATTACKS)
def test_a_bad_zip_is_refused_with_a_sentence(name):
    content, sentence = ATTACKS[name]
    with pytest.raises(ArchiveError, match=sentence) as refused:
        from_zip(content)
    assert len(str(refused.value)) < 600


def test_a_member_that_comes_twice_is_refused():
    stream = io.BytesIO(WHOLE)
    with zipfile.ZipFile(stream, "a") as out, pytest.warns(UserWarning, match="Duplicate"):
        out.writestr(JSON, b"{}")
    with pytest.raises(ArchiveError, match="twice"):
        from_zip(stream.getvalue())


def test_a_size_that_lies_is_found_out():
    """The head of a member promises a few bytes, and more come out of it."""
    content = bytearray(zipped({**FILES, JSON: b" " * 1_000_000}))
    real = struct.pack("<I", 1_000_000)
    while (place := content.find(real)) >= 0:
        content[place : place + 4] = struct.pack("<I", 10)
    with pytest.raises(ArchiveError):
        from_zip(bytes(content))


def test_an_encrypted_member_is_refused():
    content = bytearray(WHOLE)
    content[content.rfind(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(ArchiveError, match="encrypted"):
        from_zip(bytes(content))


def test_a_zip_that_could_not_be_loaded_is_not_made(monkeypatch):
    monkeypatch.setattr(archive, "MOST_ZIP_BYTES", 1000)
    with pytest.raises(ArchiveError, match="Choose fewer"):
        to_zip(RUNS)


# How many bytes there are depends on the time that training took: each place is a share of them.
@pytest.mark.parametrize("share", range(61))
def test_a_zip_with_damaged_bytes_is_taken_as_it_was_or_refused(share):
    content = bytearray(WHOLE)
    content[share * len(WHOLE) // 61] ^= 0xFF
    try:
        again = from_zip(bytes(content))
    except ArchiveError:
        return
    ids = {run.record.facts.id for run in again}
    assert ids <= {run.record.facts.id for run in RUNS}


def test_the_table_holds_every_setting_and_result_and_no_formula():
    rows = list(csv.DictReader(io.StringIO(as_csv(RUNS))))
    assert [row["name"] for row in rows] == ["first, “quoted”", POINTS.facts.title]
    assert rows[0]["note"] == "'=1+1\nnext line"  # or a spreadsheet would compute it
    assert float(rows[0]["last_loss"]) == GATE.facts.loss
    assert float(rows[0]["learning_rate"]) == 0.1
    assert json.loads(rows[1]["dataset_options"])["noise"] == 0
    assert float(rows[1]["test_accuracy"]) == POINTS.facts.metrics["test_accuracy"]
    assert rows[0]["test_accuracy"] == ""


def test_the_curves_are_those_of_the_runs():
    rows = list(csv.DictReader(io.StringIO(curves_as_csv(RUNS))))
    mine = [row for row in rows if row["run"] == POINTS.facts.title]
    assert [float(row["lowest_loss"]) for row in mine] == POINTS.arrays["losses"].tolist()


def test_json_holds_the_final_weights():
    exported = json.loads(as_json(RUNS))
    assert exported[0]["name"] == RUNS[0].name
    assert exported[0]["final_weights"][0]["weight"] == GATE.arrays["weight_1"][-1].tolist()
    assert exported[0]["losses"]["lowest"] == GATE.arrays["losses"].tolist()


def test_arrays_of_a_type_that_would_be_refused_are_not_written():
    with pytest.raises(ArchiveError, match="strange"):
        packed({"strange": np.array(["text"])})
    assert unpacked(packed({"x": np.float32([[1, 2]]).T}))["x"].tolist() == [[1.0], [2.0]]


def test_json_holds_every_layer_of_a_convolutional_network():
    installed("torch", "PyTorch")
    kept = record(
        dataset="digits_8x8", architecture="conv", channels=(2, 3), kernel=3, backend="torch",
        activation="relu", output="softmax", loss="cross_entropy", hidden=(5,), epochs=1,
        dataset_options={"train_rows": 100, "test_rows": 100},
    )  # fmt: skip
    (exported,) = json.loads(as_json([StoredRun(kept)]))
    shapes = [np.shape(layer["weight"]) for layer in exported["final_weights"]]
    assert shapes == [(3, 3, 1, 2), (3, 3, 2, 3), (12, 5), (5, 10)]


def test_the_server_takes_files_as_large_as_a_page_promises():
    """Streamlit compares with both; what the server refuses has no sentence."""
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))
    largest = max(archive.MOST_ZIP_BYTES, csv_text.MOST_BYTES, checkpoint.MOST_BYTES)
    assert config["server"]["maxUploadSize"] * 1_000_000 >= largest
