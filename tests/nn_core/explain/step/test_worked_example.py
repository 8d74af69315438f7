"""One step of a small network, worked out by hand, on every backend."""

import numpy as np
import pytest

from nn_core import Experiment, backends

# The network of Matt Mazur, "A Step by Step Backpropagation Example" (2015): two inputs, two
# hidden and two output units, all sigmoid, one row, learning rate 0.5. His error is
# 1/2 sum (y - a)^2, which for two outputs is their mean squared error.
#
#   x = (0.05, 0.10)                  y = (0.01, 0.99)
#   z_h1 = 0.15 * 0.05 + 0.20 * 0.10 + 0.35 = 0.3775     h1 = sigmoid(0.3775) = 0.593269992
#   z_h2 = 0.25 * 0.05 + 0.30 * 0.10 + 0.35 = 0.3925     h2 = sigmoid(0.3925) = 0.596884378
#   z_o1 = 0.40 * h1 + 0.45 * h2 + 0.60 = 1.105905967    o1 = 0.751365070
#   z_o2 = 0.50 * h1 + 0.55 * h2 + 0.60 = 1.224921404    o2 = 0.772928465
#   loss = ((0.01 - o1)^2 + (0.99 - o2)^2) / 2 = (0.549622167 + 0.047120051) / 2 = 0.298371109
#
# Back from the outputs, delta = (a - y) * a * (1 - a):
#   delta_o1 = (0.751365070 - 0.01) * 0.751365070 * 0.248634930 = +0.138498562
#   delta_o2 = (0.772928465 - 0.99) * 0.772928465 * 0.227071535 = -0.038098237
# and from the hidden units, delta = (sum of delta_o * weight) * h * (1 - h):
#   delta_h1 = (0.138498562 * 0.40 - 0.038098237 * 0.50) * 0.593269992 * 0.406730008 = 0.008771355
#   delta_h2 = (0.138498562 * 0.45 - 0.038098237 * 0.55) * 0.596884378 * 0.403115622 = 0.009954254
#
# A gradient is delta times what came in along the weight; a weight moves by -0.5 times it:
#   0.40 - 0.5 * 0.138498562 * 0.593269992 = 0.358916480
#   0.45 - 0.5 * 0.138498562 * 0.596884378 = 0.408666186
#   0.50 + 0.5 * 0.038098237 * 0.593269992 = 0.511301270
#   0.55 + 0.5 * 0.038098237 * 0.596884378 = 0.561370121
#   0.15 - 0.5 * 0.008771355 * 0.05 = 0.149780716     0.20 - 0.5 * 0.008771355 * 0.10 = 0.199561432
#   0.25 - 0.5 * 0.009954254 * 0.05 = 0.249751144     0.30 - 0.5 * 0.009954254 * 0.10 = 0.299502287
# The biases (his example leaves them alone):
#   0.35 - 0.5 * 0.008771355 = 0.345614323            0.35 - 0.5 * 0.009954254 = 0.345022873
#   0.60 - 0.5 * 0.138498562 = 0.530750719            0.60 + 0.5 * 0.038098237 = 0.619049119
X, Y = np.array([[0.05, 0.10]]), np.array([[0.01, 0.99]])
BEFORE = [
    (np.array([[0.15, 0.25], [0.20, 0.30]]), np.array([0.35, 0.35])),
    (np.array([[0.40, 0.50], [0.45, 0.55]]), np.array([0.60, 0.60])),
]
AFTER = [
    ([[0.149780716, 0.249751144], [0.199561432, 0.299502287]], [0.345614323, 0.345022873]),
    ([[0.358916480, 0.511301270], [0.408666186, 0.561370121]], [0.530750719, 0.619049119]),
]
LOSS, OUTPUTS = 0.298371109, [[0.751365070, 0.772928465]]


class TwoTwoTwo:
    """The experiment of the example; no data set has two inputs and two outputs."""

    layer_sizes = (2, 2, 2)

    def __getattr__(self, name):
        return getattr(EXPERIMENT, name)


EXPERIMENT = Experiment(
    hidden=(2,), loss="mse", optimizer="sgd", learning_rate=0.5, dtype="float64"
)


@pytest.fixture
def model(backend):
    return backends.load(backend).Model(TwoTwoTwo(), BEFORE, X, Y, "cpu")


def test_the_forward_pass_is_the_one_worked_out_by_hand(model):
    loss, outputs = model.evaluate(X, Y)
    assert loss == pytest.approx(LOSS, abs=1e-9)
    np.testing.assert_allclose(outputs, OUTPUTS, rtol=0, atol=1e-9)


def test_one_step_is_the_one_worked_out_by_hand(model):
    losses = model.train(np.array([[0]]))
    assert losses == pytest.approx([LOSS], abs=1e-9)
    for (weight, bias), (weight_by_hand, bias_by_hand) in zip(
        model.get_params(), AFTER, strict=True
    ):
        # Nine decimals are written above, and the last of them is rounded twice.
        np.testing.assert_allclose(weight, weight_by_hand, rtol=0, atol=2e-9)
        np.testing.assert_allclose(bias, bias_by_hand, rtol=0, atol=2e-9)
