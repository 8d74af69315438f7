"""The live picture's frame: what is packed comes back, and every panel's numbers are true."""

import json
import math
import struct
from itertools import pairwise

import numpy as np
import pytest

from nn_core import Experiment, datasets
from nn_core.charts.live import curve_panel, input_square, network_panel, packing
from nn_core.charts.live import frame as frames
from nn_core.charts.live import panel as panel_scale
from nn_core.datasets.registry import Dataset, Plane
from nn_core.networks import metrics
from nn_core.networks.initializers import initial_params


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def network(**fields):
    experiment = Experiment(**{"dataset": "xor", "hidden": (3,), "dtype": "float64", **fields})
    data = datasets.load(experiment)
    rng = np.random.default_rng(3)
    params = [
        (rng.normal(size=weight.shape), None if bias is None else rng.normal(size=bias.shape))
        for weight, bias in initial_params(experiment)
    ]
    return experiment, params, data


def refuse_constant(name):
    raise AssertionError(f"{name} in the JSON head")


def raw_head(packed):
    (length,) = struct.unpack_from("<I", packed)
    return json.loads(packed[4 : 4 + length], parse_constant=refuse_constant), length


def test_what_is_packed_comes_back():
    arrays = {
        "bytes": np.arange(7, dtype=np.uint8),
        "matrix": np.arange(6.0).reshape(2, 3),
        "empty": np.zeros((0, 4)),
        "turned": np.arange(6.0).reshape(2, 3).T,
    }
    head, back = packing.unpack(packing.pack({"seq": 3, "text": "η → ✓"}, arrays))
    assert (head["seq"], head["text"]) == (3, "η → ✓")
    for name, array in arrays.items():
        np.testing.assert_array_equal(back[name], array)
        assert back[name].dtype == (np.uint8 if name == "bytes" else np.float32)


def test_every_array_begins_at_a_multiple_of_four():
    for text in ("", "a", "ab", "abc"):
        packed = packing.pack(
            {"text": text}, {"a": np.zeros(3, np.uint8), "b": np.ones(2), "c": np.ones(1)}
        )
        head, _ = raw_head(packed)
        assert all(described["offset"] % 4 == 0 for described in head["arrays"].values())
        assert len(packed) % 4 == 0


def test_json_never_contains_nan_or_infinity():
    head = {"a": math.nan, "b": [math.inf, -math.inf], "c": {"d": np.float32("nan")}}
    back, _ = raw_head(packing.pack(head, {"x": np.array([np.nan, np.inf])}))
    assert (back["a"], back["b"], back["c"]["d"]) == (None, ["∞", "−∞"], None)


def test_a_number_too_large_for_float32_becomes_infinite_in_silence():
    _, arrays = packing.unpack(packing.pack({}, {"x": np.array([1e300])}))
    assert np.isinf(arrays["x"][0])


def test_a_frame_holds_tiles_status_and_panels_in_order():
    line = frames.curve_panel([{"name": "train", "steps": [0, 1], "values": [2.0, 1.0]}])
    packed = frames.frame(
        seq=np.int64(5),
        moving=True,
        interval_ms=80,
        status={"state": "running", "text": "step 1"},
        tiles=[{"key": "loss", "label": "Loss", "value": "1.0"}],
        panels={"loss": line, "boundary": None, "again": line},
    )
    head, arrays = packing.unpack(packed)
    assert (head["seq"], head["moving"], head["interval_ms"]) == (5, True, 80)
    assert [(panel["name"], panel["type"]) for panel in head["panels"]] == [
        ("loss", "curve"),
        ("again", "curve"),
    ]
    np.testing.assert_array_equal(arrays["again/high0"], [2, 1])


def test_the_network_panel_holds_the_parameters_themselves():
    experiment, params, data = network()
    panel = frames.network_panel(experiment, params, data)
    assert panel.head["sizes"] == panel.head["drawn"] == [2, 3, 1]
    assert panel.head["input_names"] == ["A", "B"]
    assert panel.head["activations"] == ["sigmoid", "sigmoid"]
    for i, (weight, bias) in enumerate(params):
        np.testing.assert_array_equal(panel.arrays[f"weight{i}"], weight)
        np.testing.assert_array_equal(panel.arrays[f"bias{i}"], bias)


