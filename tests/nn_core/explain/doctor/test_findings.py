"""Each sentence of the run doctor is provoked by a real run, cured by its cure, and else silent."""

import math

import numpy as np
import pytest

from nn_core import Experiment, datasets
from nn_core.events import Failed, LearningRateChanged
from nn_core.explain.doctor import unit_health
from nn_core.explain.doctor.findings import LEAST_STEPS, examine
from nn_core.explain.doctor.separability import (
    is_separable,
    max_correct_by_line,
    max_correct_by_threshold,
    threshold_functions,
)
from nn_core.lessons import pathologies
from nn_core.runs.run import Run
from nn_core.runs.workers.pool import Pool
from nn_core.training.preview import small_dataset
from tests.helpers.patients import trained

HEALTHY = [
    Experiment(),
    Experiment(hidden=(4,), activation="tanh", epochs=500),
    Experiment(hidden=(8,), activation="relu", learning_rate=0.02, seed=3),
    Experiment(dataset="and", hidden=(), epochs=1000),
    Experiment(dataset="bits", hidden=(), output="softmax", loss="cross_entropy", epochs=800),
]


def findings(experiment, until=None):
    run = trained(experiment, until)
    return run, examine(run, small_dataset(experiment))


def only(experiment, kind):
    """The finding of this kind; it must be the first."""
    run, found = findings(experiment)
    assert found[0].kind == kind, found
    return run, found[0]


def cures(experiment, finding):
    return findings(finding.cured(experiment))[1]


@pytest.mark.parametrize("experiment", HEALTHY, ids=lambda e: f"{e.dataset}-{e.activation}")
def test_a_healthy_run_gets_one_verdict_and_no_cure(experiment):
    run, found = findings(experiment)
    assert [finding.kind for finding in found] == ["solved"]
    assert not found[0].cure
    rows = len(datasets.load(experiment).x)
    assert f"all {rows} rows right" in found[0].sentence
    assert run.history.measurements[-1].metrics["train_accuracy"] == 1.0


def test_the_epoch_of_the_verdict_is_the_first_after_which_no_row_was_wrong_any_more():
    run, (verdict,) = findings(Experiment())
    measured = [(m.epoch, m.metrics["train_accuracy"]) for m in run.history.measurements]
    last_wrong = max(i for i, (_, accuracy) in enumerate(measured) if accuracy < 1)
    solved = math.ceil(measured[last_wrong + 1][0])
    now = math.ceil(run.epoch)
    assert solved < now  # the figures are those of the end, and named so
    assert f"Solved at epoch {solved:,}. At epoch {now:,}: " in verdict.sentence


@pytest.mark.parametrize("experiment", HEALTHY[:3], ids=lambda e: e.activation)
@pytest.mark.parametrize("step", [1, 20, 150, 400])
def test_during_a_healthy_run_the_doctor_finds_nothing(experiment, step):
    run, found = findings(experiment, until=lambda run: run.step >= step)
    assert not run.is_over
    assert not found


def test_divergence_names_its_step_and_the_cure_solves_the_task():
    experiment = pathologies.get("learning-rate").broken
    run, finding = only(experiment, "diverged")
    assert finding.sentence.startswith(
        f"Diverged at step {run.end.step:,}: with the learning rate 10"
    )
    assert finding.changes["learning_rate"] == 0.1
    assert cures(experiment, finding)[0].kind == "solved"


def test_the_rate_of_the_slider_is_the_one_that_is_blamed():
    experiment = pathologies.get("learning-rate").broken.replace(learning_rate=0.5)
    run = trained(experiment, until=lambda run: run.step >= 20)
    run.handle(LearningRateChanged(20, 300.0))
    run.handle(Failed("diverged", "", 31))
    (finding,) = examine(run, small_dataset(experiment))
    assert "Diverged at step 31: with the learning rate 300" in finding.sentence


@pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
def test_an_unbroken_symmetry_is_reported_and_cured(activation):
    experiment = Experiment(hidden=(4,), activation=activation, initializer="zeros", epochs=1000)
    run, finding = only(experiment, "symmetric")
    assert "the 4 units of hidden layer 1 are still copies" in finding.sentence
    weight = run.latest.params[0][0]
    assert np.ptp(weight, axis=1).max() < 1e-6
    assert cures(experiment, finding)[0].kind == "solved"


def test_dead_relus_are_counted_and_cured():
    experiment = pathologies.get("dying-relu").broken
    run, finding = only(experiment, "dead")
    (weight, bias), _ = run.latest.params
    dead = int((datasets.load(experiment).x @ weight + bias <= 0).all(axis=0).sum())
    assert dead == 6
    assert finding.sentence.startswith("6 of 6 ReLUs are dead: 0 on all 4 training rows")
    assert cures(experiment, finding)[0].kind == "solved"


def test_saturated_units_are_counted_and_cured():
    experiment = pathologies.get("saturated-start").broken
    run, finding = only(experiment, "saturated")
    x = datasets.load(experiment).x
    (w1, b1), (w2, b2), _ = run.latest.params
    a = np.tanh(np.tanh(x @ w1 + b1) @ w2 + b2)
    count = int((1 - a**2 < 0.05).sum())
    assert f"Hidden layer 2 is saturated: on {count} of 32 pairs" in finding.sentence
    assert cures(experiment, finding)[0].kind == "solved"


def test_a_vanishing_gradient_names_layer_and_ratio_and_is_cured():
    experiment = pathologies.get("vanishing-sigmoid").broken
    run, finding = only(experiment, "vanishing")
    first = run.history.snapshots[0].gradients
    sizes = [np.sqrt((weight.astype(float) ** 2).mean()) for weight, _ in first]
    assert f"At step 0 it was {sizes[0]:.2g} in layer 1 and {sizes[-1]:.2g}" in finding.sentence
    assert sizes[-1] / sizes[0] > 1000
    assert cures(experiment, finding)[0].kind == "solved"


@pytest.mark.parametrize(
    "changes",
    [
        {"hidden": ()},
        {"hidden": (3,), "activation": "identity"},
        {"dataset": "xnor", "hidden": ()},
        {"hidden": (), "output": "step", "loss": "perceptron", "optimizer": "sgd"},
        {"dataset": "truth_table", "dataset_options": {"truth": "01101001"}, "hidden": ()},
    ],
    ids=["layer", "identity", "xnor", "perceptron", "parity"],
)
def test_a_network_that_cannot_represent_the_task_is_told_so_and_cured(changes):
    experiment = Experiment(**changes).replace(epochs=1000)
    _, finding = only(experiment, "unable")
    best = "6 of these 8" if experiment.dataset == "truth_table" else "3 of these 4 rows (75 %)"
    assert f"no line is right on more than {best}" in finding.sentence
    assert cures(experiment, finding)[0].kind == "solved"


@pytest.mark.parametrize("name", ["and", "or", "nand", "a_implies_b", "not", "always_1"])
def test_a_gate_that_a_line_separates_is_never_called_impossible(name):
    _, found = findings(Experiment(dataset=name, hidden=(), epochs=3))
    assert "unable" not in [finding.kind for finding in found]


def test_one_unit_answers_as_many_truth_tables_as_are_published():
    """OEIS A000609: threshold functions of n or fewer variables."""
    assert [len(threshold_functions(n)) for n in (1, 2, 3, 4)] == [4, 14, 104, 1882]


def test_of_a_parity_one_unit_is_right_on_as_many_rows_as_a_search_over_lines_finds():
    rng = np.random.default_rng(0)
    for n in (2, 3, 4):
        x = np.array(np.meshgrid(*n * [[0, 1]], indexing="ij")).reshape(n, -1).T
        parity = x.sum(axis=1) % 2
        lines = rng.normal(size=(100_000, n + 1))
        answers = lines[:, :n] @ x.T + lines[:, n:] > 0
        assert max_correct_by_threshold(parity) == (answers == parity).sum(axis=1).max()


