"""Each NumPy optimizer against the formula of its paper, written out in three lines."""

import numpy as np
import pytest

from nn_core.networks.optimizers import OPTIMIZERS

START = np.array([1.0, -2.0, 0.5])
GRADIENTS = [np.array([0.3, -1.0, 0.0]), np.array([-0.2, 1e-7, 0.4]), np.array([0.1, 5.0, 1e-9])]
ETA, MU, EPSILON = 0.1, 0.9, 1e-8


def sgd(form):
    w = START
    for g in GRADIENTS:
        w = w - ETA * g
    return w


def momentum(form):
    w, v = START, 0.0
    for g in GRADIENTS:
        v = MU * v + g
        w = w - ETA * v
    return w


def nesterov(form):
    w, v = START, 0.0
    for g in GRADIENTS:
        v = MU * v + g
        w = w - ETA * (g + MU * v)
    return w


def adagrad(form):
    w, s = START, 0.1
    for g in GRADIENTS:
        s = s + g**2
        w = w - ETA * g / root(s, form)
    return w


def rmsprop(form):
    w, s = START, 0.0
    for g in GRADIENTS:
        s = 0.9 * s + 0.1 * g**2
        w = w - ETA * g / root(s, form)
    return w


def adam(form):
    w, m, v = START, 0.0, 0.0
    for t, g in enumerate(GRADIENTS, start=1):
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        c1, c2 = 1 - 0.9**t, 1 - 0.999**t
        if form == "after_root":
            w = w - ETA * (m / c1) / (np.sqrt(v / c2) + EPSILON)
        else:
            w = w - ETA * np.sqrt(c2) / c1 * m / (np.sqrt(v) + EPSILON)
    return w


def root(s, form):
    return np.sqrt(s) + EPSILON if form == "after_root" else np.sqrt(s + EPSILON)


FORMULAS = {f.__name__: f for f in (sgd, momentum, nesterov, adagrad, rmsprop, adam)}


def moved(name, form):
    w = START.copy()
    optimizer = OPTIMIZERS[name](w, ETA, MU, form)
    for g in GRADIENTS:
        optimizer.step(g.copy())
    return w


@pytest.mark.parametrize("form", ["after_root", "hat"])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizer_follows_its_formula(name, form):
    # Three steps of a few roundings each: 1e-14 leaves room for the order of the operations.
    np.testing.assert_allclose(moved(name, form), FORMULAS[name](form), rtol=0, atol=1e-14)


@pytest.mark.parametrize("name", ["adagrad", "rmsprop", "adam"])
def test_the_two_forms_of_epsilon_differ(name):
    # Gradients of 1e-7 and 1e-9 are as small as epsilon: there the forms part.
    assert np.abs(moved(name, "after_root") - moved(name, "hat")).max() > 1e-10


def test_adam_returns_its_two_moments_and_continues_from_them():
    m, v = 0.0, 0.0
    for g in GRADIENTS:
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
    optimizer = OPTIMIZERS["adam"](START.copy(), ETA, MU, "after_root")
    for g in GRADIENTS:
        optimizer.step(g.copy())
    np.testing.assert_allclose(optimizer.quantities(), [m, v], rtol=1e-12)
    other = OPTIMIZERS["adam"](optimizer.w.copy(), ETA, MU, "after_root")
    other.set_quantities([m, v])
    other.steps = optimizer.steps
    for each in (optimizer, other):
        each.step(GRADIENTS[0].copy())
    np.testing.assert_allclose(other.w, optimizer.w, rtol=1e-12)
