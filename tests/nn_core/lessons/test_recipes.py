"""Every published experiment runs, on the framework its author used, and behaves as published."""

import numpy as np
import pytest

from nn_core import Experiment, backends, datasets, fit
from nn_core.lessons import recipes
from nn_core.runs.workers.pool import Pool
from nn_core.training.trainer import Trainer
from tests.helpers.frameworks import installed
from tests.helpers.real_mnist import real_mnist

SMALL = [name for name in recipes.names() if not name.startswith("mnist")]
LONG = ("bin2dec-torch", "bin2dec-torch-twice")  # thousands of steps one by one
XOR, BITS = [0, 1, 1, 0], [0, 1, 2, 3]


def framework(name):
    """The recipe, if its framework is on this machine; the test is skipped by name otherwise."""
    recipe = recipes.get(name)
    installed(recipe.backend, backends.label(recipe.backend))
    return recipe


def run(recipe):
    result = fit(recipe)
    outputs = result.predict(datasets.load(recipe).x)
    return result, outputs


def probabilities(logits):
    return 1 / (1 + np.exp(-logits))


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.slow) if name in LONG else name for name in SMALL],
)
def test_the_recipe_solves_its_task(name):
    result, outputs = run(framework(name))
    assert result.metrics["train_accuracy"] == 1.0
    data = datasets.load(recipes.get(name))
    if data.kind == "classes":
        assert outputs.argmax(axis=1).tolist() == BITS
        assert outputs.diagonal().min() > 0.99


@pytest.mark.parametrize("name", ["xor-tf", "xor-torch", "xor-keras"])
def test_the_outputs_of_xor_are_as_near_to_0_and_1_as_published(name):
    _, outputs = run(framework(name))
    assert np.abs(outputs.ravel() - XOR).max() < 0.06


def test_the_batch_perceptron_goes_through_the_published_weights():
    recipe = recipes.get("perceptron-batch")
    trainer = Trainer(recipe)
    seen = []
    while not trainer.end:
        trainer.advance(1)
        weight, bias = trainer.model.get_params()[0]
        seen.append((*weight.ravel(), *bias))
    published = [(1, 1, 3), (0, 0, 2), (-1, -1, 1), (0, 0, 3), (-1, -1, 2)]
    assert seen == published + [(-1, -1, 2)] * 5
    assert trainer.model.predict(trainer.data.x).ravel().tolist() == [1, 1, 1, 0]


def test_the_online_perceptron_learns_and_with_the_published_weights():
    result, outputs = run(recipes.get("perceptron-online"))
    weight, bias = result.params[0]
    assert (*weight.ravel(), *bias) == (0.5, 0.5, -0.5)
    assert outputs.ravel().tolist() == [0, 0, 0, 1]


def test_every_order_of_the_rows_brings_the_perceptron_to_a_fixed_point():
    for seed in range(20):
        recipe = recipes.get("perceptron-online").experiment.replace(seed=seed, epochs=30)
        result = fit(recipe)
        assert result.metrics["train_accuracy"] == 1.0
        assert (result.losses[-40:] == 0).all()


def test_the_logistic_unit_takes_the_published_steps():
    recipe = recipes.get("logistic-sgd")
    trainer = Trainer(recipe)
    seen = []
    while not trainer.end:
        trainer.advance(1)
        weight, bias = trainer.model.get_params()[0]
        seen.append([*weight.ravel(), *bias])
    published = [
        (0, 0, 1),
        (-0.46211716, -0.46211716, 1.07576569),
        (-0.64870031, -0.64870031, 1.49471806),
        (-0.89760135, -0.89760135, 1.72930054),
        (-1.07784586, -1.07784586, 2.003019),
    ]
    np.testing.assert_allclose(seen[:5], published, atol=1e-6)
    np.testing.assert_allclose(seen[-1], (-5.59504346, -5.59504346, 8.57206068), atol=1e-6)
    np.testing.assert_allclose(
        probabilities(trainer.model.predict(trainer.data.x)).ravel(),
        [0.99981071, 0.95152498, 0.95152498, 0.06798725],
        atol=1e-6,
    )


