"""The gradient of every network: NumPy's is right, and every backend has the same."""

import numpy as np
import pytest

from nn_core import Experiment, backends, vocabulary
from nn_core.networks.initializers import initial_params
from tests.helpers.pairs import PAIRS

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(5, 2)), np.eye(4)[[0, 1, 2, 3, 1]]


def model_of(backend, *, scale=1.0, **fields):
    """Two inputs, two hidden layers, four outputs; no bias is zero, so no unit sits on a kink."""
    experiment = Experiment(
        dataset="bits",
        hidden=(3, 4),
        initializer="uniform_fan_in",
        dtype="float64",
        backend=backend,
        **fields,
    )
    params = [
        (weight * scale, None if bias is None else bias * scale)
        for weight, bias in initial_params(experiment)
    ]
    return backends.load(backend).Model(experiment, params, X, Y, "cpu")


def flat(params):
    return np.concatenate([array.ravel() for pair in params for array in pair if array is not None])


def like(params, vector):
    """`vector` in the layout of `params`."""
    parts = iter(
        np.split(vector, np.cumsum([a.size for p in params for a in p if a is not None])[:-1])
    )
    return [
        tuple(None if array is None else next(parts).reshape(array.shape) for array in pair)
        for pair in params
    ]


def central_differences(model, step=1e-5):
    """(loss(w + step) - loss(w - step)) / 2 step, for one parameter at a time."""
    params = model.get_params()
    w = flat(params)

    def loss(vector):
        model.set_params(like(params, vector))
        return model.evaluate(X, Y)[0]

    slopes = [(loss(w + e) - loss(w - e)) / (2 * step) for e in step * np.eye(len(w))]
    model.set_params(params)
    return np.array(slopes)


@pytest.mark.parametrize("bias", [True, False], ids=["bias", "no bias"])
@pytest.mark.parametrize(("output", "loss"), PAIRS)
@pytest.mark.parametrize("activation", vocabulary.ACTIVATIONS)
def test_numpy_has_the_gradient_that_differences_measure(activation, output, loss, bias):
    model = model_of("numpy", activation=activation, output=output, loss=loss, bias=bias)
    gradient, measured = flat(model.gradients(X, Y)), central_differences(model)
    # The error of central differences is about step² = 1e-10, and rounding / step = 1e-11.
    assert np.linalg.norm(gradient - measured) <= 1e-6 * np.linalg.norm(measured)


@pytest.mark.parametrize(("output", "loss"), PAIRS)
@pytest.mark.parametrize("activation", vocabulary.ACTIVATIONS)
def test_a_backend_has_the_gradient_of_numpy(backend, activation, output, loss):
    fields = {"activation": activation, "output": output, "loss": loss}
    gradient = flat(model_of(backend, **fields).gradients(X, Y))
    expected = flat(model_of("numpy", **fields).gradients(X, Y))
    # Sums of a few products in another order: 1e-15 each, and far less than 1e-10 together.
    np.testing.assert_allclose(gradient, expected, rtol=0, atol=1e-10)


def test_a_backend_has_no_gradient_for_biases_that_are_not_there(backend):
    weights, biases = zip(*model_of(backend, bias=False).gradients(X, Y), strict=True)
    assert [weight.shape for weight in weights] == [(2, 3), (3, 4), (4, 4)]
    assert biases == (None, None, None)


@pytest.mark.parametrize(
    ("output", "loss"), [("sigmoid", "bce"), ("softmax", "cross_entropy"), ("softmax", "bce")]
)
def test_a_backend_has_the_gradient_of_numpy_where_the_outputs_saturate(backend, output, loss):
    fields = {"output": output, "loss": loss, "activation": "identity", "scale": 12.0}
    model, reference = model_of(backend, **fields), model_of("numpy", **fields)
    outputs = reference.predict(X)
    assert outputs.min() < 1e-12 or outputs.max() == 1.0

    assert model.evaluate(X, Y)[0] == pytest.approx(reference.evaluate(X, Y)[0], rel=1e-10)
    gradient, expected = flat(model.gradients(X, Y)), flat(reference.gradients(X, Y))
    # Relative to the whole gradient, which is large here.
    assert np.linalg.norm(gradient - expected) <= 1e-10 * np.linalg.norm(expected)


def objective(model, l1, l2, masks=()):
    """Loss and penalties by the formula; with masks, from a call that takes no step."""
    if masks:
        model.set_learning_rate(0.0)
        (loss,) = model.train(np.arange(len(X))[None], masks)
    else:
        loss, _ = model.evaluate(X, Y)
    weights = np.concatenate([weight.ravel() for weight, _ in model.get_params()])
    return loss + l1 * np.abs(weights).sum() + l2 / 2 * (weights**2).sum()


REGULARISED = {
    "L1": {"l1": 0.03},
    "L2": {"l2": 0.07},
    "both": {"l1": 0.03, "l2": 0.07, "activations": ("tanh", "leaky_relu")},
    "dropout": {"dropout": 0.5},
    "all": {"l1": 0.03, "l2": 0.07, "dropout": 0.5, "activations": ("relu", "sigmoid")},
}


@pytest.mark.parametrize("fields", REGULARISED.values(), ids=REGULARISED)
def test_a_step_follows_the_slope_that_differences_of_the_objective_measure(fields):
    model = model_of("numpy", optimizer="sgd", learning_rate=1.0, **fields)
    l1, l2 = fields.get("l1", 0.0), fields.get("l2", 0.0)
    masks = ()
    if "dropout" in fields:  # fixed, and so that a unit is silent in some rows and heard in others
        masks = tuple(2.0 * (RNG.random((1, len(X), units)) < 0.5) for units in (3, 4))
    params, step = model.get_params(), 1e-5
    w = flat(params)

    def value(vector):
        model.set_params(like(params, vector))
        return objective(model, l1, l2, masks)

    measured = np.array([(value(w + e) - value(w - e)) / (2 * step) for e in step * np.eye(len(w))])
    model.set_params(params)
    model.set_learning_rate(1.0)
    if not masks:
        gradient = flat(model.gradients(X, Y))
        assert np.linalg.norm(gradient - measured) <= 1e-6 * np.linalg.norm(measured)
    model.train(np.arange(len(X))[None], *[masks] if masks else ())
    moved = w - flat(model.get_params())
    assert np.linalg.norm(moved - measured) <= 1e-6 * np.linalg.norm(measured)


def test_a_backend_adds_the_slope_of_the_penalties_to_the_weights_alone(backend):
    model, l1, l2 = model_of(backend, l1=0.03, l2=0.07), 0.03, 0.07
    plain = model_of(backend)
    params = model.get_params()
    params[0][0][0, 0] = 0.0  # where |w| has no slope, it counts as 0
    for each in (model, plain):
        each.set_params(params)
    assert model.evaluate(X, Y)[0] == plain.evaluate(X, Y)[0]
    for (weight, _), (slope, bias_slope), (without, bias_without) in zip(
        params, model.gradients(X, Y), plain.gradients(X, Y), strict=True
    ):
        expected = without + l1 * np.sign(weight) + l2 * weight
        np.testing.assert_allclose(slope, expected, rtol=0, atol=1e-15)
        np.testing.assert_allclose(bias_slope, bias_without, rtol=0, atol=1e-17)
