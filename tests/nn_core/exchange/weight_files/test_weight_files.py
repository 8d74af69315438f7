"""Weights in files: what one backend saved, every other loads, and frameworks open their own."""

import io
import itertools
import json
import subprocess
import sys

import numpy as np
import pytest
from safetensors.numpy import load, save

from nn_core import Experiment, backends, datasets, fit, vocabulary
from nn_core.errors import WeightsError
from nn_core.exchange import weight_files
from nn_core.exchange.weight_files import Checkpoint
from nn_core.exchange.weight_files.loading_code import loading_code
from nn_core.exchange.weight_files.onnx_file import write_onnx
from nn_core.exchange.weight_files.start_from_file import (
    beginning,
    can_be_given,
    differences,
    why_not,
    with_given_weights,
)
from nn_core.networks.architectures.conv import OFFERED_BY
from nn_core.networks.forward import predict
from nn_core.networks.initializers import initial_params
from nn_core.runs import wire
from nn_core.runs.workers.file_request import WRITERS
from nn_core.runs.workers.pool import Pool
from tests.helpers.frameworks import BACKENDS, REQUIRED, installed
from tests.helpers.real_mnist import real_mnist
from tests.helpers.root import ROOT

WRITE = {"npz": weight_files.write_npz, "safetensors": weight_files.write_safetensors}
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
    "convolutions": {
        "dataset": "digits_8x8", "architecture": "conv", "channels": (2, 3), "kernel": 3,
        "hidden": (6, 4), "activations": ("leaky_relu", "tanh"), "output": "softmax",
        "loss": "cross_entropy", "backend": "torch",
    },
    "bare convolutions": {
        "dataset": "digits_8x8", "architecture": "conv", "channels": (3, 2), "kernel": 5,
        "hidden": (), "output": "identity", "bias": False, "dtype": "float64", "backend": "jax",
    },
}  # fmt: skip
EACH_ARCHITECTURE = ["classes", "convolutions"]


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
    read = weight_files.read(WRITE[kind](saved))
    assert read.arrays.keys() == saved.arrays.keys()
    assert all(same_bits(read.arrays[key], saved.arrays[key]) for key in saved.arrays)
    assert (read.experiment, read.framework, read.step, read.epoch, read.note) == (
        saved.experiment, "NumPy 2", 12, 0.5, "",
    )  # fmt: skip


def test_the_files_open_without_us():
    saved = some()
    opened = np.load(io.BytesIO(weight_files.write_npz(saved)), allow_pickle=False)
    assert same_bits(opened["layer1.weight"], saved.params[0][0])
    metadata = json.loads(str(opened["metadata"]))
    assert Experiment.from_json(metadata["experiment"]) == saved.experiment
    arrays = load(weight_files.write_safetensors(saved))
    assert same_bits(arrays["layer3.bias"], saved.params[2][1])


@both_kinds
def test_kernels_lie_in_front_of_the_dense_layers_as_the_experiment_says(kind):
    saved = some("convolutions")
    # 8 × 8 pixels, pooled twice, are 2 · 2 places for each of 3 maps.
    assert saved.weight_shapes == [(3, 3, 1, 2), (3, 3, 2, 3), (12, 6), (6, 4), (4, 10)]
    read = weight_files.read(WRITE[kind](saved))
    assert [read.arrays[f"layer{i}.weight"].shape for i in range(1, 6)] == saved.weight_shapes
    assert [read.arrays[f"layer{i}.bias"].shape for i in (1, 2, 5)] == [(2,), (3,), (10,)]
    assert (read.n_inputs, read.shape) == (64, "64-conv 3×3×2-conv 3×3×3-6-4-10")
    assert read.shape == saved.experiment.shape
    assert read.n_parameters == saved.experiment.n_parameters


def test_the_deepest_network_with_convolutions_fits_into_a_file():
    deep = Experiment(**{**ARRANGED["convolutions"], "activations": (), "hidden": (3,) * 8})
    saved = Checkpoint(initial_params(deep), deep)
    for write in WRITE.values():
        assert weight_files.read(write(saved)).experiment == deep


@pytest.mark.parametrize("name", EACH_ARCHITECTURE)
def test_weights_kept_by_columns_are_the_same_weights(name):
    saved = some(name)
    by_columns = [(np.asfortranarray(weight), bias) for weight, bias in saved.params]
    for write in WRITE.values():
        read = weight_files.read(write(Checkpoint(by_columns, saved.experiment)))
        for pair, other in zip(read.params, saved.params, strict=True):
            assert np.array_equal(pair[0], other[0])


