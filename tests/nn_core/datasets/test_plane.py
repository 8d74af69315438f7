"""The data sets of the plane: their geometry by hand, their split, and that they can be learned."""

import json
import math
from itertools import pairwise

import numpy as np
import pytest
from sklearn.datasets import make_moons

from nn_core import Experiment, datasets, fit
from nn_core.datasets import own_points
from nn_core.datasets.features import FEATURES, inputs
from nn_core.datasets.split_and_targets import split
from nn_core.errors import DataUnavailable, InvalidExperiment
from nn_core.training.preview import preview

TOYS = ["circle", "xor_points", "gauss", "spiral", "moons", "blobs", "regression_plane",
        "regression_gauss", "regression_sine"]  # fmt: skip
USUAL = {
    "binary": {"output": "sigmoid", "loss": "bce"},
    "classes": {"output": "softmax", "loss": "cross_entropy"},
    "number": {"output": "identity", "loss": "mse"},
}


def experiment(name, *, hidden=(4, 2), epochs=100, seed=0, **options):
    kind = datasets.describe(name).options(**options).kind
    return Experiment(
        dataset=name, dataset_options=options, hidden=hidden, activation="tanh", batch_size=10,
        learning_rate=0.03, epochs=epochs, seed=seed, **USUAL[kind],
    )  # fmt: skip


def everything(name, **options):
    """All points of a set, and the value of each."""
    data = datasets.load(experiment(name, **options))
    points = np.concatenate([data.plane.points, data.plane.points_test])
    y = np.concatenate([data.y, data.y_test])
    return points, y.argmax(axis=1) if data.kind == "classes" else y[:, 0]


def test_the_radius_of_every_point_of_the_circle_decides_its_class():
    points, classes = everything("circle")
    radius = np.hypot(*points.T)
    assert ((radius <= 2.5) == (classes == 1)).all()
    assert ((radius >= 3.5) == (classes == 0)).all()
    assert radius.max() <= 5
    assert classes.sum() == 250


def test_the_points_of_the_circle_lie_evenly_over_the_area():
    points, classes = everything("circle", points=2000)
    inner = np.hypot(*points[classes == 1].T)
    # A quarter of a disc's area lies within half its radius; 1000 points: deviation 1.4 %.
    assert (inner < 1.25).mean() == pytest.approx(0.25, abs=0.05)


def test_a_point_of_xor_is_1_where_exactly_one_coordinate_is_positive():
    points, classes = everything("xor_points")
    for (x1, x2), y in zip(points, classes, strict=True):
        assert y == ((x1 > 0) != (x2 > 0))
    assert np.abs(points).min() >= 0.4


def test_the_clouds_of_gauss_lie_around_their_centres():
    points, classes = everything("gauss", points=2000)
    # 1000 points: the mean is off by 0.8 / √1000 = 0.025.
    np.testing.assert_allclose(points[classes == 1].mean(axis=0), [2.2, 2.2], atol=0.12)
    np.testing.assert_allclose(points[classes == 0].mean(axis=0), [-2.2, -2.2], atol=0.12)
    np.testing.assert_allclose(points[classes == 0].std(axis=0), 0.8, atol=0.08)


@pytest.mark.parametrize("arms", [2, 3, 5])
def test_the_arms_of_the_spiral_interleave(arms):
    points, classes = everything("spiral", arms=arms, points=2000)
    # K arms of 3 / K turns each, begun k / K of a turn apart: on a ray they are met in turn.
    t = (np.hypot(*points.T) - 0.4) / 4.8
    angle = np.arctan2(points[:, 1], points[:, 0]) / (2 * np.pi)
    turns = angle - 3 * t / arms  # what is left is k / K, up to whole turns
    np.testing.assert_allclose((turns * arms - classes + arms / 2) % arms, arms / 2, atol=1e-9)
    assert t.min() == pytest.approx(0)
    assert t.max() == pytest.approx(1)
    along = np.abs(angle) < 0.01  # points near the positive x1 axis, inside to outside
    order = classes[along][np.argsort(points[along, 0])]
    met = [int(k) for i, k in enumerate(order) if i == 0 or k != order[i - 1]]
    assert len(met) >= 3
    assert all((a - b) % arms in (1, arms - 1) for a, b in pairwise(met))


def test_the_moons_are_those_of_scikit_learn_three_times_as_large():
    points, classes = everything("moons")
    curve, sides = make_moons(4000, shuffle=False)
    curve = 3 * (curve - [0.5, 0.25])
    for side in (0, 1):
        ours, theirs = points[classes == side], curve[sides == side]
        nearest = np.linalg.norm(ours[:, None] - theirs, axis=2).min(axis=1)
        assert nearest.max() < 3 * math.pi / 2000  # theirs are so far apart


@pytest.mark.parametrize("classes", [2, 3, 4, 5, 6])
def test_the_blobs_lie_on_a_circle_and_each_is_a_class(classes):
    points, found = everything("blobs", classes=classes, points=1200)
    assert sorted(set(found)) == list(range(classes))
    for k in range(classes):
        angle = 2 * math.pi * k / classes
        centre = [4 * math.cos(angle), 4 * math.sin(angle)]
        np.testing.assert_allclose(points[found == k].mean(axis=0), centre, atol=0.2)


