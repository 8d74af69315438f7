"""The history of runs: what is recorded is read back, by whom it may be, whatever befalls it."""

import contextlib
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

import numpy as np
import pytest

from nn_core import backends
from nn_core.errors import ArchiveError, StoreError
from nn_core.events import Failed, Finished, LearningRateChanged, ParamsEdited
from nn_core.exchange.weight_files import Checkpoint
from nn_core.exchange.weight_files.start_from_file import beginning as from_file
from nn_core.runs import store as stores
from nn_core.runs.continuation import beginning
from nn_core.runs.run import Run
from nn_core.runs.store import (
    DATABASE,
    FOLDER,
    Filter,
    Store,
    StoredRun,
    housekeeping,
    rescue,
    tables,
    visitor_of,
)
from nn_core.runs.store.archive import to_zip
from nn_core.runs.store.packed_arrays import packed
from nn_core.runs.store.record import Record, record_of, run_of
from nn_core.runs.store.record_arrays import MOST_SNAPSHOTS
from nn_core.runs.store.recorder import Recorder
from nn_core.runs.store.storage import RETRY_SECONDS
from nn_core.runs.store.tables import insert
from nn_core.runs.workers.pool import Pool
from tests.helpers.frameworks import installed
from tests.helpers.root import ROOT
from tests.helpers.stored import ended_run, record

ME, OTHER = "a" * 32, "b" * 32


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "history")
    assert store.is_on_disk
    yield store
    store.close()


def with_id(kept: Record, number: int) -> Record:
    return kept._replace(facts=kept.facts.model_copy(update={"id": f"{number:032x}"}))


def same(one, other) -> bool:
    """Whether two values are equal to the bit, arrays in them as well."""
    if isinstance(one, np.ndarray):
        alike = one.dtype == other.dtype and one.shape == other.shape
        return alike and one.tobytes() == other.tobytes()
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[k], other[k]) for k in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if hasattr(one, "__dataclass_fields__"):
        return type(one) is type(other) and same(vars(one), vars(other))
    return one == other or (one != one and other != other)


@pytest.mark.parametrize(
    "fields",
    [
        {"dataset": "xor", "dtype": "float64"},
        {"dataset": "bits", "output": "softmax", "loss": "cross_entropy", "optimizer": "momentum"},
        {"dataset": "spiral", "hidden": (), "bias": False, "batch_size": 10, "target_loss": 0.1},
        {"dataset": "xor", "epochs": 60_000, "optimizer": "sgd"},
        {"dataset": "digits_8x8", "architecture": "conv", "channels": (2, 3), "kernel": 3,
         "output": "softmax", "loss": "cross_entropy", "backend": "torch", "epochs": 2},
    ],
    ids=["gate", "classes", "points", "long", "kernels"],
)  # fmt: skip
def test_a_run_comes_back_from_the_disk_as_it_was(store, fields):
    backend = fields.get("backend", "numpy")
    installed(backend, backends.label(backend))
    run = ended_run(**fields)
    run.edits = [ParamsEdited(3, 0, None, 0, 0.25)]
    run.learning_rate_changes = [LearningRateChanged(2, 0.5)]
    store.add(record_of(run), ME)
    again = run_of(store.kept(run.id, ME).record, "somebody")
    for name in ("id", "experiment", "state", "step", "epoch", "end", "edits", "train_seconds",
                 "learning_rate_changes", "took_samples", "started"):  # fmt: skip
        assert same(getattr(again, name), getattr(run, name)), name
    assert again.owner == "somebody"
    assert again.elapsed_seconds == run.elapsed_seconds
    before, after = run.history, again.history
    assert same(after.losses.envelope(), before.losses.envelope())
    assert (after.losses.count, after.losses.last) == (before.losses.count, before.losses.last)
    assert same(after.exact_losses, before.exact_losses[: len(after.exact_losses)])
    assert len(after.exact_losses) == min(run.step, 20_000)
    assert [m._asdict() for m in after.measurements] == [m._asdict() for m in before.measurements]
    assert same(after.confusions, before.confusions)
    assert len(after.snapshots) == min(len(before.snapshots), MOST_SNAPSHOTS)
    assert all(same(one, before.snapshot_at(one.step)) for one in after.snapshots)
    assert same(after.snapshots[-1], before.snapshots[-1])