@pytest.mark.parametrize("rung", [1, 2, 3, 4])
def test_the_ladder_of_nand_ends_at_the_published_probabilities(rung):
    _, outputs = run(framework(f"nand-torch-{rung}"))
    # A convex problem: from any start nearly the same end.
    np.testing.assert_allclose(
        probabilities(outputs).ravel(), [0.9986, 0.9109, 0.9109, 0.1256], atol=0.01
    )


def test_xor_2_2_1_solves_from_some_starts_and_sticks_from_others():
    recipe = recipes.get("xor-torch-4").experiment.replace(backend="numpy")
    shares = {fit(recipe.replace(seed=seed)).metrics["train_accuracy"] for seed in range(20)}
    assert 1.0 in shares
    assert min(shares) <= 0.75


@pytest.mark.parametrize("backend_name", ["numpy", "keras"])
def test_the_optimum_of_xor_is_a_fixed_point_and_its_neighbourhood_stays_near(backend_name):
    installed(backend_name, backends.label(backend_name))
    recipe = recipes.get("xor-goodfellow").experiment.replace(backend=backend_name)
    exact, outputs = run(recipe.replace(given_offset=0.0))
    assert (exact.losses == 0).all()
    assert outputs.ravel().tolist() == XOR
    for before, after in zip(exact.initial_params, exact.params, strict=True):
        assert np.array_equal(before[0], after[0])
        assert np.array_equal(before[1], after[1])
    _, near = run(recipe)
    assert np.abs(near.ravel() - XOR).max() < 1e-3
    assert (near.ravel() >= 0.5).astype(int).tolist() == XOR


@pytest.mark.slow
def test_softmax_twice_cannot_fall_below_its_lowest_loss():
    result, _ = run(framework("bin2dec-torch-twice"))
    lowest = np.log(np.e + 3) - 1
    assert lowest < result.losses[-1] < lowest + 0.01
    assert result.losses[0] == pytest.approx(1.3924, abs=0.02)  # as its author printed


@pytest.mark.parametrize("name", recipes.names())
def test_the_recipe_says_what_was_published_and_what_it_teaches(name):
    recipe = recipes.get(name)
    assert recipe.title
    assert recipe.published
    assert all(figure in recipes.FIGURES for figure, _ in recipe.published)
    assert recipe.lesson.count(". ") + recipe.lesson.count("? ") + recipe.lesson.count(": ") >= 1
    assert recipe.experiment == Experiment(**recipe.model_dump())


def test_the_error_of_an_unknown_recipe_names_the_known_ones():
    with pytest.raises(KeyError, match="xor-tf"):
        recipes.get("xor-fortran")


@pytest.mark.mnist
@pytest.mark.slow
@pytest.mark.parametrize("name", [n for n in recipes.names() if n.startswith("mnist")])
def test_mnist_passes_90_percent_within_3_of_its_50_epochs(name, monkeypatch):
    monkeypatch.setenv("BACKPROP_LIVE_DATA", str(real_mnist()))
    experiment = framework(name).experiment.replace(epochs=3)
    pool = Pool(slots=1)  # in a worker: MXNet has a Python of its own
    try:
        run = pool.submit(experiment, "ada")
        assert run.wait(lambda run: run.is_over, 600)
        assert run.end.metrics["test_accuracy"] > 0.9
    finally:
        pool.close()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"hidden": (3,)}, "cannot reach behind a hidden layer"),
        ({"backend": "torch"}, "no gradient for a framework to find"),
        ({"loss": "mse"}, "by the perceptron rule alone"),
        ({"output": "sigmoid"}, "needs the step output"),
    ],
)
def test_the_perceptron_rule_is_refused_where_it_cannot_work(changes, reason):
    with pytest.raises(ValueError, match=reason):
        recipes.get("perceptron-batch").experiment.replace(**changes)