def lines_through_pairs(points, classes):
    """The most that any line through two points puts right, when it is turned or moved a little."""
    best = max((classes > 0).sum(), (classes == 0).sum())
    for a in points:
        for b in points:
            for turn in (-1e-7, 1e-7):
                angle = math.atan2(*(b - a)[::-1]) + turn
                across = (points - a) @ [-math.sin(angle), math.cos(angle)]
                for shift in (-1e-9, 1e-9):
                    right = ((across + shift > 0) == (classes > 0)).sum()
                    best = max(best, right, len(points) - right)
    return best


@pytest.mark.parametrize("kind", ["grid", "cloud", "line"])
def test_a_line_is_right_on_as_many_points_as_a_search_over_all_pairs_finds(kind):
    rng = np.random.default_rng(5)
    for _ in range(12):
        points = rng.integers(-2, 3, (rng.integers(1, 10), 2)).astype(float)
        if kind != "grid":
            points = points + rng.normal(size=points.shape)
        if kind == "line":
            points[:, 1] = 0.5 * points[:, 0]
        classes = rng.integers(0, 2, len(points))
        best = max_correct_by_line(points, classes)
        assert best == lines_through_pairs(points, classes)
        assert is_separable(points, classes) == (best == len(points))


def test_several_classes_are_separable_where_each_has_a_corner_of_its_own():
    corners = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    assert is_separable(corners, np.array([0, 1, 2, 3]))
    in_the_middle = np.vstack([corners, [[0.5, 0.5]]])
    assert is_separable(in_the_middle, np.array([0, 0, 1, 1, 2]))  # three bands side by side
    assert not is_separable(in_the_middle, np.array([0, 1, 2, 0, 1]))  # between two of class 0


PLANE = Experiment(
    dataset="circle", hidden=(), activation="tanh", loss="bce", learning_rate=0.03, batch_size=10,
    epochs=100,
)  # fmt: skip


@pytest.mark.parametrize("name", ["circle", "xor_points", "spiral"])
def test_points_that_no_line_separates_are_told_with_the_best_a_line_can_do(name):
    experiment = PLANE.replace(dataset=name)
    run, finding = only(experiment, "unable")
    data = datasets.load(experiment)
    best = max_correct_by_line(data.x, data.y[:, 0])
    assert f"no line is right on more than {best} of these 250 rows" in finding.sentence
    measured = run.history.measurements[-1].metrics["train_accuracy"]
    assert f"It got {round(250 * measured)}." in finding.sentence
    assert measured <= best / 250
    if name != "spiral":  # which takes seconds
        assert cures(experiment, finding)[0].kind == "solved"


@pytest.mark.parametrize(
    "changes",
    [
        {"dataset": "gauss"},
        {"dataset": "gauss", "dataset_options": {"noise": 40}},  # a line is nearly always right
        {"dataset_options": {"features": ("x1²", "x2²")}},
        {"dataset": "xor_points", "dataset_options": {"features": ("x1", "x2", "x1·x2")}},
        {"dataset": "blobs", "output": "softmax", "loss": "cross_entropy"},
    ],
    ids=str,
)
def test_points_that_one_layer_tells_apart_are_never_called_impossible(changes):
    _, found = findings(PLANE.replace(**changes))
    assert [finding.kind for finding in found] == ["solved"]


def test_where_more_than_two_inputs_are_weighed_a_linear_program_decides():
    spiral = PLANE.replace(
        dataset="spiral", dataset_options={"features": ("x1", "x2", "sin x1")}, batch_size=None,
        learning_rate=0.1, epochs=1000,
    )  # fmt: skip
    _, finding = only(spiral, "unable")
    assert "no weights are right on all 250 rows" in finding.sentence
    classes = {"output": "softmax", "loss": "cross_entropy"}
    _, finding = only(spiral.replace(dataset_options={"arms": 3}, **classes), "unable")
    assert "weighted sums of its 2 inputs" in finding.sentence