def test_a_run_from_the_disk_can_be_continued_and_goes_on_as_the_first_did(store):
    pool = Pool(slots=1)
    try:
        whole = pool.submit(ended_run(epochs=1).experiment.replace(epochs=40), "me")
        assert whole.wait(lambda run: run.is_over, 60)
        store.add(record_of(whole), ME)
        again = run_of(store.kept(whole.id, ME).record, "me")
        start = again.history.snapshots[len(again.history.snapshots) // 2]
        rest = pool.submit(
            again.experiment, "me", beginning=beginning(again, start, again.experiment)
        )
        assert rest.wait(lambda run: run.is_over, 60)
        assert same(rest.latest.params, whole.latest.params)
        store.add(record_of(rest), ME)
        assert store.facts(rest.id, ME).continued_from.run_id == whole.id
        assert run_of(store.kept(rest.id, ME).record, "me").steps_taken == rest.steps_taken
    finally:
        pool.close()


def test_a_run_that_began_with_the_weights_of_a_file_is_recorded_and_says_so(store):
    pool = Pool(slots=1)
    try:
        first = ended_run(epochs=3)
        weights = Checkpoint(first.latest.params, first.experiment, "NumPy", first.step)
        start = from_file(weights, first.experiment, "mine.npz")
        run = pool.submit(first.experiment, "me", beginning=start)
        assert run.wait(lambda run: run.is_over, 60)
        store.add(record_of(run), ME)
        facts = store.facts(run.id, ME)
        assert facts.continued_from.run_id == ""
        assert "weights in mine.npz" in facts.continued_from.sentence
        again = run_of(store.kept(run.id, ME).record, "me")
        assert again.origin == start.origin
        assert again.continued_from is None
        assert same(again.history.snapshots[0].params, first.latest.params)
    finally:
        pool.close()


def test_every_run_that_ends_in_the_pool_is_recorded_and_no_other(store):
    recorder = Recorder(lambda: store)
    pool = Pool(slots=1, on_over=recorder.put)
    try:
        experiment = ended_run(epochs=1).experiment
        finished = pool.submit(experiment, "me")
        assert finished.wait(lambda run: run.is_over, 60)
        stopped = pool.submit(experiment.replace(epochs=1_000_000), "me")
        assert stopped.wait(lambda run: run.step > 10, 60)
        pool.set_want(stopped, "me", "stopped")
        assert stopped.wait(lambda run: run.is_over, 60)
        diverges = {"learning_rate": 1000.0, "loss": "mse_sum", "output": "identity"}
        failed = pool.submit(
            experiment.replace(**diverges, epochs=5000, optimizer="sgd"),
            "me",
            purpose="compare",
            part="x",
        )
        assert failed.wait(lambda run: run.is_over, 60)
        unborn = pool.submit(experiment, "me", want="paused")
        pool.set_want(unborn, "me", "stopped")
        assert unborn.wait(lambda run: run.is_over, 60)
        looked_at = pool.submit(experiment, "me", purpose="check")
        assert looked_at.wait(lambda run: run.is_over, 60)
    finally:
        pool.close()
    recorder.close()
    lines = {line.id: line for line in store.lines(Filter(owner=visitor_of("me")))}
    assert {i: line.state for i, line in lines.items()} == {
        finished.id: "finished", stopped.id: "stopped", failed.id: "failed"
    }  # fmt: skip
    facts = store.facts(failed.id, None)
    assert (facts.kind, facts.source) == ("diverged", "compare")
    assert facts.message == failed.end.message
    assert lines[finished.id].framework.startswith("NumPy ")
    assert facts.versions["numpy"] == np.__version__


def test_a_run_that_cannot_be_written_is_counted_and_the_next_one_is_written(store, monkeypatch):
    recorder = Recorder(lambda: store)
    monkeypatch.setattr(store, "add", lambda *_: (_ for _ in ()).throw(StoreError("it is busy")))
    recorder.put(ended_run())
    assert recorder.wait(30)
    assert (recorder.missed, recorder.why_missed) == (1, "it is busy")
    monkeypatch.undo()
    recorder.put(ended_run())
    assert recorder.wait(30)
    assert store.count(Filter()) == 1
    recorder.close()


def test_a_full_recorder_refuses_at_once_and_says_so(store):
    recorder = Recorder(lambda: store, most_waiting=1)
    recorder._thread = object()  # one that never takes anything
    recorder.put(ended_run())
    recorder.put(ended_run())
    assert recorder.missed == 1


def test_the_list_is_sorted_filtered_and_paged(store):
    gate, bits = record(), record(dataset="bits", output="softmax", loss="cross_entropy")
    for number in range(7):
        kept = with_id(gate if number % 2 else bits, number)
        facts = kept.facts.model_copy(update={"ended": 1000.0 + number})
        store.add(kept._replace(facts=facts), ME if number < 5 else OTHER)
    newest_first = [f"{n:032x}" for n in (6, 5, 4, 3, 2, 1, 0)]
    assert [line.id for line in store.lines(Filter())] == newest_first
    assert [line.id for line in store.lines(Filter(), 2, 2)] == newest_first[2:4]
    store.change(newest_first[-1], None, pinned=True, name="Größe 50 %_", note="seen *twice*")
    assert store.lines(Filter())[0].label == "Größe 50 %_"
    assert store.count(Filter(owner=ME)) == 5
    assert store.count(Filter(owner=ME, datasets=("xor",))) == 2
    assert store.count(Filter(backends=("numpy", "torch"), states=("finished",))) == 7
    assert store.count(Filter(states=("failed",))) == 0
    assert [line.id for line in store.lines(Filter(text="TWICE"))] == newest_first[-1:]
    assert store.count(Filter(text="%")) == 1  # a letter like all others
    assert store.filter_values(None)["dataset"] == ["bits", "xor"]
    assert store.filter_values("nobody")["dataset"] == []


def test_one_visitor_neither_sees_nor_changes_the_runs_of_another(store):
    kept = record()
    store.add(kept, ME)
    run_id = kept.facts.id
    assert store.lines(Filter(owner=OTHER)) == []
    assert store.chosen([run_id], OTHER) == []
    with pytest.raises(StoreError, match="no longer in the history"):
        store.facts(run_id, OTHER)
    store.change(run_id, OTHER, name="mine now", pinned=True)
    assert store.delete([run_id], OTHER) == 0
    assert store.lines(Filter(owner=ME))[0].name == ""
    # The same run from a zip file is the other visitor's own, under another id.
    assert store.add_all([StoredRun(kept, "theirs")], OTHER, OTHER) == 1
    assert store.add_all([StoredRun(kept, "theirs")], ME, ME) == 0
    assert store.add_all([StoredRun(kept, "theirs")], "c" * 32, None) == 0  # who sees all has it
    assert [line.name for line in store.lines(Filter(owner=OTHER))] == ["theirs"]
    assert store.count(Filter()) == 2


def test_what_is_deleted_can_be_brought_back_for_a_day_and_is_then_gone(store, monkeypatch):
    ids = [f"{number:032x}" for number in range(3)]
    kept = record()
    for number in range(3):
        store.add(with_id(kept, number), ME)
    store.change(ids[1], ME, name="kept name", pinned=True)
    assert store.delete(ids[:2], ME) == 2
    assert [line.id for line in store.lines(Filter())] == [ids[2]]
    store.tidy()
    assert store.restore(ids[:2], ME) == 2
    assert store.lines(Filter())[0].name == "kept name"
    assert store.delete(ids[:2], ME) == 2
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + housekeeping.UNDO_SECONDS + 60)
    store.tidy()
    assert store.restore(ids[:2], ME) == 0
    assert {path.stem for path in (store.folder / FOLDER).iterdir()} == {ids[2]}


