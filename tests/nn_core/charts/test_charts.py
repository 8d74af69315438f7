"""Charts: every specification is valid Vega-Lite, and every table holds what it was given."""

import json
import math
import tomllib

import altair as alt
import numpy as np
import pyarrow as pa
import pytest
import vl_convert

from nn_core import Experiment, backends, datasets
from nn_core.charts import (
    band_chart,
    confusion_chart,
    loss_chart,
    overlay_chart,
    parts,
    probabilities_chart,
    weights_chart,
)
from nn_core.charts.chart_files import self_contained_spec
from nn_core.charts.live.curve_panel import curve_panel
from nn_core.networks.initializers import initial_params
from nn_core.runs.binned_curve import BinnedCurve, Envelope
from nn_core.runs.history import Measurement
from nn_core.runs.studies.convergence import band as spread_of
from tests.helpers.example_charts import (
    DIGITS,
    MANY,
    NAMES,
    SPECS,
    TABLES,
    XOR,
    envelope,
    measured,
    parts_of,
    series_of,
    snapshots,
    square,
    table_for,
    trials,
)
from tests.helpers.root import ROOT


def encoded_fields(spec):
    """Every field that a specification reads, wherever it is."""
    return {part["field"] for part in parts_of(spec) if isinstance(part.get("field"), str)}


@pytest.mark.parametrize("name", SPECS)
@pytest.mark.parametrize("n", [0, 1, 2, 20])
def test_a_chart_is_valid_vega_lite_with_any_amount_of_data(name, n):
    rows = table_for(name, n).to_pylist()
    chart = alt.Chart.from_dict({**SPECS[name](), "data": {"values": rows}})
    # Altair checks against the schema of Vega-Lite as it writes, and gives the rows a name.
    assert list(chart.to_dict()["datasets"].values()) == [rows]


@pytest.mark.parametrize("name", SPECS)
def test_a_chart_reads_columns_that_its_table_has(name):
    computed = {"n_points"}
    assert encoded_fields(SPECS[name]()) <= {*table_for(name, 3).column_names} | computed


@pytest.mark.parametrize("name", SPECS)
def test_a_specification_is_built_once_without_data_and_drawn_on_a_canvas(name):
    spec = SPECS[name]()
    assert SPECS[name]() is spec
    assert not {"data", "datasets", "config"} & set(spec)
    assert spec["usermeta"] == {"embedOptions": {"renderer": "canvas"}}
    assert json.loads(json.dumps(spec)) == spec


@pytest.mark.parametrize("name", SPECS)
def test_axes_have_titles_and_texts_have_the_colours_of_the_theme(name):
    spec = json.dumps(SPECS[name]())
    for word in ("labelColor", "titleColor", "background", '"fill"'):
        assert word not in spec

    def titles(node):
        if isinstance(node, dict):
            for axis in ("x", "y"):
                channel = node.get("encoding", {}).get(axis)
                if channel:
                    yield channel.get("title")
            for value in node.values():
                yield from titles(value)
        elif isinstance(node, list):
            for value in node:
                yield from titles(value)

    found = list(titles(SPECS[name]()))
    assert len(found) >= 2
    assert all(found)


@pytest.mark.parametrize("name", TABLES)
def test_an_empty_table_has_the_columns_and_types_of_a_full_one(name):
    assert TABLES[name](0).num_rows == 0
    assert TABLES[name](0).schema == TABLES[name](3).schema


