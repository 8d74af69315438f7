"""Initial weights: bounds, spread, shapes, and published solutions."""

import math

import numpy as np
import pytest

from nn_core import Experiment, vocabulary
from nn_core.datasets import load
from nn_core.errors import InvalidExperiment
from nn_core.networks.forward import predict
from nn_core.networks.initializers import INITIALIZERS, initial_params, known_optimum

DRAWN = sorted(INITIALIZERS)
N_IN, N_OUT = 300, 200
GOODFELLOW = Experiment(
    dataset="xor",
    hidden=(2,),
    activation="relu",
    output="identity",
    initializer="given",
    dtype="float64",
)


def draw(name, seed=0):
    return INITIALIZERS[name](np.random.default_rng(seed), N_IN, N_OUT)


def test_every_initializer_of_the_form_exists():
    assert {*INITIALIZERS, "given"} == set(vocabulary.INITIALIZERS)


@pytest.mark.parametrize(
    ("name", "limit"),
    [("glorot_uniform", math.sqrt(6 / 500)), ("uniform_fan_in", 1 / math.sqrt(300))],
)
def test_uniform_weights_fill_their_bounds(name, limit):
    weight, bias = draw(name)
    assert abs(weight).max() <= limit
    # Of 60,000 uniform draws one lies within a thousandth of the bound, or chance is e^-60.
    assert abs(weight).max() > 0.999 * limit
    assert abs(bias).max() <= limit


@pytest.mark.parametrize(
    ("name", "variance"),
    [
        ("glorot_uniform", 2 / 500),  # (2 · limit)² / 12 with limit² = 6 / 500
        ("uniform_fan_in", 1 / 900),  # (2 · limit)² / 12 with limit² = 1 / 300
        ("he_normal", 2 / 300),
        ("normal_small", 0.01**2),
        ("normal_large", 5.0**2),
        ("zeros", 0.0),
    ],
)
def test_weights_have_the_published_variance(name, variance):
    weight, _ = draw(name)
    # The standard error of a variance of 60,000 normal draws is √(2/60000) = 0.6 %.
    assert weight.var() == pytest.approx(variance, rel=0.03)
    assert abs(weight.mean()) <= 5 * math.sqrt(variance / weight.size)


@pytest.mark.parametrize("name", DRAWN)
def test_only_the_fan_in_initializer_draws_biases(name):
    _, bias = draw(name)
    assert bias.any() == (name == "uniform_fan_in")


@pytest.mark.parametrize("name", DRAWN)
@pytest.mark.parametrize("dtype", vocabulary.DTYPES)
def test_every_layer_gets_its_shape_and_precision(name, dtype):
    params = initial_params(Experiment(dataset="xor", hidden=(8, 3), initializer=name, dtype=dtype))
    assert [weight.shape for weight, _ in params] == [(2, 8), (8, 3), (3, 1)]
    assert [bias.shape for _, bias in params] == [(8,), (3,), (1,)]
    assert {array.dtype for layer in params for array in layer} == {np.dtype(dtype)}


@pytest.mark.parametrize("name", DRAWN)
def test_the_seed_decides_the_weights(name):
    first = initial_params(Experiment(initializer=name, seed=3))
    again = initial_params(Experiment(initializer=name, seed=3, backend="numpy", epochs=5))
    other = initial_params(Experiment(initializer=name, seed=4))
    for (weight, bias), (same, same_bias) in zip(first, again, strict=True):
        np.testing.assert_array_equal(weight, same)
        np.testing.assert_array_equal(bias, same_bias)
    assert np.array_equal(first[0][0], other[0][0]) == (name == "zeros")


@pytest.mark.parametrize("name", DRAWN)
def test_both_precisions_start_from_the_same_draw(name):
    double = initial_params(Experiment(initializer=name, dtype="float64"))
    single = initial_params(Experiment(initializer=name, dtype="float32"))
    for (weight, _), (rounded, _) in zip(double, single, strict=True):
        np.testing.assert_array_equal(weight.astype(np.float32), rounded)


@pytest.mark.parametrize("name", DRAWN)
def test_without_bias_there_is_none_and_the_weights_stay(name):
    with_bias = initial_params(Experiment(hidden=(3,), initializer=name))
    without = initial_params(Experiment(hidden=(3,), initializer=name, bias=False))
    assert [bias for _, bias in without] == [None, None]
    for (weight, _), (same, _) in zip(with_bias, without, strict=True):
        np.testing.assert_array_equal(weight, same)


def test_goodfellows_weights_solve_xor_exactly():
    params = initial_params(GOODFELLOW)
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], float)
    assert predict(params, x, ["relu"], "identity").ravel().tolist() == [0, 1, 1, 0]


@pytest.mark.parametrize("n_bits", [2, 3, 4, 5])
def test_the_read_out_of_bits_is_exact_at_powers_of_two(n_bits):
    experiment = Experiment(
        dataset="bits",
        dataset_options={"bits": n_bits, "answer": "number"},
        hidden=(),
        output="identity",
        initializer="given",
    )
    params = initial_params(experiment)
    assert params[0][0].ravel().tolist() == [2**place for place in reversed(range(n_bits))]
    data = load(experiment)
    outputs = predict(params, data.x, experiment.hidden_activations, experiment.output)
    assert outputs.ravel().tolist() == list(range(2**n_bits))


def test_given_weights_are_taken_as_they_are():
    given = (((((1.5, -2.0)), (0.25, 3.0)), (0.5, -0.5)), (((1.0,), (2.0,)), (-1.0,)))
    experiment = Experiment(hidden=(2,), initializer="given", given=given, dtype="float64")
    (weight, bias), (last, last_bias) = initial_params(experiment)
    assert weight.tolist() == [[1.5, -2.0], [0.25, 3.0]]
    assert bias.tolist() == [0.5, -0.5]
    assert last.tolist() == [[1.0], [2.0]]
    assert last_bias.tolist() == [-1.0]


def test_given_weights_without_bias_have_none():
    given = ((((1.0,), (2.0,)), None),)
    experiment = Experiment(dataset="and", hidden=(), bias=False, initializer="given", given=given)
    ((weight, bias),) = initial_params(experiment)
    assert weight.ravel().tolist() == [1, 2]
    assert bias is None


def test_nothing_given_where_nothing_is_published_is_refused():
    with pytest.raises(InvalidExperiment, match="no optimum is published") as caught:
        initial_params(Experiment(hidden=(7,), initializer="given"))
    assert caught.value.problems[0].field == "initializer"


@pytest.mark.parametrize("change", [{"hidden": (3,)}, {"activation": "tanh"}, {"dataset": "or"}])
def test_an_optimum_is_known_for_its_own_network_only(change):
    assert known_optimum(GOODFELLOW) is not None
    assert known_optimum(GOODFELLOW.replace(**change)) is None