def test_responses_are_each_units_answer_over_the_square():
    experiment, params, data = network()
    panel = frames.network_panel(experiment, params, data, cells=24)
    responses = panel.arrays["response0"]
    assert responses.shape == (3, 24, 24)
    assert responses.dtype == np.uint8
    # Unit 1 at column 23, row 0: first input 1.25, second -0.25.
    weight, bias = params[0]
    answer = sigmoid(1.25 * weight[0, 1] - 0.25 * weight[1, 1] + bias[1])
    assert responses[1, 0, 23] == round(127 + 127 * (answer - 0.5) / 0.5)


def test_a_network_without_bias_has_no_bias_arrays():
    panel = frames.network_panel(*network(bias=False))
    assert not [name for name in panel.arrays if name.startswith("bias")]


def test_one_input_has_a_strip_of_responses():
    one = frames.network_panel(*network(dataset="not"))
    assert one.arrays["response0"].shape == (3, 1, 123)
    assert one.head["title"] == "Network"


def test_responses_to_three_inputs_hold_the_third_at_zero_and_say_so():
    experiment, params, data = network(dataset="truth_table", dataset_options={"truth": "01101001"})
    panel = frames.network_panel(experiment, params, data)
    assert panel.head["title"] == "Network: answers over A and B, C at 0"
    weight, bias = params[0]
    answer = sigmoid(1.25 * weight[0, 1] - 0.25 * weight[1, 1] + bias[1])
    assert panel.arrays["response0"][1, 0, 40] == round(127 + 127 * (answer - 0.5) / 0.5)


def test_many_inputs_have_no_responses():
    experiment, params, data = network(dataset="digits_8x8", output="softmax", loss="cross_entropy")
    panel = frames.network_panel(experiment, params, data)
    assert panel.head["response_scales"] == []
    assert panel.head["title"] == "Network"


def test_all_outputs_of_five_bits_are_drawn():
    panel = frames.network_panel(
        *network(
            dataset="bits", dataset_options={"bits": 5}, output="softmax", loss="cross_entropy"
        )
    )
    assert panel.head["drawn"] == [5, 3, 32]
    assert panel.arrays["weight1"].shape == (3, 32)


def test_a_step_is_coloured_like_a_sigmoid():
    assert network_panel._response_scale("step", np.ones(3)) == (0.5, 0.5)


def test_the_scale_of_an_unbounded_unit_covers_its_answers():
    panel = frames.network_panel(*network(activation="relu"))
    scale = panel.head["response_scales"][0]
    assert scale["middle"] == 0
    assert scale["high"] == -scale["low"] > 0


def test_the_boundary_field_is_the_output_over_the_square():
    experiment, params, data = network()
    outputs = np.array([[0.1], [0.9], [0.2], [0.3]])  # targets are 0 1 1 0
    panel = frames.boundary_panel(experiment, params, data, outputs, cells=40)
    field = panel.arrays["field"]
    assert field.shape == (1, 40, 40)
    (w1, b1), (w2, b2) = params
    corner = np.array([[-0.25, 1.25]])  # column 0, last row
    np.testing.assert_allclose(
        field[0, 39, 0], sigmoid(sigmoid(corner @ w1 + b1) @ w2 + b2)[0, 0], rtol=1e-12
    )
    assert panel.arrays["target"].tolist() == [0, 1, 1, 0]
    assert panel.arrays["right"].tolist() == [1, 1, 0, 1]
    assert panel.head["threshold"] == metrics.threshold("sigmoid", "mse") == 0.5


