"""The loss surface is the loss, its directions are what they are called, and paths lie on it."""

import math

import numpy as np
import pytest

from nn_core import Experiment, datasets, fit
from nn_core.charts.landscape_chart import LossGrid, landscape_table, shades
from nn_core.charts.weights_chart import parameter_names
from nn_core.explain.inside import landscape
from nn_core.networks.initializers import initial_params

SQUASH = {
    "sigmoid": lambda z: 1 / (1 + math.exp(-z)),
    "tanh": math.tanh,
    "relu": lambda z: max(0.0, z),
    "identity": lambda z: z,
}


def by_hand(experiment, params, x, y):
    """The loss again, number by number, with nothing but the `math` of Python."""
    losses = []
    for row, targets in zip(x, y, strict=True):
        h = [float(v) for v in row]
        names = [*experiment.hidden_activations, experiment.output]
        for (weight, bias), name in zip(params, names, strict=True):
            z = [
                sum(h[i] * float(weight[i, j]) for i in range(len(h)))
                + (0.0 if bias is None else float(bias[j]))
                for j in range(weight.shape[1])
            ]
            if name == "softmax":
                h = [math.exp(v) / sum(map(math.exp, z)) for v in z]
            else:
                h = [SQUASH[name](v) for v in z]
        for a, t in zip(h, targets, strict=True):
            match experiment.loss:
                case "mse" | "mse_sum":
                    losses.append((a - t) ** 2)
                case "bce":
                    losses.append(-t * math.log(a) - (1 - t) * math.log(1 - a))
                case "cross_entropy":
                    losses.append(-t * math.log(a))
    if experiment.loss == "cross_entropy":
        return sum(losses) / len(x)
    if experiment.loss == "mse_sum":
        return sum(losses) * (experiment.batch_size or len(x)) / len(x)
    return sum(losses) / len(losses)


NETWORKS = {
    "sigmoid": Experiment(dataset="xor", hidden=(3,), seed=4),
    "no bias": Experiment(dataset="xor", hidden=(2,), bias=False, loss="bce"),
    "no hidden layer": Experiment(dataset="or", hidden=(), loss="bce"),
    "two layers": Experiment(dataset="xor", hidden=(3, 2), activations=("tanh", "relu")),
    "sum of a batch": Experiment(
        dataset="xor", hidden=(2,), output="identity", loss="mse_sum", batch_size=2
    ),
    "classes": Experiment(
        dataset="bits", hidden=(4,), activation="tanh", output="softmax", loss="cross_entropy"
    ),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_the_surface_is_the_loss_computed_by_hand_at_the_centre_and_beside_it(name):
    experiment = NETWORKS[name]
    data = datasets.load(experiment)
    center = initial_params(experiment)
    plane = landscape.random_plane(center, seed=7)
    across, up = np.array([-0.5, 0.0, 1.25]), np.array([0.0, 0.75])
    found = np.array(list(landscape.surface(experiment, center, plane, across, up, data.x, data.y)))
    for row, b in enumerate(up):
        for column, a in enumerate(across):
            moved = landscape.unflatten(plane.center + a * plane.first + b * plane.second, center)
            expected = by_hand(experiment, moved, data.x, data.y)
            assert found[row, column] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"output": "identity", "loss": "bce_logits_sum", "batch_size": 2},
        {"hidden": (), "output": "step", "loss": "perceptron", "optimizer": "sgd"},
        {"output": "tanh", "loss": "mse_half", "hidden": (3, 3)},
    ],
)
def test_the_centre_is_the_loss_that_the_run_measured(changes):
    experiment = Experiment(dataset="xor", epochs=40, dtype="float64", **changes)
    result = fit(experiment)
    data = datasets.load(experiment)
    found = landscape.data_loss(experiment, result.params, data.x, data.y)
    assert found == pytest.approx(result.metrics["train_loss"], rel=1e-12, abs=1e-15)


def test_overflow_is_a_hole_and_no_error():
    experiment = Experiment(dataset="xor", hidden=(2,), activation="relu", output="identity")
    data = datasets.load(experiment)
    center = initial_params(experiment)
    plane = landscape.random_plane(center, 0)
    ends = np.array([0.0, 1e200])
    (row,) = landscape.surface(experiment, center, plane, ends, np.zeros(1), data.x, data.y)
    assert np.isfinite(row[0])
    assert not np.isfinite(row[1])


@pytest.mark.parametrize("bias", [True, False])
def test_a_vector_of_parameters_is_in_the_order_of_their_names_and_goes_back(bias):
    experiment = Experiment(dataset="xor", hidden=(3, 2), bias=bias)
    params = initial_params(experiment)
    vector = landscape.flatten(params)
    names = parameter_names(experiment.layer_sizes, bias, ("A", "B"), ("Y",))
    assert len(vector) == len(names) == experiment.n_parameters
    assert vector[names.index("B → hidden 1.3")] == params[0][0][1, 2]
    for (weight, _), (again, _) in zip(params, landscape.unflatten(vector, params), strict=True):
        assert np.array_equal(weight, again)


