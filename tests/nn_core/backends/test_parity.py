"""Every backend takes the steps that NumPy takes."""

from functools import cache

import numpy as np
import pytest

from nn_core import Experiment, backends, datasets, vocabulary
from nn_core.networks.dropout import Dropout
from nn_core.networks.initializers import initial_params
from nn_core.runs.studies.parity import largest_difference
from nn_core.seeds import generator
from nn_core.training.batches import Batches
from tests.helpers.frameworks import compiling_ones_later
from tests.helpers.pairs import PAIRS

# Rounding grows with the steps. In float64 it starts at 1e-16 and 500 steps leave it far below
# 1e-9, while a difference in a formula does not hide: the other form of epsilon is 4e-9 away.
# In float32 it starts at 6e-8.
TOLERANCES = {"float64": 1e-9, "float32": 1e-5}


def twins(backend, **fields):
    """The same start on `backend` and on NumPy, in the form of epsilon that `backend` has."""
    experiment = Experiment(backend=backend, **fields)
    data = datasets.load(experiment).astype(experiment.dtype)
    loaded = backends.load(backend)
    reference = experiment.replace(backend="numpy", epsilon_form=loaded.Model.epsilon_form)
    start = initial_params(experiment), data.x, data.y, "cpu"
    return loaded.Model(experiment, *start), backends.load("numpy").Model(reference, *start)


@cache
def xor_twins(backend, optimizer, dtype):
    """Twins on XOR, kept because a compiled model takes a second to make."""
    pair = twins(backend, dataset="xor", hidden=(3,), optimizer=optimizer, dtype=dtype)
    return *pair, pair[0].get_state(), pair[1].get_state()


@pytest.fixture
def xor(backend, optimizer, dtype):
    """Twins on XOR at their start."""
    *models, state, reference_state = xor_twins(backend, optimizer, dtype)
    for model, at_start in zip(models, (state, reference_state), strict=True):
        model.set_learning_rate(0.1)
        model.set_state(at_start)
    return models


def full_batches(steps):
    return np.tile(np.arange(4), (steps, 1))


def assert_close(losses, expected, dtype):
    assert losses.dtype == np.float64
    assert losses.shape == expected.shape
    assert np.abs(losses - expected).max() < TOLERANCES[dtype]


every_optimizer = pytest.mark.parametrize("optimizer", vocabulary.OPTIMIZERS)
every_dtype = pytest.mark.parametrize("dtype", TOLERANCES)
float64 = pytest.mark.parametrize("dtype", ["float64"])


@every_optimizer
@every_dtype
def test_five_hundred_steps_are_those_of_numpy(xor, dtype):
    model, reference = xor
    batches = full_batches(500)
    assert_close(model.train(batches), reference.train(batches), dtype)


@every_optimizer
@float64
def test_a_new_learning_rate_acts_as_in_numpy(xor, dtype):
    losses, expected = [], []
    for model, found in zip(xor, (losses, expected), strict=True):
        for learning_rate in (0.1, 0.5, 0.02):
            model.set_learning_rate(learning_rate)
            found.append(model.train(full_batches(20)))
    assert_close(np.concatenate(losses), np.concatenate(expected), dtype)


@every_optimizer
@every_dtype
def test_a_restored_state_repeats_the_steps_to_the_bit(xor):
    model, _ = xor
    model.train(full_batches(7))
    state = model.get_state()
    first, params = model.train(full_batches(9)), model.get_params()
    model.set_state(state)
    again = model.train(full_batches(9))
    assert np.array_equal(first, again)
    for pair, pair_again in zip(params, model.get_params(), strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(pair, pair_again, strict=True))


@every_optimizer
@float64
def test_a_state_restored_under_another_learning_rate_goes_on_as_in_numpy(xor, dtype):
    losses = []
    for model in xor:
        model.train(full_batches(7))
        state = model.get_state()
        model.set_learning_rate(0.03)
        model.set_state(state)
        losses.append(model.train(full_batches(20)))
    assert_close(*losses, dtype)


@pytest.mark.parametrize("optimizer", ["adam"])
@float64
def test_the_length_of_the_calls_changes_nothing(xor):
    model, _ = xor
    state = model.get_state()
    whole = model.train(full_batches(5000))
    model.set_state(state)
    pieces = [model.train(full_batches(steps)) for steps in (1, 3, 96, 4900)]
    assert np.array_equal(whole, np.concatenate(pieces))


