"""The data sets: every one of them, and truth tables against Python's own operators."""

import itertools
import operator
from typing import Literal, get_args

import numpy as np
import pytest

from nn_core import Experiment, datasets, vocabulary
from nn_core.datasets.registry import Kind, dataset
from nn_core.errors import InvalidExperiment
from nn_core.experiment import DatasetOptions
from tests.helpers.real_mnist import real_mnist

NEEDS_FILES = {"mnist"}
WITHOUT_FILES = {"fashion_mnist"}
"""Its files are not kept for tests; `test_images.py` reads it from small archives."""
EVERY = [
    pytest.param(name, marks=pytest.mark.mnist) if name in NEEDS_FILES else name
    for name in datasets.names()
    if name not in WITHOUT_FILES
]


def experiment(name, **fields):
    return Experiment(dataset=name, **fields)


@pytest.fixture(autouse=True)
def files(request, monkeypatch):
    if request.node.get_closest_marker("mnist"):
        monkeypatch.setenv("BACKPROP_LIVE_DATA", str(real_mnist()))


def small(name):
    fields = {"dataset_options": {"train_rows": 500}} if name in NEEDS_FILES else {}
    return experiment(name, **fields)


@pytest.mark.parametrize("name", EVERY)
def test_data_are_finite_and_fit_their_description(name):
    wanted = small(name)
    data = datasets.load(wanted)
    entry = datasets.describe(name)
    pairs = [(data.x, data.y)]
    if data.x_test is not None:
        pairs.append((data.x_test, data.y_test))
    for x, y in pairs:
        assert np.isfinite(x).all()
        assert np.isfinite(y).all()
        assert x.dtype.kind == y.dtype.kind == "f"
        assert len(x) == len(y) > 0
        assert (x.shape[1], y.shape[1]) == entry.sizes(wanted.dataset_options)
        assert (x.shape[1], y.shape[1]) == (wanted.n_inputs, wanted.n_outputs)
        if data.kind == "binary":
            assert set(np.unique(y)) <= {0, 1}
        if data.kind == "classes":
            assert set(np.unique(y)) == {0, 1}
            assert (y.sum(axis=1) == 1).all()
    assert data.kind in get_args(Kind)
    assert len(data.input_names) == data.x.shape[1]
    assert len(data.output_names) == data.y.shape[1]
    assert len(set(data.input_names)) == len(data.input_names)
    assert len(set(data.output_names)) == len(data.output_names)
    if data.image_shape:
        height, width = data.image_shape
        assert height * width == data.x.shape[1]


@pytest.mark.parametrize("name", EVERY)
def test_the_same_seed_gives_the_same_data(name):
    first, second = datasets.load(small(name)), datasets.load(small(name))
    for field in ("x", "y", "x_test", "y_test"):
        np.testing.assert_array_equal(getattr(first, field), getattr(second, field))


def test_no_two_data_sets_are_shown_by_the_same_label():
    labels = [datasets.describe(name).label for name in datasets.names()]
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("name", datasets.names())
def test_a_data_set_says_what_it_is_before_it_is_loaded(name):
    entry = datasets.describe(name)
    assert entry.name == name
    assert entry.label
    assert len(entry.help) > len(entry.label)
    assert entry.group in ("gates", "bits", "plane", "images")
    for field, declared in entry.options.model_fields.items():
        assert declared.title, field
        assert declared.description, field
        assert not declared.is_required(), field


@pytest.mark.parametrize("name", EVERY)
def test_a_data_set_says_before_it_is_loaded_whether_its_rows_are_images(name):
    entry = datasets.describe(name)
    assert entry.image_shape == datasets.load(small(name)).image_shape
    assert entry.is_images == (entry.image_shape is not None)
    # What takes files or thousands of rows is images, so far.
    assert entry.is_large == entry.is_images


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("dtype", vocabulary.DTYPES)
def test_data_can_be_had_in_both_precisions(name, dtype):
    data = datasets.load(small(name))
    cast = data.astype(dtype)
    assert cast.x.dtype == cast.y.dtype == dtype
    assert cast.x.flags.c_contiguous
    assert cast.kind == data.kind
    if data.x.dtype == dtype:
        assert np.shares_memory(cast.x, data.x)


@pytest.mark.parametrize("name", EVERY)
def test_the_rows_shown_are_test_rows_where_there_are_any(name):
    data = datasets.load(small(name))
    x, y = data.shown
    source = data.x if data.x_test is None else data.x_test
    assert len(x) == len(y) == min(len(source), data.n_shown)
    np.testing.assert_array_equal(x, source[: len(x)])