def test_the_oldest_runs_that_are_not_pinned_make_room(store, monkeypatch):
    monkeypatch.setattr(housekeeping, "MOST_RUNS", 3)
    kept = record()
    for number in range(3):
        facts = kept.facts.model_copy(update={"id": f"{number:032x}", "ended": float(number)})
        store.add(kept._replace(facts=facts), ME)
    store.change(f"{0:032x}", ME, pinned=True)
    store.add(with_id(kept, 9), ME)
    assert {int(line.id, 16) for line in store.lines(Filter())} == {0, 2, 9}
    assert not (store.folder / FOLDER / f"{1:032x}.npz").exists()


@pytest.mark.parametrize("owner", [None, ME])
def test_a_page_of_the_list_is_found_by_an_index_and_never_sorted(store, owner):
    index = "run_by_owner" if owner else "run_by_time"
    for which in (Filter(owner), Filter(owner, text="x"), Filter(owner, datasets=("xor",))):
        plan = store.plan(which)
        assert f"USING INDEX {index}" in plan
        assert "TEMP B-TREE" not in plan
        assert "SCAN" not in plan


def test_a_page_of_ten_thousand_runs_touches_one_page_of_rows(store):
    kept = record()
    rows = []
    for number in range(10_000):
        facts = kept.facts.model_copy(update={"id": f"{number:032x}", "ended": float(number)})
        rows.append(StoredRun(Record(facts, {})).rows(ME, 0))
    store.storage.write(lambda db: insert(db, rows))
    # The virtual machine of SQLite calls back every 100 of its instructions.
    calls = []
    store.storage._db.set_progress_handler(lambda: calls.append(1) and None, 100)
    assert len(store.lines(Filter(), 0, 20)) == 20
    first = len(calls)
    store.lines(Filter(owner=ME), 40, 20)
    store.storage._db.set_progress_handler(None, 0)
    assert first < 30
    assert len(calls) - first < 60


