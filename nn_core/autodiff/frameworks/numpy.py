"""NumPy: the derivative by hand, and by central differences.

Each function returns the value and, written out, its derivative by each weight.
"""

from __future__ import annotations

import numpy as np


def sigmoid(z):
    return np.exp(-np.logaddexp(0, -z))


def logistic(w, x):
    z = w @ x
    return np.logaddexp(0, -z), -sigmoid(-z) * x


def squared_error(w, x):
    inputs = np.array([x[0], x[1], 1.0])
    a = sigmoid(w @ inputs)
    error = a - x[2]
    return error**2, 2 * error * a * (1 - a) * inputs


def polynomial(w, x):
    w1, w2, w3 = w
    return w1**2 * w2 + np.sin(w3), np.array([2 * w1 * w2, w1**2, np.cos(w3)])


def cross_entropy(w, x):
    log_softmax = w - np.logaddexp.reduce(w)
    return -x @ log_softmax, x.sum() * np.exp(log_softmax) - x


def relu(w, x):
    return x @ np.maximum(w, 0), x * (w > 0)


def tanh_chain(w, x):
    a1 = np.tanh(w[0] * x[0])
    a2 = np.tanh(w[1] * a1)
    a3 = np.tanh(w[2] * a2)
    delta3 = 1 - a3**2
    delta2 = delta3 * w[2] * (1 - a2**2)
    delta1 = delta2 * w[1] * (1 - a1**2)
    return a3, np.array([delta1 * x[0], delta2 * a1, delta3 * a2])


def by_hand(loss, w, x):
    """By hand: the derivative is written out with the value."""
    return loss(np.array(w), np.array(x))


def central_differences(loss, w, x, step):
    """Central differences: the slope from w − h to w + h."""
    w, x = np.array(w), np.array(x)
    gradient = np.empty_like(w)
    for i in range(len(w)):
        right, left = w.copy(), w.copy()
        right[i] += step
        left[i] -= step
        rise = loss(right, x)[0] - loss(left, x)[0]
        # Not 2 * step: w + h has been rounded.
        gradient[i] = rise / (right[i] - left[i])
    return loss(w, x)[0], gradient