@pytest.mark.parametrize("truth", ["01101001", "0110100110010110"])
def test_three_and_four_inputs_have_a_square_for_each_setting_of_the_rest(truth):
    experiment, params, data = network(dataset="truth_table", dataset_options={"truth": truth})
    outputs = np.zeros((len(data.x), 1))
    panel = frames.boundary_panel(experiment, params, data, outputs, cells=13)
    squares = panel.arrays["field"]
    assert len(squares) == len(panel.head["squares"]) == len(truth) // 4
    assert panel.head["squares"][-1] == ", ".join(f"{name} = 1" for name in data.input_names[2:])
    # 13 points from -0.25 to 1.25: inputs 0 and 1 lie on points 2 and 10.
    (w1, b1), (w2, b2) = params
    answers = sigmoid(sigmoid(data.x @ w1 + b1) @ w2 + b2)[:, 0]
    for row, answer, owner in zip(data.x, answers, panel.arrays["square"], strict=True):
        column, line = (2 if value == 0 else 10 for value in row[:2])
        assert squares[owner, line, column] == pytest.approx(answer, rel=1e-12)


def test_one_input_has_a_curve():
    experiment, params, data = network(dataset="not")
    panel = frames.boundary_panel(experiment, params, data, np.array([[0.9], [0.1]]))
    assert panel.arrays["field"].shape == (1, 1, 123)
    assert panel.head["names"] == ["A"]
    assert panel.arrays["right"].tolist() == [1, 1]


def test_logits_change_their_answer_at_zero():
    experiment, params, data = network(output="identity", loss="bce_logits")
    outputs = np.array([[-0.1], [0.1], [0.4], [0.1]])
    panel = frames.boundary_panel(experiment, params, data, outputs)
    assert panel.head["threshold"] == 0
    assert panel.arrays["right"].tolist() == [1, 1, 1, 0]


def test_classes_and_numbers_have_no_boundary():
    experiment, params, data = network(dataset="bits", output="softmax", loss="cross_entropy")
    assert frames.boundary_panel(experiment, params, data, np.zeros((4, 4))) is None


def test_large_networks_get_coarser_pictures_or_none():
    experiment, params, data = network(hidden=(512,))
    outputs = np.zeros((4, 1))
    assert frames.boundary_panel(experiment, params, data, outputs).arrays["field"].shape[1] == 41
    experiment, params, data = network(hidden=(256, 256))
    side = frames.boundary_panel(experiment, params, data, outputs).arrays["field"].shape[1]
    assert input_square.COARSEST_GRID <= side < 41
    experiment, params, data = network(hidden=(512, 512, 512, 512))
    assert frames.boundary_panel(experiment, params, data, outputs) is None
    assert frames.network_panel(experiment, params, data).head["response_scales"] == []


def test_broken_parameters_still_make_a_frame():
    experiment, params, data = network()
    params = [(weight * np.nan, bias * np.inf) for weight, bias in params]
    outputs = np.full((4, 1), np.nan)
    raw_head(
        frames.frame(
            seq=1,
            moving=False,
            interval_ms=80,
            status={"state": "failed", "text": "NaN"},
            panels={
                "network": frames.network_panel(experiment, params, data),
                "boundary": frames.boundary_panel(experiment, params, data, outputs),
                "loss": frames.curve_panel(
                    [{"name": "train", "steps": [0, 1], "values": [1.0, math.nan]}]
                ),
                "rows": frames.table_panel(data, outputs),
            },
        )
    )


def test_a_long_curve_keeps_its_spikes():
    values = np.ones(10_000)
    values[1234], values[8765] = 50.0, -3.0
    panel = frames.curve_panel([{"name": "train", "steps": np.arange(10_000), "values": values}])
    assert len(panel.arrays["steps0"]) == curve_panel.CURVE_POINTS
    assert panel.arrays["high0"].max() == 50
    assert panel.arrays["low0"].min() == -3
    assert panel.arrays["steps0"][-1] == 9_999
    (series,) = panel.head["series"]
    assert (series["name"], series["last"]) == ("train", 1.0)


def test_a_band_is_kept_and_labelled_with_the_last_value_it_is_given():
    band = {"name": "train", "steps": [4, 9], "low": [1.0, 0.5], "high": [2.0, 0.7]}
    panel = frames.curve_panel([{**band, "last": 0.6}])
    np.testing.assert_array_equal(panel.arrays["high0"], [2.0, 0.7])
    assert panel.head["series"][0]["last"] == 0.6
    assert frames.curve_panel([band]).head["series"][0]["last"] == pytest.approx(0.6)


