"""The experiment: what it accepts, what it refuses and why, and that it survives being written."""

import json
import math
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nn_core import Experiment, datasets, vocabulary
from nn_core.errors import BackpropError, InvalidExperiment
from nn_core.rules import MAX_PARAMETERS
from tests.helpers.random_experiments import ALLOWED, experiments


def problems(**fields):
    with pytest.raises(InvalidExperiment) as caught:
        Experiment(**fields)
    return {problem.field: problem for problem in caught.value.problems}


def test_only_the_pairs_that_make_sense_are_allowed():
    for dataset, allowed in (("xor", ALLOWED["one"]), ("bits", ALLOWED["more"])):
        for output in vocabulary.OUTPUTS:
            for loss in vocabulary.LOSSES:
                # Behind a hidden layer the perceptron rule is refused for another reason.
                fields = {"dataset": dataset, "output": output, "loss": loss, "hidden": ()}
                if loss in allowed.get(output, ()):
                    assert Experiment(**fields).loss == loss
                else:
                    found = problems(**fields)
                    assert set(found) <= {"output", "loss"}
                    assert all(len(problem.reason) > 40 for problem in found.values())


@settings(deadline=None)
@given(experiments())
def test_what_is_written_as_json_is_read_back(experiment):
    text = experiment.to_json()
    assert "\n" not in text
    assert Experiment.from_json(text) == experiment
    assert Experiment.from_json(json.dumps(json.loads(text), indent=1)) == experiment
    assert hash(Experiment.from_json(text)) == hash(experiment)


@settings(deadline=None)
@given(experiments())
def test_changing_nothing_gives_an_equal_experiment(experiment):
    assert experiment.replace() == experiment
    assert experiment.replace(seed=experiment.seed) == experiment


@settings(deadline=None)
@given(experiments(), st.sampled_from(datasets.names()))
def test_another_task_takes_its_own_settings(experiment, name):
    changed = experiment.replace(dataset=name, output="sigmoid", loss="mse")
    assert changed.dataset == name
    entry = datasets.describe(name)
    assert type(changed.dataset_options) is entry.options
    if name != experiment.dataset:
        assert changed.dataset_options == entry.options()


def test_given_weights_are_read_back_too():
    given = ((((0.1, -2.0), (1 / 3, 1e-30)), (0.0, 1.0)), (((1.0,), (2.0,)), (-1.0,)))
    experiment = Experiment(hidden=(2,), initializer="given", given=given)
    assert Experiment.from_json(experiment.to_json()).given == given


NUMBERS = {
    # field: (lowest, highest) of what is allowed
    "learning_rate": (1e-7, 1000.0),
    "l1": (0.0, 10.0),
    "l2": (0.0, 10.0),
    "dropout": (0.0, 0.9),
    "momentum": (0.0, 0.9999),
    "batch_size": (1, 4096),
    "epochs": (1, 1_000_000),
    "target_loss": (0.0, 1e6),
    "patience": (1, 1_000_000),
    "seed": (0, 2**31 - 1),
}


@pytest.mark.parametrize(("field", "bounds"), NUMBERS.items())
def test_a_number_out_of_bounds_is_refused_by_name_value_and_bound(field, bounds):
    lowest, highest = bounds
    for value in bounds:
        assert getattr(Experiment(**{field: value}), field) == value
    step = 1 if isinstance(lowest, int) else 1e-3
    for value, bound in ((lowest - step, lowest), (highest + step, highest)):
        problem = problems(**{field: value})[field]
        assert problem.value == value
        assert float(problem.reason.split()[-1].replace(",", "")) == bound
        assert field in str(problem)


@pytest.mark.parametrize("field", [*NUMBERS, "hidden"])
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, "many", [], {}, object()])
def test_what_is_no_number_is_refused(field, value):
    value = (value,) if field == "hidden" else value
    assert any(name.split(".")[0] == field for name in problems(**{field: value}))


CHOICES = [
    "dataset", "activation", "output", "initializer", "loss", "optimizer", "dtype", "backend",
    "epsilon_form",
]  # fmt: skip


@pytest.mark.parametrize("field", CHOICES)
@pytest.mark.parametrize("value", ["no_such_thing", "", 3, "x" * 100_000])
def test_an_unknown_word_is_refused_and_long_ones_are_cut_short(field, value):
    problem = problems(**{field: value})[field]
    assert len(str(problem)) < 1000


