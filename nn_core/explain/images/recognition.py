"""The prediction of a network for one image, and the contribution of each hidden unit to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nn_core import vocabulary
from nn_core.datasets.images import DIGITS_WHITEST, image_shape, pixels_of, pixels_to_inputs
from nn_core.events import Params
from nn_core.experiment import Experiment
from nn_core.explain.images.digit_centring import CentredDigit, centre_digit, downscale
from nn_core.networks.activations import activate
from nn_core.networks.forward import layer_activations

Array = np.ndarray


@dataclass(frozen=True)
class Recognition:
    """The prediction for one image.

    Attributes
    ----------
    probabilities : ndarray of shape (n_classes,)
        Probability of each class. Softmax and sigmoid outputs are used as they are; logits go
        through the function that their loss applies.
    ranking : ndarray of shape (n_classes,)
        Indices of the classes, most probable first.
    sources : ndarray of shape (units,)
        Activations of the last hidden layer, or the inputs if there is none.
    contributions : ndarray of shape (units,)
        Each source times its weight to the most probable class.
    bias : float
        Bias of the output unit of the most probable class.
    sum : float
        Sum of contributions and bias: the weighted sum of that output unit.
    """

    probabilities: Array
    ranking: Array
    sources: Array
    contributions: Array
    bias: float
    sum: float


def network_inputs(experiment: Experiment, image: Array) -> Array:
    """Convert an image with values from 0 to 1 into a row of inputs.

    Parameters
    ----------
    experiment : Experiment
        An experiment on an image data set.
    image : ndarray of shape (height, width)
        From 0 to 1.

    Returns
    -------
    x : ndarray of shape (1, height * width)
        Scaled as the data set's options say, in the experiment's dtype.
    """
    whitest = DIGITS_WHITEST if experiment.dataset == "digits_8x8" else 255
    pixels = pixels_of(experiment.dataset_options)
    levels = np.rint(image[None] * whitest)  # quantised like the files
    return pixels_to_inputs(experiment.dataset, levels, pixels).astype(experiment.dtype)


def recognise(experiment: Experiment, params: Params, image: Array) -> Recognition:
    """Classify one image by a forward pass in NumPy.

    Parameters
    ----------
    experiment : Experiment
        Network and data set.
    params : list of (weight, bias)
        Parameters of any moment.
    image : ndarray of shape (height, width)
        From 0 to 1.
    """
    x = network_inputs(experiment, image)
    with np.errstate(all="ignore"):  # weights that overflowed are shown as they are
        layers = layer_activations(params, x, experiment.hidden_activations, experiment.output)
        outputs = layers[-1]
        if on_logits := vocabulary.LOSSES[experiment.loss].on_logits:
            outputs = activate(on_logits, outputs)
        probabilities = outputs[0].astype(float)
        ranking = np.argsort(-np.nan_to_num(probabilities, nan=-np.inf), kind="stable")
        weight, bias = params[-1]
        guess = ranking[0]
        sources = (layers[-2] if len(layers) > 1 else x)[0].astype(float)
        contributions = sources * weight[:, guess].astype(float)
        offset = 0.0 if bias is None else float(bias[guess])
    total = float(contributions.sum()) + offset
    return Recognition(probabilities, ranking, sources, contributions, offset, total)


def prepare_drawing(experiment: Experiment, ink: Array) -> tuple[CentredDigit, Array]:
    """The drawing centred like the experiment's data set, and the whole square downscaled."""
    shape = image_shape(experiment.dataset)
    return centre_digit(ink, shape), downscale(ink, shape)