@both_kinds
def test_a_file_from_elsewhere_may_have_no_settings(kind):
    saved = Checkpoint(some().params)
    read = weight_files.read(WRITE[kind](saved))
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
    read = weight_files.read(stream.getvalue())
    assert read.experiment is None
    assert word in read.note


def test_weights_begin_a_run_only_where_they_fit():
    saved = some()
    assert why_not(saved, saved.experiment) == ""
    assert "64-16-9-10" in why_not(saved, saved.experiment.replace(hidden=(16, 8)))
    assert "without biases" in why_not(saved, saved.experiment.replace(bias=False))
    wide = Checkpoint([(1e300 * w.astype(float), b) for w, b in saved.params], saved.experiment)
    assert "more than float32 can hold" in why_not(wide, saved.experiment)
    assert why_not(wide, saved.experiment.replace(dtype="float64")) == ""
    other = saved.experiment.replace(activations=("tanh", "tanh"), output="sigmoid", loss="mse")
    assert differences(saved, other) == ["Activation", "Output"]
    assert differences(saved, saved.experiment.replace(backend="torch", epochs=3)) == []


def test_weights_of_one_architecture_do_not_fit_the_other():
    dense, convolutions = some("classes"), some("convolutions")
    assert why_not(convolutions, convolutions.experiment) == ""
    for saved, other in ((dense, convolutions), (convolutions, dense)):
        sentence = why_not(saved, other.experiment)
        assert f"a network {saved.shape}, and" in sentence
        assert f"ask for {other.shape}." in sentence
    for changes in ({"kernel": 5}, {"channels": (2, 4)}, {"channels": (3, 3)}, {"bias": False}):
        assert why_not(convolutions, convolutions.experiment.replace(**changes))


def without(arrays, *places):
    """The layers in front taken out, and the others counted anew."""
    kept = [i for i in range(1, 6) if i not in places]
    return {
        f"layer{new}.{label}": arrays[f"layer{old}.{label}"]
        for new, old in enumerate(kept, 1)
        for label in ("weight", "bias")
    }


@both_kinds
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda a: without(a, 1), "Of the 4 layers in the file, 1 are"),
        (lambda a: without(a, 3, 4, 5), "Of the 2 layers in the file, 2 are"),
        (lambda a: without(a, 1, 2) | {"layer2.weight": a["layer1.weight"]}, "they do not belong"),
        (lambda a: a | {"layer4.weight": np.ones((1, 3, 6, 4), "f4")}, "behind a dense layer"),
        (lambda a: a | {"layer1.weight": np.ones((3, 5, 1, 2), "f4")}, "kernels of 3 × 3 or 5 × 5"),
        (lambda a: a | {"layer1.weight": np.ones((7, 7, 1, 2), "f4")}, "kernels of 3 × 3 or 5 × 5"),
        (lambda a: a | {"layer1.weight": np.ones((3, 3, 3, 2), "f4")}, "images of 3 colours"),
        (lambda a: a | {"layer2.weight": np.ones((3, 3, 4, 3), "f4")}, "2 maps, and layer 2 reads"),
        (lambda a: a | {"layer2.bias": np.ones(2, "f4")}, "3 maps and biases"),
        (lambda a: a | {"layer3.weight": np.ones((13, 6), "f4")}, "which make no 3 squares"),
        (lambda a: a | {"layer3.weight": np.ones((9, 6), "f4")}, "which make no 3 squares"),
        (lambda a: a | {"layer3.weight": np.ones((3 * 6400, 6), "f4")}, "4,096 inputs"),
        (lambda a: a | {"layer2.weight": np.ones((1, 3, 3, 2, 3), "f4")}, "no table|no plain"),
        (lambda a: a | {"layer1.weight": np.ones((3, 3, 1, 0), "f4")}, "no table"),
        (lambda a: a | {"layer2.weight": np.full((3, 3, 2, 3), np.nan, "f4")}, "NaN"),
        (lambda a: {name: array for name, array in a.items() if name != "layer2.bias"}, "whole"),
    ],
)
def test_convolutions_that_are_none_are_refused_with_a_sentence(kind, change, words):
    arrays = change(dict(some("convolutions").arrays))
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    content = stream.getvalue() if kind == "npz" else save(arrays)
    with pytest.raises(WeightsError, match=words) as caught:
        weight_files.read(content)
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize("name", ["classes", "convolutions"])
def test_settings_of_the_other_architecture_are_left_aside(name):
    (other,) = {*EACH_ARCHITECTURE} - {name}
    read = weight_files.read(
        weight_files.write_npz(Checkpoint(some(name).params, some(other).experiment))
    )
    assert read.experiment is None
    assert "another network" in read.note