def test_a_folder_that_cannot_be_written_gives_a_history_in_memory_and_a_note(tmp_path):
    (tmp_path / "file").write_text("no folder")
    store = Store(tmp_path / "file" / "history")
    assert not store.is_on_disk
    assert "kept in memory" in store.note
    assert "download them as a zip" in store.note
    kept = record()
    store.add(kept, ME)
    assert same(store.arrays(kept.facts.id), kept.arrays)
    assert store.lines(Filter())[0].title == kept.facts.title
    store.delete([kept.facts.id], ME)
    assert store.count(Filter()) == 0


def test_a_disk_that_fills_up_loses_nothing_and_the_history_goes_on_in_memory(store):
    kept = record()
    store.add(with_id(kept, 1), ME)
    pages = store.storage._db.execute("PRAGMA page_count").fetchone()[0]
    store.storage._db.execute(f"PRAGMA max_page_count = {pages}")  # SQLite's own “disk is full”
    for number in range(2, 40):
        store.add(with_id(kept, number), ME)
    assert not store.is_on_disk
    assert "full" in store.note
    assert store.count(Filter()) == 39
    for number in (1, 20, 39):
        assert same(store.arrays(f"{number:032x}"), kept.arrays)
    again = Store(store.folder)
    assert again.is_on_disk
    assert again.count(Filter()) >= 1
    assert same(again.arrays(f"{1:032x}"), kept.arrays)
    again.close()


