"""Links: an experiment survives its way through an address, and a bad address does no harm."""

import random
from urllib.parse import parse_qsl, urlencode

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nn_core import Experiment, datasets
from nn_core.autodiff.expressions import EXPRESSIONS, STEPS, Question
from nn_core.errors import InvalidExperiment
from nn_core.exchange.links.experiment_links import (
    LONGEST_LINK,
    MOST_UNPACKED_BYTES,
    _compress,
    from_query,
    to_query,
    with_weights,
)
from nn_core.exchange.links.form_links import (
    ComparisonForm,
    ConvergenceForm,
    comparison_from_query,
    comparison_to_query,
    convergence_from_query,
    convergence_to_query,
    question_from_query,
    question_to_query,
)
from nn_core.exchange.links.link_problems import label_of, last_values, problem_sentence
from nn_core.networks.initializers import initial_params
from tests.helpers.random_experiments import experiments

DEFAULTS = [
    Experiment(),
    Experiment(dataset="bits", output="softmax", loss="cross_entropy", epochs=800),
    Experiment(dataset="circle", hidden=(4, 2), activation="tanh", loss="bce", batch_size=10),
]
OWN = {"dataset": "own_points", "loss": "bce"}


def through_an_address(query):
    """As a browser hands it on."""
    return dict(parse_qsl(urlencode(query), keep_blank_values=True))


@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(experiments(), st.sampled_from(DEFAULTS))
def test_five_hundred_experiments_survive_the_way_through_a_link_and_back(experiment, defaults):
    query = to_query(experiment, defaults)
    opened = from_query(through_an_address(query), defaults)
    assert opened.problems == []
    assert opened.experiment == experiment
    assert to_query(opened.experiment, defaults) == query


ALPHABET = "".join(map(chr, range(32, 127))) + "\0\n–é𝟙‮"


@st.composite
def mutated(draw):
    """A query in which a few things were changed, added or taken away."""
    return changed(draw, to_query(draw(experiments()), DEFAULTS[0]), [*Experiment.model_fields])


