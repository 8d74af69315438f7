"""What a hidden layer makes of the rows: components, grids, and where the answer changes."""

import altair as alt
import numpy as np
import pytest

from nn_core import Experiment, datasets, fit
from nn_core.charts import hidden_space_chart as charts
from nn_core.charts.hidden_space_chart import hidden_space_chart
from nn_core.datasets import Dataset, Plane
from nn_core.explain.inside.hidden_space import (
    decision_line,
    input_grid,
    pca,
    project_3d,
    sum_at_decision,
)
from nn_core.networks.activations import activate
from nn_core.networks.forward import layer_activations
from nn_core.networks.initializers import initial_params

rng = np.random.default_rng(0)
CLOUD = rng.normal(size=(60, 5)) @ np.diag([4.0, 2.0, 1.0, 0.5, 0.1]) + 3.0


def units(n):
    return tuple(f"hidden {i}" for i in range(1, n + 1))


def drawn(experiment, layer=0, **more):
    params = initial_params(experiment)
    data = datasets.load(experiment)
    return hidden_space_chart(
        experiment, params, data, layer, units(experiment.hidden[layer]), **more
    )


def part(found, which):
    return [row for row in found.table.to_pylist() if row["part"] == which]


def test_components_are_the_eigenvectors_of_the_covariance():
    found = pca(CLOUD, 3)
    values, vectors = np.linalg.eigh(np.cov(CLOUD.T))
    assert found.explained == pytest.approx(values[::-1][:3] / values.sum())
    for direction, vector in zip(found.directions, vectors.T[::-1], strict=False):
        assert abs(direction @ vector) == pytest.approx(1)
    variances = found.project(CLOUD).var(axis=0, ddof=1)
    assert variances == pytest.approx(values[::-1][:3])


def test_components_do_not_flip_from_frame_to_frame():
    before = pca(CLOUD)
    for signs in ([1, 1], [-1, 1], [1, -1], [-1, -1]):
        like = before.directions * np.array(signs)[:, None]
        after = pca(CLOUD + 0.01 * rng.normal(size=CLOUD.shape), like=like)
        assert ((after.directions * like).sum(axis=1) > 0.99).all()


def test_points_that_coincide_have_components_that_explain_nothing():
    for points in (np.ones((4, 3)), np.ones((1, 3))):
        found = pca(points)
        assert found.explained.tolist() == [0, 0]
        assert found.project(points).tolist() == [[0, 0]] * len(points)


def test_turning_keeps_lengths_across_the_line_of_sight():
    axes = np.eye(3)
    assert project_3d(axes, 90, tilt=0) == pytest.approx(
        np.array([[0, 0], [-1, 0], [0, 1]]), abs=1e-12
    )
    assert project_3d(axes, 0, tilt=90) == pytest.approx(
        np.array([[1, 0], [0, 1], [0, 0]]), abs=1e-12
    )


def test_the_grid_is_given_to_the_network_as_its_features():
    points = np.zeros((1, 2))
    plane = Plane(points, None, lambda p: np.column_stack([p, p[:, 0] * p[:, 1]]), -2, 2)
    data = Dataset(
        np.zeros((1, 3)), np.zeros((1, 1)), "binary", ("a", "b", "ab"), ("Y",), plane=plane
    )
    grid = input_grid(data, lines=3, points=5)
    assert grid.x.shape == (6, 5, 3)
    assert grid.names == ("x1", "x2")
    assert np.array_equal(grid.x[..., 2], grid.x[..., 0] * grid.x[..., 1])
    for line, held, at in zip(grid.x, grid.held, grid.at, strict=True):
        assert (line[:, held] == at).all()
        assert line[:, 1 - held].tolist() == [-2, -1, 0, 1, 2]


def test_data_of_other_than_two_inputs_have_no_grid():
    assert input_grid(datasets.load(Experiment(dataset="not"))) is None
    assert (
        input_grid(datasets.load(Experiment(dataset="bits", dataset_options={"bits": 3}))) is None
    )


def test_the_bent_grid_goes_through_the_rows():
    found = drawn(Experiment(dataset="xor", hidden=(2,)))
    grid = {(round(r["x"], 9), round(r["y"], 9)) for r in part(found, charts.GRID)}
    rows = {(round(r["x"], 9), round(r["y"], 9)) for r in part(found, charts.TRAIN)}
    assert len(rows) == 4
    assert rows <= grid


@pytest.mark.parametrize(
    ("output", "boundary"), [("sigmoid", 0.5), ("tanh", 0.5), ("identity", 0.0), ("identity", 0.5)]
)
def test_at_the_sum_of_the_decision_the_output_is_the_boundary(output, boundary):
    level = sum_at_decision(output, boundary)
    assert activate(output, np.array([[level]]))[0, 0] == pytest.approx(boundary)


def test_a_line_that_misses_the_rectangle_is_none():
    zeros, ones = np.zeros(2), np.ones(2)
    assert not len(decision_line(np.array([1.0, 1.0]), -3.0, 0.0, zeros, ones))
    assert not len(decision_line(np.array([0.0, 0.0]), 0.0, 0.0, zeros, ones))
    upright = decision_line(np.array([2.0, 0.0]), -1.0, 0.0, zeros, ones)
    assert upright.tolist() == [[0.5, 0], [0.5, 1]]