def test_the_axis_names_the_quantity_and_its_unit():
    assert frames.curve_panel([], y_label="nats").head["y_label"] == "loss (nats)"
    assert frames.curve_panel([]).head["y_label"] == "loss"
    share = frames.curve_panel([], title="Accuracy", y_label="accuracy (%)", log=False)
    assert share.head["y_label"] == "accuracy (%)"


def test_a_curve_may_be_empty():
    assert frames.curve_panel([]).head["series"] == []
    empty = frames.curve_panel([{"name": "train", "steps": [], "values": []}])
    assert empty.head["series"][0]["last"] is None


def test_the_truth_table_holds_the_outputs_to_the_last_digit():
    _, _, data = network()
    outputs = np.array([[0.1234567890123456], [0.5], [0.49999], [0.2]])
    head, _ = frames.table_panel(data, outputs)
    assert head["outputs"] == outputs.tolist()
    assert head["targets"] == [[0], [1], [1], [0]]
    assert head["answers"] == [[0], [1], [0], [0]]
    assert head["right"] == [True, True, False, True]
    assert head["inputs"][1] == ["0", "1"]


def test_the_matrix_holds_the_probabilities():
    _, _, data = network(
        dataset="bits", dataset_options={"bits": 3}, output="softmax", loss="cross_entropy"
    )
    outputs = np.full((8, 8), 0.05) + 0.6 * np.roll(np.eye(8), 1, axis=1)
    head, arrays = frames.table_panel(data, outputs)
    assert head["targets"] == list(range(8))
    assert head["answers"] == [1, 2, 3, 4, 5, 6, 7, 0]
    assert not any(head["right"])
    np.testing.assert_array_equal(arrays["outputs"], outputs)


def test_logits_stand_beside_their_probabilities():
    _, _, data = network()
    outputs = np.array([[-1000.0], [0.5], [0.0], [1000.0]])
    head, _ = frames.table_panel(data, outputs, threshold=0)
    np.testing.assert_allclose(head["probabilities"], [[0], [sigmoid(0.5)], [0.5], [1]], rtol=1e-15)
    assert head["outputs"] == outputs.tolist()
    assert "probabilities" not in frames.table_panel(data, outputs).head


def test_numbers_are_rounded():
    _, _, data = network(
        dataset="bits", dataset_options={"answer": "number"}, output="identity", hidden=()
    )
    head, _ = frames.table_panel(data, np.array([[0.2], [0.8], [2.6], [3.4]]))
    assert head["answers"] == [[0], [1], [3], [3]]
    assert head["right"] == [True, True, False, True]


def test_numbers_that_no_output_meets_have_an_error_and_are_not_right_or_wrong():
    experiment = Experiment(
        dataset="own_points", hidden=(), output="identity", loss="mse",
        dataset_options={"answer": "number", "points": [(0, 0, 1.5), (1, 0, -2.0)]},
    )  # fmt: skip
    data = datasets.load(experiment)
    outputs = data.y + np.array([[0.25], [-0.5]])
    head, _ = frames.table_panel(data, outputs)
    assert head["errors"] == [[0.25], [-0.5]]
    assert not {"right", "answers"} & set(head)


@pytest.mark.parametrize("answer", ["classes", "number"])
def test_a_plane_without_points_is_drawn_empty(answer):
    experiment = Experiment(
        dataset="own_points", dataset_options={"answer": answer, "points": []},
        output="identity" if answer == "number" else "sigmoid",
    )  # fmt: skip
    params, data = initial_params(experiment), datasets.load(experiment)
    boundary = frames.boundary_panel(experiment, params, data, np.empty((0, 1)))
    assert boundary.arrays["points"].shape == (0, 2)
    assert np.isfinite(boundary.arrays["field"]).all()
    assert np.isfinite([boundary.head["threshold"], boundary.head["reach"]]).all()
    assert frames.network_panel(experiment, params, data)
    assert frames.table_panel(data, np.empty((0, 1))).head["n_rows"] == 0


