"""A sample is the beginning of the data that training sees."""

import numpy as np
import pytest

from nn_core import Experiment, datasets
from nn_core.explain.inside.samples import MOST_ROWS, sample
from tests.helpers.real_mnist import real_mnist


@pytest.mark.parametrize(
    "changes",
    [
        {"dataset": "xor"},
        {"dataset": "bits", "dataset_options": {"bits": 4}, "output": "softmax"},
        {"dataset": "digits_8x8", "seed": 3},
        {"dataset": "digits_8x8", "dataset_options": {"train_rows": 150}},
    ],
)
def test_a_sample_is_the_first_rows_of_the_data(changes):
    experiment = Experiment(hidden=(2,), **changes)
    whole, (data, n_train, n_test) = datasets.load(experiment), sample(experiment)
    assert n_train == len(whole.x)
    assert np.array_equal(data.x, whole.x[:MOST_ROWS])
    assert np.array_equal(data.y, whole.y[:MOST_ROWS])
    assert n_test == (0 if whole.x_test is None else len(whole.x_test))
    if whole.x_test is not None:
        assert np.array_equal(data.x_test, whole.x_test[:MOST_ROWS])
    assert sample(experiment).data is data


@pytest.mark.mnist
def test_of_mnist_only_a_sample_stays_in_memory(monkeypatch):
    monkeypatch.setenv("BACKPROP_LIVE_DATA", str(real_mnist()))
    experiment = Experiment(dataset="mnist", hidden=(2,), output="softmax", loss="cross_entropy")
    data, n_train, n_test = sample(experiment)
    assert (n_train, n_test) == (60_000, 10_000)
    assert data.x.shape == data.x_test.shape == (MOST_ROWS, 784)
    assert data.x.base is None  # its own memory, and no part of something larger