def brightness(colour):
    """Relative luminance, as WCAG 2 defines it."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


CONFIG = ROOT / ".streamlit/config.toml"
THEMES = tomllib.loads(CONFIG.read_text())["theme"]
GROUNDS = [THEMES[name]["backgroundColor"] for name in ("light", "dark")]


@pytest.mark.parametrize("colour", [parts.BLUE, parts.VERMILION, *parts.LINES])
@pytest.mark.parametrize("background", GROUNDS)
def test_the_colours_of_lines_stand_out_in_both_themes(colour, background):
    dark, bright = sorted([brightness(colour), brightness(background)])
    assert (bright + 0.05) / (dark + 0.05) >= 3  # WCAG 2.1, 1.4.11: graphics


# Loss and accuracy.


@pytest.mark.parametrize("name", ["loss", "accuracy"])
def test_train_and_test_have_the_same_colours_in_the_charts_and_beside_the_live_picture(name):
    lines = [{"name": rows, "steps": [0], "values": [1.0]} for rows in ("train", "test")]
    live = {line["name"]: line["color"] for line in curve_panel(lines).head["series"]}
    spec = {"loss": loss_chart.loss_spec, "accuracy": loss_chart.accuracy_spec}[name]()
    drawn = [layer["encoding"]["color"]["scale"]["range"] for layer in spec["layer"]]
    assert drawn == [list(live.values())] * len(drawn)
    assert list(live) == ["train", "test"]
    assert len(set(live.values())) == 2


def test_the_loss_table_holds_band_middle_epoch_and_series():
    losses = Envelope(np.array([0, 8]), np.array([1.0, 0.2]), np.array([3.0, 0.2]))
    table = loss_chart.loss_table(losses, 4, [Measurement(8, 2.0, {"test_loss": 0.7})])
    assert table.to_pylist() == [
        {"step": 0, "epoch": 0, "loss": 2.0, "low": 1.0, "high": 3.0, "series": "train"},
        {"step": 8, "epoch": 2, "loss": 0.2, "low": 0.2, "high": 0.2, "series": "train"},
        {"step": 8, "epoch": 2, "loss": 0.7, "low": 0.7, "high": 0.7, "series": "test"},
    ]


def test_a_loss_that_is_no_number_leaves_a_gap():
    losses = Envelope(np.arange(3), np.array([1, np.nan, np.inf]), np.array([1, np.nan, np.inf]))
    assert loss_chart.loss_table(losses, 1)["loss"].to_pylist() == [1, None, None]


def test_a_huge_loss_has_a_finite_middle():
    huge = np.array([1.7e308])
    assert loss_chart.loss_table(Envelope(np.array([0]), huge, huge), 1)["loss"].to_pylist() == [
        1.7e308
    ]


def test_a_history_can_be_drawn_as_it_is_kept():
    curve = BinnedCurve(most_bins=100)
    curve.extend(np.exp(-np.arange(5000) / 1000))
    table = loss_chart.loss_table(curve.envelope(parts.MOST_POINTS), 10)
    assert 1 < table.num_rows <= parts.MOST_POINTS
    assert max(table["high"].to_pylist()) == 1
    assert min(table["low"].to_pylist()) == pytest.approx(math.exp(-4.999))


def test_many_measurements_are_thinned_and_the_first_and_last_kept():
    table = loss_chart.loss_table(envelope(0), 4, measured(2000))
    assert table.num_rows == parts.MOST_POINTS
    assert table["step"].to_pylist()[0] == 0
    assert table["step"].to_pylist()[-1] == 1999


def test_accuracies_are_fractions_of_train_and_test_rows():
    rows = [
        Measurement(4, 1.0, {"train_accuracy": 0.25, "train_loss": 3.0}),
        Measurement(8, 2.0, {"train_accuracy": 1.0, "test_accuracy": 0.5}),
    ]
    assert loss_chart.accuracy_table(rows).to_pylist() == [
        {"step": 4, "epoch": 1, "accuracy": 0.25, "series": "train"},
        {"step": 8, "epoch": 2, "accuracy": 1.0, "series": "train"},
        {"step": 8, "epoch": 2, "accuracy": 0.5, "series": "test"},
    ]


def test_the_legend_lists_only_the_series_that_have_rows():
    for spec in (loss_chart.loss_spec(), loss_chart.accuracy_spec()):
        for layer in spec["layer"]:
            assert "domain" not in layer["encoding"]["color"]["scale"]


def test_the_training_rows_come_first_so_that_their_colour_stays():
    for table in (
        loss_chart.loss_table(envelope(2), 4, measured(2)),
        loss_chart.accuracy_table(measured(2)),
    ):
        assert table["series"].to_pylist() == ["train"] * 2 + ["test"] * 2


# Weights.


def test_weights_and_biases_have_names_that_say_what_they_join():
    assert weights_chart.parameter_names((2, 2, 1), True, ("A", "B"), ("Y",)) == [
        "A → hidden 1",
        "A → hidden 2",
        "B → hidden 1",
        "B → hidden 2",
        "bias of hidden 1",
        "bias of hidden 2",
        "hidden 1 → Y",
        "hidden 2 → Y",
        "bias of Y",
    ]
    assert weights_chart.parameter_names((1, 1, 2), False, ("A",), ("Y", "Z")) == [
        "A → hidden 1",
        "hidden 1 → Y",
        "hidden 1 → Z",
    ]


@pytest.mark.parametrize("hidden", [(), (3,), (2, 4)])
@pytest.mark.parametrize("bias", [True, False])
def test_every_line_carries_the_values_of_its_own_parameter(hidden, bias):
    experiment = Experiment(dataset="bits", hidden=hidden, bias=bias, dtype="float64")
    data = datasets.load(experiment)
    names = weights_chart.parameter_names(
        experiment.layer_sizes, bias, data.input_names, data.output_names
    )
    assert len(names) == len(set(names)) == experiment.n_parameters
    later = experiment.replace(seed=1)
    moments = [(0, initial_params(experiment)), (17, initial_params(later))]
    table = weights_chart.weights_table(moments, series_of(experiment))
    rows = {(row["name"], row["step"]): row["value"] for row in table.to_pylist()}
    assert len(rows) == table.num_rows == 2 * len(names)
    for step, params in moments:
        flat = np.concatenate(
            [part.ravel() for layer in params for part in layer if part is not None]
        )
        for name, value in zip(names, flat, strict=True):
            assert rows[name, step] == value


def test_a_line_belongs_to_the_layer_it_leads_into():
    rows = weights_chart.weights_table(snapshots(XOR, 1), series_of(XOR)).to_pylist()
    layers = {row["name"]: row["layer"] for row in rows}
    assert layers["A → hidden 3"] == layers["bias of hidden 1"] == "hidden layer"
    assert layers["hidden 2 → Y"] == layers["bias of Y"] == "output layer"


def test_lines_are_thinned_and_keep_their_ends():
    table = weights_chart.weights_table(snapshots(XOR, 1001), series_of(XOR))
    steps = table["step"].to_pylist()
    assert table.num_rows == 13 * parts.MOST_POINTS
    assert steps[0] == 0
    assert steps[parts.MOST_POINTS - 1] == 1000


def test_all_parameters_of_a_small_network_are_drawn():
    series = series_of(XOR)
    assert len(series.names) == 13
    assert series.left_out == ""


def test_of_a_large_network_a_fair_choice_is_drawn_and_the_rest_told():
    experiment, series = MANY, series_of(MANY)
    assert len(series.names) == len(set(series.names)) == weights_chart.MOST_SERIES
    # Four groups of 6,400 weights, 100 biases, 1,000 weights and 10 biases: the 10 biases are
    # all drawn, and the remaining 50 lines go to the others as 16, 17 and 17.
    assert [len(positions) for _, _, positions in series.places] == [17, 16, 17, 10]
    assert series.left_out == (
        "60 of 7,510 weights and biases are drawn, spread evenly over the layers. Left out are "
        "6,383 of the 6,400 weights of the hidden layer; 84 of the 100 biases of the hidden "
        "layer; 983 of the 1,000 weights of the output layer."
    )
    everything = weights_chart.parameter_names(
        experiment.layer_sizes, True, datasets.load(experiment).input_names, DIGITS
    )
    assert set(series.names) <= set(everything)
    table = weights_chart.weights_table(snapshots(experiment, 3), series)
    values = {row["name"]: row["value"] for row in table.to_pylist()}
    flat = np.concatenate([part.ravel() for layer in initial_params(experiment) for part in layer])
    for name, value in values.items():
        assert value == pytest.approx(flat[everything.index(name)])


def test_few_lines_have_a_colour_each_and_many_share_that_of_their_layer():
    six = Experiment(dataset="xor", hidden=(6,))
    for experiment, field, columns in ((XOR, "name", 1), (six, "name", 2), (MANY, "layer", 1)):
        line = weights_chart.weights_spec(series_of(experiment))["layer"][0]["encoding"]
        for channel in ("color", "strokeDash"):
            assert line[channel]["field"] == field
            assert line[channel]["legend"]["columns"] == columns


def test_every_named_line_has_a_colour_and_dash_of_its_own():
    looks = {
        (parts.PALETTE[i % len(parts.PALETTE)], str(weights_chart.DASH_OF_NAME[i]))
        for i in range(weights_chart.MOST_NAMED)
    }
    assert len(looks) == weights_chart.MOST_NAMED


def test_measured_moments_are_marked_and_tell_their_numbers():
    points = weights_chart.weights_spec(series_of(XOR))["layer"][2]
    assert points["mark"]["type"] == "point"
    assert [told["field"] for told in points["encoding"]["tooltip"]] == [
        "name",
        "layer",
        "step",
        "value",
    ]


@pytest.mark.parametrize("most", [1, 7, 60])
def test_never_more_lines_than_allowed(most):
    sizes = (64, *(2,) * 8, 10)
    series = weights_chart.choose_series(sizes, True, tuple(map(str, range(64))), DIGITS, most)
    assert len(series.names) <= most


def test_a_weight_that_is_no_number_leaves_a_gap():
    params = [(np.array([[np.nan], [1.0]]), np.array([np.inf]))]
    series = weights_chart.choose_series((2, 1), True, ("A", "B"), ("Y",))
    assert weights_chart.weights_table([(0, params)], series)["value"].to_pylist() == [
        None,
        1.0,
        None,
    ]


def test_a_large_table_is_small_on_the_wire():
    table = weights_chart.weights_table(snapshots(MANY, 200), series_of(MANY))
    assert table.num_rows == 12_000
    # 8 bytes each for step and value, 4 each for the two words, and the masks.
    assert table.nbytes < 12_000 * 25 + 5000


# Confusion and probabilities.


def test_confusion_is_coloured_by_the_share_of_the_true_class():
    table = confusion_chart.confusion_table(np.array([[3, 1], [0, 5]]), ("no", "yes"))
    assert table.to_pylist() == [
        {"true": "no", "chosen": "no", "count": 3, "share": 0.75, "label": "3"},
        {"true": "no", "chosen": "yes", "count": 1, "share": 0.25, "label": "1"},
        {"true": "yes", "chosen": "no", "count": 0, "share": 0.0, "label": "0"},
        {"true": "yes", "chosen": "yes", "count": 5, "share": 1.0, "label": "5"},
    ]
    colours = [
        layer["encoding"]["color"]["field"]
        for layer in confusion_chart.confusion_spec()["layer"]
        if "field" in layer["encoding"]["color"]
    ]
    assert colours == ["share"]


def test_the_confusion_chart_grows_with_its_classes():
    assert confusion_chart.confusion_spec()["height"]["step"] >= 14


def test_a_class_without_rows_has_no_share():
    table = confusion_chart.confusion_table(np.array([[0, 0], [1, 1]]), ("a", "b"))
    assert table["share"].to_pylist() == [0, 0, 0.5, 0.5]


def test_ten_classes_make_a_hundred_cells_in_the_order_of_the_classes():
    table = confusion_chart.confusion_table(square(10) * 1000, DIGITS)
    assert table.num_rows == 100
    assert table["true"].to_pylist()[::10] == list(DIGITS)
    assert table["chosen"].to_pylist()[:10] == list(DIGITS)
    assert table["label"].to_pylist()[-1] == "99,000"


def test_too_many_classes_have_no_numbers_in_their_cells():
    table = confusion_chart.confusion_table(square(32), tuple(map(str, range(32))))
    assert set(table["label"].to_pylist()) == {""}
    assert table["count"].to_pylist()[-1] == 32 * 32 - 1


def test_the_true_class_has_a_colour_of_its_own():
    table = probabilities_chart.probabilities_table(np.array([0.2, 0.7, 0.1]), ("a", "b", "c"), 1)
    assert table.to_pylist() == [
        {"class": "a", "probability": 0.2, "role": "another class"},
        {"class": "b", "probability": 0.7, "role": "true class"},
        {"class": "c", "probability": 0.1, "role": "another class"},
    ]
    unknown = probabilities_chart.probabilities_table(np.array([1.0]), ("a",))
    assert unknown["role"].to_pylist() == ["another class"]


def test_words_are_written_once():
    column = parts.category_column([1, 0, 1], ["a", "b"])
    assert pa.types.is_dictionary(column.type)
    assert column.to_pylist() == ["b", "a", "b"]


# Several runs.


def test_lines_that_coincide_differ_in_colour_dash_and_width():
    for names in (NAMES, tuple("abcdefg")):
        (encoding, *_) = [
            layer["encoding"] for layer in overlay_chart.overlay_spec(names, "y")["layer"]
        ]
        looks = zip(
            *(encoding[c]["scale"]["range"] for c in ("color", "strokeDash", "strokeWidth")),
            strict=True,
        )
        assert len({json.dumps(look) for look in looks}) == len(names)
        widths = encoding["strokeWidth"]["scale"]["range"]
        assert widths == sorted(widths, reverse=True)


def test_the_names_of_all_backends_fit_above_a_chart_on_half_a_page():
    names = tuple(backends.label(name) for name in backends.names())
    table = overlay_chart.overlay_table([(name, envelope(2)) for name in names])

    def width(**options):
        spec = self_contained_spec(table, overlay_chart.overlay_spec(names, "loss", **options), 365)
        return vl_convert.vegalite_to_scenegraph(spec)["width"]

    assert width(columns=overlay_chart.ON_HALF_A_PAGE) == width(has_legend=False)
    assert width() > width(has_legend=False)  # what does not fit sticks out


def test_a_difference_is_drawn_at_its_highest():
    curve = Envelope(np.array([0]), np.array([1.0]), np.array([3.0]))
    assert overlay_chart.overlay_table([("a", curve)])["value"].to_pylist() == [2]
    assert overlay_chart.overlay_table([("a", curve)], highest=True)["value"].to_pylist() == [3]


def test_the_band_holds_quartiles_and_every_seed():
    found = band_chart.band_table(trials(5), spread_of(trials(5))).to_pylist()
    ranges = [row for row in found if row["part"] == band_chart.RANGE]
    assert ranges[0]["value"] <= ranges[0]["high"]
    assert {row["seed"] for row in found if row["part"] == band_chart.SINGLE} == set(range(5))
    kinds = {row["seed"]: row["kind"] for row in found if row["part"] == band_chart.SINGLE}
    assert (kinds[0], kinds[1]) == ("not solved", "solved")
