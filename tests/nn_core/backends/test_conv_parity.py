"""A convolutional network, on every backend that offers it, against arithmetic written out."""

import numpy as np
import pytest

from nn_core import Experiment, backends, datasets
from nn_core.networks.architectures.conv import OFFERED_BY
from nn_core.networks.dropout import Dropout
from nn_core.networks.forward import predict
from nn_core.networks.initializers import initial_params
from nn_core.networks.optimizers import CONSTANTS
from nn_core.runs.studies.parity import largest_difference
from tests.helpers.frameworks import installed

# No bias is zero, so that no sum over an empty corner of an image sits on the kink of its ReLU.
FIELDS = {
    "dataset": "digits_8x8",
    "architecture": "conv",
    "channels": (2, 3),
    "kernel": 3,
    "hidden": (4,),
    "activation": "tanh",
    "output": "softmax",
    "loss": "cross_entropy",
    "initializer": "uniform_fan_in",
    "learning_rate": 0.05,
    "dtype": "float64",
}
ROWS = np.random.default_rng(0).integers(0, 200, (20, 7))


@pytest.fixture(params=OFFERED_BY)
def convolving(request) -> str:
    """The name of each backend with convolutions in turn."""
    return installed(request.param, backends.label(request.param))


@pytest.fixture(scope="module")
def data():
    """200 images of 8×8 pixels."""
    return datasets.load(
        Experiment(dataset="digits_8x8", dataset_options={"train_rows": 200})
    ).astype("float64")


def model_of(backend, data, **fields):
    experiment = Experiment(backend=backend, **{**FIELDS, **fields})
    start = initial_params(experiment)
    return experiment, backends.load(backend).Model(experiment, start, data.x, data.y, "cpu")


