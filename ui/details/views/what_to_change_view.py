"""View of the change of an image that leads to another prediction."""

from __future__ import annotations

import numpy as np
import streamlit as st

from nn_core.charts.probabilities_chart import change_spec, change_table
from nn_core.datasets.images import input_range, inputs_to_intensities, pixels_of
from nn_core.events import Array, Snapshot
from nn_core.experiment import Experiment
from nn_core.explain.images.image_predictions import (
    ImagePredictions,
    are_probabilities,
    as_probabilities,
)
from nn_core.explain.inside.input_gradient import descend, input_gradient
from nn_core.networks.forward import predict
from nn_core.runs.run import Run
from nn_core.vocabulary import LOSSES, counted
from ui import session
from ui import session_keys as keys
from ui.components.chart import chart
from ui.components.figures import Figure, figures, ink, signed
from ui.details.predicted_images import (
    is_dense,
    output_text,
    predictions_or_message,
    reads_images,
    source_caption,
)

NAME = "What would have to change"
NEAREST = "nearest other"
SIZES = (0.01, 0.02, 0.05, 0.1, 0.2)


def suits(experiment: Experiment) -> bool:
    """Whether there is a gradient that NumPy can find: dense layers, and a loss that has one."""
    has_gradient = LOSSES[experiment.loss].has_gradient
    return reads_images(experiment) and is_dense(experiment) and has_gradient


def show(page: str, experiment: Experiment, run: Run | None, now: Snapshot) -> None:
    """Show it; see `ui.details.views`."""
    answers = predictions_or_message(experiment, now)
    if answers is None:
        return
    _choose(page, answers)
    row = int(session.peek(keys.change(page, "image"))) - 1
    target = _target(str(session.peek(keys.change(page, "target"))), answers, row)
    steps = int(session.peek(keys.change(page, "steps")))
    size = float(session.peek(keys.change(page, "size")))
    left, right = st.columns([3, 2])
    with left:
        after = _pictures(experiment, now, answers, row, target, steps, size)
    with right:
        before = answers.probabilities[row]
        chart(
            change_table(before, after, answers.names, steps),
            change_spec("probability" if are_probabilities(experiment) else "output"),
            key=f"{page}-what-to-change",
        )
    st.caption(
        f"In each step the pixel that matters most changes by {size:.0%} of full ink, the others "
        "in proportion; no pixel leaves its range. The weights stay as they are. "
        f"{source_caption(answers, now)}"
    )


def _choose(page: str, answers: ImagePredictions) -> None:
    """Which image, towards which class, and how far."""
    names = [NEAREST, *answers.names]
    session.at_most(keys.change(page, "image"), answers.n)
    if session.value(keys.change(page, "target"), NEAREST) not in names:
        session.put(keys.change(page, "target"), NEAREST)
    session.value(keys.change(page, "steps"), 8)
    session.value(keys.change(page, "size"), 0.05)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.number_input(
            "Test image",
            1,
            answers.n,
            key=keys.change(page, "image"),
            width=140,
            help="Counted from 1, as under the pictures of the other views.",
        )
        st.button(
            "Next mistake",
            key=keys.button(page, "change", "next"),
            icon=":material/skip_next:",
            on_click=_next_mistake,
            args=(page, answers),
            disabled=not len(answers.mistakes()),
            help="The next image that the network gets wrong.",
        )
        st.selectbox(
            "Should be",
            names,
            key=keys.change(page, "target"),
            width=160,
            help="The class whose loss is made small. Nearest other: of an image that is read "
            "rightly the second most probable class, of another one its true class.",
        )
        st.slider(
            "Steps",
            0,
            40,
            key=keys.change(page, "steps"),
            width=200,
            help="How many small changes of the image are made one after the other.",
        )
        st.select_slider(
            "Change in a step",
            SIZES,
            key=keys.change(page, "size"),
            format_func=lambda size: f"{size:.0%}",
            width=180,
            help="Of the pixel that matters most, as a share of full ink.",
        )


def _next_mistake(page: str, answers: ImagePredictions) -> None:
    rows = np.sort(answers.mistakes())
    later = rows[rows > int(session.peek(keys.change(page, "image"))) - 1]
    session.put(keys.change(page, "image"), int(later[0] if len(later) else rows[0]) + 1)


def _target(wanted: str, answers: ImagePredictions, row: int) -> int:
    if wanted in answers.names:
        return answers.names.index(wanted)
    if answers.answers[row] != answers.classes[row]:
        return int(answers.classes[row])
    return int(np.argsort(answers.probabilities[row], kind="stable")[-2])


def _pictures(
    experiment: Experiment,
    now: Snapshot,
    answers: ImagePredictions,
    row: int,
    target: int,
    steps: int,
    size: float,
) -> Array:
    """Show image, gradient, changed image and difference; return the outputs after the change."""
    pixels = pixels_of(experiment.dataset_options)
    low, high = input_range(experiment.dataset, pixels)
    network = experiment.hidden_activations, experiment.output
    asked = np.eye(len(answers.names))[target]
    x, intensities = answers.x[row], answers.intensities[row]
    with np.errstate(all="ignore"):
        found = input_gradient(now.params, x, asked, *network, experiment.loss)
        moved = descend(
            now.params, x, asked, *network, experiment.loss,
            steps=steps, size=size * (high - low), low=low, high=high,
        )  # fmt: skip
        after = as_probabilities(experiment, predict(now.params, moved[None], *network))[0]
    changed = inputs_to_intensities(experiment.dataset, moved, pixels).reshape(intensities.shape)
    names, before = answers.names, answers.probabilities[row]
    reach = float(np.nanmax(np.abs(found.gradient), initial=0.0)) or 1.0
    was, became = int(answers.answers[row]), int(np.argmax(after))

    def lines(outputs: Array, *places: int) -> tuple[str, ...]:
        unique = dict.fromkeys(places)
        return tuple(
            f"{names[place]}: {output_text(experiment, outputs[place])}" for place in unique
        )

    figures(
        [
            Figure(ink(intensities), f"is {names[answers.classes[row]]}, read as {names[was]}",
                   lines(before, was, target), "The image"),
            Figure(signed(-found.gradient.reshape(intensities.shape), reach),
                   f"towards {names[target]}",
                   ("blue: more ink", "orange: less ink", f"up to {reach:.3g} of loss"),
                   f"The gradient of the loss for {names[target]} on the pixels"),
            Figure(ink(changed), f"after {counted(steps, 'step')}, read as {names[became]}",
                   lines(after, became, target, was), "The changed image"),
            Figure(signed(changed - intensities, 1.0), "what changed",
                   (f"largest: {np.abs(changed - intensities).max():.0%} of full ink",
                    f"mean: {np.abs(changed - intensities).mean():.1%}"), "The difference"),
        ],
        "7.4rem",
    )  # fmt: skip
    return np.asarray(after, float)