def test_each_filter_of_a_random_direction_is_as_long_as_that_of_the_network():
    center = initial_params(Experiment(dataset="xor", hidden=(3,), initializer="uniform_fan_in"))
    plane = landscape.random_plane(center, 1)
    for direction in (plane.first, plane.second):
        for (weight, bias), pair in zip(
            center, landscape.unflatten(direction, center), strict=True
        ):
            for unit in range(weight.shape[1]):
                length = math.hypot(*weight[:, unit], bias[unit])
                assert math.hypot(*pair[0][:, unit], pair[1][unit]) == pytest.approx(length)


def test_the_seed_decides_the_random_directions():
    center = initial_params(Experiment())
    assert np.array_equal(
        landscape.random_plane(center, 3).first, landscape.random_plane(center, 3).first
    )
    assert not np.array_equal(
        landscape.random_plane(center, 3).first, landscape.random_plane(center, 4).first
    )


def test_a_network_of_zeros_has_no_random_directions_and_says_so():
    center = initial_params(Experiment(initializer="zeros"))
    with pytest.raises(landscape.NoPlane, match="choose two weights"):
        landscape.random_plane(center, 0)


def path_of(points):
    return [[(np.array([[a, b, c]]), None)] for a, b, c in points]


def test_the_plane_of_a_path_is_that_of_the_largest_eigenvalues():
    rng = np.random.default_rng(0)
    points = rng.normal(size=(30, 3)) * [5.0, 2.0, 0.3]
    path = path_of(points)
    plane, shares = landscape.path_plane(path[-1], path)
    away = points - points[-1]
    values, vectors = np.linalg.eigh(away.T @ away)
    assert shares == pytest.approx((values[::-1] / values.sum())[:2])
    for direction, vector in zip((plane.first, plane.second), vectors.T[::-1], strict=False):
        assert abs(direction @ vector) == pytest.approx(1)


@pytest.mark.parametrize(
    "points", [[(0, 0, 0)], [(1, 1, 1)] * 5, [(0, 0, 0), (1, 1, 1), (2, 2, 2), (5, 5, 5)]]
)
def test_a_path_that_spans_no_plane_is_refused_with_a_sentence(points):
    path = path_of(points)
    with pytest.raises(landscape.NoPlane, match="Train"):
        landscape.path_plane(path[-1], path)


def test_two_directions_are_needed():
    with pytest.raises(landscape.NoPlane, match="two different"):
        landscape.chosen_plane(path_of([(1, 2, 3)])[0], 1, 1)


def test_a_path_in_the_plane_is_projected_exactly_also_by_slanted_directions():
    center = np.array([1.0, 2.0, 3.0])
    plane = landscape.Plane(center, np.array([1.0, 0.0, 0.0]), np.array([1.0, 1.0, 0.0]))
    wanted = np.array([[0.0, 0.0], [0.5, -2.0], [3.0, 1.0]])
    points = [center + a * plane.first + b * plane.second for a, b in wanted]
    found = landscape.project(plane, path_of(points))
    assert found.coordinates == pytest.approx(wanted)
    assert found.explained == pytest.approx(1)


def test_what_leads_out_of_the_plane_is_not_explained():
    plane = landscape.chosen_plane(path_of([(0, 0, 0)])[0], 0, 1)
    found = landscape.project(plane, path_of([(3, 0, 4), (0, 0, 0)]))
    assert found.coordinates.tolist() == [[3, 0], [0, 0]]
    assert found.explained == pytest.approx(9 / 25)


def test_a_large_network_gets_fewer_points_and_rows_and_the_centre_stays_one_of_them():
    small = Experiment(dataset="xor")
    large = Experiment(dataset="digits_8x8", hidden=(512, 512), output="softmax")
    assert landscape.grid_within_budget(small, 4) == (41, 4)
    points, rows = landscape.grid_within_budget(large, 1437)
    assert points == 21
    assert 100 <= rows < 1437
    for n_points in landscape.GRIDS:
        for ends in ((-1, 1), (-0.2, 5), (-30, 0.001)):
            coordinates = landscape.axis(*ends, n_points)
            assert len(coordinates) == n_points
            assert 0 in coordinates[1:-1]


# The chart.


def test_the_cells_touch_each_other_and_a_point_beyond_them_leaves_a_gap():
    grid = LossGrid(np.array([-1.0, 0.0, 1.0]), np.array([0.0, 2.0]), np.arange(6.0).reshape(2, 3))
    path = np.array([[0.0, 1.0], [9.0, 0.0]])
    rows = landscape_table(grid, np.array([0, 5]), path, (5, path[1])).to_pylist()
    assert [(r["x"], r["x2"], r["y"], r["y2"], r["loss"]) for r in rows[:4]] == [
        (-1.5, -0.5, -1, 1, 0),
        (-0.5, 0.5, -1, 1, 1),
        (0.5, 1.5, -1, 1, 2),
        (-1.5, -0.5, 1, 3, 3),
    ]
    points = [(r["part"], r["x"], r["y"], r["step"]) for r in rows[6:]]
    assert points == [(1, 0, 1, 0), (1, None, None, 5), (2, 0, 1, 0), (3, None, None, 5)]


def test_a_loss_of_nothing_still_has_a_colour_on_a_logarithmic_scale():
    assert shades(np.array([0.0, 0.0])).tolist() == [0, 0]
    assert shades(np.array([-1.0, 1e-30, 100.0])).tolist() == [-10, -10, 2]
    assert np.isnan(shades(np.array([np.inf, 2.0]))[0])