NUMBERS = PLANE.replace(output="identity", loss="mse", dataset="regression_gauss")


def test_numbers_that_no_plane_predicts_are_told_with_what_least_squares_explain():
    run, finding = only(NUMBERS, "unable")
    data = datasets.load(NUMBERS)
    x = np.column_stack([data.x, np.ones(250)])
    fitted = x @ np.linalg.pinv(x) @ data.y
    explained = fitted.var() / data.y.var()  # of a least squares fit, this is R²
    assert f"no plane explains more than R² = {explained:.3f} of these 250" in finding.sentence
    assert run.history.measurements[-1].metrics["train_r2"] <= explained + 1e-6


@pytest.mark.parametrize(
    "changes",
    [
        {"dataset": "regression_plane"},
        {"dataset": "regression_sine", "dataset_options": {"features": ("sin x1", "sin x2")}},
        {"dataset": "regression_plane", "hidden": (8,)},
    ],
    ids=str,
)
def test_predicted_numbers_are_solved_and_nothing_else_is_reported(changes):
    run, found = findings(NUMBERS.replace(**changes))
    assert [finding.kind for finding in found] == ["solved"]
    measured = run.history.measurements[-1].metrics
    assert f"R² is {measured['train_r2']:.3f} on the training rows" in found[0].sentence
    assert f"{measured['test_r2']:.3f} on the test rows" in found[0].sentence


@pytest.mark.parametrize("name", ["circle", "moons", "gauss"])
def test_a_healthy_network_on_points_gets_one_verdict_and_no_cure(name):
    _, found = findings(PLANE.replace(dataset=name, hidden=(4, 2), epochs=300))
    assert [(finding.kind, finding.cure) for finding in found] == [("solved", "")]


def test_units_that_are_steps_over_a_wide_plane_are_not_called_saturated():
    experiment = NUMBERS.replace(hidden=(4, 2), epochs=60)
    run, found = findings(experiment)
    layers = unit_health.layers_health(experiment, run.latest.params, datasets.load(experiment).x)
    assert layers[0].saturated > 0.4
    assert run.history.measurements[-1].metrics["train_r2"] > 0.6
    assert {finding.kind for finding in found} <= {"stuck", "unfinished"}


def test_over_fitting_names_the_epoch_of_the_lowest_test_loss_and_the_cure_stops_there():
    experiment = Experiment(
        dataset="digits_8x8", hidden=(64, 64), activation="tanh", output="softmax",
        loss="cross_entropy", learning_rate=0.02, batch_size=64, epochs=40,
    )  # fmt: skip
    run, finding = only(experiment, "overfit")
    tests = [(m.metrics["test_loss"], m.epoch) for m in run.history.measurements
             if "test_loss" in m.metrics]  # fmt: skip
    lowest, epoch = min(tests)
    assert finding.sentence.startswith(f"Over-fitting from epoch {epoch:.0f}: since then")
    assert f"the test loss rose from {lowest:.3g} to {tests[-1][0]:.3g}" in finding.sentence
    stopped = trained(finding.cured(experiment))
    assert stopped.history.measurements[-1].metrics["test_loss"] == pytest.approx(lowest)
    assert [f.kind for f in examine(stopped, small_dataset(experiment))] == ["solved"]


def test_a_short_run_is_called_unfinished_and_more_epochs_finish_it():
    experiment = Experiment(epochs=40)
    _, (finding,) = findings(experiment)
    assert finding.kind == "unfinished"
    assert "of 4 rows right after 40 epochs" in finding.sentence
    longer = finding.cured(experiment)
    assert longer.epochs == 80
    assert cures(experiment, finding)[0].kind == "solved"


