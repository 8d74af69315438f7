"""Predictions for the test images, shared by the views of images."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from nn_core.datasets.images import is_available, is_images
from nn_core.errors import DataUnavailable
from nn_core.events import Snapshot
from nn_core.experiment import Experiment
from nn_core.explain.images.image_predictions import (
    ImagePredictions,
    are_probabilities,
    predict_images,
)
from ui.components.figures import Figure, ink


def reads_images(experiment: Experiment) -> bool:
    """Whether the network reads images."""
    return is_images(experiment.dataset)


def is_dense(experiment: Experiment) -> bool:
    """Whether its first layer has a weight for each pixel, and there is nothing but such layers."""
    return experiment.architecture == "dense"


def predictions_or_message(experiment: Experiment, now: Snapshot) -> ImagePredictions | None:
    """The predictions at the moment shown, or None after a message on the page."""
    if not is_available(experiment.dataset):
        st.info("The images are not on this machine yet: Train downloads them once.")
        return None
    try:
        return predict_images(experiment, now.params)
    except DataUnavailable as error:
        st.error(str(error))
        return None


def source_caption(answers: ImagePredictions, now: Snapshot) -> str:
    """Caption text: which test images, and the step of the weights."""
    part = f"The first {answers.n:,} of {answers.n_test:,}" if answers.n < answers.n_test else (
        f"All {answers.n:,}"
    )  # fmt: skip
    return f"{part} test images at step {now.step:,}; answers by NumPy from the weights."


def output_text(experiment: Experiment, value: float) -> str:
    """Format an output: a probability as a percentage, any other output as a number."""
    return f"{value:.1%}" if are_probabilities(experiment) else f"{value:.3g}"


def as_figures(
    experiment: Experiment, answers: ImagePredictions, rows: Iterable[int]
) -> list[Figure]:
    """Pictures of test images with true class, predicted class and probabilities."""
    return [_figure(experiment, answers, int(row)) for row in rows]


def _figure(experiment: Experiment, answers: ImagePredictions, row: int) -> Figure:
    true, chosen = int(answers.classes[row]), int(answers.answers[row])
    names = answers.names
    shown = [chosen] if true == chosen else [chosen, true]
    title = names[true] if true == chosen else f"{names[true]} → {names[chosen]}"
    lines = [
        f"{names[place]}: {output_text(experiment, answers.probabilities[row, place])}"
        for place in shown
    ]
    return Figure(
        ink(answers.intensities[row]),
        title,
        (*lines, f"loss {answers.losses[row]:.3g}", f"image {row + 1:,}"),
        f"Test image {row + 1}: {names[true]}, taken for {names[chosen]}",
    )
