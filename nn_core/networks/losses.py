"""Losses in NumPy, each beside its gradient.

``value(a, z, y)`` is the loss of a batch: outputs `a`, the weighted sums `z` before
them, and targets `y`, all of shape (n, n_outputs). ``gradient(a, y, out)`` writes the
derivative of the loss into `out`: on the outputs `a`, or, where `nn_core.vocabulary.ON_SUMS`
holds the pair of output and loss, on the sums `z`, where the two derivatives cancel to
``a - y``.

References
----------
.. [1] C. Bishop, "Pattern Recognition and Machine Learning", 2006, section 5.2 (canonical
   links: why the gradient on the sums is ``a - y``).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from nn_core.networks.activations import activate
from nn_core.vocabulary import LOSSES as RECORDS
from nn_core.vocabulary import ON_SUMS, PROBABILITY_MARGIN

Array = np.ndarray


@lru_cache(maxsize=64)
def _constant(number: float, dtype: np.dtype) -> Array:
    """A number as an array: converting it in each step would cost as much as a small product."""
    return np.array(number, dtype)


def _softplus(z: Array) -> Array:
    """``ln(1 + exp(z))`` without overflow."""
    return np.asarray(np.logaddexp(z.dtype.type(0), z))


def _log_softmax(z: Array) -> Array:
    shifted = z - z.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))


class MeanSquaredError:
    """``Σ (a - y)² / (n m)``, gradient ``2 (a - y) / (n m)``."""

    @staticmethod
    def value(a: Array, z: Array, y: Array) -> float:
        """Loss of the batch."""
        return SummedSquaredError.value(a, z, y) / int(a.size)

    @staticmethod
    def gradient(a: Array, y: Array, out: Array) -> None:
        """Write the derivative on `a` into `out`."""
        np.subtract(a, y, out=out)
        out *= _constant(2.0 / a.size, a.dtype)


class HalfSquaredError:
    """``Σ (a - y)² / (2 n m)``, gradient ``(a - y) / (n m)``."""

    @staticmethod
    def value(a: Array, z: Array, y: Array) -> float:
        """Loss of the batch."""
        return MeanSquaredError.value(a, z, y) / 2

    @staticmethod
    def gradient(a: Array, y: Array, out: Array) -> None:
        """Write the derivative on `a` into `out`."""
        np.subtract(a, y, out=out)
        out *= _constant(1.0 / a.size, a.dtype)


class SummedSquaredError:
    """``Σ (a - y)²``, gradient ``2 (a - y)``."""

    @staticmethod
    def value(a: Array, z: Array, y: Array) -> float:
        """Loss of the batch."""
        difference = (a - y).ravel()
        return float(difference.dot(difference))

    @staticmethod
    def gradient(a: Array, y: Array, out: Array) -> None:
        """Write the derivative on `a` into `out`."""
        np.subtract(a, y, out=out)
        out += out


class BinaryCrossEntropy:
    """``-Σ y ln a + (1-y) ln(1-a)`` over ``n m``; behind a sigmoid, from the sums."""

    @staticmethod
    def value(a: Array, z: Array, y: Array) -> float:
        """Loss of the batch whose outputs are sigmoids of `z`."""
        return float((_softplus(z) - y * z).mean())

    @staticmethod
    def gradient(a: Array, y: Array, out: Array) -> None:
        """Write the derivative on the sums into `out`."""
        np.subtract(a, y, out=out)
        out *= _constant(1.0 / a.size, a.dtype)


class BinaryCrossEntropyOfProbabilities:
    """The same behind softmax, with probabilities clipped `PROBABILITY_MARGIN` from 0 and 1."""

    @staticmethod
    def value(a: Array, z: Array, y: Array) -> float:
        """Loss of the batch."""
        a = np.clip(a, PROBABILITY_MARGIN, 1 - PROBABILITY_MARGIN)
        return float(-(y * np.log(a) + (1 - y) * np.log(1 - a)).mean())

    @staticmethod
    def gradient(a: Array, y: Array, out: Array) -> None:
        """Write the derivative on `a` into `out`; 0 where a probability is clipped."""
        inside = (a >= PROBABILITY_MARGIN) & (a <= 1 - PROBABILITY_MARGIN)
        out[...] = 0
        np.divide(a - y, a * (1 - a) * a.size, out=out, where=inside)


class BinaryCrossEntropyOnLogits:
    """``Σ ln(1 + exp(a)) - y a`` over ``n m``, gradient ``(sigmoid(a) - y) / (n m)``."""

    @staticmethod
    def value(a: Array, z: Array, y: Array) -> float:
        """Loss of the batch."""
        return float((_softplus(a) - y * a).mean())

    @staticmethod
    def gradient(a: Array, y: Array, out: Array) -> None:
        """Write the derivative on `a` into `out`."""
        np.subtract(activate("sigmoid", a), y, out=out)
        out *= _constant(1.0 / a.size, a.dtype)


class SummedBinaryCrossEntropyOnLogits:
    """``Σ ln(1 + exp(a)) - y a``, gradient ``sigmoid(a) - y``."""

    @staticmethod
    def value(a: Array, z: Array, y: Array) -> float:
        """Loss of the batch."""
        return float((_softplus(a) - y * a).sum())

    @staticmethod
    def gradient(a: Array, y: Array, out: Array) -> None:
        """Write the derivative on `a` into `out`."""
        np.subtract(activate("sigmoid", a), y, out=out)


class CrossEntropy:
    """``-Σ y ln a`` over ``n``; behind softmax, from the sums."""

    @staticmethod
    def value(a: Array, z: Array, y: Array) -> float:
        """Loss of the batch whose outputs are the softmax of `z`."""
        return float(-(y * _log_softmax(z)).sum() / len(y))

    @staticmethod
    def gradient(a: Array, y: Array, out: Array) -> None:
        """Write the derivative on the sums into `out`."""
        np.subtract(a, y, out=out)
        out *= _constant(1.0 / len(y), a.dtype)


class CrossEntropyOnLogits:
    """``-Σ y log_softmax(a)`` over ``n``, gradient ``(softmax(a) - y) / n``."""

    @staticmethod
    def value(a: Array, z: Array, y: Array) -> float:
        """Loss of the batch."""
        return float(-(y * _log_softmax(a)).sum() / len(y))

    @staticmethod
    def gradient(a: Array, y: Array, out: Array) -> None:
        """Write the derivative on `a` into `out`."""
        np.subtract(activate("softmax", a), y, out=out)
        out *= _constant(1.0 / len(y), a.dtype)


class Perceptron:
    """``Σ (a - y) z``, with Rosenblatt's rule in place of its gradient: ``a - y`` on the sums.

    Rows that are classified correctly add nothing to either.
    """

    @staticmethod
    def value(a: Array, z: Array, y: Array) -> float:
        """Loss of the batch: the sum of ``|z|`` over its misclassified outputs."""
        return float(((a - y) * z).sum())

    @staticmethod
    def gradient(a: Array, y: Array, out: Array) -> None:
        """Write the difference on the sums into `out`."""
        np.subtract(a, y, out=out)


LOSSES: dict[str, Any] = {
    "mse": MeanSquaredError,
    "mse_half": HalfSquaredError,
    "mse_sum": SummedSquaredError,
    "bce": BinaryCrossEntropyOfProbabilities,
    "bce_logits": BinaryCrossEntropyOnLogits,
    "bce_logits_sum": SummedBinaryCrossEntropyOnLogits,
    "cross_entropy_logits": CrossEntropyOnLogits,
}
"""The losses that are computed from the outputs."""

LOSSES_ON_SUMS: dict[str, Any] = {
    "bce": BinaryCrossEntropy,
    "cross_entropy": CrossEntropy,
    "perceptron": Perceptron,
}
"""The losses of the pairs in `ON_SUMS`, computed from the sums."""


def loss_for(output: str, loss: str) -> Any:
    """The class that computes `loss` behind the output activation `output`, in NumPy."""
    if (output, loss) in ON_SUMS:
        return LOSSES_ON_SUMS[loss]
    return chosen_loss(LOSSES, output, loss, "NumPy")[0]


def chosen_loss(
    losses: Mapping[str, Any], output: str, loss: str, framework: str
) -> tuple[Any, bool]:
    """A framework's entry for a loss behind an output, and whether it takes the weighted sums.

    Parameters
    ----------
    losses : mapping of str to anything
        The losses that a framework's file computes.
    output, loss : str
        Names of output activation and loss.
    framework : str
        Name of the framework, for the message.

    Returns
    -------
    chosen : object
        The entry of `losses`.
    is_on_sums : bool
        Whether it takes the weighted sums, without the output activation.

    Raises
    ------
    NotImplementedError
        If `losses` has no such loss; the message is shown on the screen.
    """
    on_sums = ON_SUMS.get((output, loss))
    if (name := on_sums or loss) not in losses:
        raise NotImplementedError(
            f"{framework} does not compute the loss “{RECORDS[loss].label}” here. Choose another "
            "loss, or another backend."
        )
    return losses[name], on_sums is not None