def changed(draw, query, names):
    """The same query, with a few things changed; `names` are those that mean something in it."""
    query = list(query.items()) or [("seed", "1")]
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(query) - 1))
        name, text = query[place]
        kind = draw(st.integers(0, 6))
        if kind == 0:
            text = draw(st.text(ALPHABET, max_size=20))
        elif kind == 1:
            cut = draw(st.integers(0, len(text)))
            text = text[:cut] + draw(st.sampled_from(ALPHABET)) + text[cut + 1 :]
        elif kind == 2:
            text = text[: len(text) // 2]
        elif kind == 3:
            name = draw(st.sampled_from([*names, "task.points", "task.", "~"]))
        elif kind == 4:
            text = draw(st.sampled_from(["nan", "inf", "-1", "1e999", "9" * 400, "none", "~", "",
                                         "0x10", "1_000", "[]", "~" + _compress(b"[" * 5000),
                                         "~" + _compress(b'{"a":1}')]))  # fmt: skip
        elif kind == 5:
            text = text * 3
        query[place] = (name, text)
    return dict(query)


@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(mutated(), st.sampled_from(DEFAULTS))
def test_five_hundred_mutated_links_give_an_experiment_and_sentences(query, defaults):
    opened = from_query(through_an_address(query), defaults)
    assert isinstance(opened.experiment, Experiment)
    for problem in opened.problems:
        assert problem.reason
        assert len(str(problem)) < 1500
        sentence = problem_sentence(problem, query)
        assert sentence.endswith(problem.reason) or ": this page has " in sentence
        assert "nput should" not in sentence
    again = from_query(to_query(opened.experiment, defaults), defaults)
    assert again == (opened.experiment, [])


def test_a_link_holds_only_what_differs():
    assert to_query(DEFAULTS[1], DEFAULTS[1]) == {}
    changed = DEFAULTS[1].replace(seed=7, dataset_options={"bits": 3}, batch_size=2, shuffle=False)
    assert to_query(changed, DEFAULTS[1]) == {
        "task.bits": "3", "batch_size": "2", "shuffle": "0", "seed": "7"
    }  # fmt: skip
    assert to_query(DEFAULTS[2].replace(batch_size=None), DEFAULTS[2]) == {"batch_size": "none"}


@pytest.mark.parametrize(
    ("query", "dropped", "kept"),
    [
        ({"hidden": "2", "seed": "-1"}, {"seed"}, {"hidden": (2,)}),
        ({"rows": "3", "epochs": "9"}, {"rows"}, {"epochs": 9}),
        ({"dataset": "nothing", "hidden": "5"}, {"dataset"}, {"hidden": (5,)}),
        ({"dataset": "nothing", "task.bits": "5"}, {"dataset", "task.bits"}, {}),
        ({"output": "step", "seed": "3"}, {"output"}, {"seed": 3}),
        ({"loss": "cross_entropy", "epochs": "5"}, {"loss"}, {"epochs": 5}),
        ({"hidden": "600-2"}, {"hidden"}, {}),
        ({"activations": "tanh-tanh"}, {"activations"}, {}),
        ({"dataset": "bits", "task.bits": "9", "output": "softmax"}, {"task.bits"},
         {"dataset": "bits", "output": "softmax"}),
        ({"dataset_options": "{}"}, {"dataset_options"}, {}),
        ({"hidden": "~x"}, {"hidden"}, {}),
        ({"given": "~sAAAA"}, {"given"}, {}),
        ({"seed": "1" * 20_000}, {"link"}, {}),
    ],
)  # fmt: skip
def test_what_is_wrong_is_dropped_and_named_and_the_rest_is_kept(query, dropped, kept):
    opened = from_query(query, Experiment())
    assert {problem.field for problem in opened.problems} == dropped
    for field, value in kept.items():
        assert getattr(opened.experiment, field) == value
    assert len(to_query(opened.experiment, Experiment())) == len(kept)


def test_a_key_of_a_link_is_called_what_the_page_calls_it():
    for name, field in Experiment.model_fields.items():
        assert label_of(name) == field.title
        assert label_of(f"a.{name}") == f"{field.title} of A"
    assert label_of("task.bits") == "Bits"
    assert label_of("seeds") == "Seeds"
    assert label_of("task.") == label_of("task.nothing") == "Task settings"
    assert label_of("rows") == label_of("a.") == ""


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"hidden": "600"}, "Hidden units (“hidden=600”): give at most 512"),
        ({"epochs": "abc"}, "Epochs (“epochs=abc”): give a whole number"),
        ({"epochs": "none"}, "Epochs (“epochs=none”): give a whole number"),
        ({"seed": "1.5"}, "Seed (“seed=1.5”): give a whole number"),
        ({"seed": "9999999999"}, "Seed (“seed=9999999999”): give at most 2,147,483,647"),
        ({"hidden": "3-x"}, "Hidden units (“hidden=3-x”): give a whole number"),
        (
            {"hidden": "1-1-1-1-1-1-1-1-1"},
            "Hidden units (“hidden=1-1-1-1-1-1-1-1-1”): give at most 8",
        ),
        ({"learning_rate": "x"}, "Learning rate (“learning_rate=x”): give a number"),
        ({"learning_rate": "0"}, "Learning rate (“learning_rate=0”): give at least 1e-07"),
        ({"learning_rate": "inf"}, "Learning rate (“learning_rate=inf”): give a finite number"),
        ({"shuffle": "maybe"}, "Shuffle (“shuffle=maybe”): give 1 for yes or 0 for no"),
        ({"backend": "torch2"}, "Backend (“backend=torch2”): this page has autograd, JAX, Keras, "),
        ({"optimizer": "x"}, "Optimizer (“optimizer=x”): this page has SGD, momentum, Nesterov"),
        ({"kernel": "4"}, "Kernel (“kernel=4”): this page has 3 × 3, 5 × 5"),
        (
            {"activations": "tanh-x"},
            "Activation of each layer (“activations=tanh-x”): this page has ",
        ),
        ({"rows": "3"}, "“rows=3”: there is no such field"),
        ({"dataset": "bits", "task.bits": "9"}, "Bits (“task.bits=9”): give at most 5"),
        ({"given": "~s" + 90 * "A"}, f"Given weights (“given=~s{51 * 'A'}…”): it is cut off"),
        ({"seed": "1" * 20_000}, "The link: a link has at most"),
    ],
)  # fmt: skip
def test_a_sentence_has_the_label_and_what_the_link_says(query, sentence):
    (problem,) = from_query(query, Experiment()).problems
    assert problem_sentence(problem, query).startswith(sentence)


