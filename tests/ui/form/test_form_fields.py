"""The form and an experiment say the same, in both directions."""

from itertools import pairwise
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nn_core import Experiment, datasets
from tests.helpers.random_experiments import experiments
from ui import session
from ui import session_keys as keys
from ui.form.form_fields import FIELDS, load, read
from ui.form.form_values import Form
from ui.links.page_list import page_of, tasks_of

PLAIN = Experiment()
OF_CONVOLUTIONS = {name: getattr(PLAIN, name) for name in ("channels", "kernel")}
OF_GIVEN_WEIGHTS = {name: getattr(PLAIN, name) for name in ("given", "given_offset")}


def read_back(page, experiment, **about):
    """What the form of a page holds once an experiment was loaded into it."""
    with mock.patch.object(session, "state", return_value={}):
        load(page, experiment)
        return Experiment(**read(Form(page, PLAIN, datasets.names(), **about)))


def without_what_does_not_apply(experiment):
    """The experiment, with the default value of each setting that the others leave no use for."""
    changes = {}
    if experiment.optimizer not in ("momentum", "nesterov"):
        changes["momentum"] = PLAIN.momentum
    if experiment.initializer != "given":
        changes |= OF_GIVEN_WEIGHTS
    if experiment.architecture != "conv":
        changes |= OF_CONVOLUTIONS
    if experiment.backend != "numpy" or experiment.optimizer not in ("adam", "rmsprop", "adagrad"):
        changes["epsilon_form"] = None
    if experiment.engine == "tensorflow":  # what Keras computes on by itself
        changes["engine"] = ""
    return experiment.replace(**changes)


weights = st.floats(-10, 10, allow_nan=False)


@st.composite
def with_typed_weights(draw):
    """An experiment that begins with weights of its own."""
    hidden = tuple(draw(st.lists(st.integers(1, 3), max_size=2)))
    bias = draw(st.booleans())
    layers = tuple(
        (
            tuple(tuple(draw(weights) for _ in range(n_out)) for _ in range(n_in)),
            tuple(draw(weights) for _ in range(n_out)) if bias else None,
        )
        for n_in, n_out in pairwise((2, *hidden, 1))
    )
    offset = draw(st.floats(-10, 10))
    return Experiment(
        hidden=hidden, bias=bias, initializer="given", given=layers, given_offset=offset
    )


@st.composite
def convolutional(draw):
    """An experiment with convolutions."""
    maps = st.integers(1, 16)
    return Experiment(
        dataset=draw(st.sampled_from(["mnist", "digits_8x8"])),
        backend=draw(st.sampled_from(["torch", "keras", "jax"])),
        architecture="conv",
        channels=(draw(maps), draw(maps)),
        kernel=draw(st.sampled_from([3, 5])),
        hidden=tuple(draw(st.lists(st.integers(1, 64), max_size=2))),
        output="softmax",
        loss="cross_entropy",
    )


def test_the_table_has_every_field_of_an_experiment():
    assert sorted(FIELDS) == sorted(Experiment.model_fields)


def test_no_two_fields_share_a_widget():
    names = [name for field in FIELDS.values() for name in field.shown(PLAIN)]
    assert len({*names}) == len(names)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(experiments() | with_typed_weights())
def test_what_is_loaded_into_a_form_is_read_back(experiment):
    expected = without_what_does_not_apply(experiment)
    for page in (page_of(experiment.dataset), "compare", "convergence"):
        assert read_back(page, experiment) == expected


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(convolutional())
def test_convolutions_are_read_back_where_the_form_asks_for_an_architecture(experiment):
    assert read_back("digits", experiment, has_architecture=True) == experiment
    assert read_back("compare", experiment).architecture == "dense"


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(experiments())
def test_a_form_without_a_backend_leaves_that_of_numpy(experiment):
    found = read_back("compare", experiment, has_backend=False)
    assert (found.backend, found.engine, found.device) == ("numpy", "", "cpu")


ON_PAGES = {
    "gates": [
        Experiment(hidden=(2,), initializer="given", given=(
            (((1.0, -2.0), (0.5, 3.0)), (0.0, 1.0)), (((1.5,), (2.5,)), (-1.0,)),
        ), optimizer="rmsprop", epsilon_form="hat", batch_size=3, target_loss=0.5),
        Experiment(dataset="truth_table", dataset_options={"truth": "0110"}, hidden=()),
    ],
    "bits": [Experiment(dataset="bits", output="softmax", loss="cross_entropy", l2=0.25)],
    "plane": [Experiment(dataset="spiral", dataset_options={"arms": 3}, hidden=(5, 4, 3),
                         activations=("relu", "tanh", "sigmoid"), output="softmax",
                         loss="cross_entropy", optimizer="nesterov", momentum=0.5, dropout=0.25)],
    "digits": [Experiment(dataset="digits_8x8", backend="torch", architecture="conv",
                          channels=(3, 4), kernel=3, hidden=(7,), output="softmax",
                          loss="cross_entropy", learning_rate=0.0123, patience=9)],
}  # fmt: skip


@pytest.mark.parametrize("page", ON_PAGES)
def test_the_widgets_of_a_page_change_nothing_of_what_is_loaded(visitor, page):
    for experiment in ON_PAGES[page]:
        assert experiment.dataset in tasks_of(page)
        for field in FIELDS.values():
            for name, value in field.shown(experiment).items():
                visitor.session[keys.form_field(page, name)] = value
        visitor.open(page)
        assert visitor.experiment == experiment
