"""What is said of single test images, against scikit-learn and against the backend."""

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix

from nn_core import Experiment, datasets, fit, train
from nn_core.charts.class_accuracy_chart import class_accuracy_table
from nn_core.charts.confusion_chart import confusion_spec, confusion_table
from nn_core.charts.probabilities_chart import change_table
from nn_core.events import Snapshot
from nn_core.explain.images.image_predictions import as_probabilities, predict_images
from nn_core.networks import metrics
from nn_core.networks.initializers import initial_params

EXPERIMENT = Experiment(
    dataset="digits_8x8", hidden=(12,), activation="relu", output="softmax",
    loss="cross_entropy", learning_rate=0.01, batch_size=32, epochs=3,
    dataset_options={"pixels": "standardised"},
)  # fmt: skip


@pytest.fixture(scope="module")
def trained():
    result = fit(EXPERIMENT)
    return result, predict_images(EXPERIMENT, result.params)


def test_the_answers_are_those_of_the_backend(trained):
    result, answers = trained
    data = datasets.load(EXPERIMENT)
    np.testing.assert_allclose(answers.probabilities, result.predict(data.x_test), atol=1e-6)
    np.testing.assert_array_equal(answers.classes, data.y_test.argmax(axis=1))
    right = (answers.classes == answers.answers).mean()
    assert right == pytest.approx(result.metrics["test_accuracy"])
    assert answers.losses.mean() == pytest.approx(result.metrics["test_loss"], rel=1e-5)
    assert (answers.n, answers.n_test) == (360, 360)
    assert answers.intensities.min() == pytest.approx(0, abs=1e-6)
    assert answers.intensities.max() == pytest.approx(1)


def test_the_confusion_matrix_is_that_of_scikit_learn(trained):
    _, answers = trained
    expected = confusion_matrix(answers.classes, answers.answers, labels=range(10))
    np.testing.assert_array_equal(answers.confusion, expected)
    for true in range(10):
        for chosen in range(10):
            rows = answers.in_cell(true, chosen)
            assert len(rows) == expected[true, chosen]
            assert (answers.classes[rows] == true).all()
            assert (answers.answers[rows] == chosen).all()
            assert (np.diff(answers.probabilities[rows, chosen]) <= 0).all()
    np.fill_diagonal(expected, 0)
    assert expected[answers.most_frequent_mistake()] == expected.max() > 0


def test_mistakes_come_with_the_highest_loss_first(trained):
    _, answers = trained
    rows = answers.mistakes()
    wrong = {i for i in range(360) if answers.classes[i] != answers.answers[i]}
    assert set(rows.tolist()) == wrong
    # The cross-entropy of one image is −ln of the probability of its class.
    by_hand = -np.log(answers.probabilities[rows, answers.classes[rows]])
    np.testing.assert_allclose(answers.losses[rows], by_hand, rtol=1e-4)
    assert (np.diff(answers.losses[rows]) <= 0).all()
    of_eights = answers.mistakes(8)
    assert set(of_eights.tolist()) == {i for i in wrong if answers.classes[i] == 8}


def test_a_loss_that_is_no_number_is_the_worst(trained):
    _, answers = trained
    first, second = answers.mistakes()[-2:]
    losses = answers.losses.copy()
    losses[second] = np.nan
    assert answers._replace(losses=losses).mistakes()[0] == second
    assert first != second


def test_mean_images_are_means(trained):
    _, answers = trained
    for labels in (answers.classes, answers.answers):
        means, counts = answers.means(labels)
        assert counts.sum() == 360
        fours = answers.intensities[labels == 4]
        np.testing.assert_allclose(means[4], sum(fours) / len(fours))
    none = answers._replace(answers=np.zeros(360, int))
    means, counts = none.means(none.answers)
    assert counts.tolist() == [360] + 9 * [0]
    assert not means[1:].any()


def test_accuracy_by_class_is_the_diagonal_over_the_row(trained):
    _, answers = trained
    rows = class_accuracy_table(answers.confusion, answers.names).to_pylist()
    for digit, row in enumerate(rows):
        of_class = answers.classes == digit
        right = (answers.answers[of_class] == digit).sum()
        assert row["accuracy"] == pytest.approx(right / of_class.sum())
        assert row["label"].endswith(f": {right} of {of_class.sum()}")
        assert row["overall"] == pytest.approx((answers.classes == answers.answers).mean())
    empty = class_accuracy_table(np.zeros((2, 2)), ["a", "b"]).to_pylist()
    assert [row["label"] for row in empty] == ["no image", "no image"]
    assert empty[0]["accuracy"] is None


def test_only_the_open_cell_has_a_frame(trained):
    _, answers = trained
    rows = confusion_table(answers.confusion, answers.names, (3, 5)).to_pylist()
    assert [(row["true"], row["chosen"]) for row in rows if row["is_open"]] == [("3", "5")]
    assert "is_open" not in confusion_table(answers.confusion, answers.names).column_names
    selected = [param["name"] for param in confusion_spec(True)["params"]]
    assert selected == ["cell"]


def test_before_and_after_are_told_apart():
    rows = change_table([0.75, 0.25], [0.5, 0.5], ["a", "b"], 1).to_pylist()
    assert [(row["class"], row["when"], row["output"]) for row in rows] == [
        ("a", "the image", 0.75), ("b", "the image", 0.25),
        ("a", "after 1 step", 0.5), ("b", "after 1 step", 0.5),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("output", "loss", "total"),
    [("identity", "cross_entropy_logits", 1), ("softmax", "cross_entropy", 1)],
)
def test_probabilities_are_read_as_the_loss_reads_them(output, loss, total):
    experiment = EXPERIMENT.replace(output=output, loss=loss)
    answers = predict_images(experiment, initial_params(experiment))
    np.testing.assert_allclose(answers.probabilities.sum(axis=1), total, rtol=1e-5)
    logits = np.array([[0.0, np.log(3)]])
    if output == "identity":
        np.testing.assert_allclose(as_probabilities(experiment, logits), [[0.25, 0.75]])


def test_a_subset_has_answers_of_its_own_classes():
    experiment = EXPERIMENT.replace(dataset_options={"classes": ("2", "7"), "test_rows": 50 + 50})
    answers = predict_images(experiment, initial_params(experiment))
    data = datasets.load(experiment)
    assert answers.names == ("2", "7")
    assert answers.confusion.shape == (2, 2)
    np.testing.assert_array_equal(answers.x, data.x_test)
    assert set(answers.classes.tolist()) == {0, 1}


@pytest.mark.parametrize("backend", ["numpy", "torch"])
def test_snapshots_of_a_run_on_many_images_measure_the_first_thousand_of_the_test(backend):
    if backend == "torch":
        pytest.importorskip("torch")
    experiment = EXPERIMENT.replace(epochs=1, backend=backend, hidden=(60,))
    data = datasets.load(experiment)
    snapshots = [event for event in train(experiment) if isinstance(event, Snapshot)]
    assert len(snapshots) > 3
    assert [s for s in snapshots if "test_accuracy" not in s.metrics] == snapshots
    for snapshot in snapshots:
        answers = predict_images(experiment, snapshot.params)
        right = metrics.accuracy(answers.probabilities, data.y_test, "classes")
        assert snapshot.metrics["test_accuracy_sample"] == pytest.approx(right, abs=1 / 359)
        assert snapshot.outputs.shape == (64, 10)