def test_the_last_value_of_a_repeated_key_counts_and_is_reported():
    every = {"seed": ["1", "2", "2"], "epochs": ["9", "9"], "hidden": ["2"]}
    query, problems = last_values(every)
    assert query == {"seed": "2", "epochs": "9", "hidden": "2"}
    assert [problem_sentence(problem, query) for problem in problems] == [
        "Seed (“seed=2”): it stands 3 times in the link; this is the last"
    ]


def test_a_task_of_another_page_is_named():
    for asked, sentence in (
        ("bits", "“binary to decimal” is on page Bits; this page has XOR, AND"),
        ("poker", "this page has XOR, AND"),
    ):
        opened = from_query(
            {"dataset": asked, "seed": "4"}, Experiment(), ["xor", "and"], str.title
        )
        assert opened.problems[0].reason == sentence
        assert opened.experiment == Experiment(seed=4)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("bias", [True, False])
def test_small_networks_carry_their_weights_to_the_bit(dtype, bias):
    defaults = Experiment()
    experiment = defaults.replace(hidden=(5, 3), dtype=dtype, bias=bias, seed=3)
    params = initial_params(experiment)
    shared = with_weights(experiment, params)
    query = through_an_address(to_query(shared, defaults))
    opened = from_query(query, defaults)
    assert opened == (shared, [])
    for (weight, its_bias), (again, again_bias) in zip(
        params, initial_params(opened.experiment), strict=True
    ):
        assert np.array_equal(weight, again)
        assert bias == (again_bias is not None) == (its_bias is not None)
        assert not bias or np.array_equal(its_bias, again_bias)
    assert len(urlencode(query)) < 700


def test_what_is_too_large_for_a_link_is_refused_with_the_way_out():
    experiment = Experiment(hidden=(200, 200))
    with pytest.raises(InvalidExperiment, match="page Runs"):
        to_query(with_weights(experiment, initial_params(experiment)), Experiment())
    points = [(x / 7 % 6, x / 11 % 6, 1.0) for x in range(2000)]
    with pytest.raises(InvalidExperiment, match=r"task\.points"):
        to_query(Experiment(**OWN, dataset_options={"points": points}), Experiment())


def test_no_link_is_made_that_is_too_large_when_unpacked():
    """Weights that are all alike are short once compressed."""
    for hidden, fits in (((490, 490), True), ((500, 500), False)):
        zeros = with_weights(e := Experiment(hidden=hidden, initializer="zeros"), initial_params(e))
        if fits:
            assert from_query(to_query(zeros, Experiment()), Experiment()) == (zeros, [])
        else:
            with pytest.raises(InvalidExperiment, match="at most 1,000,000; the page Runs"):
                to_query(zeros, Experiment())


def test_ones_own_points_travel_along():
    points = ((1.25, -3.0, 0.0), (2.5, 4.75, 1.0), (0.1, 0.2, 1.0))
    experiment = Experiment(**OWN, dataset_options={"points": points})
    query = to_query(experiment, Experiment())
    assert from_query(query, Experiment()) == (experiment, [])


def test_a_bomb_in_a_link_stays_small():
    bomb = "~" + _compress(b"0" * (4 * MOST_UNPACKED_BYTES))
    assert len(bomb) < LONGEST_LINK
    opened = from_query({"dataset": "own_points", "task.points": bomb}, Experiment())
    assert [problem.field for problem in opened.problems] == ["task.points"]
    assert "too large" in opened.problems[0].reason


def test_weights_of_another_network_or_none_at_all_are_refused():
    small, large = Experiment(hidden=(2,)), Experiment(hidden=(4,))
    query = to_query(with_weights(small, initial_params(small)), Experiment())
    opened = from_query({**query, "hidden": "4"}, Experiment())
    assert "not the weights of a network 2-4-1" in str(opened.problems[0])
    assert opened.experiment == large  # whose own start it can begin with
    nan = np.full(large.n_parameters, np.nan, "<f4").tobytes()
    opened = from_query({"hidden": "4", "given": "~s" + _compress(nan)}, Experiment())
    assert "not finite" in str(opened.problems[0])


