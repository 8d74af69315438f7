"""autograd: NumPy functions are called with boxes that note down what happens to them."""

from __future__ import annotations

import autograd.numpy as np
from autograd import value_and_grad
from autograd.scipy.special import expit, logsumexp


def logistic(w, x):
    return np.logaddexp(0, -np.dot(w, x))


def squared_error(w, x):
    return (expit(w[0] * x[0] + w[1] * x[1] + w[2]) - x[2]) ** 2


def polynomial(w, x):
    return w[0] ** 2 * w[1] + np.sin(w[2])


def cross_entropy(w, x):
    return -np.dot(x, w - logsumexp(w))


def relu(w, x):
    return np.dot(x, np.maximum(w, 0))


def tanh_chain(w, x):
    return np.tanh(w[2] * np.tanh(w[1] * np.tanh(w[0] * x[0])))


def reverse_mode(loss, w, x):
    """autograd: loss goes in, the function of its gradient comes out."""
    return value_and_grad(loss)(np.array(w), np.array(x))
