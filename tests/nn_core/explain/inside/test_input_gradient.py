"""The gradient on an input, against arithmetic by hand, central differences and PyTorch."""

import numpy as np
import pytest

from nn_core import Experiment
from nn_core.explain.inside.input_gradient import descend, input_gradient, sums_before_output
from nn_core.networks.forward import layer_activations, predict
from nn_core.networks.initializers import initial_params
from nn_core.networks.losses import loss_for

PAIRS = [
    ("softmax", "cross_entropy"),
    ("identity", "cross_entropy_logits"),
    ("softmax", "cross_entropy_logits"),
    ("sigmoid", "bce"),
    ("softmax", "bce"),
    ("identity", "bce_logits_sum"),
    ("tanh", "mse"),
    ("sigmoid", "mse_sum"),
]


def network(output, loss, hidden=(7, 5), activation="tanh", **fields):
    experiment = Experiment(
        dataset="digits_8x8", hidden=hidden, activation=activation, output=output, loss=loss,
        initializer="uniform_fan_in", dtype="float64", **fields,
    )  # fmt: skip
    rng = np.random.default_rng(4)
    x, y = rng.random(64), np.eye(10)[3]
    return initial_params(experiment), x, y, (experiment.hidden_activations, output, loss)


def loss_of(params, x, y, names):
    """The loss alone, through the forward pass that everything else is drawn from."""
    hidden, output, loss = names
    activations = [x[None], *layer_activations(params, x[None], hidden, output)]
    sums = sums_before_output(params, activations[-2])
    return loss_for(output, loss).value(activations[-1], sums, y[None])


@pytest.mark.parametrize(("output", "loss"), PAIRS)
@pytest.mark.parametrize("hidden", [(), (7, 5)])
def test_the_gradient_is_that_of_central_differences(output, loss, hidden):
    params, x, y, names = network(output, loss, hidden)
    found = input_gradient(params, x, y, *names)
    assert found.loss == pytest.approx(loss_of(params, x, y, names), rel=1e-12)
    step, differences = 1e-6, np.empty(64)
    for i in range(64):
        moved = np.zeros(64)
        moved[i] = step
        ends = (loss_of(params, x + sign * moved, y, names) for sign in (1, -1))
        differences[i] = np.subtract(*ends) / (2 * step)
    assert np.abs(differences).max() > 1e-4
    np.testing.assert_allclose(found.gradient, differences, atol=2e-9)


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "sigmoid"])
def test_the_gradient_is_that_of_autograd(activation):
    torch = pytest.importorskip("torch")
    params, x, y, names = network("softmax", "cross_entropy", activation=activation)
    functions = {
        "relu": torch.relu,
        "leaky_relu": torch.nn.functional.leaky_relu,
        "sigmoid": torch.sigmoid,
    }
    pixels = torch.tensor(x, requires_grad=True)
    a = pixels
    for i, (weight, bias) in enumerate(params):
        a = a @ torch.tensor(weight) + torch.tensor(bias)
        a = functions[activation](a) if i < len(params) - 1 else a
    loss = torch.nn.functional.cross_entropy(a[None], torch.tensor([3]))
    loss.backward()
    found = input_gradient(params, x, y, *names)
    assert found.loss == pytest.approx(loss.item(), rel=1e-12)
    np.testing.assert_allclose(found.gradient, pixels.grad.numpy(), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found.outputs, torch.softmax(a, 0).detach().numpy(), rtol=1e-9)


def test_a_gradient_worked_out_by_hand():
    # z = 2 x1 − x2 = 1, loss (z − 3)² = 4; by x1: 2 (1 − 3) 2 = −8, by x2: 4.
    params = [(np.array([[2.0], [-1.0]]), None)]
    found = input_gradient(params, [1, 1], [3], (), "identity", "mse_sum")
    assert found.loss == 4
    assert found.gradient.tolist() == [-8, 4]
    assert found.outputs.tolist() == [1]
    # The first input matters most: it moves by the whole 0.1, the other by half of it.
    moved = descend(
        params, [1, 1], [3], (), "identity", "mse_sum", steps=1, size=0.1, low=0, high=2
    )
    np.testing.assert_allclose(moved, [1.1, 0.95])


def test_steps_make_the_chosen_class_more_probable_and_leave_no_pixel_outside():
    params, x, y, names = network("softmax", "cross_entropy")
    params = [(4 * weight, bias) for weight, bias in params]  # or no pixel says much
    before = predict(params, x[None], *names[:2])[0, 3]
    moved = descend(params, x, y, *names, steps=30, size=0.1, low=0, high=1)
    after = predict(params, moved[None], *names[:2])[0, 3]
    assert after > 2 * before
    assert moved.min() >= 0
    assert moved.max() <= 1
    same = descend(params, x, y, *names, steps=0, size=0.1, low=0, high=1)
    np.testing.assert_array_equal(same, x)


def test_where_there_is_no_gradient_the_image_stays():
    params, x, y, _ = network("softmax", "cross_entropy", hidden=())
    names = ((), "step", "mse")
    assert not input_gradient(params, x, y, *names).gradient.any()
    moved = descend(params, x, y, *names, steps=5, size=0.1, low=0, high=1)
    np.testing.assert_array_equal(moved, x)
