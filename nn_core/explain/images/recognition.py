"""What a network makes of one image, and which of its hidden units spoke for the answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nn_core import vocabulary
from nn_core.datasets.images import DIGITS_WHITEST, image_shape, pixels_of, pixels_to_inputs
from nn_core.events import Params
from nn_core.experiment import Experiment
from nn_core.explain.images.digit_centring import Centred, centred, not_centred
from nn_core.networks.activations import activate
from nn_core.networks.forward import layer_activations

Array = np.ndarray


@dataclass(frozen=True)
class Recognition:
    """The answer for one image.

    Attributes
    ----------
    probabilities : ndarray of shape (n_classes,)
        Of the classes. What a softmax or a sigmoid answers is taken as it is; the sums before a
        loss on logits go through the function that this loss applies.
    ranking : ndarray of shape (n_classes,)
        Numbers of the classes, the first guess first.
    sources : ndarray of shape (units,)
        Activations of the last hidden layer, or the inputs where there is none.
    contributions : ndarray of shape (units,)
        Each of them times its weight to the first guess.
    bias : float
        Of the output unit of the first guess.
    sum : float
        Contributions and bias together: the weighted sum of that output unit.
    """

    probabilities: Array
    ranking: Array
    sources: Array
    contributions: Array
    bias: float
    sum: float


def network_inputs(experiment: Experiment, image: Array) -> Array:
    """An image, from 0 to 1, as a row of inputs.

    Parameters
    ----------
    experiment : Experiment
        Of one of the data sets of images.
    image : ndarray of shape (height, width)
        From 0 to 1.

    Returns
    -------
    x : ndarray of shape (1, height * width)
        Scaled as the data set's options say, in the experiment's dtype.
    """
    whitest = DIGITS_WHITEST if experiment.dataset == "digits_8x8" else 255
    pixels = pixels_of(experiment.dataset_options)
    levels = np.rint(image[None] * whitest)  # as coarse as those of the files
    return pixels_to_inputs(experiment.dataset, levels, pixels).astype(experiment.dtype)


def recognise(experiment: Experiment, params: Params, image: Array) -> Recognition:
    """Ask a network for its answer: NumPy's forward pass over these weights.

    Parameters
    ----------
    experiment : Experiment
        Network and data set.
    params : list of (weight, bias)
        The weights of any moment.
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


def brought_into_form(experiment: Experiment, ink: Array) -> tuple[Centred, Array]:
    """A drawing as the images of the experiment's data set are, and the whole square, reduced."""
    shape = image_shape(experiment.dataset)
    return centred(ink, shape), not_centred(ink, shape)
