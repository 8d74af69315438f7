"""The model summary, counted by hand."""

import pytest

from nn_core import Experiment
from nn_core.explain.inside.summary import as_text, summary, total_parameters


def test_a_2_3_1_network_has_13_parameters():
    # 2·3 weights + 3 biases = 9, and 3·1 + 1 = 4.
    layers = summary(Experiment(dataset="xor", hidden=(3,)))
    assert [layer.parameters for layer in layers] == [0, 9, 4]
    assert total_parameters(layers) == 13


def test_a_2_3_4_network_has_25_parameters():
    # 2·3 + 3 = 9, and 3·4 + 4 = 16.
    layers = summary(Experiment(dataset="bits", hidden=(3,)))
    assert [layer.parameters for layer in layers] == [0, 9, 16]
    assert total_parameters(layers) == 25


def test_a_network_without_bias_has_weights_only():
    layers = summary(Experiment(dataset="mnist", hidden=(200,), bias=False))
    # 784·200 and 200·10: the network of the TensorFlow recipe.
    assert [layer.parameters for layer in layers] == [0, 156_800, 2_000]
    assert all("no bias" in layer.kind for layer in layers[1:])


def test_every_layer_says_its_name_activation_and_shape():
    experiment = Experiment(dataset="xor", hidden=(4, 2), activation="relu", output="tanh")
    assert summary(experiment) == [
        ("input", "inputs", (None, 2), 0),
        ("hidden 1", "dense, ReLU", (None, 4), 12),
        ("hidden 2", "dense, ReLU", (None, 2), 10),
        ("output", "dense, tanh", (None, 1), 3),
    ]


def test_a_single_layer_is_an_output():
    assert [layer.name for layer in summary(Experiment(dataset="and", hidden=()))] == [
        "input",
        "output",
    ]


@pytest.mark.parametrize("hidden", [(), (1,), (3, 5), (512, 512, 2), (2,) * 8])
@pytest.mark.parametrize("bias", [True, False])
def test_the_total_is_the_experiments_own(hidden, bias):
    experiment = Experiment(dataset="bits", hidden=hidden, bias=bias)
    assert total_parameters(summary(experiment)) == experiment.n_parameters


def test_the_text_lines_up_and_ends_with_the_total():
    text = as_text(Experiment(dataset="mnist", hidden=(200,)))
    lines = text.splitlines()
    assert len({len(line) for line in lines}) == 1
    # 784·200 + 200 + 200·10 + 10
    assert lines[-1].split() == ["Total", "159,010"]