@pytest.mark.parametrize("optimizer", ["sgd"])
@every_dtype
def test_what_a_model_hands_out_is_a_copy_in_its_own_precision(xor, dtype):
    model, _ = xor
    params, state = model.get_params(), model.get_state()
    model.train(full_batches(5))
    assert not np.array_equal(params[0][0], model.get_params()[0][0])
    model.set_state(state)
    model.set_params(params)
    for pair, pair_again in zip(params, model.get_params(), strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(pair, pair_again, strict=True))
        assert all(array.dtype == dtype for array in pair)
    assert model.predict(np.zeros((7, 2), dtype)).dtype == dtype


# Each pair meets one hidden activation here, and all of them in test_gradients.py.
CROSS = [
    (activation, *pair)
    for pair, activation in zip(PAIRS, list(vocabulary.ACTIVATIONS) * len(PAIRS), strict=False)
]


@compiling_ones_later
@pytest.mark.parametrize(("activation", "output", "loss"), CROSS)
def test_every_output_and_loss_takes_the_steps_of_numpy(backend, activation, output, loss):
    model, reference = twins(
        backend,
        dataset="bits",
        activation=activation,
        output=output,
        loss=loss,
        learning_rate=0.01,
        dtype="float64",
    )
    assert_close(model.train(full_batches(50)), reference.train(full_batches(50)), "float64")
    x, y = datasets.load(Experiment(dataset="bits")).shown
    loss_here, outputs = model.evaluate(x, y)
    expected_loss, expected = reference.evaluate(x, y)
    assert loss_here == pytest.approx(expected_loss, abs=1e-9)
    np.testing.assert_allclose(outputs, expected, rtol=0, atol=1e-9)
    np.testing.assert_allclose(model.predict(x[:1]), expected[:1], rtol=0, atol=1e-9)


@pytest.mark.parametrize(
    "fields",
    [
        {"batch_size": 3},
        {"batch_size": 1},
        {"bias": False},
        {"hidden": ()},
        {"hidden": (), "bias": False},
        {"hidden": (5, 4, 3), "activation": "tanh"},
    ],
    ids=str,
)
def test_every_shape_of_network_and_batch_takes_the_steps_of_numpy(backend, fields):
    fields = {"dataset": "truth_table", "hidden": (3,), "dtype": "float64", **fields}
    model, reference = twins(backend, **fields)
    batches = Batches(8, fields.get("batch_size"), True, generator(0, "batches"))
    for _ in range(30):
        rows = batches.take(5)
        assert_close(model.train(rows), reference.train(rows), "float64")


REGULARISED = {
    "dropout": {"dropout": 0.3},
    "L1": {"l1": 0.01},
    "L2": {"l2": 0.02},
    "mixed": {"activations": ("tanh", "leaky_relu"), "dropout": 0.3, "l1": 0.001, "l2": 0.002},
}


@pytest.mark.parametrize("fields", REGULARISED.values(), ids=REGULARISED)
def test_five_hundred_regularised_steps_are_those_of_numpy(backend, fields):
    # By plain steps: with Adam the noise of dropout lets NumPy's own run drift as far, if a single
    # bit of its start is changed.
    fields = {"dataset": "xor", "hidden": (5, 4), "optimizer": "sgd", "dtype": "float64", **fields}
    model, reference = twins(backend, **fields)
    experiment = Experiment(**fields)
    masks = (Dropout(experiment, 4).masks(0, 500, 4),) if experiment.dropout else ()
    x, y = datasets.load(experiment).shown
    losses = [twin.train(full_batches(500), *masks) for twin in (model, reference)]
    assert_close(*losses, "float64")
    # Nobody is silent in what follows, and the penalty is in the gradient alone.
    assert model.evaluate(x, y)[0] == pytest.approx(reference.evaluate(x, y)[0], abs=1e-9)
    for of_model, of_numpy in (
        (model.get_params(), reference.get_params()),
        (model.gradients(x, y), reference.gradients(x, y)),
    ):
        assert largest_difference(of_model, of_numpy) < 1e-9


def test_more_masks_than_one_compiled_loop_has_room_for_change_nothing(backend):
    fields = {"dataset": "xor", "hidden": (512,), "optimizer": "sgd", "dropout": 0.5}
    model, reference = twins(backend, dtype="float64", **fields)
    masks = Dropout(Experiment(dtype="float64", **fields), 4).masks(0, 520, 4)
    assert sum(mask.size for mask in masks) > 2**20
    losses = [twin.train(full_batches(520), masks) for twin in (model, reference)]
    assert_close(*losses, "float64")
