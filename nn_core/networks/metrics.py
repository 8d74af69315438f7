"""Metrics of outputs: accuracy, explained variance (R²), and the confusion matrix."""

from __future__ import annotations

import numpy as np

from nn_core.vocabulary import LOSSES

Array = np.ndarray


def threshold(output: str, loss: str) -> float:
    """The output from which a single unit decides for class 1.

    0.5 for targets 0 and 1, or 0 where the outputs are logits, whose sigmoid is then 0.5.
    """
    is_logit = output == "identity" and LOSSES[loss].on_logits == "sigmoid"
    return 0.0 if is_logit else 0.5


def decide(outputs: Array, kind: str, boundary: float = 0.5) -> Array:
    """The answers that the outputs represent.

    Parameters
    ----------
    outputs : ndarray of shape (n, n_outputs)
        After the output activation.
    kind : {'binary', 'classes', 'number'}
        Each output a yes or no; one class among the outputs; numbers, to be rounded.
    boundary : float
        For 'binary', see `threshold`.

    Returns
    -------
    answers : ndarray
        (n, n_outputs) of 0 and 1 for 'binary', (n,) of class numbers for 'classes',
        (n, n_outputs) of whole numbers for 'number'.
    """
    if kind == "classes":
        return np.asarray(outputs.argmax(axis=1))
    if kind == "binary":
        return (outputs >= boundary).astype(int)
    return np.asarray(np.rint(outputs))


def is_right(outputs: Array, targets: Array, kind: str, boundary: float = 0.5) -> Array:
    """Whether the answer for each row equals its target: shape (n,), bool."""
    answers = decide(outputs, kind, boundary)
    finite = np.isfinite(outputs).all(axis=1)  # NaN is never a correct answer
    if kind == "classes":
        return np.asarray(finite & (answers == targets.argmax(axis=1)))
    return np.asarray(finite & (answers == targets).all(axis=1))


def accuracy(outputs: Array, targets: Array, kind: str, boundary: float = 0.5) -> float:
    """Share of rows with the correct answer, 0 to 1."""
    return float(is_right(outputs, targets, kind, boundary).mean())


def r_squared(outputs: Array, targets: Array) -> float:
    """Share of the targets' variance that the outputs explain: R².

    ``1 − Σ (y − a)² / Σ (y − mean y)²``: 1 for exact outputs, 0 for the mean of the targets,
    negative for outputs that are worse than the mean. NaN where all targets are equal.

    Examples
    --------
    >>> r_squared(np.array([[1.0], [2.0], [4.0]]), np.array([[1.0], [2.0], [3.0]]))
    0.5
    """
    around_mean = float(((targets - targets.mean(axis=0)) ** 2).sum())
    off = float(((targets - outputs) ** 2).sum())
    return 1 - off / around_mean if around_mean else float("nan")


def quality(
    outputs: Array, targets: Array, kind: str, boundary: float = 0.5, measure: str = "accuracy"
) -> dict[str, float]:
    """The accuracy or R² of the outputs, by name: see `accuracy` and `r_squared`.

    Examples
    --------
    >>> quality(np.array([[0.9], [0.6]]), np.array([[1.0], [0.0]]), "binary")
    {'accuracy': 0.5}
    """
    if not len(targets):
        return {}
    if measure == "r2":
        return {"r2": r_squared(outputs, targets)}
    return {"accuracy": accuracy(outputs, targets, kind, boundary)}


def confusion_matrix(outputs: Array, targets: Array) -> Array:
    """Number of rows for each pair of true and predicted class.

    Returns
    -------
    counts : ndarray of shape (n_classes, n_classes), int
        ``counts[i, j]`` rows of class i were predicted as class j.

    Examples
    --------
    >>> outputs = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]])
    >>> confusion_matrix(outputs, np.array([[1, 0], [0, 1], [0, 1]]))
    array([[1, 0],
           [1, 1]])
    """
    n_classes = targets.shape[1]
    pairs = targets.argmax(axis=1) * n_classes + outputs.argmax(axis=1)
    return np.bincount(pairs, minlength=n_classes**2).reshape(n_classes, n_classes)