def test_kernels_never_become_settings_however_few_they_are():
    experiment = Experiment(
        **{**ARRANGED["bare convolutions"], "channels": (1, 1), "kernel": 3, "dtype": "float32"}
    )
    saved = Checkpoint(initial_params(experiment), experiment)
    assert saved.n_parameters == 9 + 9 + 40
    assert not can_be_given(saved)
    small = Experiment(dataset="xor")
    assert can_be_given(Checkpoint(initial_params(small), small))


@pytest.mark.parametrize("bias", [True, False])
def test_the_weights_of_a_small_network_become_its_settings(bias):
    experiment = Experiment(dataset="xor", hidden=(3,), bias=bias, seed=5)
    saved = Checkpoint(initial_params(experiment), experiment)
    again = initial_params(with_given_weights(saved, experiment.replace(seed=9)))
    for pair, other in zip(saved.params, again, strict=True):
        assert all(a is b is None or same_bits(a, b) for a, b in zip(pair, other, strict=True))


@pytest.fixture
def slots():
    return 1


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
    saved = weight_files.read(
        weight_files.write_npz(Checkpoint(run.latest.params, experiment, "", run.step))
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
    assert "a file" in again.origin.sentence
    assert again.continued_from is None


EXPORTS = sorted(WRITERS)
OPEN = """
import sys
import numpy as np
{opening}
np.save("answers.npy", predict(np.load("rows.npy")))
print(sorted(name for name in sys.modules if name.startswith("nn_core")))
"""


def opened_elsewhere(folder, experiment, kind, content, x=None):
    """What plain Python, in another folder and without us, answers with a file."""
    (folder / f"model.{kind}").write_bytes(content)
    np.save(folder / "rows.npy", rows(experiment) if x is None else x)
    code = OPEN.format(opening=loading_code(experiment, f"model.{kind}"))
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


@pytest.mark.parametrize("name", EACH_ARCHITECTURE)
def test_pytorch_opens_its_file_and_gives_the_same_answers(pool, tmp_path, name):
    installed("torch", "PyTorch")
    saved = some(name)
    asked = pool.write_file("pt", saved.experiment, saved.params, "ada")
    assert asked.wait(120)
    assert not asked.error
    assert asked.framework.startswith("PyTorch")
    close_to(opened_elsewhere(tmp_path, saved.experiment, "pt", asked.content), saved)


ANSWER = """
import json, sys
import numpy as np
from nn_core.runs import wire
from nn_core.experiment import Experiment
from nn_core.training.trainer import Trainer

asked = json.load(open(sys.argv[1]))
for name, start in asked["starts"].items():
    trainer = Trainer(Experiment(**asked["experiment"]), wire.unpacked_start(start))
    np.save(f"{sys.argv[2]}/{name}.npy", trainer.model.predict(trainer.data.x_test[:1000]))
"""


NETWORKS = {
    "dense": {"hidden": (32,)},
    "conv": {"architecture": "conv", "channels": (4, 8), "kernel": 5, "hidden": (32,)},
}


def places_for(architecture):
    """Backend and engine of each place where such a network can be trained."""
    names = OFFERED_BY if architecture == "conv" else BACKENDS
    return [
        (name, engine)
        for name in names
        for engine in vocabulary.ENGINES.get(name, ("",))
        if backends.is_installed(f"{name}-{engine}" if engine else name)
    ]


@pytest.mark.slow
@pytest.mark.mnist
@pytest.mark.parametrize("architecture", NETWORKS)
def test_what_each_backend_saved_each_other_answers_alike_on_1000_images(
    tmp_path, monkeypatch, architecture
):
    """Each trains a little and saves; each then begins with every file, as a worker does."""
    monkeypatch.setenv("BACKPROP_LIVE_DATA", str(real_mnist()))
    fields = {
        "dataset": "mnist", "dataset_options": {"train_rows": 2000}, "activation": "relu",
        "output": "softmax", "loss": "cross_entropy", "learning_rate": 0.001, "batch_size": 100,
        "epochs": 2, **NETWORKS[architecture],
    }  # fmt: skip
    places = places_for(architecture)
    wanted = REQUIRED & {*OFFERED_BY} if architecture == "conv" else REQUIRED
    assert {name for name, _ in places} >= wanted
    each = [Experiment(**fields, backend=name, engine=engine) for name, engine in places]
    x = datasets.load(each[0]).x_test[:1000]
    starts, answers = {}, {}
    for experiment in each:
        for kind, content in trained_files(experiment).items():
            read = weight_files.read(content)
            assert read.experiment == experiment
            file = f"{experiment.worker}-{kind}"
            starts[file] = wire.packed_start(beginning(read, experiment, "a file").snapshot)
            answers[file] = {
                "NumPy": predict(read.params, x, experiment.hidden_activations, "softmax")
            }
    for experiment in each:
        folder = tmp_path / experiment.worker
        folder.mkdir()
        asked = {"experiment": experiment.model_dump(), "starts": starts}
        (folder / "asked.json").write_text(json.dumps(asked))
        done = subprocess.run(
            [backends.python_for(experiment.backend), "-c", ANSWER, str(folder / "asked.json"),
             str(folder)],
            cwd=ROOT, capture_output=True, text=True, timeout=600, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-2000:]
        for file, found in answers.items():
            found[experiment.worker] = np.load(folder / f"{file}.npy")
    for file, found in answers.items():
        assert all(outputs.shape == (1000, 10) for outputs in found.values())
        for one, other in itertools.combinations(found, 2):
            np.testing.assert_allclose(
                found[one], found[other], rtol=0, atol=1e-6, err_msg=f"{file}: {one}, {other}"
            )
        assert len(np.unique(found["NumPy"].argmax(axis=1))) == 10, "nothing was learned"


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


FULL = {
    # In float32 the last digit of a weighted sum around 16 is 2e-6, and a probability moves by up
    # to a quarter of what its sum does. The convolutional network is surer, so its sums are larger.
    "dense": (1e-6, {"hidden": (200,), "backend": "numpy"}),
    "conv": (3e-6, {"architecture": "conv", "hidden": (128,), "backend": "torch"}),
}


@pytest.mark.slow
@pytest.mark.mnist
@pytest.mark.parametrize("architecture", FULL)
def test_exported_files_of_a_trained_mnist_network_answer_alike_everywhere(
    pool, tmp_path, monkeypatch, architecture
):
    """784-200-10, or 8 and 16 maps; PyTorch, Keras and ONNX Runtime, each without us."""
    monkeypatch.setenv("BACKPROP_LIVE_DATA", str(real_mnist()))
    tolerance, fields = FULL[architecture]
    for backend in (*WRITERS.values(), fields["backend"]):
        installed(backend, backends.label(backend))
    experiment = Experiment(
        dataset="mnist", activation="relu", output="softmax", loss="cross_entropy",
        learning_rate=0.001, batch_size=128, epochs=1, **fields,
    )  # fmt: skip
    trained = fit(experiment)
    assert trained.metrics["test_accuracy"] > 0.94
    data = datasets.load(experiment)
    x = data.x_test[:1000].astype("float32")
    found = {"the app": trained.predict(x)}
    found |= exported(pool, tmp_path, Checkpoint(trained.params, experiment), x)
    for one, other in itertools.combinations(found, 2):
        assert found[one].shape == (1000, 10)
        np.testing.assert_allclose(
            found[one], found[other], rtol=0, atol=tolerance, err_msg=f"{one}, {other}"
        )
    right = [outputs.argmax(axis=1) == data.y_test[:1000].argmax(axis=1)
             for outputs in found.values()]  # fmt: skip
    assert all(np.array_equal(right[0], others) for others in right)
    assert right[0].mean() > 0.9
    # The same weights in float64: what is left in float32 is rounding, and nothing else.
    precise = experiment.replace(dtype="float64")
    params = [(weight.astype(float), bias.astype(float)) for weight, bias in trained.params]
    x = x[:200].astype(float)
    ours = predict(params, x, precise.hidden_activations, "softmax")
    for kind, outputs in exported(pool, tmp_path, Checkpoint(params, precise), x).items():
        np.testing.assert_allclose(outputs, ours, rtol=0, atol=1e-12, err_msg=kind)


def exported(pool, folder, saved, x):
    """What PyTorch, Keras and ONNX Runtime answer with their files, each without us."""
    contents = {"onnx": write_onnx(saved)}
    for kind in WRITERS:
        asked = pool.write_file(kind, saved.experiment, saved.params, "ada")
        assert asked.wait(300)
        assert not asked.error
        contents[kind] = asked.content
    return {
        kind: opened_elsewhere(folder, saved.experiment, kind, content, x)
        for kind, content in contents.items()
    }


def test_a_file_of_a_framework_is_not_loaded():
    for content in (b"PK\x03\x04" + b"archive/data.pkl" + bytes(200), b"\x89HDF\r\n" + bytes(99)):
        with pytest.raises(WeightsError, match=r"not loaded|damaged"):
            weight_files.read(content)