class Witness:
    """The same network and plain steps, place by place of the kernels, with NumPy alone."""

    def __init__(self, experiment):
        self.e = experiment
        self.params = [(w.copy(), b.copy()) for w, b in initial_params(experiment)]

    def step(self, x, y, mask=1.0):
        """One step; returns the loss before it, and its gradients."""
        (k1, c1), (k2, c2), (w3, b3), (w4, b4) = self.params
        n = len(x)
        blocks, below = [], x.reshape(n, 8, 8, 1)
        for kernel, bias in ((k1, c1), (k2, c2)):
            z = sum(
                self.moved(below, u, v, len(kernel)) @ kernel[u, v]
                for u in range(len(kernel))
                for v in range(len(kernel))
            )
            z = z + bias
            side = z.shape[1] // 2
            four = np.maximum(z, 0).reshape(n, side, 2, side, 2, -1).transpose(0, 1, 3, 5, 2, 4)
            four = four.reshape(*four.shape[:4], 4)
            # Where several are the largest, as on an empty ground, one of them hears the gradient.
            blocks.append((below, z, np.eye(4)[four.argmax(axis=-1)]))
            below = four.max(axis=-1)
        flat = below.reshape(n, -1)
        h = np.tanh(flat @ w3 + b3)
        heard = h * mask
        z4 = heard @ w4 + b4
        p = np.exp(z4 - z4.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        loss = -(y * np.log(p)).sum(axis=1).mean()

        d4 = (p - y) / n
        d3 = d4 @ w4.T * mask * (1 - h**2)
        gradients = [(flat.T @ d3, d3.sum(axis=0)), (heard.T @ d4, d4.sum(axis=0))]
        d = (d3 @ w3.T).reshape(below.shape)
        for (inputs, z, is_largest), kernel in zip(blocks[::-1], (k2, k1), strict=True):
            dz = (is_largest * d[..., None]).reshape(*d.shape, 2, 2).transpose(0, 1, 4, 2, 5, 3)
            dz = dz.reshape(z.shape) * (z > 0)
            of_kernel, d = np.zeros_like(kernel), np.zeros_like(inputs)
            size = len(kernel)
            for u in range(size):
                for v in range(size):
                    of_kernel[u, v] = np.tensordot(
                        self.moved(inputs, u, v, size), dz, axes=((0, 1, 2), (0, 1, 2))
                    )
                    back = dz @ kernel[u, v].T
                    d += self.moved(back, size - 1 - u, size - 1 - v, size)
            gradients.insert(0, (of_kernel, dz.sum(axis=(0, 1, 2))))
        e = self.e
        gradients = [
            (g + e.l1 * np.sign(w) + e.l2 * w, of_bias)
            for (g, of_bias), (w, _) in zip(gradients, self.params, strict=True)
        ]
        self.params = [
            (w - e.learning_rate * g, b - e.learning_rate * of_bias)
            for (w, b), (g, of_bias) in zip(self.params, gradients, strict=True)
        ]
        return loss, gradients

    @staticmethod
    def moved(x, u, v, size):
        """What place (u, v) of a kernel lies on, for each place of the kernel."""
        half, side = size // 2, x.shape[1]
        padded = np.pad(x, ((0, 0), (half, half), (half, half), (0, 0)))
        return padded[:, u : u + side, v : v + side]


REGULARISED = {"dropout": 0.3, "l1": 0.001, "l2": 0.01}


@pytest.mark.parametrize("more", [{"kernel": 5}, REGULARISED], ids=["5 × 5", "regularised"])
def test_twenty_steps_are_those_of_the_arithmetic_here(convolving, data, more):
    experiment, model = model_of(convolving, data, optimizer="sgd", **more)
    witness = Witness(experiment)
    masks = Dropout(experiment, 7).masks(0, 20, 7) if experiment.dropout else ()
    expected = [
        witness.step(data.x[rows], data.y[rows], *(mask[i] for mask in masks))[0]
        for i, rows in enumerate(ROWS)
    ]
    losses = model.train(ROWS, *([masks] if masks else []))
    np.testing.assert_allclose(losses, expected, rtol=0, atol=1e-12)
    assert largest_difference(model.get_params(), witness.params) < 1e-12


def test_the_gradient_is_that_of_the_arithmetic_and_of_central_differences(convolving, data):
    experiment, model = model_of(convolving, data, l2=0.01)
    x, y = data.x[:7], data.y[:7]
    gradients = model.gradients(x, y)
    _, expected = Witness(experiment).step(x, y)
    assert largest_difference(gradients, expected) < 1e-13
    rng, step = np.random.default_rng(1), 1e-5
    start = model.get_params()
    for layer in range(4):
        for which in (0, 1):
            place = tuple(rng.integers(size) for size in start[layer][which].shape)
            objectives = []
            for sign in (1, -1):
                params = [(w.copy(), b.copy()) for w, b in start]
                params[layer][which][place] += sign * step
                model.set_params(params)
                squares = sum(float((w**2).sum()) for w, _ in params)
                objectives.append(model.evaluate(x, y)[0] + 0.01 / 2 * squares)
            slope = (objectives[0] - objectives[1]) / (2 * step)
            assert gradients[layer][which][place] == pytest.approx(slope, abs=1e-9)


def test_steps_of_adam_move_each_number_by_its_gradients(convolving, data):
    experiment, model = model_of(convolving, data, optimizer="adam", learning_rate=0.01)
    constants, witness = CONSTANTS["adam"], Witness(experiment.replace(optimizer="sgd"))
    is_hat = model.epsilon_form == "hat"
    slots = [[np.zeros_like(a) for a in (*pair, *pair)] for pair in witness.params]
    for t, rows in enumerate(ROWS, 1):
        before = witness.params
        _, gradients = witness.step(data.x[rows], data.y[rows])
        after = []
        for pair, found, kept in zip(before, gradients, slots, strict=True):
            moved = []
            for i, (w, g) in enumerate(zip(pair, found, strict=True)):
                m, v = kept[i], kept[i + 2]
                m += (1 - constants["beta_1"]) * (g - m)
                v += (1 - constants["beta_2"]) * (g * g - v)
                bias_1, bias_2 = (1 - constants[b] ** t for b in ("beta_1", "beta_2"))
                if is_hat:
                    size = np.sqrt(bias_2) / bias_1 / (np.sqrt(v) + constants["epsilon"])
                else:
                    size = 1 / bias_1 / (np.sqrt(v / bias_2) + constants["epsilon"])
                moved.append(w - 0.01 * size * m)
            after.append(tuple(moved))
        witness.params = after
    model.train(ROWS)
    assert largest_difference(model.get_params(), witness.params) < 1e-9


@pytest.mark.parametrize("fields", [{}, {"bias": False, "hidden": ()}], ids=["whole", "bare"])
def test_the_answers_are_those_of_numpys_forward_pass(convolving, data, fields):
    # More rows than pass through a backend at once, and a number that is no multiple of it.
    x, y = np.tile(data.x, (6, 1))[:1103], np.tile(data.y, (6, 1))[:1103]
    experiment, model = model_of(convolving, data, **fields)
    expected = predict(
        initial_params(experiment), x, experiment.hidden_activations, experiment.output
    )
    loss, outputs = model.evaluate(x, y)
    np.testing.assert_allclose(outputs, expected, rtol=0, atol=1e-14)
    np.testing.assert_allclose(model.predict(x), expected, rtol=0, atol=1e-14)
    assert loss == pytest.approx(-(y * np.log(expected)).sum(axis=1).mean(), abs=1e-13)
    assert model.predict(x[:1]).shape == (1, 10)


def test_a_restored_state_repeats_the_steps_to_the_bit(convolving, data):
    _, model = model_of(convolving, data, optimizer="adam")
    model.train(ROWS[:5])
    state, params = model.get_state(), model.get_params()
    first = model.train(ROWS[5:])
    model.set_state(state)
    assert largest_difference(params, model.get_params()) == 0
    assert np.array_equal(first, model.train(ROWS[5:]))
    assert [w.shape for w, _ in params] == [(3, 3, 1, 2), (3, 3, 2, 3), (12, 4), (4, 10)]
