"""Predictions of a network for the test images at one moment, image by image.

The forward pass runs in NumPy with the weights of that moment, on as many of the first test images
as a fraction of a second allows.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from nn_core import vocabulary
from nn_core.datasets.images import (
    ImageOptions,
    inputs_to_intensities,
    pixels_of,
    pixels_to_inputs,
    raw_images,
)
from nn_core.events import Params
from nn_core.experiment import Experiment
from nn_core.explain.inside.input_gradient import sums_before_output
from nn_core.networks import metrics
from nn_core.networks.activations import activate
from nn_core.networks.forward import layer_activations
from nn_core.networks.losses import loss_for
from nn_core.networks.single_thread import on_one_thread

Array = np.ndarray

MOST_IMAGES = 2000
LEAST_IMAGES = 200
MOST_WORK = 400_000_000
"""Multiplications of the forward pass: about 40 ms. Large networks get fewer images."""


class ImagePredictions(NamedTuple):
    """Test images with the network's predictions.

    Attributes
    ----------
    x : ndarray of shape (n, n_inputs)
        Inputs of the network.
    shares : ndarray of shape (n, height, width)
        Images for display: 0 is the background and 1 is full ink.
    classes : ndarray of shape (n,), int
        True classes, as indices of outputs.
    answers : ndarray of shape (n,), int
        Predicted classes.
    probabilities : ndarray of shape (n, n_classes)
        See `as_probabilities`.
    losses : ndarray of shape (n,)
        Loss of each single image.
    names : tuple of str
        Of the classes.
    n_test : int
        Number of test images in the data set.
    """

    x: Array
    intensities: Array
    classes: Array
    answers: Array
    probabilities: Array
    losses: Array
    names: tuple[str, ...]
    n_test: int

    @property
    def n(self) -> int:
        """Number of images here."""
        return len(self.x)

    @property
    def confusion(self) -> Array:
        """Confusion matrix, laid out as by `nn_core.networks.metrics.confusion_matrix`."""
        counts = np.zeros((len(self.names), len(self.names)), int)
        np.add.at(counts, (self.classes, self.answers), 1)
        return counts

    def in_cell(self, true: int, chosen: int) -> Array:
        """Images of class `true` predicted as `chosen`, most confident first."""
        found = np.flatnonzero((self.classes == true) & (self.answers == chosen))
        return found[np.argsort(-self.probabilities[found, chosen], kind="stable")]

    def mistakes(self, true: int | None = None) -> Array:
        """Misclassified images, highest loss first; of one true class, if given."""
        wrong = self.classes != self.answers
        if true is not None:
            wrong &= self.classes == true
        found = np.flatnonzero(wrong)
        # NaN and infinity rank as the worst.
        worst = np.nan_to_num(self.losses[found], nan=np.inf, posinf=np.inf)
        return found[np.argsort(-worst, kind="stable")]

    def most_frequent_mistake(self) -> tuple[int, int]:
        """True and predicted class of the largest off-diagonal cell.

        Without mistakes it is ``(0, 0)``.
        """
        counts = self.confusion
        np.fill_diagonal(counts, 0)
        true, chosen = np.unravel_index(int(counts.argmax()), counts.shape)
        return int(true), int(chosen)

    def means(self, labels: Array) -> tuple[Array, Array]:
        """The mean image of each class, by `classes` or by `answers`.

        Returns
        -------
        means : ndarray of shape (n_classes, height, width)
            Zeros for a class without images.
        counts : ndarray of shape (n_classes,), int
        """
        n_classes = len(self.names)
        counts = np.bincount(labels, minlength=n_classes)
        sums = np.zeros((n_classes, *self.intensities.shape[1:]))
        np.add.at(sums, labels, self.intensities)
        return sums / np.maximum(counts, 1)[:, None, None], counts


def predict_images(experiment: Experiment, params: Params) -> ImagePredictions:
    """Predict the first test images with these parameters.

    Parameters
    ----------
    experiment : Experiment
        An experiment on an image data set.
    params : list of (weight, bias)
        Parameters of the moment shown.

    Raises
    ------
    DataUnavailable
        If files are missing or corrupt and cannot be downloaded.
    """
    options = experiment.dataset_options
    pixels = pixels_of(options)
    images, classes = raw_images(experiment.dataset, experiment.seed, options)
    n = max(LEAST_IMAGES, min(MOST_IMAGES, MOST_WORK // experiment.multiplications))
    n = min(len(images), n)
    x = pixels_to_inputs(experiment.dataset, images[:n], pixels).astype(experiment.dtype)
    with on_one_thread(), np.errstate(all="ignore"):
        activations = [
            x, *layer_activations(params, x, experiment.hidden_activations, experiment.output)
        ]  # fmt: skip
        sums = sums_before_output(params, activations[-2])
        losses = _losses(experiment, activations[-1], sums, classes[:n])
        probabilities = as_probabilities(experiment, activations[-1])
    return ImagePredictions(
        x=x,
        intensities=inputs_to_intensities(experiment.dataset, x, pixels).reshape(
            n, *images.shape[1:]
        ),
        classes=np.asarray(classes[:n], int),
        answers=metrics.decide(activations[-1], "classes"),
        probabilities=np.asarray(probabilities, float),
        losses=losses,
        names=options.classes if isinstance(options, ImageOptions) else (),
        n_test=len(images),
    )


def as_probabilities(experiment: Experiment, outputs: Array) -> Array:
    """Convert outputs to probabilities, where output and loss define them.

    Softmax and sigmoid outputs are probabilities already. For a loss on logits, its softmax or
    sigmoid is applied. Other outputs are returned unchanged.

    Parameters
    ----------
    experiment : Experiment
        Defines output and loss.
    outputs : ndarray of shape (n, n_outputs)
        After the output activation.
    """
    on_logits = vocabulary.LOSSES[experiment.loss].on_logits
    if experiment.output == "identity" and on_logits:
        return activate(on_logits, outputs)
    return outputs


def are_probabilities(experiment: Experiment) -> bool:
    """Whether `as_probabilities` returns numbers from 0 to 1."""
    return experiment.output in ("softmax", "sigmoid", "step") or (
        experiment.output == "identity" and bool(vocabulary.LOSSES[experiment.loss].on_logits)
    )


def _losses(experiment: Experiment, a: Array, z: Array, classes: Array) -> Array:
    """The loss of each row as a batch of one."""
    chosen = loss_for(experiment.output, experiment.loss)
    targets = np.eye(a.shape[1], dtype=a.dtype)[classes]
    rows = range(len(a))
    return np.array(
        [chosen.value(a[i : i + 1], z[i : i + 1], targets[i : i + 1]) for i in rows], float
    )