def test_bytes_at_random_are_no_weights():
    rng = random.Random(0)
    for _ in range(200):
        text = "~" + rng.choice("sdx") + _compress(rng.randbytes(rng.randint(0, 100)))
        opened = from_query({"given": text}, Experiment())
        assert opened.problems or opened.experiment.given


def test_every_task_with_its_own_settings_fits_into_a_link():
    for name in datasets.names():
        experiment = Experiment(dataset=name, output="sigmoid", loss="mse", hidden=(2,))
        opened = from_query(to_query(experiment, DEFAULTS[2]), DEFAULTS[2])
        assert opened == (experiment, [])


# Links to pages that hold more than an experiment. Two of the backends are “not installed”.
HERE = ("autograd", "jax", "numpy", "tensorflow", "torch")
COMPARISON = ComparisonForm(Experiment(), HERE)
CONVERGENCE = ConvergenceForm(DEFAULTS[2])


@st.composite
def comparisons(draw):
    is_pair = draw(st.booleans())
    chosen = draw(st.sets(st.sampled_from(HERE), min_size=2))
    experiment_a = (
        draw(st.none() | st.just(COMPARISON.experiment) | experiments()) if is_pair else None
    )
    names = HERE if is_pair else tuple(name for name in HERE if name in chosen)
    return ComparisonForm(draw(experiments()), names, is_pair, experiment_a)


@st.composite
def convergences(draw):
    solved = st.floats(1, 100) | st.sampled_from([1.0, 100.0])
    return ConvergenceForm(draw(experiments()), draw(st.integers(2, 60)), draw(solved))


@st.composite
def questions(draw):
    expression = draw(st.sampled_from(list(EXPRESSIONS.values())))
    number = st.floats(-1e300, 1e300)
    w, x = (
        tuple(draw(st.just(first) | number) for first in firsts)
        for firsts in (expression.w, expression.x)
    )
    return Question(expression.name, w, x, draw(st.sampled_from(STEPS)))


FORMS = {
    "comparison": (
        comparisons(),
        lambda form: comparison_to_query(form, COMPARISON),
        lambda query: comparison_from_query(query, COMPARISON),
        ["mode", "backends", "a.dataset", "a.seed", "a.hidden", "a.given", "a.", "hidden"],
    ),
    "convergence": (
        convergences(),
        lambda form: convergence_to_query(form, CONVERGENCE),
        lambda query: convergence_from_query(query, CONVERGENCE),
        ["seeds", "solved", "seed", "hidden"],
    ),
    "question": (
        questions(),
        question_to_query,
        question_from_query,
        ["expression", "w1", "w2", "w3", "w4", "x1", "x2", "x3", "step"],
    ),
}
every_form = pytest.mark.parametrize("kind", FORMS)


@every_form
@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_five_hundred_forms_survive_the_way_through_a_link_and_back(kind, data):
    made, write, read, _ = FORMS[kind]
    form = data.draw(made)
    query = write(form)
    assert read(through_an_address(query)) == (form, [])
    assert all(isinstance(text, str) for text in query.values())


@every_form
@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_five_hundred_mutated_links_give_a_form_and_sentences(kind, data):
    made, write, read, names = FORMS[kind]
    query = changed(data.draw, write(data.draw(made)), names)
    form, problems = read(through_an_address(query))
    for problem in problems:
        assert problem.reason
        assert len(str(problem)) < 1500
        sentence = problem_sentence(problem, query)
        assert sentence.endswith(problem.reason) or ": this page has " in sentence
        assert "nput should" not in sentence
    assert read(write(form)) == (form, [])  # what it came to is valid


@every_form
def test_a_link_to_the_defaults_is_empty_and_too_long_a_one_is_refused_whole(kind):
    _, write, read, _ = FORMS[kind]
    defaults, problems = read({})
    assert not problems
    assert write(defaults) == {}
    form, problems = read({"x" * 7000: "y" * 7000})
    assert form == defaults
    assert [problem.field for problem in problems] == ["link"]


