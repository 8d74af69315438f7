"""Weights from a file, and test rows that they have learned from."""

import pytest

from nn_core import Experiment, datasets
from nn_core.datasets.images.digits_8x8 import split_digits
from nn_core.exchange.weight_files import Checkpoint
from nn_core.exchange.weight_files.leaked_test_rows import leaked_test_rows
from nn_core.networks.initializers import initial_params
from nn_core.seeds import generator

DIGITS = Experiment(
    dataset="digits_8x8", hidden=(8,), output="softmax", loss="cross_entropy", batch_size=128
)
CIRCLE = Experiment(dataset="circle", dataset_options={"points": 60, "test_share": 50}, seed=3)


def saved(experiment, step=10):
    return Checkpoint(initial_params(experiment), experiment, "NumPy", step)


def test_under_another_seed_most_of_the_embedded_test_digits_were_learned_from():
    other = DIGITS.replace(seed=1)
    learned = leaked_test_rows(saved(DIGITS), other)
    _, train = split_digits(generator(0, "data"))
    test, _ = split_digits(generator(1, "data"))
    assert learned.n_test == 360
    assert learned.rows == len(set(train) & set(test)) > 250
    assert learned.why == "seed 1, not 0"
    # By content, whatever the pixels are scaled to.
    grey = other.replace(dataset_options={"pixels": "standardised"})
    assert leaked_test_rows(saved(DIGITS), grey).rows == learned.rows


def test_with_a_smaller_share_for_training_points_of_the_plane_are_learned_from():
    other = CIRCLE.replace(dataset_options={"points": 60, "test_share": 80}, seed=7)
    learned = leaked_test_rows(saved(CIRCLE), other)
    before, after = datasets.load(CIRCLE), datasets.load(other)
    both = [row for row in after.x_test.tolist() if row in before.x.tolist()]
    assert (learned.rows, learned.n_test) == (len(both), 48)
    assert learned.why == "test share 80, not 50"


@pytest.mark.parametrize(
    ("old", "new", "step"),
    [
        (DIGITS, DIGITS.replace(learning_rate=0.5), 10),
        (DIGITS, DIGITS.replace(seed=1), 0),  # never trained
        (CIRCLE, CIRCLE.replace(seed=9), 10),  # points have a data seed of their own
        (CIRCLE, CIRCLE.replace(dataset_options={"points": 60, "data_seed": 5}), 10),
        (CIRCLE, CIRCLE.replace(dataset="moons"), 10),
        (Experiment(), Experiment(seed=1), 10),  # a truth table has no test rows
        (DIGITS.replace(dataset="mnist"), DIGITS.replace(dataset="mnist", seed=1), 10),
    ],
)
def test_there_is_no_warning_where_the_weights_were_not_trained_on_the_test_rows(old, new, step):
    assert leaked_test_rows(saved(old, step), new) is None
