"""View of the feature maps of a convolutional network for one image."""

from __future__ import annotations

import numpy as np
import streamlit as st

from nn_core.charts.live.panel import nice_ceiling
from nn_core.datasets import Dataset
from nn_core.datasets.images import is_available
from nn_core.errors import DataUnavailable
from nn_core.events import Array, Params, Snapshot
from nn_core.experiment import Experiment
from nn_core.explain.inside.samples import sample
from nn_core.networks.architectures.conv import as_maps, feature_maps
from nn_core.networks.forward import predict
from nn_core.runs.run import Run
from ui import session
from ui import session_keys as keys
from ui.components.figures import Figure, figures, ink, signed

NAME = "Feature maps"
KERNEL_SIZE, MAP_SIZE = "3rem", "5.5rem"


def suits(experiment: Experiment) -> bool:
    """Whether the network has convolutions."""
    return bool(experiment.front)


def choose(page: str, experiment: Experiment) -> None:
    """Show the choice of the test image."""
    data = _data(experiment)
    if data is None or data.x_test is None:
        return
    key, count = keys.map_image(page), len(data.x_test)
    session.at_most(key, count)
    st.number_input(
        "Test image",
        1,
        count,
        key=key,
        width=160,
        help=f"Which of the first {count:,} test images the network looks at.",
    )


def show(page: str, experiment: Experiment, run: Run | None, now: Snapshot) -> None:
    """Show it; see `ui.details.views`."""
    data = _data(experiment)
    if data is None or data.x_test is None or data.y_test is None:
        st.info("The images are not on this machine yet: Train downloads them once.")
        return
    row = int(session.peek(keys.map_image(page), 1)) - 1
    framework = run.started.framework if run and run.started else "the start"
    st.caption(
        f"The weights are those of {framework} at step {now.step:,}; the maps are NumPy's forward "
        "pass over them, each after its ReLU and before it is pooled."
    )
    x = data.x_test[row : row + 1].astype(experiment.dtype)
    is_a = data.output_names[int(data.y_test[row].argmax())]
    show_maps(experiment, now.params, x, data.output_names, f"It is a {is_a}.")


def show_maps(
    experiment: Experiment, params: Params, x: Array, names: tuple[str, ...], note: str = ""
) -> None:
    """Show an image, its prediction, the first kernels, and the maps of both convolutions.

    Parameters
    ----------
    experiment : Experiment
        Experiment with a convolutional network.
    params : list of (weight, bias)
        Parameters of any moment.
    x : ndarray of shape (1, n_inputs)
        Network input of any image.
    names : tuple of str
        Names of the classes.
    note : str
        Further information on the image.
    """
    with np.errstate(all="ignore"):  # an overflow is drawn as empty
        found = feature_maps(params, x)
        outputs = predict(params, x, experiment.hidden_activations, experiment.output)[0]
    image, low, high = as_maps(x, 1)[0, :, :, 0], float(x.min()), float(x.max())
    left, right = st.columns([1, 5])
    with left:
        shares = (image - low) / max(high - low, 1e-9)
        first, second = np.argsort(-outputs, kind="stable")[:2]
        lines = (f"then {names[second]}: {_output_text(experiment, outputs[second])}", note)
        title = f"{names[first]}: {_output_text(experiment, outputs[first])}"
        figures([Figure(ink(shares), title, lines, f"The image, taken for {names[first]}")])
    with right:
        _kernels(params[0][0])
    for number, maps in enumerate(found, 1):
        _maps(number, maps[0])


def _data(experiment: Experiment) -> Dataset | None:
    """The first rows of the data; None if they are not available."""
    if not is_available(experiment.dataset):
        return None
    try:
        return sample(experiment).data
    except DataUnavailable as error:
        st.error(str(error))
        return None


def _kernels(kernel: Array) -> None:
    """Show the kernels of the first convolution."""
    height, width, _, count = kernel.shape
    reach = _reach(np.abs(kernel))
    st.markdown(
        f"**Kernels of convolution 1**, {height} × {width}: blue where ink speaks for the map, "
        f"orange where it speaks against it, to ±{reach:g}."
    )
    figures(
        [
            Figure(
                signed(kernel[:, :, 0, i], reach),
                f"map {i + 1}",
                alt=f"Kernel of map {i + 1} of convolution 1",
            )
            for i in range(count)
        ],
        KERNEL_SIZE,
    )


def _maps(number: int, maps: Array) -> None:
    """Show the maps of one convolution, shape (side, side, maps)."""
    side, _, count = maps.shape
    reach = _reach(maps)
    n_inactive = int((maps.max(axis=(0, 1)) <= 0).sum())
    suffix = f" {n_inactive} of {count} find nothing in this image." if n_inactive else ""
    st.markdown(
        f"**Maps of convolution {number}**, {side} × {side}: from 0, the background, to {reach:g} "
        f"in full ink.{suffix}"
    )
    shown = []
    for i in range(count):
        largest = float(maps[:, :, i].max())
        words = f"Map {i + 1} of convolution {number}, largest value {largest:.3g}"
        line = f"up to {largest:.3g}" if largest > 0 else "nothing"
        shown.append(Figure(ink(maps[:, :, i] / reach), f"map {i + 1}", (line,), words))
    figures(shown, MAP_SIZE)


def _reach(values: Array) -> float:
    """The largest value, rounded up."""
    return nice_ceiling(float(values[np.isfinite(values)].max(initial=0.0)))


def _output_text(experiment: Experiment, value: float) -> str:
    """Format an output: a probability as a percentage, any other output as a number."""
    return f"{value:.1%}" if experiment.output in ("softmax", "sigmoid") else f"{value:.3g}"