def test_an_unknown_word_is_answered_with_the_known_ones():
    reason = problems(optimizer="adma")["optimizer"].reason
    assert all(word in reason for word in vocabulary.OPTIMIZERS)


@pytest.mark.parametrize("hidden", [(0,), (513,), (-1,), (1,) * 9, "3", 3, ((3,),)])
def test_hidden_layers_out_of_bounds_are_refused(hidden):
    assert any(name.startswith("hidden") for name in problems(hidden=hidden))


@pytest.mark.parametrize("device", ["", "../etc", "cuda:", "cuda:9999", "CPU", "c", "cpu\n"])
def test_a_device_that_cannot_be_one_is_refused(device):
    assert "device" in problems(device=device)


def test_a_network_that_is_too_large_is_refused_with_its_size():
    problem = problems(dataset="mnist", hidden=(512,) * 8)["hidden"]
    # 784·512 + 512 + 7·(512·512 + 512) + 512·10 + 10
    assert "2,245,642" in problem.reason
    assert f"{MAX_PARAMETERS:,}" in problem.reason


def test_an_unknown_field_is_refused():
    assert problems(learning_rat=0.1)["learning_rat"].reason == "there is no such field"


def test_settings_of_the_task_are_checked_too():
    found = problems(dataset="bits", dataset_options={"bits": 9, "colour": "red"})
    assert "dataset_options.bits" in found
    assert found["dataset_options.colour"].reason == "there is no such field"


@pytest.mark.parametrize("options", [3, "bits", [1, 2], [("bits", 3), "x"]])
def test_settings_that_are_no_settings_are_refused(options):
    assert any(
        name.startswith("dataset_options")
        for name in problems(dataset="bits", dataset_options=options)
    )


def test_all_that_is_wrong_is_told_at_once():
    found = problems(learning_rate=-1, epochs=0, optimizer="magic", colour="red")
    assert {"learning_rate", "epochs", "optimizer", "colour"} <= set(found)


def test_given_weights_must_have_the_shapes_of_the_layers():
    given = ((((1.0,), (2.0,)), (0.0,)),)
    assert Experiment(dataset="and", hidden=(), given=given).given == given
    assert "2-3-1" in problems(hidden=(3,), given=given)["given"].reason
    without = problems(dataset="and", hidden=(), bias=False, given=given)["given"].reason
    assert "without a bias" in without
    ragged = ((((1.0, 2.0), (2.0,)), (0.0,)),)
    assert "given" in problems(dataset="and", hidden=(), given=ragged)
    assert any(
        name.startswith("given")
        for name in problems(dataset="and", hidden=(), given=((((math.nan,), (2.0,)), (0.0,)),))
    )


def test_only_numpy_chooses_the_form_of_epsilon():
    assert Experiment(epsilon_form="hat").epsilon_form == "hat"
    other = next(name for name in vocabulary.BACKENDS if name != "numpy")
    assert "leave it open" in problems(backend=other, epsilon_form="hat")["epsilon_form"].reason


def test_dropout_needs_hidden_units():
    assert Experiment(dropout=0.5).dropout == 0.5
    reason = problems(hidden=(), dropout=0.5)["dropout"].reason
    assert "no hidden units" in reason
    assert "add a hidden layer" in reason


@pytest.mark.parametrize("field", ["l1", "l2"])
def test_the_perceptron_rule_takes_no_penalty(field):
    fields = {"dataset": "and", "hidden": (), "output": "step", "loss": "perceptron"}
    assert Experiment(**fields)
    assert "follows no gradient" in problems(**fields, **{field: 0.1})[field].reason


def test_each_layer_has_its_own_activation_or_all_have_the_same():
    experiment = Experiment(hidden=(4, 3), activation="relu")
    assert experiment.hidden_activations == ("relu", "relu")
    own = experiment.replace(activations=("tanh", "sigmoid"))
    assert own.hidden_activations == ("tanh", "sigmoid")
    assert (
        "each of the 2 hidden layers"
        in problems(hidden=(4, 3), activations=("tanh",))["activations"].reason
    )
    assert "activations.1" in problems(hidden=(4, 3), activations=("tanh", "tan"))


