"""Evaluates a model on its data: loss, accuracy, confusion matrix and gradients."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from nn_core import vocabulary
from nn_core.backends import Model
from nn_core.datasets import Dataset
from nn_core.events import Array, Params
from nn_core.experiment import Experiment
from nn_core.networks import metrics
from nn_core.training.milestones import SMALL_NETWORK

MOST_GRADIENT_ROWS = 2000
"""Snapshots of a small network include its gradients up to this number of rows."""

CHEAP_EVALUATION = 2_000_000
"""Multiplications up to which all rows are evaluated with each snapshot: about 1 ms."""

SAMPLED_TEST_ROWS = 1000
"""Test images whose accuracy each snapshot measures. All rows of an image data set are evaluated
only at the end of an epoch, unless the network is small."""

EVALUATED_TRAINING_ROWS = 10_000
"""Training accuracy is measured on at most this many rows, the first ones."""


class Evaluation(NamedTuple):
    """The results of an evaluation.

    Attributes
    ----------
    metrics : dict of str to float
        ``train_loss``, ``train_accuracy`` (or ``train_r2``: see `Dataset.measure`), and the same
        for ``test`` where there are test rows; for images also ``test_accuracy_sample``.
    outputs : ndarray of shape (n_shown, n_outputs)
        The backend's outputs for the rows that are shown.
    confusion : ndarray of shape (n_classes, n_classes) or None
        Over all test rows, or training rows where there is no test set.
    """

    metrics: dict[str, float]
    outputs: Array
    confusion: Array | None = None


class Evaluator:
    """Evaluates one model on its training and test data.

    Parameters
    ----------
    experiment : Experiment
        The experiment of the run.
    data : Dataset
        In the dtype of the experiment.
    model : Model
        Evaluated with its parameters at the time of each call.
    batch_size : int
        Rows of a batch.

    Attributes
    ----------
    is_cheap : bool
        Whether `evaluate` is fast enough to be called for each snapshot.
    has_gradients : bool
        Whether network and data are small enough for `gradients` with each snapshot.
    """

    def __init__(
        self, experiment: Experiment, data: Dataset, model: Model, batch_size: int
    ) -> None:
        self.data = data
        self.model = model
        self.batch_size = batch_size
        rows = sum(len(x) for x in (data.x, data.x_test) if x is not None)
        self.is_cheap = rows * experiment.multiplications <= CHEAP_EVALUATION
        is_small = experiment.n_parameters <= SMALL_NETWORK
        self.has_gradients = is_small and len(data.x) <= MOST_GRADIENT_ROWS
        self._is_sum = vocabulary.LOSSES[experiment.loss].reduction == "sum"
        self._boundary = metrics.threshold(experiment.output, experiment.loss)

    def evaluate(self) -> Evaluation:
        """Measure loss and accuracy on the training rows, and on the test rows if there are any."""
        data, shown = self.data, self.data.n_shown
        x, y = data.x[:EVALUATED_TRAINING_ROWS], data.y[:EVALUATED_TRAINING_ROWS]
        measured, outputs = self._measure("train", x, y)
        if data.x_test is not None and data.y_test is not None:
            y = data.y_test
            test, outputs = self._measure("test", data.x_test, y)
            measured |= test
            measured |= self._accuracy_on_sample(outputs)
        confusion = metrics.confusion_matrix(outputs, y) if data.kind == "classes" else None
        return Evaluation(measured, outputs[:shown], confusion)

    def evaluate_sample(self) -> Evaluation:
        """Compute the outputs of the rows shown, and for images the accuracy on a test sample."""
        x = self.data.x_test
        if x is None or self.data.image_shape is None:
            return Evaluation({}, self.model.predict(self.data.shown[0]))
        outputs = self.model.predict(x[:SAMPLED_TEST_ROWS])
        return Evaluation(self._accuracy_on_sample(outputs), outputs[: self.data.n_shown])

    def gradients(self) -> Params:
        """Gradients of the training loss, as `evaluate` measures it."""
        with np.errstate(all="ignore"):
            gradients = self.model.gradients(self.data.x, self.data.y)
        scale = self._loss_scale(len(self.data.x))
        if scale == 1.0:
            return gradients
        return [(w * scale, None if b is None else b * scale) for w, b in gradients]

    def _loss_scale(self, rows: int) -> float:
        """Factor from a loss over `rows` rows to one over a batch; 1 unless the loss is a sum."""
        return self.batch_size / rows if self._is_sum else 1.0

    def _measure(self, name: str, x: Array, y: Array) -> tuple[dict[str, float], Array]:
        loss, outputs = self.model.evaluate(x, y)
        loss *= self._loss_scale(len(x))
        found = {"loss": float(loss)}
        found |= metrics.quality(outputs, y, self.data.kind, self._boundary, self.data.measure)
        return {f"{name}_{what}": value for what, value in found.items()}, outputs

    def _accuracy_on_sample(self, outputs: Array) -> dict[str, float]:
        """The accuracy on the sample of test images; empty for other data."""
        data = self.data
        if data.y_test is None or data.image_shape is None:
            return {}
        y, outputs = data.y_test[:SAMPLED_TEST_ROWS], outputs[:SAMPLED_TEST_ROWS]
        accuracy = metrics.accuracy(outputs, y, data.kind, self._boundary)
        return {"test_accuracy_sample": accuracy}
