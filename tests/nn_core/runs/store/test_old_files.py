"""Files of earlier versions of the app are read as they always were.

`runs_format_1.zip` and `weights_format_1.npz` were written by version 0.1 of November 2026: a run
of 30 steps; one of a study that went on from it, had two of its weights set by hand and its
learning rate changed, and failed; and the weights of the first.
"""

import io
import json
import zipfile

import numpy as np

from nn_core.events import Failed, Finished, LearningRateChanged, ParamsEdited
from nn_core.exchange import weight_files
from nn_core.runs.store.archive import from_zip, to_zip
from nn_core.runs.store.record import run_of
from tests.helpers.root import ROOT

DATA = ROOT / "tests" / "data"
RUNS = (DATA / "runs_format_1.zip").read_bytes()


def documents(content: bytes) -> list[dict]:
    with zipfile.ZipFile(io.BytesIO(content)) as found:
        return [json.loads(found.read(n)) for n in found.namelist() if n.endswith(".json")]


def arrays(content: bytes) -> list[dict[str, np.ndarray]]:
    with zipfile.ZipFile(io.BytesIO(content)) as found:
        inner = [found.read(name) for name in found.namelist() if name.endswith(".npz")]
    return [dict(np.load(io.BytesIO(file))) for file in inner]


def test_runs_of_an_earlier_version_are_opened_with_all_that_they_say():
    first, second = (run_of(kept.record, "ada") for kept in from_zip(RUNS))
    assert (first.state, first.step, first.started.input_names) == ("finished", 30, ("A", "B"))
    assert isinstance(first.end, Finished)
    assert first.origin is None
    assert isinstance(second.end, Failed)
    assert second.end.kind == "diverged"
    assert second.continued_from == (first.id, 30)
    assert second.steps_taken == 3
    assert second.origin.changed == ("Learning rate", "Epochs")
    assert second.origin.sentence.startswith("Continued from step 30 of the run before")
    assert second.edits == [
        ParamsEdited(33, 1, None, 0, float("inf")), ParamsEdited(33, 0, 1, 0, 0.25)
    ]  # fmt: skip
    assert second.learning_rate_changes == [
        LearningRateChanged(0, 0.1), LearningRateChanged(30, 0.05), LearningRateChanged(33, 0.5)
    ]  # fmt: skip
    # The second began where the first ended.
    begun = second.history.snapshot_at(30)
    for pair, other in zip(begun.params, first.latest.params, strict=True):
        for array, other_array in zip(pair, other, strict=True):
            np.testing.assert_array_equal(array, other_array)


def test_they_are_written_again_to_the_letter():
    again = to_zip(from_zip(RUNS))
    assert documents(again) == documents(RUNS)
    for ours, theirs in zip(arrays(again), arrays(RUNS), strict=True):
        assert ours.keys() == theirs.keys()
        for name, array in theirs.items():
            assert ours[name].dtype == array.dtype
            np.testing.assert_array_equal(ours[name], array)


def test_weights_of_an_earlier_version_are_read_to_the_bit():
    content = (DATA / "weights_format_1.npz").read_bytes()
    read = weight_files.read(content)
    assert (read.step, read.epoch, read.framework) == (30, 30.0, "NumPy 1")
    assert read.experiment.hidden == (2,)
    with np.load(io.BytesIO(content)) as file:
        for name, array in read.arrays.items():
            assert array.tobytes() == file[name].tobytes()
    assert weight_files.write_npz(read)[:2] == content[:2] == b"PK"