def test_a_history_in_memory_goes_back_to_a_disk_that_has_room_again(store):
    kept = record()
    for number in (1, 2, 3):
        store.add(with_id(kept, number), ME)
    pages = store.storage._db.execute("PRAGMA page_count").fetchone()[0]
    store.storage._db.execute(f"PRAGMA max_page_count = {pages}")
    for number in range(4, 30):
        store.add(with_id(kept, number), ME)
    assert not store.is_on_disk
    other = Store(store.folder)  # another process, whose disk is not full
    other.change(f"{3:032x}", ME, note="of another process")
    other.delete([f"{2:032x}"], ME)
    store.change(f"{1:032x}", ME, name="changed in memory")
    store.change(f"{29:032x}", ME, pinned=True)
    store.delete([f"{28:032x}"], ME)
    store.look_again()
    assert not store.is_on_disk  # too early to try again
    store.storage._tried -= RETRY_SECONDS
    store.look_again()
    assert store.is_on_disk
    assert not store.note
    assert store.count(Filter()) == other.count(Filter()) == 27
    found = {int(line.id, 16): line for line in other.lines(Filter(), 0, 50)}
    assert found.keys() == {*range(1, 30)} - {2, 28}
    assert (found[1].name, found[3].note) == ("changed in memory", "of another process")
    assert found[29].pinned
    assert all(same(other.kept(line.id, ME).record.arrays, kept.arrays) for line in found.values())
    assert other.restore([f"{28:032x}"], ME) == 1
    other.close()


def test_a_history_that_is_removed_while_the_app_runs_is_begun_anew(store):
    kept = record()
    store.add(with_id(kept, 1), ME)
    shutil.rmtree(store.folder)
    store.add(with_id(kept, 2), ME)
    assert "removed while the app was running" in store.note
    again = Store(store.folder)
    assert [line.id for line in again.lines(Filter())] == [f"{2:032x}"]
    again.close()
    for path in store.folder.glob(f"{DATABASE}*"):
        path.unlink()
    store.add(with_id(kept, 3), ME)
    again = Store(store.folder)  # what still has its file is listed again
    assert {line.id for line in again.lines(Filter())} == {f"{n:032x}" for n in (2, 3)}
    assert same(again.arrays(f"{3:032x}"), kept.arrays)
    again.close()


def test_a_folder_of_files_that_is_removed_alone_is_made_again(store):
    kept = record()
    store.add(with_id(kept, 1), ME)
    shutil.rmtree(store.folder / FOLDER)
    store.add(with_id(kept, 2), ME)
    assert store.is_on_disk
    assert same(store.arrays(f"{2:032x}"), kept.arrays)


LIMITED = """
import resource, signal, sys
from pathlib import Path
from nn_core.runs.store import Filter, Store
from tests.helpers.stored import record
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
limits = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))  # nothing can be written at all
store = Store(Path(sys.argv[1]))
(old,) = store.lines(Filter())
store.kept(old.id, None)
store.add(record(seed=1), "me")
store.change(old.id, None, name="old one")
assert not store.is_on_disk and store.count(Filter()) == 2 and "download them" in store.note
resource.setrlimit(resource.RLIMIT_FSIZE, limits)
store.look_again(at_once=True)
assert store.is_on_disk and not store.note, store.note
store.close()
"""