def test_pictures_are_the_weights_around_zero():
    weights = np.zeros((6, 2))
    weights[:, 1] = [0.5, -0.5, 0.25, 0, 0, 0]
    panel = frames.pictures_panel(weights, (2, 3))
    assert panel.head["reach"] == 0.5
    assert panel.arrays["images"].shape == (2, 2, 3)
    np.testing.assert_array_equal(panel.arrays["images"][0], 127)
    np.testing.assert_array_equal(panel.arrays["images"][1], [[254, 0, 190], [127, 127, 127]])


def test_pictures_say_how_many_of_the_units_they_show():
    few = frames.pictures_panel(np.ones((4, 3)), (2, 2), limit=2, title="Units")
    assert few.head["title"] == "Units: 2 of 3 units"
    assert frames.pictures_panel(np.ones((4, 3)), (2, 2), title="Units").head["title"] == "Units"


def test_examples_say_what_is_chosen_and_whether_it_is_right():
    images = np.zeros((3, 2, 2), np.uint8)
    outputs = np.array([[0.9, 0.1], [0.2, 0.8]])  # the third has no outputs yet
    panel = frames.examples_panel(images, np.array([0, 0, 1]), outputs)
    assert panel.head["answers"] == [0, 1]
    assert panel.head["right"] == [True, False]
    assert panel.head["classes"] == ["0", "1"]
    assert panel.arrays["images"].shape == (2, 2, 2)


def test_examples_use_all_the_ink_whatever_the_scale_of_their_pixels():
    images = np.array([[[0, 4], [8, 16]]], np.uint8)  # as in the 8 by 8 digits
    panel = frames.examples_panel(images, np.array([0]), np.ones((1, 2)))
    assert panel.arrays["images"].tolist() == [[[0, 64], [128, 255]]]
    assert panel.arrays["images"].dtype == np.uint8


def test_every_panel_is_bounded():
    experiment, _, _ = network()
    rng = np.random.default_rng(0)
    sizes = (784, 512, 512, 10)
    params = [(rng.normal(size=(n_in, n_out)), np.zeros(n_out)) for n_in, n_out in pairwise(sizes)]
    pixels = rng.normal(size=(1000, 784))
    data = Dataset(
        x=pixels,
        y=np.eye(10)[np.zeros(1000, int)],
        kind="classes",
        input_names=tuple(f"pixel {i}" for i in range(784)),
        output_names=tuple("0123456789"),
        image_shape=(28, 28),
    )
    outputs = rng.random((1000, 10))
    steps = np.arange(100_000)
    panels = {
        "network": frames.network_panel(experiment, params, data),
        "loss": frames.curve_panel([{"name": "train", "steps": steps, "values": steps * 1.0}]),
        "pictures": frames.pictures_panel(params[0][0], (28, 28)),
        "examples": frames.examples_panel(
            np.zeros((1000, 28, 28), np.uint8), np.zeros(1000, int), outputs
        ),
    }
    assert panels["network"].head["drawn"] == [0, 16, 16, 10]
    packed = frames.frame(
        seq=1,
        moving=True,
        interval_ms=80,
        status={"state": "running", "text": ""},
        panels=panels,
    )
    assert len(packed) < 100_000


POINTS = np.array([[-4.0, -2.0], [3.0, 1.0], [0.5, -5.0], [2.0, 2.0]])
TEST_POINTS = np.array([[1.0, 1.0], [-1.0, 6.0]])


def squares_and_product(points):
    return np.column_stack([points[:, 0], points[:, 1] ** 2, points[:, 0] * points[:, 1]])


def plane_data(kind="binary", features=None, targets=(0, 1, 1, 0), n_outputs=1, with_test=True):
    """A few points of a plane, and a network with weights of its own for them."""
    features = features or (lambda points: points)

    def targets_of(numbers):
        if kind == "classes":
            return np.eye(n_outputs)[list(numbers)]
        return np.array(numbers, float)[:, None]

    x, x_test = features(POINTS), features(TEST_POINTS)
    data = Dataset(
        x=x,
        y=targets_of(targets),
        kind=kind,
        input_names=tuple(f"f{i}" for i in range(x.shape[1])),
        output_names=tuple("abcdefgh"[:n_outputs]),
        x_test=x_test if with_test else None,
        y_test=targets_of(targets[:2]) if with_test else None,
        plane=Plane(POINTS, TEST_POINTS if with_test else None, features, low=-6.0, high=6.0),
    )
    rng = np.random.default_rng(5)
    sizes = (x.shape[1], 3, n_outputs)
    params = [
        (rng.normal(size=(n_in, n_out)), rng.normal(size=n_out)) for n_in, n_out in pairwise(sizes)
    ]
    return params, data


