"""Accuracy and the confusion matrix, counted by hand and by scikit-learn."""

import numpy as np
import pytest
from sklearn import metrics as witness

from nn_core.networks.metrics import accuracy, confusion_matrix, decide, is_right, threshold


def test_the_class_is_the_largest_output():
    outputs = np.array([[0.1, 0.7, 0.2], [0.5, 0.2, 0.3]])
    assert decide(outputs, "classes").tolist() == [1, 0]


def test_equal_outputs_mean_the_first_class():
    assert decide(np.array([[0.5, 0.5]]), "classes").tolist() == [0]


def test_a_half_counts_as_yes():
    assert decide(np.array([[0.49], [0.5], [0.51]]), "binary").tolist() == [[0], [1], [1]]


def test_logits_are_decided_at_zero():
    outputs = np.array([[-0.1], [0.0], [0.1]])
    boundary = threshold("identity", "bce_logits")
    assert decide(outputs, "binary", boundary).tolist() == [[0], [1], [1]]


@pytest.mark.parametrize(
    ("output", "loss", "boundary"),
    [
        ("sigmoid", "mse", 0.5),
        ("sigmoid", "bce", 0.5),
        ("identity", "mse", 0.5),
        ("tanh", "mse", 0.5),
        ("identity", "bce_logits", 0.0),
        ("identity", "bce_logits_sum", 0.0),
        ("sigmoid", "bce_logits", 0.5),
    ],
)
def test_only_logits_have_their_boundary_at_zero(output, loss, boundary):
    assert threshold(output, loss) == boundary


def test_numbers_are_rounded_to_whole_ones():
    assert decide(np.array([[2.4], [2.6], [-0.2]]), "number").tolist() == [[2], [3], [0]]


def test_a_row_is_right_only_if_all_its_outputs_are():
    outputs = np.array([[0.9, 0.1], [0.9, 0.9]])
    targets = np.array([[1, 0], [1, 0]])
    assert is_right(outputs, targets, "binary").tolist() == [True, False]
    assert accuracy(outputs, targets, "binary") == 0.5


def test_accuracy_is_a_fraction():
    outputs = np.array([[0.6, 0.4], [0.7, 0.3], [0.2, 0.8]])
    targets = np.eye(2)[[0, 1, 1]]
    assert accuracy(outputs, targets, "classes") == pytest.approx(2 / 3)
    assert type(accuracy(outputs, targets, "classes")) is float


@pytest.mark.parametrize("n_classes", [2, 4, 10])
def test_accuracy_and_confusion_agree_with_scikit_learn(n_classes):
    rng = np.random.default_rng(n_classes)
    outputs = rng.random((200, n_classes))
    truth = rng.integers(0, n_classes, 200)
    targets = np.eye(n_classes)[truth]
    chosen = [max(range(n_classes), key=row.__getitem__) for row in outputs]
    assert accuracy(outputs, targets, "classes") == witness.accuracy_score(truth, chosen)
    expected = witness.confusion_matrix(truth, chosen, labels=range(n_classes))
    np.testing.assert_array_equal(confusion_matrix(outputs, targets), expected)


def test_a_class_without_rows_keeps_its_place_in_the_confusion_matrix():
    counts = confusion_matrix(np.array([[0.1, 0.2, 0.7]]), np.array([[1, 0, 0]]))
    assert counts.tolist() == [[0, 0, 1], [0, 0, 0], [0, 0, 0]]