def test_after_one_epoch_the_doctor_writes_one_epoch():
    _, (finding,) = findings(Experiment(dataset="spiral", batch_size=1, epochs=1))
    assert finding.kind == "unfinished"
    assert "right after 1 epoch, and the loss" in finding.sentence


def test_where_nothing_tells_why_the_doctor_says_so_and_another_seed_helps():
    experiment = Experiment(
        hidden=(8,), initializer="normal_large", epochs=1000, seed=2, learning_rate=0.01,
        dtype="float64",
    )  # fmt: skip
    _, (finding,) = findings(experiment)
    assert finding.kind == "stuck"
    assert finding.changes == {"seed": 3}
    assert cures(experiment, finding)[0].kind == "solved"


def test_a_stuck_run_is_reported_before_its_end():
    experiment = pathologies.get("no-hidden-layer").broken.replace(epochs=100_000)
    run, found = findings(experiment, until=lambda run: run.step > 2000)
    assert run.step > LEAST_STEPS
    assert [finding.kind for finding in found] == ["unable"]


def test_before_any_measurement_the_doctor_finds_nothing():
    assert examine(Run(Experiment(), "ada"), None) == []


@pytest.mark.parametrize("name", pathologies.names())
def test_each_pathology_fails_as_it_says_and_its_cure_succeeds(name):
    pathology = pathologies.get(name)
    _, found = findings(pathology.broken)
    assert pathology.finding in [finding.kind for finding in found]
    _, cured = findings(pathology.cure)
    assert [finding.kind for finding in cured] == ["solved"]


def test_the_pathologies_are_those_that_are_known():
    kinds = {pathology.finding for pathology in map(pathologies.get, pathologies.names())}
    assert kinds >= {"diverged", "symmetric", "dead", "vanishing", "unable", "saturated"}
    with pytest.raises(KeyError, match="there is no pathology"):
        pathologies.get("hiccups")


def test_the_gauges_count_what_is_counted_by_hand():
    experiment = Experiment(hidden=(2,), activation="relu", dtype="float64")
    x = np.array([[0.0, 1.0], [1.0, 0.0]])
    params = [
        (np.array([[1.0, -1.0], [1.0, -1.0]]), np.array([0.0, 0.0])),
        (np.array([[3.0], [4.0]]), np.array([0.0])),
    ]
    (layer,) = unit_health.layers_health(experiment, params, x)
    assert (layer.dead, layer.units, layer.saturated) == (1, 2, None)
    (layer,) = unit_health.layers_health(experiment.replace(activation="tanh"), params, x)
    assert layer.dead is None
    assert layer.saturated == 0.0  # 1 - tanh(1)² = 0.42
    wide = [(8 * params[0][0], params[0][1]), params[1]]
    (layer,) = unit_health.layers_health(experiment.replace(activation="sigmoid"), wide, x)
    assert layer.saturated == 1.0  # sigmoid'(8) = 0.0003
    assert unit_health.gradient_norms(params) == pytest.approx([2.0, 5.0])
    assert unit_health.gradient_sizes(params) == pytest.approx([1.0, math.sqrt(12.5)])
    assert unit_health.total_norm(params) == pytest.approx(math.sqrt(29))


def test_a_vanishing_gradient_is_found_in_a_run_of_a_worker_too(clock):
    pool = Pool(slots=1, clock=clock)
    try:
        for experiment in (
            pathologies.get("vanishing-sigmoid").broken,
            PLANE.replace(hidden=(6, 6, 6, 6, 6), activation="sigmoid", optimizer="sgd"),
        ):
            run = pool.submit(experiment, "ada")
            assert run.wait(lambda run: run.is_over, 60)
            first, *_ = examine(run, small_dataset(experiment))
            assert first.kind == "vanishing", first
    finally:
        pool.close()
