"""Weights in files: what one backend saved, every other loads, and frameworks open their own."""

import io
import json
import subprocess
import sys

import numpy as np
import pytest

from nn_core import Experiment, backends, checkpoints, datasets, wire
from nn_core.checkpoints import Checkpoint
from nn_core.checkpoints.onnx_file import write_onnx
from nn_core.checkpoints.opening import how_to_open
from nn_core.checkpoints.start import as_given, beginning, differences, why_not
from nn_core.errors import WeightsError
from nn_core.evaluation import WRITERS
from nn_core.forward import predict
from nn_core.initializers import initial_params
from nn_core.pool import Pool
from tests.conftest import BACKENDS, ROOT
from tests.frameworks import REQUIRED, installed
from tests.real_mnist import real_mnist

WRITE = {"npz": checkpoints.write_npz, "safetensors": checkpoints.write_safetensors}
both_kinds = pytest.mark.parametrize("kind", sorted(WRITE))

ARRANGED = {
    "classes": {
        "dataset": "digits_8x8", "hidden": (16, 9), "activations": ("relu", "leaky_relu"),
        "output": "softmax", "loss": "cross_entropy",
    },
    "numbers": {
        "dataset": "digits_8x8", "hidden": (5, 4, 3),
        "activations": ("tanh", "sigmoid", "identity"),
        "output": "identity", "bias": False, "dtype": "float64",
    },
    "leaky": {
        "dataset": "digits_8x8", "hidden": (5,), "activation": "leaky_relu", "output": "sigmoid",
        "dtype": "float64",
    },
}  # fmt: skip


def some(name="classes", seed=0):
    """A checkpoint whose biases are not zero."""
    experiment = Experiment(**ARRANGED[name])
    rng = np.random.default_rng(seed)
    params = [
        (weight, None if bias is None else rng.normal(size=bias.shape).astype(bias.dtype))
        for weight, bias in initial_params(experiment)
    ]
    return Checkpoint(params, experiment, "NumPy 2", 12, 0.5)


def rows(experiment, n=50):
    x = np.random.default_rng(1).random((n, experiment.n_inputs))
    return x.astype(experiment.dtype)


def same_bits(a, b):
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


@both_kinds
@pytest.mark.parametrize("name", ARRANGED)
def test_what_is_saved_is_read_back_to_the_bit_with_its_settings(kind, name):
    saved = some(name)
    read = checkpoints.read(WRITE[kind](saved))
    assert read.arrays.keys() == saved.arrays.keys()
    assert all(same_bits(read.arrays[key], saved.arrays[key]) for key in saved.arrays)
    assert (read.experiment, read.framework, read.step, read.epoch, read.note) == (
        saved.experiment, "NumPy 2", 12, 0.5, "",
    )  # fmt: skip


def test_the_files_open_without_us():
    from safetensors.numpy import load

    saved = some()
    opened = np.load(io.BytesIO(checkpoints.write_npz(saved)), allow_pickle=False)
    assert same_bits(opened["layer1.weight"], saved.params[0][0])
    metadata = json.loads(str(opened["metadata"]))
    assert Experiment.from_json(metadata["experiment"]) == saved.experiment
    arrays = load(checkpoints.write_safetensors(saved))
    assert same_bits(arrays["layer3.bias"], saved.params[2][1])


def test_weights_kept_by_columns_are_the_same_weights():
    saved = some()
    by_columns = [(np.asfortranarray(weight), bias) for weight, bias in saved.params]
    for write in WRITE.values():
        read = checkpoints.read(write(Checkpoint(by_columns, saved.experiment)))
        assert np.array_equal(read.params[0][0], saved.params[0][0])


@both_kinds
def test_a_file_from_elsewhere_may_know_no_settings(kind):
    saved = Checkpoint(some().params)
    read = checkpoints.read(WRITE[kind](saved))
    assert read.experiment is None
    assert "says nothing" in read.note


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"dataset": "nowhere"}, "cannot use"),
        ({"hidden": [16, 8]}, "another network"),
        ({"unheard": 1}, "cannot use"),
    ],
)
def test_settings_that_cannot_be_used_are_left_aside_with_a_reason(change, word):
    saved = some()
    text = json.dumps({**json.loads(saved.experiment.to_json()), **change})
    stream = io.BytesIO()
    np.savez(stream, **saved.arrays, metadata=np.array(json.dumps({"experiment": text})))
    read = checkpoints.read(stream.getvalue())
    assert read.experiment is None
    assert word in read.note


