"""Activation functions in NumPy, each beside its derivative.

Every function writes into `out` or in place, so that a training step allocates
nothing. The derivative is written in terms of the activation ``a``, as in textbooks:
for the sigmoid, ``a (1 - a)``.

References
----------
.. [1] M. Nielsen, "Neural Networks and Deep Learning", 2015, chapter 2.
.. [2] F. Rosenblatt, "The perceptron", Psychological Review 65, 1958.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from nn_core.vocabulary import LEAKY_SLOPE

Array = np.ndarray

HALF, ONE = (
    {np.dtype(name): np.array(number, name) for name in ("float32", "float64")}
    for number in (0.5, 1.0)
)
"""Constants as arrays: on small layers, NumPy takes as long to convert a Python number as to
compute with it."""


class Identity:
    """``a = z``."""

    @staticmethod
    def forward(z: Array, out: Array) -> None:
        """Write the activation of `z` into `out`; both of shape (n, units)."""
        if out is not z:
            np.copyto(out, z)

    @staticmethod
    def backward(a: Array, gradient: Array, scratch: Array) -> None:
        """Turn the gradient on `a` into the gradient on ``z``, in place."""


class Sigmoid:
    """``a = 1 / (1 + exp(-z))``, ``da/dz = a (1 - a)``."""

    @staticmethod
    def forward(z: Array, out: Array) -> None:
        """Write the activation of `z` into `out`; both of shape (n, units)."""
        # tanh never overflows, and 1/(1+exp(-z)) == (1 + tanh(z/2)) / 2.
        half = HALF[z.dtype]
        np.multiply(z, half, out=out)
        np.tanh(out, out=out)
        out *= half
        out += half

    @staticmethod
    def backward(a: Array, gradient: Array, scratch: Array) -> None:
        """Turn the gradient on `a` into the gradient on ``z``, in place."""
        np.subtract(ONE[a.dtype], a, out=scratch)
        scratch *= a
        gradient *= scratch


class Tanh:
    """``a = tanh(z)``, ``da/dz = 1 - a²``."""

    @staticmethod
    def forward(z: Array, out: Array) -> None:
        """Write the activation of `z` into `out`; both of shape (n, units)."""
        np.tanh(z, out=out)

    @staticmethod
    def backward(a: Array, gradient: Array, scratch: Array) -> None:
        """Turn the gradient on `a` into the gradient on ``z``, in place."""
        np.multiply(a, a, out=scratch)
        np.subtract(ONE[a.dtype], scratch, out=scratch)
        gradient *= scratch


class ReLU:
    """``a = max(0, z)``, ``da/dz = 1 where a > 0, else 0``."""

    @staticmethod
    def forward(z: Array, out: Array) -> None:
        """Write the activation of `z` into `out`; both of shape (n, units)."""
        np.maximum(z, 0.0, out=out)

    @staticmethod
    def backward(a: Array, gradient: Array, scratch: Array) -> None:
        """Turn the gradient on `a` into the gradient on ``z``, in place."""
        np.sign(a, out=scratch)
        gradient *= scratch


class LeakyReLU:
    """``a = max(z, 0.01 z)``, ``da/dz = 1 where a > 0, else 0.01``."""

    @staticmethod
    def forward(z: Array, out: Array) -> None:
        """Write the activation of `z` into `out`; both of shape (n, units)."""
        np.maximum(z, z * z.dtype.type(LEAKY_SLOPE), out=out)

    @staticmethod
    def backward(a: Array, gradient: Array, scratch: Array) -> None:
        """Turn the gradient on `a` into the gradient on ``z``, in place."""
        np.multiply(gradient, LEAKY_SLOPE, out=gradient, where=a <= 0)


class Softmax:
    """``a_k = exp(z_k) / Σ_j exp(z_j)``, ``dz = a (da - Σ_j a_j da_j)``."""

    @staticmethod
    def forward(z: Array, out: Array) -> None:
        """Write the activation of `z` into `out`; both of shape (n, units)."""
        np.subtract(z, z.max(axis=1, keepdims=True), out=out)
        np.exp(out, out=out)
        out /= out.sum(axis=1, keepdims=True)

    @staticmethod
    def backward(a: Array, gradient: Array, scratch: Array) -> None:
        """Turn the gradient on `a` into the gradient on ``z``, in place."""
        np.multiply(a, gradient, out=scratch)
        gradient -= scratch.sum(axis=1, keepdims=True)
        gradient *= a


class Step:
    """``a = 1 where z > 0, else 0``; the derivative is 0 [2]_."""

    @staticmethod
    def forward(z: Array, out: Array) -> None:
        """Write the activation of `z` into `out`; both of shape (n, units)."""
        np.copyto(out, z > 0)

    @staticmethod
    def backward(a: Array, gradient: Array, scratch: Array) -> None:
        """Turn the gradient on `a` into the gradient on ``z``, in place: it is 0."""
        gradient[...] = 0


class Activation(Protocol):
    """The interface of the classes above."""

    @staticmethod
    def forward(z: Array, out: Array) -> None:
        """Write the activation of `z` into `out`; both of shape (n, units)."""

    @staticmethod
    def backward(a: Array, gradient: Array, scratch: Array) -> None:
        """Turn the gradient on `a` into the gradient on ``z``, in place."""


ACTIVATIONS: dict[str, type[Activation]] = {
    "identity": Identity,
    "sigmoid": Sigmoid,
    "tanh": Tanh,
    "relu": ReLU,
    "leaky_relu": LeakyReLU,
    "softmax": Softmax,
    "step": Step,
}


def activate(name: str, z: Array) -> Array:
    """The activation `name` of `z`, as a new array of the same shape."""
    a = np.empty_like(z)
    ACTIVATIONS[name].forward(z, a)
    return a