@pytest.mark.parametrize(
    ("name", "formula"),
    [
        ("regression_plane", lambda x1, x2: (x1 + x2) / 12),
        ("regression_sine", lambda x1, x2: (math.sin(x1) + math.sin(x2)) / 2),
        (
            "regression_gauss",
            lambda x1, x2: sum(
                sign * math.exp(-(math.dist((x1, x2), centre) ** 2) / 4)
                for sign, centre in [(1, (-3, 3)), (-1, (0, 3)), (1, (3, 3)),
                                     (-1, (-3, -3)), (1, (0, -3)), (-1, (3, -3))]
            ),
        ),
    ],
)  # fmt: skip
def test_the_numbers_of_a_regression_are_those_of_its_formula(name, formula):
    points, values = everything(name)
    for (x1, x2), y in zip(points, values, strict=True):
        assert y == pytest.approx(formula(x1, x2), abs=1e-12)


def test_noise_moves_points_by_a_fifth_for_each_ten_percent_and_keeps_their_classes():
    still, classes = everything("moons", points=2000)
    noisy, same = everything("moons", points=2000, noise=20)
    np.testing.assert_array_equal(classes, same)
    assert (noisy - still).std() == pytest.approx(0.4, abs=0.02)
    assert np.abs(everything("circle", points=2000, noise=50)[0]).max() <= 6


def test_noise_of_a_regression_moves_the_numbers_and_not_the_points():
    still, exact = everything("regression_sine", points=2000)
    noisy, off = everything("regression_sine", points=2000, noise=30)
    np.testing.assert_array_equal(still, noisy)
    assert (off - exact).std() == pytest.approx(0.3, abs=0.02)


@pytest.mark.parametrize("name", TOYS)
def test_another_seed_of_the_weights_meets_the_same_points_and_another_data_seed_others(name):
    first, second = (datasets.load(experiment(name, seed=seed)) for seed in (0, 1))
    np.testing.assert_array_equal(first.x, second.x)
    np.testing.assert_array_equal(first.y_test, second.y_test)
    assert not np.array_equal(first.x, datasets.load(experiment(name, data_seed=1)).x)


@pytest.mark.parametrize("name", TOYS)
def test_coordinates_stay_in_the_square_and_the_picture_reads_them(name):
    data = datasets.load(experiment(name, noise=50, features=["x2", "x1²"]))
    assert (data.plane.low, data.plane.high) == (-6, 6)
    for points, x in ((data.plane.points, data.x), (data.plane.points_test, data.x_test)):
        assert np.abs(points).max() <= 6
        np.testing.assert_array_equal(data.plane.features(points), x)
    assert data.input_names == ("x2", "x1²")
    assert len(data.shown[0]) == len(data.x_test)  # every test point is judged


@pytest.mark.parametrize(("n", "share", "n_test"), [(500, 50, 250), (10, 10, 1), (11, 90, 10),
                                                    (7, 30, 2), (2, 90, 1)])  # fmt: skip
def test_the_split_is_disjoint_and_complete(n, share, n_test):
    train, test = split(n, share, seed=3)
    assert len(test) == n_test
    assert sorted([*train, *test]) == list(range(n))


def test_a_share_of_nothing_keeps_nothing_and_a_single_row_is_learned_from():
    assert split(5, 0, seed=0)[1] is None
    train, test = split(1, 90, seed=0)
    assert list(train) == [0]
    assert test is None


def test_features_are_what_their_names_say():
    points = np.array([[2.0, -3.0], [0.5, 0.25]])
    by_hand = [
        [2.0, -3.0, 4.0, 9.0, -6.0, math.sin(2.0), math.sin(-3.0)],
        [0.5, 0.25, 0.25, 0.0625, 0.125, math.sin(0.5), math.sin(0.25)],
    ]
    np.testing.assert_allclose(inputs(points, FEATURES), by_hand, rtol=1e-15)


def test_the_order_in_which_inputs_are_chosen_does_not_matter():
    one, other = (experiment("circle", features=f) for f in (["sin x1", "x1"], ["x1", "sin x1"]))
    assert one == other
    assert one.n_inputs == 2


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"features": []}, "choose at least one input"),
        ({"features": ["x3"]}, "x1"),
        ({"points": 2001}, "2,000"),
        ({"points": 9}, "10"),
        ({"noise": 51}, "50"),
        ({"test_share": 5}, "10"),
        ({"test_share": 95}, "90"),
    ],
)
def test_settings_out_of_bounds_are_refused_with_what_is_allowed(options, why):
    with pytest.raises(InvalidExperiment, match=why):
        Experiment(dataset="circle", dataset_options=options)


def test_two_classes_need_one_output_and_more_need_one_each():
    assert experiment("spiral").n_outputs == 1
    assert experiment("spiral", arms=4).n_outputs == 4
    assert experiment("blobs", classes=2).n_outputs == 1
    assert experiment("blobs").n_outputs == 3
    assert experiment("regression_sine").n_outputs == 1