def test_what_was_recorded_is_listed_where_nothing_can_be_written_and_kept_once_it_can(tmp_path):
    pytest.importorskip("resource")
    store = Store(tmp_path)
    store.add(record(), ME)
    store.close()
    done = subprocess.run([sys.executable, "-c", LIMITED, str(tmp_path)], cwd=ROOT,
                          capture_output=True, text=True, timeout=120, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    again = Store(tmp_path)
    assert sorted(line.label for line in again.lines(Filter())) == [
        record(seed=1).facts.title,
        "old one",
    ]
    again.close()


NO_ROOM = """
import resource, signal, sys
from pathlib import Path
from nn_core.runs.store import Filter, Store
from tests.helpers.stored import record
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
store = Store(Path(sys.argv[1]))
first, second = record(), record(hidden=(40, 40))
store.add(first, "me")
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))  # no file may grow beyond that
store.add(second, "me")
assert not store.is_on_disk and store.count(Filter()) == 2, store.note
assert len(store.arrays(second.facts.id)["weight_2"])
print(first.facts.id, "kept in memory" in store.note)
"""


def test_a_file_that_finds_no_room_is_not_left_in_halves(tmp_path):
    pytest.importorskip("resource")
    done = subprocess.run([sys.executable, "-c", NO_ROOM, str(tmp_path)], cwd=ROOT,
                          capture_output=True, text=True, timeout=120, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    run_id, has_note = done.stdout.split()
    assert has_note == "True"
    assert [path.name for path in (tmp_path / FOLDER).iterdir()] == [f"{run_id}.npz"]
    store = Store(tmp_path)
    assert [line.id for line in store.lines(Filter())] == [run_id]
    store.close()


def test_a_database_damaged_in_the_middle_does_not_lose_the_next_run(tmp_path):
    before = Store(tmp_path)
    for number in (1, 2, 3):
        before.add(with_id(record(), number), ME)
    before.close()
    path = tmp_path / DATABASE
    content = bytearray(path.read_bytes())
    content[4096:8192] = random.Random(0).randbytes(4096)
    path.write_bytes(content)
    store = Store(tmp_path)
    store.add(with_id(record(), 4), ME)
    assert store.note
    assert f"{4:032x}" in [line.id for line in store.lines(Filter())]
    store.close()


def test_what_can_be_read_of_a_damaged_database_is_listed_and_nothing_of_it_is_removed(tmp_path):
    before = Store(tmp_path)
    for number in range(1, 61):
        before.add(with_id(record(), number), ME)
    size = before.storage._db.execute("PRAGMA page_count").fetchone()[0]
    before.close()
    path = tmp_path / DATABASE
    content = bytearray(path.read_bytes())
    for page in range(8, size, 5):
        content[4096 * page : 4096 * (page + 1)] = random.Random(page).randbytes(4096)
    path.write_bytes(content)
    store = Store(tmp_path)
    for number in range(1, 61):
        with contextlib.suppress(StoreError):
            store.facts(f"{number:032x}", ME)
    listed = store.lines(Filter(), 0, 100)
    readable = [line.id for line in listed if store.facts(line.id, ME)]
    assert len(readable) == len(listed)
    assert 20 < len(readable) < 60
    assert f"{len(readable)} of its runs could still be read" in store.note
    assert all(same(store.arrays(run_id), record().arrays) for run_id in readable[:3])
    assert len(list(tmp_path.glob(f"{DATABASE}.damaged-*"))) >= 1
    for file in (tmp_path / FOLDER).iterdir():
        os.utime(file, (0, 0))
    store.tidy()
    assert len(list((tmp_path / FOLDER).iterdir())) == 60
    store.close()
    again = Store(tmp_path)
    assert [line.id for line in again.lines(Filter(), 0, 100)] == [line.id for line in listed]
    assert not again.note
    again.close()


@pytest.mark.parametrize("version", [0, 1])
@pytest.mark.parametrize("table", ["experiments (id TEXT)", "run (id TEXT PRIMARY KEY, status)"])
def test_a_database_of_another_program_is_left_alone(tmp_path, table, version):
    with sqlite3.connect(tmp_path / DATABASE) as db:
        db.executescript(f"CREATE TABLE {table}; PRAGMA user_version = {version}")
    db.close()
    before = (tmp_path / DATABASE).read_bytes()
    store = Store(tmp_path)
    assert "a database of another kind" in store.note
    store.add(record(), ME)
    store.look_again(at_once=True)
    assert store.count(Filter()) == 1
    store.close()
    assert (tmp_path / DATABASE).read_bytes() == before


def test_a_damaged_database_is_put_aside_with_a_note(tmp_path):
    (tmp_path / DATABASE).write_bytes(b"this is no database" * 1000)
    store = Store(tmp_path)
    assert store.is_on_disk
    assert "put aside" in store.note
    assert len(list(tmp_path.glob(f"{DATABASE}.damaged-*"))) == 1
    store.add(record(), ME)
    assert store.count(Filter()) == 1
    store.close()


def test_a_database_of_a_newer_version_is_left_alone(tmp_path):
    Store(tmp_path).close()
    with sqlite3.connect(tmp_path / DATABASE) as db:
        db.execute("PRAGMA user_version = 99")
    store = Store(tmp_path)
    assert not store.is_on_disk
    assert "newer version" in store.note
    with sqlite3.connect(tmp_path / DATABASE) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (99,)


def test_two_that_find_a_damaged_database_at_once_put_aside_only_that(tmp_path, monkeypatch):
    damaged = b"this is no database " * 1000
    (tmp_path / DATABASE).write_bytes(damaged)
    put_aside, others = rescue.put_aside, []

    def a_moment_later(*arguments):
        monkeypatch.setattr(rescue, "put_aside", put_aside)
        others.append(Store(tmp_path))
        others[0].add(record(seed=1), ME)
        return put_aside(*arguments)

    monkeypatch.setattr(rescue, "put_aside", a_moment_later)
    late = Store(tmp_path)
    assert [path.read_bytes() for path in tmp_path.glob(f"{DATABASE}.damaged-*")] == [damaged]
    assert late.count(Filter()) == others[0].count(Filter()) == 1
    late.add(record(seed=2), ME)
    assert late.count(Filter()) == others[0].count(Filter()) == 2
    for store in (late, *others):
        assert store.is_on_disk
        store.close()


def test_another_process_goes_on_in_the_new_history_of_the_one_that_found_the_damage(tmp_path):
    before = Store(tmp_path)
    for number in range(1, 61):
        before.add(with_id(record(), number), ME)
    before.close()
    first, second = Store(tmp_path), Store(tmp_path)
    path = tmp_path / DATABASE
    size = path.stat().st_size
    with path.open("r+b") as file:
        for page in range(8, size // 4096, 5):
            file.seek(4096 * page)
            file.write(random.Random(page).randbytes(4096))
    for number in range(1, 61):
        with contextlib.suppress(StoreError):
            first.facts(f"{number:032x}", ME)
    listed = {line.id for line in first.lines(Filter(), 0, 100)}
    assert 20 < len(listed) < 60
    second.add(with_id(record(), 61), ME)
    assert second.is_on_disk
    found = {line.id for line in second.lines(Filter(), 0, 100)}
    assert found >= listed | {f"{61:032x}"}
    assert {line.id for line in first.lines(Filter(), 0, 100)} == found
    first.close()
    second.close()


def test_a_file_that_is_gone_or_damaged_is_named_in_a_sentence(store):
    kept = record()
    store.add(kept, ME)
    path = store.folder / FOLDER / f"{kept.facts.id}.npz"
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(StoreError, match="is damaged"):
        store.kept(kept.facts.id, ME)
    path.unlink()
    with pytest.raises(StoreError, match="no longer there"):
        store.kept(kept.facts.id, ME)


def test_a_run_with_settings_of_another_version_is_listed_and_not_opened(store):
    kept = record()
    store.add(kept, ME)
    store.storage.write(
        lambda db: db.execute("UPDATE facts SET json = replace(json, 'xor', 'old one')")
    )
    assert store.count(Filter()) == 1
    with pytest.raises(StoreError, match="another version of the app"):
        store.facts(kept.facts.id, ME)


def test_arrays_that_are_not_those_of_the_experiment_are_refused():
    kept = record()
    smaller = record(hidden=(2,))
    with pytest.raises(ArchiveError, match="not those of its network"):
        run_of(Record(kept.facts, smaller.arrays), "me")
    for name in ("losses", "layout", "step", "weight_1"):
        without = {key: value for key, value in kept.arrays.items() if key != name}
        with pytest.raises(ArchiveError):
            run_of(Record(kept.facts, without), "me")


def test_the_store_lies_where_the_variable_says(tmp_path, monkeypatch):
    monkeypatch.setattr(stores, "_store", None)
    monkeypatch.setenv("BACKPROP_LIVE_HOME", str(tmp_path / "here"))
    assert stores.get_store().folder == tmp_path / "here"
    assert (tmp_path / "here" / DATABASE).is_file()
    stores.get_store().close()


@pytest.fixture
def opened_elsewhere(tmp_path):
    """The database of a new history, which another connection is about to write to."""
    db = sqlite3.connect(tmp_path / DATABASE, isolation_level=None)
    db.execute("BEGIN IMMEDIATE")
    yield db
    db.close()


def test_a_new_history_waits_for_a_process_that_opens_it_at_the_same_moment(
    tmp_path, monkeypatch, opened_elsewhere
):
    waits = []

    def sleep(seconds):
        waits.append(seconds)
        if len(waits) == 3:
            opened_elsewhere.execute("COMMIT")

    monkeypatch.setattr(tables.time, "sleep", sleep)
    with contextlib.closing(Store(tmp_path)) as store:
        assert store.is_on_disk, store.note
        store.add(record(), ME)
    assert len(waits) == 3


def test_a_new_history_that_another_process_never_lets_go_of_is_kept_in_memory(
    tmp_path, monkeypatch, opened_elsewhere
):
    monkeypatch.setattr(tables, "BUSY_SECONDS", 0.05)
    with contextlib.closing(Store(tmp_path)) as store:
        assert not store.is_on_disk
        assert "database is locked" in store.note
        store.add(record(), ME)
        opened_elsewhere.execute("COMMIT")
        store.look_again(at_once=True)
        assert store.is_on_disk
        assert store.count(Filter()) == 1


WRITER = """
import sys
from pathlib import Path
from nn_core.runs.store import Store
from tests.helpers.stored import record
store, kept = Store(Path(sys.argv[1])), record(hidden=(64, 64))
for number in range(int(sys.argv[2]), int(sys.argv[3])):
    facts = kept.facts.model_copy(update={"id": f"{number:032x}"})
    store.add(kept._replace(facts=facts), "me")
    assert store.is_on_disk, store.note
    print(number, flush=True)
"""


def writer(folder, first, last):
    """A process that records runs, and says of each that it is recorded."""
    return subprocess.Popen([sys.executable, "-c", WRITER, str(folder), str(first), str(last)],
                            cwd=ROOT, stdout=subprocess.PIPE, text=True)  # fmt: skip


def check_that_all_can_be_read(folder, promised):
    store = Store(folder)
    assert store.is_on_disk, store.note
    lines = store.lines(Filter(), 0, 100_000)
    assert {int(line.id, 16) for line in lines} >= set(promised)
    for line in lines:
        run_of(store.kept(line.id, None).record, "me")
    assert store.storage.read("PRAGMA integrity_check", ()) == [("ok",)]
    store.close()


def kill_in_mid_write(folder, times):
    """Two processes write; one of them is killed again and again, and begun anew."""
    steady = writer(folder, 1_000_000, 2_000_000)
    promised, moment = [], random.Random(0)
    try:
        for attempt in range(times):
            victim = writer(folder, attempt * 1000, attempt * 1000 + 1000)
            for _ in range(moment.randint(1, 6)):
                promised.append(int(victim.stdout.readline()))
            time.sleep(moment.uniform(0, 0.02))
            victim.send_signal(signal.SIGKILL)
            promised += map(int, victim.stdout.read().split())
            victim.wait()
            victim.stdout.close()
        assert steady.poll() is None, "the other one ended by itself"
    finally:
        steady.send_signal(signal.SIGKILL)
        written = [int(line) for line in steady.stdout.read().split("\n")[:-1]]
        steady.wait()
        steady.stdout.close()
    assert written
    check_that_all_can_be_read(folder, promised + written)


@pytest.mark.skipif(os.name != "posix", reason="only there a process can be killed so")
def test_two_processes_write_and_one_killed_in_mid_write_loses_nothing(tmp_path):
    kill_in_mid_write(tmp_path, 3)


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="only there a process can be killed so")
def test_twenty_killed_writers_lose_nothing(tmp_path):
    kill_in_mid_write(tmp_path, 20)


def test_the_end_of_a_run_is_told_once_and_without_waiting():
    told = []
    run = Run(ended_run().experiment, "me", on_over=told.append)
    run.handle(Finished(0, 0.0, "stopped", {}, 0.0))
    run.handle(Failed("worker", "late"))
    assert told == [run]


def test_a_record_is_small():
    kept = record(epochs=3000)
    assert len(packed(kept.arrays)) < 100_000
    assert len(to_zip([StoredRun(kept)])) < 150_000
