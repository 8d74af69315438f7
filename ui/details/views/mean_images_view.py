"""View of the mean image of each true class and of each predicted class."""

from __future__ import annotations

import streamlit as st

from nn_core.events import Array, Snapshot
from nn_core.experiment import Experiment
from nn_core.explain.images.image_predictions import ImagePredictions
from nn_core.runs.run import Run
from nn_core.vocabulary import counted
from ui.components.figures import Figure, figures, ink
from ui.details.predicted_images import predictions_or_message, reads_images, source_caption

NAME = "Mean images"
suits = reads_images
ONE_ROW = ("5rem", "5rem")
"""Ten pictures with captions fit into a row on a narrow screen."""


def show(page: str, experiment: Experiment, run: Run | None, now: Snapshot) -> None:
    """Show it; see `ui.details.views`."""
    answers = predictions_or_message(experiment, now)
    if answers is None:
        return
    st.caption(source_caption(answers, now))
    st.markdown("**What the images are**: the mean of all images of a class.")
    figures(_means(answers, answers.classes, "images of"), *ONE_ROW)
    st.markdown("**What the network takes them for**: the mean of all images it takes for a class.")
    figures(_means(answers, answers.answers, "taken for"), *ONE_ROW)


def _means(answers: ImagePredictions, labels: Array, verb: str) -> list[Figure]:
    means, counts = answers.means(labels)
    return [
        Figure(
            ink(mean),
            name,
            (counted(count, "image"),),
            f"Mean of {counted(count, 'image')} {verb} {name}",
        )
        for name, mean, count in zip(answers.names, means, counts, strict=True)
    ]