@pytest.mark.parametrize(
    ("query", "dropped", "chosen", "is_pair"),
    [
        ({"backends": "torch-numpy"}, [], ("numpy", "torch"), False),
        ({"backends": "torch-mxnet-numpy"}, ["backends"], ("numpy", "torch"), False),
        ({"backends": "torch-<script>-numpy"}, ["backends"], ("numpy", "torch"), False),
        ({"backends": "torch-torch"}, ["backends"], HERE, False),
        ({"backends": ""}, ["backends"], HERE, False),
        ({"mode": "both"}, ["mode"], HERE, False),
        ({"mode": "both", "a.seed": "2"}, ["mode"], HERE, True),
        ({"mode": "pair", "a.seed": "-2", "a.hidden": "4"}, ["a.seed"], HERE, True),
    ],
)
def test_what_is_wrong_in_a_link_to_a_comparison_is_named(query, dropped, chosen, is_pair):
    form, problems = comparison_from_query(query, COMPARISON)
    assert [problem.field for problem in problems] == dropped
    assert (form.backends, form.is_pair) == (chosen, is_pair)
    assert (form.experiment_a is not None) == any(name.startswith("a.") for name in query)


def test_an_absent_backend_is_told_from_one_that_does_not_exist():
    _, problems = comparison_from_query({"backends": "numpy-torch-keras-theano"}, COMPARISON)
    assert [problem.value for problem in problems] == ["theano", "keras"]
    assert problems[0].reason == "this page has autograd, JAX, NumPy, TensorFlow, PyTorch"
    assert problems[1].reason == "not installed on this server"


@pytest.mark.parametrize(
    ("query", "dropped", "w"),
    [
        ({"w2": "2.5"}, [], (1.0, 2.5, -1.5)),
        ({"w2": "1e301", "w1": "3"}, ["w2"], (3.0, 1.0, -1.5)),
        ({"w4": "1", "w1": "3"}, ["w4"], (3.0, 1.0, -1.5)),
        ({"expression": "eval", "w1": "3"}, ["expression"], (3.0, 1.0, -1.5)),
        ({"step": "0.5", "w1": "3"}, ["step"], (3.0, 1.0, -1.5)),
        ({"expression": "relu", "w1": "three"}, ["w1"], (0.5, 0.0, -0.5)),
    ],
)
def test_what_is_wrong_in_a_link_to_a_question_is_named(query, dropped, w):
    question, problems = question_from_query(query)
    assert [problem.field for problem in problems] == dropped
    assert question.w == w


def test_two_large_experiments_are_too_much_for_one_link():
    experiment = Experiment(hidden=(30, 25))
    large = with_weights(experiment, initial_params(experiment))
    assert to_query(large, Experiment())
    form = ComparisonForm(large, HERE, True, with_weights(large, initial_params(large)))
    with pytest.raises(InvalidExperiment, match="given"):
        comparison_to_query(form, COMPARISON)


def test_a_page_of_dense_layers_says_so_where_a_link_asks_for_convolutions():
    query = {"architecture": "conv", "channels": "2-3", "hidden": "5"}
    for form, problems in (
        convergence_from_query(query, CONVERGENCE),
        comparison_from_query(query, COMPARISON),
    ):
        assert form.experiment.architecture == "dense"
        assert form.experiment.hidden == (5,)
        assert [problem.field for problem in problems] == ["architecture"]
        assert "on page Digits" in problems[0].reason


def test_a_link_whose_weights_are_damaged_opens_an_experiment_that_can_begin():
    weights = ((((0.5, 1.0, 2.0), (3.0, 4.0, 5.0)), (0.0, 0.0, 1.0)), (((1.0,),) * 3, (0.5,)))
    sent = Experiment(initializer="given", given=weights, seed=7)
    query = to_query(sent, Experiment())
    assert from_query(query, Experiment()).experiment == sent
    opened = from_query({**query, "given": query["given"][:-9]}, Experiment())
    assert [problem.field for problem in opened.problems] == ["given"]
    assert opened.experiment == Experiment(seed=7)
    assert initial_params(opened.experiment)