def of_plane(params, data, **fields):
    experiment = Experiment(hidden=(3,), activation="tanh", dtype="float64", **fields)
    outputs = np.zeros((len(data.shown[0]), params[-1][0].shape[1]))
    return frames.boundary_panel(experiment, params, data, outputs, cells=13)


def test_the_field_of_a_plane_is_the_output_over_its_features():
    params, data = plane_data(features=squares_and_product)
    panel = of_plane(params, data)
    assert (panel.head["low"], panel.head["high"], panel.head["names"]) == (-6, 6, ["x1", "x2"])
    assert panel.arrays["field"].shape == (1, 13, 13)
    # 13 points from -6 to 6 lie 1 apart: column 9 is x1 = 3, row 4 is x2 = -2.
    (w1, b1), (w2, b2) = params
    inputs = np.array([3.0, (-2.0) ** 2, 3.0 * -2.0])
    output = sigmoid(np.tanh(inputs @ w1 + b1) @ w2 + b2)[0]
    assert panel.arrays["field"][0, 4, 9] == pytest.approx(output, rel=1e-12)


def test_training_and_test_points_lie_where_they_are_and_say_which_they_are():
    params, data = plane_data(features=squares_and_product)
    panel = of_plane(params, data)
    np.testing.assert_array_equal(panel.arrays["points"], np.vstack([POINTS, TEST_POINTS]))
    assert panel.arrays["is_test"].tolist() == [0, 0, 0, 0, 1, 1]
    assert panel.arrays["target"].tolist() == [0, 1, 1, 0, 0, 1]
    (w1, b1), (w2, b2) = params
    inputs = np.vstack([data.x, data.x_test])
    outputs = sigmoid(np.tanh(inputs @ w1 + b1) @ w2 + b2)[:, 0]
    np.testing.assert_allclose(panel.arrays["answer"], outputs, rtol=1e-12)
    assert panel.arrays["right"].tolist() == [
        int((output >= 0.5) == bool(target))
        for output, target in zip(outputs, (0, 1, 1, 0, 0, 1), strict=True)
    ]


def test_several_classes_have_a_field_of_probabilities_each():
    params, data = plane_data("classes", targets=(0, 2, 1, 0), n_outputs=3)
    panel = of_plane(params, data, dataset="bits", output="softmax", loss="cross_entropy")
    field = panel.arrays["field"]
    assert field.shape == (3, 13, 13)
    np.testing.assert_allclose(field.sum(axis=0), 1, rtol=1e-12)
    (w1, b1), (w2, b2) = params
    z = np.tanh(np.array([3.0, -2.0]) @ w1 + b1) @ w2 + b2
    np.testing.assert_allclose(field[:, 4, 9], np.exp(z) / np.exp(z).sum(), rtol=1e-12)
    assert panel.head["classes"] == ["a", "b", "c"]
    assert panel.arrays["target"].tolist() == [0, 2, 1, 0, 0, 2]
    # Logits are shown as the probabilities that they stand for.
    logits = of_plane(params, data, dataset="bits", output="identity", loss="cross_entropy_logits")
    np.testing.assert_allclose(logits.arrays["field"], field, rtol=1e-12)


def test_a_number_is_coloured_around_zero_where_the_targets_are_on_both_sides_of_it():
    params, data = plane_data("number", targets=(-0.7, 0.25, 0.1, 0.0))
    panel = of_plane(params, data, output="identity", loss="mse")
    assert (panel.head["threshold"], panel.head["reach"]) == (0.0, 1.0)
    np.testing.assert_array_equal(panel.arrays["target"][:4], [-0.7, 0.25, 0.1, 0.0])
    assert "right" not in panel.arrays  # a number is near or far
    params, data = plane_data("number", targets=(10.0, 14.0, 11.0, 12.0))
    panel = of_plane(params, data, output="identity", loss="mse")
    assert (panel.head["threshold"], panel.head["reach"]) == (12.0, 2.0)