def test_weights_begin_a_run_only_where_they_fit():
    saved = some()
    assert why_not(saved, saved.experiment) == ""
    assert "64-16-9-10" in why_not(saved, saved.experiment.replace(hidden=(16, 8)))
    assert "without biases" in why_not(saved, saved.experiment.replace(bias=False))
    other = saved.experiment.replace(activations=("tanh", "tanh"), output="sigmoid", loss="mse")
    assert differences(saved, other) == ["Activation", "Output"]
    assert differences(saved, saved.experiment.replace(backend="torch", epochs=3)) == []


@pytest.mark.parametrize("bias", [True, False])
def test_the_weights_of_a_small_network_become_its_settings(bias):
    experiment = Experiment(dataset="xor", hidden=(3,), bias=bias, seed=5)
    saved = Checkpoint(initial_params(experiment), experiment)
    again = initial_params(as_given(saved, experiment.replace(seed=9)))
    for pair, other in zip(saved.params, again, strict=True):
        assert all(a is b is None or same_bits(a, b) for a, b in zip(pair, other, strict=True))


@pytest.fixture
def pool():
    pool = Pool(slots=1)
    yield pool
    pool.close()


def measured(pool, checkpoint, experiment):
    """What a backend measures with the weights of a file, before any step."""
    run = pool.submit(
        experiment, "ada", "paused", beginning=beginning(checkpoint, experiment, "a file")
    )
    assert run.wait(lambda run: run.is_over or (run.latest and run.history.measurements), 120)
    assert not run.is_over, run.end
    return run


def test_a_run_begins_with_the_weights_of_a_file_and_is_measured_before_any_step(pool):
    experiment = Experiment(**ARRANGED["classes"], learning_rate=0.01, batch_size=32, epochs=8)
    run = pool.submit(experiment, "ada")
    assert run.wait(lambda run: run.is_over, 120)
    saved = checkpoints.read(
        checkpoints.write_npz(Checkpoint(run.latest.params, experiment, "", run.step))
    )
    again = measured(pool, saved, experiment.replace(seed=3, epochs=2))
    assert again.step == 0
    data = datasets.load(again.experiment)
    outputs = predict(
        saved.params, data.x_test.astype("float32"), experiment.hidden_activations, "softmax"
    )
    accuracy = (outputs.argmax(axis=1) == data.y_test.argmax(axis=1)).mean()
    assert again.history.metrics_at(0)["test_accuracy"] == pytest.approx(accuracy)
    assert accuracy > 0.8
    assert "a file" in again.beginning.sentence
    assert again.continued_from is None


EXPORTS = sorted(WRITERS)
OPEN = """
import sys
import numpy as np
{opening}
np.save("answers.npy", predict(np.load("rows.npy")))
print(sorted(name for name in sys.modules if name.startswith("nn_core")))
"""


def opened_elsewhere(folder, experiment, kind, content):
    """What plain Python, in another folder and without us, answers with a file."""
    (folder / f"model.{kind}").write_bytes(content)
    np.save(folder / "rows.npy", rows(experiment))
    code = OPEN.format(opening=how_to_open(experiment, f"model.{kind}"))
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.splitlines()[-1] == "[]"
    return np.load(folder / "answers.npy")


def close_to(answers, checkpoint):
    experiment = checkpoint.experiment
    ours = predict(
        checkpoint.params, rows(experiment), experiment.hidden_activations, experiment.output
    )
    assert answers.dtype == experiment.dtype
    np.testing.assert_allclose(answers, ours, atol=1e-6 if experiment.dtype == "float32" else 1e-12)


@pytest.mark.parametrize("name", ARRANGED)
def test_onnx_runtime_gives_the_same_answers(tmp_path, name):
    saved = some(name)
    close_to(opened_elsewhere(tmp_path, saved.experiment, "onnx", write_onnx(saved)), saved)


def test_a_step_unit_is_a_comparison_in_onnx(tmp_path):
    experiment = Experiment(dataset="and", hidden=(), output="step", loss="perceptron")
    saved = Checkpoint([(np.float32([[1], [1]]), np.float32([-1.5]))], experiment)
    answers = opened_elsewhere(tmp_path, experiment, "onnx", write_onnx(saved))
    assert set(np.unique(answers)) <= {0, 1}
    close_to(answers, saved)