def test_only_a_backend_that_computes_on_another_framework_has_an_engine():
    assert Experiment(backend="keras", engine="jax").worker == "keras-jax"
    assert Experiment(backend="keras").worker == "keras-tensorflow"
    assert "tensorflow, jax, torch" in problems(backend="keras", engine="numpy")["engine"].reason
    assert "leave it empty" in problems(backend="torch", engine="jax")["engine"].reason


@pytest.mark.parametrize(
    "text", ["", "[]", "3", "null", "{", '"x"', "NaN", "[" * 100_000, '{"epochs": NaN}', "\x00"]
)
def test_text_that_is_no_experiment_is_refused(text):
    with pytest.raises(InvalidExperiment) as caught:
        Experiment.from_json(text)
    assert len(str(caught.value)) < 500


def test_fields_that_are_not_written_take_their_defaults():
    assert Experiment.from_json("{}") == Experiment()
    assert Experiment.from_json('{"seed": 7}') == Experiment(seed=7)


def test_an_experiment_cannot_be_changed():
    experiment = Experiment()
    with pytest.raises(Exception, match="frozen"):
        experiment.seed = 1
    assert experiment.seed == 0


def test_the_error_belongs_to_the_family_and_survives_a_process_boundary():
    with pytest.raises(BackpropError) as caught:
        Experiment(epochs=0)
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value)
    assert again.problems == caught.value.problems


@pytest.mark.parametrize("name", Experiment.model_fields)
def test_every_field_has_a_title_a_help_and_a_default(name):
    field = Experiment.model_fields[name]
    assert field.title
    assert field.description
    assert field.description.endswith((".", ")"))
    assert not field.is_required()
    assert "unit" in field.json_schema_extra


def test_every_word_has_a_label_and_a_meaning():
    for table in (
        vocabulary.ACTIVATIONS,
        vocabulary.OUTPUTS,
        vocabulary.LOSSES,
        vocabulary.OPTIMIZERS,
        vocabulary.INITIALIZERS,
        vocabulary.DTYPES,
        vocabulary.EPSILON_FORMS,
    ):
        for name, word in table.items():
            assert word.label, name
            assert word.meaning.endswith((".", "0: hidden units stay copies of each other.")), name


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"dataset": "bits", "output": "softmax", "loss": "cross_entropy_logits"}, "softmax twice"),
        ({"output": "sigmoid", "loss": "bce_logits"}, "sigmoid is applied twice"),
        ({"dataset": "bits", "output": "softmax", "loss": "mse"}, "almost no gradient"),
        ({"initializer": "zeros"}, "copies of each other"),
    ],
)
def test_what_is_unwise_is_allowed_and_explained(fields, said):
    (sentence,) = Experiment(**fields).advice()
    if said == "softmax twice":
        assert "softmax is applied twice" in sentence
    else:
        assert said in sentence


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"dataset": "bits", "output": "softmax", "loss": "cross_entropy"},
        {"output": "identity", "loss": "bce_logits"},
        {"hidden": (), "dataset": "and", "initializer": "zeros"},
    ],
)
def test_nothing_is_said_about_what_is_wise(fields):
    assert Experiment(**fields).advice() == []


@pytest.mark.parametrize("n_bits", [2, 3, 5])
def test_the_floor_under_a_double_softmax_is_the_one_that_is_told(n_bits):
    experiment = Experiment(
        dataset="bits",
        dataset_options={"bits": n_bits},
        output="softmax",
        loss="cross_entropy_logits",
    )
    # The surest answer a softmax gives is (1, 0, ...); the loss takes the softmax of that.
    surest = np.eye(2**n_bits)[0]
    floor = -math.log(np.exp(surest)[0] / np.exp(surest).sum())
    assert f"{floor:.3f}" in experiment.advice()[0]


@pytest.mark.parametrize(
    ("dataset", "hidden", "bias", "sizes", "count"),
    [
        ("xor", (3,), True, (2, 3, 1), 13),
        ("bits", (3,), True, (2, 3, 4), 25),
        ("and", (), True, (2, 1), 3),
        ("not", (), False, (1, 1), 1),
        ("mnist", (200,), False, (784, 200, 10), 158_800),
        ("digits_8x8", (10, 5), True, (64, 10, 5, 10), 765),
    ],
)
def test_sizes_and_parameters_are_those_counted_by_hand(dataset, hidden, bias, sizes, count):
    experiment = Experiment(dataset=dataset, hidden=hidden, bias=bias)
    assert experiment.layer_sizes == sizes
    assert experiment.n_parameters == count
