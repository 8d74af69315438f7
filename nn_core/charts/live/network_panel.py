"""The network diagram: weights, biases and responses of the first units of each layer."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from nn_core import vocabulary
from nn_core.charts.live.input_square import CELLS, SquareResponses, responses_over_square
from nn_core.charts.live.panel import Panel, centred_bytes, nice_ceiling
from nn_core.datasets.registry import Dataset
from nn_core.events import Params
from nn_core.experiment import Experiment

Array = np.ndarray

DRAWN_UNITS = 16
"""Maximum inputs, and maximum units of a hidden layer, in the diagram."""

DRAWN_OUTPUTS = 32

PICTURE_BYTES = 60_000
"""Budget of pixels for all unit pictures together; beyond it each picture gets coarser."""


def network_panel(
    experiment: Experiment,
    params: Params,
    dataset: Dataset,
    *,
    cells: int = CELLS,
    answers: SquareResponses | None = None,
) -> Panel:
    """Build the diagram with weights, biases and responses of the first units of each layer.

    Parameters
    ----------
    experiment : Experiment
        Experiment of the network.
    params : list of (weight, bias)
        The parameters at the moment shown.
    dataset : Dataset
        Defines the names of inputs and outputs, and the plane of the rows.
    cells : int
        Points along each side of the input square.
    answers : Answers, optional
        Precomputed responses over the input square.

    Returns
    -------
    panel : Panel
        Arrays ``weight0 (drawn inputs, drawn units)``, ``bias0``, to the last digit, and where
        there is an input square ``response0 (drawn units, rows, columns)`` as uint8, see
        `centred_bytes`: what each unit answers over it, first axis to the right, second upwards,
        all inputs without an axis 0. Then the title says so. For a plane, ``response_inputs`` is
        the same for the inputs. Many inputs, such as pixels, are drawn as one block: then
        ``drawn[0]`` is 0.
    """
    sizes = [params[0][0].shape[0], *(weight.shape[1] for weight, _ in params)]
    drawn = [*(min(size, DRAWN_UNITS) for size in sizes[:-1]), min(sizes[-1], DRAWN_OUTPUTS)]
    if sizes[0] > DRAWN_UNITS:
        drawn[0] = 0
    last = len(params) - 1
    names = [*experiment.hidden_activations, experiment.output]
    words = [vocabulary.OUTPUTS if i == last else vocabulary.ACTIVATIONS for i in range(len(names))]
    arrays: dict[str, Array] = {}
    for i, ((weight, bias), (n_in, n_out)) in enumerate(zip(params, pairwise(drawn), strict=True)):
        arrays[f"weight{i}"] = weight[:n_in, :n_out]
        if bias is not None:
            arrays[f"bias{i}"] = bias[:n_out]
    exact = list(arrays)
    title, square = "Network", None
    scales, input_scales = [], []
    answers = answers or responses_over_square(experiment, params, dataset, cells=cells)
    if answers:
        square = _square(answers)
        every = _keep_every(answers, sum(drawn))
        held = len(answers.settings[0])
        if held:
            first, second, *rest = dataset.input_names
            title += (
                f": answers over {first} and {second}, {rest[0] if held == 1 else 'others'} at 0"
            )
        for i, (name, activations) in enumerate(zip(names, answers.layers, strict=True)):
            shown = activations[0, ::every, ::every, : drawn[i + 1]]
            middle, reach = _response_scale(name, shown)
            scales.append(_scale(middle, reach))
            arrays[f"response{i}"] = centred_bytes(np.moveaxis(shown, -1, 0) - middle, reach)
        if dataset.plane and drawn[0]:
            shown = np.moveaxis(answers.inputs[0, ::every, ::every, : drawn[0]], -1, 0)
            reaches = [nice_ceiling(float(np.abs(feature).max())) for feature in shown]
            input_scales = [_scale(0.0, reach) for reach in reaches]
            arrays["response_inputs"] = np.stack(
                [centred_bytes(*pair) for pair in zip(shown, reaches, strict=True)]
            )
    head: dict[str, Any] = {
        "type": "network",
        "title": title,
        "sizes": sizes,
        "drawn": drawn,
        "input_names": list(dataset.input_names[: drawn[0]]),
        "output_names": list(dataset.output_names[: drawn[-1]]),
        "activations": [table[name].label for table, name in zip(words, names, strict=True)],
        "response_scales": scales,
        "input_scales": input_scales,
        "square": square,
        "image_shape": dataset.image_shape,
        "exact": exact,
    }
    return Panel(head, arrays)


def _square(answers: SquareResponses) -> dict[str, Any]:
    """Range and names of the axes of the unit pictures."""
    return {"low": answers.low, "high": answers.high, "names": list(answers.names)}


def _keep_every(answers: SquareResponses, units: int) -> int:
    """Stride of the points that keeps all pictures within `PICTURE_BYTES`."""
    rows, columns = answers.inputs.shape[1:3]
    if rows == 1:
        return 1
    for every in (1, 2, 4):
        if (columns - 1) % every == 0 and units * (columns // every) ** 2 <= PICTURE_BYTES:
            return every
    return 4 if (columns - 1) % 4 == 0 else 1


def _scale(middle: float, reach: float) -> dict[str, float]:
    return {"low": middle - reach, "middle": middle, "high": middle + reach}


def _response_scale(activation: str, values: Array) -> tuple[float, float]:
    """Middle and half-range of the colour scale of a unit picture."""
    if activation in ("sigmoid", "softmax", "step"):
        return 0.5, 0.5
    if activation == "tanh":
        return 0.0, 1.0
    finite = np.abs(values[np.isfinite(values)])
    return 0.0, nice_ceiling(float(finite.max(initial=0.0)))