@pytest.mark.slow
@pytest.mark.parametrize("name", ARRANGED)
@pytest.mark.parametrize("kind", EXPORTS)
def test_a_file_for_a_framework_gives_the_same_answers_there(pool, tmp_path, kind, name):
    installed(WRITERS[kind], backends.label(WRITERS[kind]))
    saved = some(name)
    asked = pool.write_file(kind, saved.experiment, saved.params, "ada")
    assert asked.wait(120)
    assert not asked.error
    close_to(opened_elsewhere(tmp_path, saved.experiment, kind, asked.content), saved)


def test_pytorch_opens_its_file_and_gives_the_same_answers(pool, tmp_path):
    installed("torch", "PyTorch")
    saved = some("classes")
    asked = pool.write_file("pt", saved.experiment, saved.params, "ada")
    assert asked.wait(120)
    assert not asked.error
    assert asked.framework.startswith("PyTorch")
    close_to(opened_elsewhere(tmp_path, saved.experiment, "pt", asked.content), saved)


ANSWER = """
import json, sys
import numpy as np
from nn_core import wire
from nn_core.experiment import Experiment
from nn_core.training import Trainer

asked = json.load(open(sys.argv[1]))
for name, start in asked["starts"].items():
    trainer = Trainer(Experiment(**asked["experiment"]), wire.unpacked_start(start))
    np.save(f"{sys.argv[2]}/{name}.npy", trainer.model.predict(trainer.data.x_test[:1000]))
"""


@pytest.mark.slow
@pytest.mark.mnist
def test_what_each_backend_saved_each_other_answers_alike_on_1000_images(tmp_path, monkeypatch):
    """Each trains a little and saves; each then begins with every file, as a worker does."""
    monkeypatch.setenv("BACKPROP_LIVE_DATA", str(real_mnist()))
    experiment = Experiment(
        dataset="mnist", dataset_options={"train_rows": 2000}, hidden=(32,), activation="relu",
        output="softmax", loss="cross_entropy", learning_rate=0.001, batch_size=100, epochs=2,
    )  # fmt: skip
    names = [name for name in BACKENDS if backends.is_installed(name)]
    assert set(names) >= REQUIRED
    x = datasets.load(experiment).x_test[:1000]
    starts, expected = {}, {}
    for saver in names:
        for kind, content in trained_files(experiment.replace(backend=saver)).items():
            read = checkpoints.read(content)
            assert read.experiment.backend == saver
            starts[f"{saver}-{kind}"] = wire.packed_start(
                beginning(read, experiment, "a file").snapshot
            )
            expected[f"{saver}-{kind}"] = predict(read.params, x, ("relu",), "softmax")
    for loader in names:
        folder = tmp_path / loader
        folder.mkdir()
        asked = {"experiment": experiment.replace(backend=loader).model_dump(), "starts": starts}
        (folder / "asked.json").write_text(json.dumps(asked))
        done = subprocess.run(
            [backends.python_for(loader), "-c", ANSWER, str(folder / "asked.json"), str(folder)],
            cwd=ROOT, capture_output=True, text=True, timeout=600, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-2000:]
        for name, ours in expected.items():
            answers = np.load(folder / f"{name}.npy")
            assert answers.shape == (1000, 10)
            np.testing.assert_allclose(answers, ours, atol=1e-6, err_msg=f"{name} → {loader}")
    accuracies = [ours.argmax(axis=1) for ours in expected.values()]
    assert all(len(np.unique(guesses)) == 10 for guesses in accuracies), "nothing was learned"


def trained_files(experiment):
    """Both kinds of files that a run in a worker leaves."""
    pool = Pool(slots=1)
    try:
        run = pool.submit(experiment, "ada")
        assert run.wait(lambda run: run.is_over, 300)
        assert run.state == "finished", run.end
        saved = Checkpoint(run.latest.params, experiment, run.started.framework, run.step)
        return {kind: write(saved) for kind, write in WRITE.items()}
    finally:
        pool.close()


def test_a_file_of_a_framework_is_not_loaded():
    for content in (b"PK\x03\x04" + b"archive/data.pkl" + bytes(200), b"\x89HDF\r\n" + bytes(99)):
        with pytest.raises(WeightsError, match=r"not loaded|damaged"):
            checkpoints.read(content)
