"""The benchmark compares like with like: its published loops compute what the backends compute.

No time is judged here.
"""

import itertools
import json
import os
import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pytest

from benchmarks import contestant, published, training_speed
from nn_core import backends
from nn_core.networks.initializers import initial_params
from nn_core.training.trainer import Trainer
from tests.helpers.frameworks import COMPILING, installed
from tests.helpers.real_mnist import real_mnist
from tests.helpers.root import ROOT

EPOCHS = 20

LOSSES = """
import json, sys
from benchmarks.contestant import xor_experiment
from benchmarks.published import XOR
from nn_core import datasets, fit
from nn_core.networks.initializers import initial_params

name, rows = sys.argv[1], json.loads(sys.argv[2])
experiment = xor_experiment(name, rows).replace(epochs=20)
data = datasets.load(experiment).astype(experiment.dtype)
train = XOR[name](initial_params(experiment), data.x, data.y, experiment.learning_rate)
print(json.dumps([train(20), fit(experiment).losses.tolist()]))
"""


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.slow) if name in COMPILING else name
     for name in backends.names()],
)  # fmt: skip
def test_a_published_loop_has_the_losses_of_the_backend(name):
    installed(name, backends.label(name))
    rows = 1 if name == "keras" else None  # `fit` is given one row at a time
    done = subprocess.run(
        [backends.python_for(name), "-c", LOSSES, name, json.dumps(rows)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    theirs, ours = json.loads(done.stdout.splitlines()[-1])
    if rows:
        ours = np.reshape(ours, (EPOCHS, 4)).mean(axis=1)
    assert len(theirs) == EPOCHS
    assert theirs[0] != theirs[-1]
    # float32, and the losses are near 0.25.
    np.testing.assert_allclose(theirs, ours, rtol=0, atol=1e-5)


def test_an_image_is_prepared_alike_with_torchvision_and_without():
    installed("torch", "PyTorch")
    if find_spec("torchvision") is None:
        pytest.skip("torchvision is not installed: it is no requirement")
    rng = np.random.default_rng(0)
    pixels, labels = rng.integers(0, 256, (5, 28, 28), np.uint8), np.arange(5)
    theirs, maker = published.mnist_images(pixels, labels)
    ours, _ = published.mnist_images(pixels, labels, allow_torchvision=False)
    assert maker.startswith("torchvision ")
    for i in range(5):
        for one, other in zip(theirs[i], ours[i], strict=True):
            assert np.array_equal(one.numpy(), other.numpy())
        assert theirs[i][1].argmax() == labels[i]


@pytest.mark.mnist
@pytest.mark.parametrize("with_torchvision", [False, True])
def test_the_published_loop_for_mnist_has_the_losses_of_the_backend(with_torchvision, monkeypatch):
    installed("torch", "PyTorch")
    if not with_torchvision:
        monkeypatch.setattr(published, "_torchvision", lambda: None)
    elif find_spec("torchvision") is None:
        pytest.skip("torchvision is not installed: it is no requirement")
    monkeypatch.setenv("BACKPROP_LIVE_DATA", str(real_mnist()))
    experiment = contestant.mnist_experiment("torch", 20).replace(
        shuffle=False, dataset_options={"pixels": "standardised", "train_rows": 400}
    )
    images, digits = contestant.raw_mnist(experiment)
    loop = published.mnist_torch(
        initial_params(experiment), images[:400], digits[:400], 20, 0.01, shuffle=False
    )
    theirs = list(itertools.islice(loop, EPOCHS))
    trainer = Trainer(experiment)
    (ours,) = [event.losses for event in trainer.advance(EPOCHS) if hasattr(event, "losses")]
    assert len(ours) == EPOCHS
    np.testing.assert_allclose(theirs, ours, rtol=1e-3)


def test_the_rows_of_the_benchmark_are_all_backends():
    measured = {worker.partition("-")[0] for worker in training_speed.WORKERS}
    assert measured == set(backends.names()) == set(published.XOR)
    for bars in training_speed.BARS.values():
        assert set(bars) == measured


def test_the_products_of_a_step_are_those_of_forward_and_backward():
    # Forward, gradient of the weights, and back through all layers but the first.
    assert contestant.shapes_of_products(20, (784, 200, 10)) == [
        (20, 784, 200),
        (784, 20, 200),
        (20, 200, 10),
        (200, 20, 10),
        (20, 10, 200),
    ]


def test_a_row_without_a_bar_claims_neither_that_it_was_reached_nor_that_it_was_missed():
    duel = training_speed.Duel("keras-jax", None, "Keras", "", [[1.0, 1.0]], [[3.0, 2.0]])
    assert training_speed.row_of("xor", duel, {}, quick=False)[-1] == "none"
    assert all(worker in training_speed.WORKERS for _, worker in training_speed.NO_BAR)


def test_a_ratio_is_the_median_of_the_pairs():
    duel = training_speed.Duel("numpy", 3.0)
    duel.ours = [[1.0, 1.0], [2.0, 1.0], [1.0, 4.0]]
    duel.published = [[3.0, 2.0], [20.0, 3.0], [4.0, 4.0]]
    assert duel.ratios == [3.0, 10.0, 4.0]
    assert duel.ratio == 4.0
    assert duel.processor_ratio == 2.0


def without_mnist(tmp_path) -> dict[str, str]:
    return os.environ | {"BACKPROP_LIVE_DATA": str(tmp_path)}


def measure(*arguments, env) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.training_speed", "--quick", "--repeats=1", *arguments],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_the_command_prints_a_table_and_writes_it(tmp_path):
    page = tmp_path / "performance.md"
    begin, end = training_speed.BEGIN, training_speed.END
    page.write_text(f"before\n{begin}\nan earlier run\n{end}\nafter\n", "utf-8")
    arguments = "--backends", "numpy", "--markdown", str(page)
    printed = measure(*arguments, env=without_mnist(tmp_path))
    (row,) = [line for line in printed.splitlines() if line.startswith("| NumPy")]
    ours, theirs = (float(cell.replace(",", "")) for cell in row.split("|")[2:4])
    assert 0 < ours < 1e6
    assert 0 < theirs < 1e6
    assert "MNIST is not on this machine" in printed
    text = page.read_text("utf-8")
    assert row in text
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "an earlier run" not in text


def test_a_backend_that_fails_gets_its_sentence_and_the_next_is_measured(tmp_path):
    # A Python that is no Python: its process ends before it answers.
    env = without_mnist(tmp_path) | {"BACKPROP_LIVE_PYTHON_MXNET": "true"}
    printed = measure("--backends", "mxnet", "numpy", env=env)
    assert "| MXNet Gluon |" in " ".join(printed.split())
    assert "Its process ended with code 0" in printed
    assert "| NumPy (NumPy" in printed


def test_the_page_about_speed_has_the_markers_that_the_command_fills():
    text = (ROOT / "docs" / "performance.md").read_text("utf-8")
    assert training_speed.rewritten(text, "x").count("\nx\n") == 1