def test_lines_are_those_of_the_first_hidden_layer_where_its_inputs_are_the_axes():
    params, data = plane_data()
    (weight, bias), _ = params
    lines = of_plane(params, data).arrays["lines"]
    np.testing.assert_array_equal(lines, np.column_stack([weight[0], weight[1], bias]))
    params, data = plane_data(features=lambda points: points**2)  # two inputs, but not the axes
    assert "lines" not in of_plane(params, data).arrays
    experiment, params, data = network(hidden=())
    assert "lines" not in frames.boundary_panel(experiment, params, data, np.zeros((4, 1))).arrays
    experiment, params, data = network(bias=False)
    lines = frames.boundary_panel(experiment, params, data, np.zeros((4, 1))).arrays["lines"]
    np.testing.assert_array_equal(lines[:, 2], 0)


def test_each_input_of_a_plane_has_a_picture_of_its_feature():
    params, data = plane_data(features=squares_and_product)
    panel = frames.network_panel(Experiment(hidden=(3,)), params, data, cells=13)
    assert panel.arrays["response_inputs"].shape == (3, 13, 13)
    # At x1 = 3, x2 = -2: x1 of at most 10, x2² of at most 50, x1 x2 of at most 50.
    assert panel.arrays["response_inputs"][:, 4, 9].tolist() == [
        round(127 + 127 * share) for share in (3 / 10, 4 / 50, -6 / 50)
    ]
    assert [scale["high"] for scale in panel.head["input_scales"]] == [10, 50, 50]
    assert "response_inputs" not in frames.network_panel(*network()).arrays


def test_pictures_of_many_units_are_pooled_down_to_every_second_point():
    few = frames.network_panel(*network(hidden=(16,)))
    many = frames.network_panel(*network(hidden=(16, 16, 16)))
    assert few.arrays["response0"].shape == (16, 41, 41)
    assert many.arrays["response0"].shape == (16, 21, 21)
    experiment, params, data = network(hidden=(16, 16, 16))
    fine = frames.boundary_panel(experiment, params, data, np.zeros((4, 1))).arrays["field"][0]
    coarse = many.arrays["response3"][0]
    np.testing.assert_array_equal(coarse, panel_scale.centred_bytes(fine[::2, ::2] - 0.5, 0.5))


def test_weights_reach_the_browser_to_the_last_digit():
    experiment, params, data = network()
    packed = frames.frame(
        seq=1,
        moving=False,
        interval_ms=80,
        status={"state": "idle", "text": ""},
        panels={"network": frames.network_panel(experiment, params, data)},
    )
    _, arrays = packing.unpack(packed)
    for i, (weight, bias) in enumerate(params):
        assert arrays[f"network/weight{i}"].dtype == arrays[f"network/bias{i}"].dtype == np.float64
        np.testing.assert_array_equal(arrays[f"network/weight{i}"], weight)
        np.testing.assert_array_equal(arrays[f"network/bias{i}"], bias)


def test_one_forward_pass_serves_both_panels():
    experiment, params, data = network()
    answers = input_square.responses_over_square(experiment, params, data)
    both = (
        frames.network_panel(experiment, params, data, answers=answers),
        frames.boundary_panel(experiment, params, data, np.zeros((4, 1)), answers=answers),
    )
    alone = (
        frames.network_panel(experiment, params, data),
        frames.boundary_panel(experiment, params, data, np.zeros((4, 1))),
    )
    for one, other in zip(both, alone, strict=True):
        assert one.head == other.head
        for name, array in one.arrays.items():
            np.testing.assert_array_equal(array, other.arrays[name])


def test_a_curve_tells_at_which_steps_somebody_reached_into_the_run():
    marks = [{"step": step, "text": "edit"} for step in range(30)]
    head = frames.curve_panel([], marks=marks).head
    assert head["marks"] == marks[-curve_panel.MOST_MARKS :]