LEARNED = [
    ("circle", {}, (4, 2), 60),
    ("circle", {"features": ["x1²", "x2²"]}, (), 60),
    ("xor_points", {}, (4, 2), 60),
    ("xor_points", {"features": ["x1·x2"]}, (), 30),
    ("gauss", {}, (), 20),
    ("moons", {}, (4, 2), 60),
    # After 300 epochs the rounding of the processor decides between 94.8 and 95.2 %.
    ("spiral", {}, (8, 8), 500),
    ("spiral", {"features": ["x1", "x2", "sin x1", "sin x2"]}, (8, 8), 100),
    ("spiral", {"arms": 4}, (8, 8), 150),
    ("blobs", {"classes": 6}, (4,), 40),
    ("own_points", {}, (3,), 100),
    ("table", {}, (4, 2), 200),
]


@pytest.mark.parametrize(("name", "options", "hidden", "epochs"), LEARNED)
def test_classes_can_be_learned(name, options, hidden, epochs):
    result = fit(experiment(name, hidden=hidden, epochs=epochs, **options))
    assert result.metrics["train_accuracy"] >= 0.95


@pytest.mark.parametrize(
    ("name", "options", "hidden", "error"),
    [
        ("regression_plane", {}, (), 1e-4),
        ("regression_sine", {"features": ["sin x1", "sin x2"]}, (), 1e-4),
        ("regression_sine", {}, (8, 8), 0.03),
        ("regression_gauss", {}, (8, 8), 0.03),
    ],
)
def test_numbers_can_be_learned(name, options, hidden, error):
    result = fit(experiment(name, hidden=hidden, epochs=200, **options))
    assert result.metrics["train_loss"] < error
    assert "train_accuracy" not in result.metrics
    # By hand, from the backend's outputs.
    data = datasets.load(result.experiment)
    off = ((result.predict(data.x_test) - data.y_test) ** 2).sum()
    explained = 1 - off / ((data.y_test - data.y_test.mean()) ** 2).sum()
    assert result.metrics["test_r2"] == pytest.approx(explained, abs=1e-5)


def test_a_straight_line_cannot_separate_the_circle():
    assert fit(experiment("circle", hidden=())).metrics["train_accuracy"] < 0.8


def test_step_0_is_measured_on_both_parts_before_a_run_as_in_it():
    wanted = experiment("moons", epochs=1)
    shown = preview(wanted)
    assert set(shown.metrics) == {"train_accuracy", "test_accuracy"}
    assert len(shown.outputs) == 250
    data = datasets.load(wanted)
    right = ((shown.outputs >= 0.5) == data.y_test).mean()
    assert shown.metrics["test_accuracy"] == pytest.approx(right)


OWN = ((-1.5, 2.25, 0.0), (3.0, -2.0, 1.0), (0.0, 0.0, 2.0), (1.0, 1.0, 1.0))


def test_own_points_survive_json_and_are_learned_from_as_they_are():
    wanted = experiment("own_points", points=OWN)
    again = Experiment.from_json(wanted.to_json())
    assert again == wanted
    assert again.dataset_options.points == OWN
    data = datasets.load(again)
    assert data.x_test is None
    rows = {(*x, y.argmax()) for x, y in zip(data.x, data.y, strict=True)}
    assert rows == set(OWN)


def test_own_points_have_as_many_classes_as_were_placed():
    assert experiment("own_points", points=OWN).n_outputs == 3
    assert experiment("own_points", points=OWN[:2]).n_outputs == 1
    assert experiment("own_points", points=OWN, answer="number").n_outputs == 1


@pytest.mark.parametrize(
    ("points", "why"),
    [
        (((0.0, 0.0, 1.5),), "point 1 is of class 1.5; classes are the whole numbers from 0 to 5"),
        (((0.0, 0.0, 0.0), (0.0, 0.0, 6.0)), "point 2 is of class 6"),
        (((6.5, 0.0, 0.0),), "6"),
        (((0.0, math.nan, 0.0),), "finite"),
        (((0.0, 0.0),), "required"),
        (((0.0, 0.0, 0.0),) * 2001, "2,000"),
    ],
)
def test_own_points_that_cannot_be_are_refused(points, why):
    with pytest.raises(InvalidExperiment, match=why):
        experiment("own_points", points=points)


def test_as_many_own_points_as_allowed_travel_to_a_worker():
    rng = np.random.default_rng(0)
    table = np.column_stack([rng.uniform(-6, 6, (2000, 2)), rng.integers(0, 6, 2000)])
    wanted = experiment("own_points", points=tuple(map(tuple, table.tolist())))
    assert Experiment(**json.loads(wanted.to_json())) == wanted
    assert own_points.MOST_POINTS == len(datasets.load(wanted).x) == 2000


def test_no_points_at_all_are_shown_and_cannot_be_trained():
    empty = experiment("own_points", points=())
    assert preview(empty).outputs.shape == (0, 1)
    with pytest.raises(DataUnavailable, match="place a point first"):
        fit(empty)