@pytest.mark.parametrize(
    ("activation", "output", "loss"),
    [
        ("sigmoid", "sigmoid", "mse"),
        ("tanh", "identity", "bce_logits"),
        ("leaky_relu", "tanh", "mse"),
    ],
)
def test_the_decision_line_has_the_rows_of_each_answer_on_one_side(activation, output, loss):
    experiment = Experiment(
        dataset="or", hidden=(2,), activation=activation, output=output, loss=loss, epochs=400
    )
    params = fit(experiment).params
    data = datasets.load(experiment)
    found = hidden_space_chart(experiment, params, data, 0, units(2))
    (x0, y0), (x1, y1) = ((r["x"], r["y"]) for r in part(found, charts.DECISION))
    sides = {
        row["group"]: ((x1 - x0) * (row["y"] - y0) - (y1 - y0) * (row["x"] - x0)) > 0
        for row in part(found, charts.TRAIN)
    }
    assert sides["Y = 0"] != sides["Y = 1"]
    outputs = layer_activations(params, data.x, experiment.hidden_activations, output)[-1]
    level = 0.0 if loss == "bce_logits" else 0.5
    for row, answer in zip(part(found, charts.TRAIN), outputs[:, 0], strict=True):
        side = ((x1 - x0) * (row["y"] - y0) - (y1 - y0) * (row["x"] - x0)) > 0
        assert (side == sides["Y = 1"]) == (answer > level)


@pytest.mark.parametrize(
    ("n_units", "kind"), [(1, "strip"), (2, "plane"), (3, "solid"), (4, "components")]
)
def test_each_number_of_units_has_its_picture_and_it_is_valid_vega_lite(n_units, kind):
    experiment = Experiment(dataset="xor", hidden=(n_units,))
    found = drawn(experiment)
    assert found.kind == kind
    assert found.spec is drawn(experiment.replace(seed=5)).spec
    assert len(part(found, charts.TRAIN)) == 4
    rows = found.table.to_pylist()
    alt.Chart.from_dict({**found.spec, "data": {"values": rows}}).to_dict()
    assert found.spec["usermeta"] == {"embedOptions": {"renderer": "canvas"}}


def test_the_axes_of_three_units_are_named_beyond_their_ends():
    found = drawn(Experiment(dataset="xor", hidden=(3,)))
    ends = {row["group"]: row for row in part(found, charts.EDGE) if row["place"] == 1}
    names = {row["group"]: row for row in part(found, charts.NAME)}
    origin = next(row for row in part(found, charts.EDGE) if row["place"] == 0)
    for unit in units(3):
        for axis in ("x", "y"):
            beyond = origin[axis] + 1.22 * (ends[unit][axis] - origin[axis])
            assert names[unit][axis] == pytest.approx(beyond)


def test_the_rows_of_a_plane_lie_at_their_activations():
    experiment = Experiment(dataset="and", hidden=(2,), activation="tanh")
    found = drawn(experiment)
    (weight, bias), _ = initial_params(experiment)
    expected = np.tanh(np.array([[0, 0], [0, 1], [1, 0], [1, 1]]) @ weight + bias)
    where = np.array([(r["x"], r["y"]) for r in part(found, charts.TRAIN)])
    assert where == pytest.approx(expected)


def test_rows_at_one_place_share_their_name():
    experiment = Experiment(dataset="xor", hidden=(2,), initializer="zeros")
    names = [row["group"] for row in part(drawn(experiment), charts.NAME)]
    assert names == ["0 0, 0 1, 1 0, 1 1"]


def test_training_and_test_rows_are_told_apart_and_bounded():
    experiment = Experiment(dataset="digits_8x8", hidden=(6,), output="softmax", loss="bce")
    found = drawn(experiment)
    assert len(part(found, charts.TRAIN)) == charts.MOST_POINTS
    assert len(part(found, charts.TEST)) == 360
    labels = {row["group"] for row in part(found, charts.TEST)}
    assert labels == set("0123456789")


def test_the_second_hidden_layer_has_a_space_of_its_own():
    experiment = Experiment(dataset="xor", hidden=(4, 2))
    assert drawn(experiment, 0).kind == "components"
    assert not drawn(experiment, 0).has_decision
    assert drawn(experiment, 1).kind == "plane"


def test_numbers_are_written_where_the_rows_lie():
    experiment = Experiment(
        dataset="bits", dataset_options={"bits": 3, "answer": "number"}, hidden=(2,)
    )
    groups = [row["group"] for row in part(drawn(experiment), charts.TRAIN)]
    assert groups == list("01234567")


def test_activations_that_overflowed_are_left_out_and_nothing_breaks():
    experiment = Experiment(dataset="xor", hidden=(4,), activation="relu")
    (weight, bias), rest = initial_params(experiment)
    params = [(weight * np.inf, bias), rest]
    data = datasets.load(experiment)
    assert hidden_space_chart(experiment, params, data, 0, units(4)).table.num_rows
