"""How well the networks of docs/performance.md read the real MNIST."""

import pytest

from benchmarks.mnist_accuracy import EXPERIMENTS, accuracies
from tests.helpers.frameworks import installed
from tests.helpers.real_mnist import real_mnist

pytestmark = [pytest.mark.slow, pytest.mark.mnist]


@pytest.fixture(autouse=True)
def real_images(monkeypatch):
    monkeypatch.setenv("BACKPROP_LIVE_DATA", str(real_mnist()))


def test_a_dense_network_reads_98_percent_after_ten_epochs():
    found = list(accuracies(EXPERIMENTS["dense"]))
    assert len(found) == 10
    assert 0.98 <= found[-1] < 0.985


def test_a_convolutional_network_reads_99_percent_within_ten_epochs():
    installed("torch", "PyTorch")
    found = list(accuracies(EXPERIMENTS["conv"]))
    assert len(found) == 10
    assert 0.99 <= max(found) < 0.995