def test_every_data_set_is_on_a_page():
    pages = [datasets.names(group) for group in ("gates", "bits", "plane", "images")]
    assert sorted(itertools.chain(*pages)) == sorted(datasets.names())
    assert "xor" in pages[0]
    assert pages[1] == ["bits"]
    assert pages[2][0] == "circle"
    assert {"mnist", "fashion_mnist", "digits_8x8"} <= set(pages[3])


GATES = {
    "and": lambda a, b: a and b,
    "or": lambda a, b: a or b,
    "nand": lambda a, b: not (a and b),
    "nor": lambda a, b: not (a or b),
    "xor": operator.xor,
    "xnor": operator.eq,
    "not": operator.not_,
    "a_and_not_b": lambda a, b: a and not b,
    "b_and_not_a": lambda a, b: b and not a,
    "a_implies_b": lambda a, b: not a or b,
    "b_implies_a": lambda a, b: not b or a,
    "a": lambda a, b: a,
    "b": lambda a, b: b,
    "not_a": lambda a, b: not a,
    "not_b": lambda a, b: not b,
    "always_0": lambda a, b: False,
    "always_1": lambda a, b: True,
}


@pytest.mark.parametrize("name", [n for n in datasets.names("gates") if n != "truth_table"])
def test_a_gate_says_what_python_says(name):
    data = datasets.load(experiment(name))
    for row, (target,) in zip(data.x, data.y, strict=True):
        assert bool(target) == bool(GATES[name](*(bool(value) for value in row)))


def test_all_sixteen_gates_of_two_inputs_are_there_and_differ():
    tables = {
        tuple(datasets.load(experiment(name)).y.ravel())
        for name in GATES
        if experiment(name).n_inputs == 2
    }
    assert len(tables) == 16


@pytest.mark.parametrize("n_inputs", [1, 2, 3, 4])
def test_rows_of_a_truth_table_are_in_counting_order(n_inputs):
    rows = 2**n_inputs
    truth = "".join("01"[bin(row).count("1") % 2] for row in range(rows))
    data = datasets.load(experiment("truth_table", dataset_options={"truth": truth}))
    assert data.x.shape == (rows, n_inputs)
    for number, (row, (target,)) in enumerate(zip(data.x, data.y, strict=True)):
        assert int("".join(str(int(bit)) for bit in row), 2) == number
        assert target == sum(row) % 2


@pytest.mark.parametrize("truth", ["011", "0" * 12, "0", "", "01a1", "0" * 32])
def test_a_truth_table_that_is_not_whole_is_refused(truth):
    with pytest.raises(InvalidExperiment, match=r"dataset_options\.?(truth)?"):
        experiment("truth_table", dataset_options={"truth": truth})


@pytest.mark.parametrize("n_bits", [2, 3, 4, 5])
@pytest.mark.parametrize("answer", ["classes", "number"])
def test_bits_are_read_as_python_reads_them(n_bits, answer):
    data = datasets.load(experiment("bits", dataset_options={"bits": n_bits, "answer": answer}))
    assert len(data.x) == 2**n_bits
    for row, target in zip(data.x, data.y, strict=True):
        number = int("".join(str(int(bit)) for bit in row), 2)
        told = target.argmax() if answer == "classes" else target[0]
        assert told == number
        if answer == "classes":
            assert data.output_names[told] == str(number)


def test_names_of_bits_carry_their_place_value():
    data = datasets.load(experiment("bits", dataset_options={"bits": 4}))
    assert data.input_names == ("bit 8", "bit 4", "bit 2", "bit 1")


def test_two_data_sets_cannot_share_a_name():
    with pytest.raises(ValueError, match="two data sets are called 'xor'"):
        dataset("another", name="xor", inputs=1, outputs=1)(lambda options, rng: None)


def test_a_new_data_set_is_one_function():
    class Options(DatasetOptions):
        size: Literal[2, 3] = 3

        @property
        def sizes(self):
            return self.size, 1

    try:

        @dataset("a new one", options=Options)
        def new_one(options, rng):
            """Rows of noise."""
            x = rng.normal(size=(7, options.size))
            names = tuple(map(str, range(options.size)))
            return datasets.Dataset(x, x[:, :1], "number", names, ("y",))

        made = experiment("new_one", dataset_options={"size": 2})
        assert made.layer_sizes == (2, 3, 1)
        assert datasets.load(made).x.shape == (7, 2)
        assert datasets.describe("new_one").help == "Rows of noise."
        seeds = [datasets.load(made.replace(seed=seed)).x for seed in (0, 0, 1)]
        np.testing.assert_array_equal(seeds[0], seeds[1])
        assert not np.array_equal(seeds[0], seeds[2])
    finally:
        vocabulary.DATASETS.pop("new_one", None)
