"""The output over the input square: decision boundary, class regions, or regression surface."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn_core.charts.live.input_square import (
    CELLS,
    SquareResponses,
    features_are_coordinates,
    responses_over_square,
)
from nn_core.charts.live.panel import Panel, nice_ceiling
from nn_core.datasets.registry import Dataset
from nn_core.events import Params
from nn_core.experiment import Experiment
from nn_core.networks import metrics
from nn_core.networks.activations import activate
from nn_core.networks.forward import predict

Array = np.ndarray

MOST_POINTS = 2000
"""Maximum training points drawn, and maximum test points."""

MOST_INPUTS = 4
"""Maximum inputs of a truth table: one square for each combination of the third and fourth."""


def boundary_panel(
    experiment: Experiment,
    params: Params,
    dataset: Dataset,
    outputs: Array,
    *,
    cells: int = CELLS,
    answers: SquareResponses | None = None,
) -> Panel | None:
    """Build the panel with the output over the input square and the decision boundary.

    Parameters
    ----------
    experiment : Experiment
        Experiment of the network.
    params : list of (weight, bias)
        The parameters at the moment shown.
    dataset : Dataset
        With a `plane`, or of kind 'binary' with at most `MOST_INPUTS` inputs; others have no
        boundary panel.
    outputs : ndarray of shape (n_shown, n_outputs)
        Outputs of the backend for the rows shown. For a plane, which has more points, all outputs
        come from a forward pass with `params`.
    cells : int
        Grid points along each side of the square.
    answers : Answers, optional
        Precomputed responses over the input square.

    Returns
    -------
    panel : Panel or None
        ``field (squares, rows, columns)``: first axis to the right, second upwards; for three
        inputs a square each for C=0 and C=1, for four for C, D = 00, 01, 10, 11. For one input
        the field is one row: the output as a curve. For 'classes' it is ``(n_classes, rows,
        columns)``, the probability of each. ``points (n, n_axes)`` lie in the square of number
        ``square``; ``target`` is 0 or 1, the number of a class, or the number wanted; ``answer``
        is the output, or the probability of the class that is chosen; ``is_test`` is 0 or 1, and
        so is ``right``, which is left out where a number is predicted. ``lines (units, 3)`` are the
        weights and bias of the first hidden layer, where its inputs are the two axes: unit i is
        undecided where ``l0 x1 + l1 x2 + l2 = 0``.
    """
    n_inputs = params[0][0].shape[0]
    if dataset.plane is None and (dataset.kind != "binary" or n_inputs > MOST_INPUTS):
        return None
    answers = answers or responses_over_square(experiment, params, dataset, cells=cells)
    if answers is None:
        return None
    rest = dataset.input_names[len(answers.names) :]
    head: dict[str, Any] = {
        "type": "boundary",
        "kind": dataset.kind,
        "names": list(answers.names),
        "output_name": dataset.output_names[0],
        "low": answers.low,
        "high": answers.high,
        "squares": [
            ", ".join(f"{name} = {value:g}" for name, value in zip(rest, setting, strict=True))
            for setting in answers.settings
        ]
        if dataset.plane is None
        else [""],
    }
    points = _points(experiment, params, dataset, outputs)
    arrays: dict[str, Array] = points
    field = answers.layers[-1]
    if dataset.kind == "classes":
        head |= {
            "title": "Class chosen over the plane",
            "classes": list(dataset.output_names),
            "threshold": 1 / field.shape[-1],
        }
        arrays["field"] = np.moveaxis(_probabilities(experiment, field[0]), -1, 0)
    else:
        middle, reach = _scale(experiment, dataset)
        over = "the inputs" if dataset.plane is None else " and ".join(answers.names)
        head |= {
            "title": f"Output {dataset.output_names[0]} over {over}",
            "threshold": middle,
            "reach": reach,
        }
        arrays["field"] = field[..., 0]
    if (lines := _lines(params, dataset)) is not None:
        arrays["lines"] = lines
    return Panel(head, arrays)


def _points(
    experiment: Experiment, params: Params, dataset: Dataset, outputs: Array
) -> dict[str, Array]:
    """Positions, targets and predictions of the rows."""
    threshold = metrics.threshold(experiment.output, experiment.loss)
    plane = dataset.plane
    if plane is None:
        x, targets = dataset.shown
        points, is_test = x[:, :2], np.full(len(x), dataset.x_test is not None)
        powers = 2 ** np.arange(max(0, x.shape[1] - 2))[::-1]
        square = np.rint(x[:, 2:] @ powers).clip(0, 2 ** len(powers) - 1)
    else:
        parts = [(plane.points, dataset.x, dataset.y)]
        if plane.points_test is not None and dataset.x_test is not None:
            parts.append((plane.points_test, dataset.x_test, dataset.y_test))  # type: ignore[arg-type]
        kept = [tuple(part[:MOST_POINTS] for part in group) for group in parts]
        points, x, targets = (np.concatenate(group) for group in zip(*kept, strict=True))
        is_test = np.arange(len(x)) >= len(kept[0][0])
        square = np.zeros(len(x))
        rows = np.asarray(x, params[0][0].dtype)
        with np.errstate(all="ignore"):
            outputs = predict(params, rows, experiment.hidden_activations, experiment.output)
    found: dict[str, Array] = {
        "points": points,
        "square": square.astype(np.uint8),
        "is_test": is_test.astype(np.uint8),
    }
    if dataset.kind == "classes":
        right = metrics.is_right(outputs, targets, "classes").astype(np.uint8)
        answer = _probabilities(experiment, outputs).max(axis=1)
        target = targets.argmax(axis=1).astype(np.uint8)
        return found | {"target": target, "answer": answer, "right": right}
    found["answer"] = outputs[:, 0]
    if dataset.kind == "number":
        return found | {"target": targets[:, 0]}
    found["target"] = np.rint(targets[:, 0]).astype(np.uint8)
    right = metrics.is_right(outputs[:, :1], targets[:, :1], dataset.kind, threshold)
    return found | {"right": right.astype(np.uint8)}


def _scale(experiment: Experiment, dataset: Dataset) -> tuple[float, float]:
    """Middle and half-range of the colour scale."""
    if dataset.kind == "binary":
        threshold = metrics.threshold(experiment.output, experiment.loss)
        return threshold, 4.0 if threshold == 0.0 else 0.5
    wanted = dataset.y[:, 0] if len(dataset.y) else np.array([-1.0, 1.0])
    low, high = float(wanted.min()), float(wanted.max())
    if low < 0 < high:
        return 0.0, nice_ceiling(max(-low, high))
    return (low + high) / 2, nice_ceiling((high - low) / 2)


def _probabilities(experiment: Experiment, outputs: Array) -> Array:
    """Class probabilities: the outputs, or the softmax of logits."""
    if experiment.output != "identity":
        return outputs
    with np.errstate(all="ignore"):
        return activate("softmax", outputs.reshape(-1, outputs.shape[-1])).reshape(outputs.shape)


def _lines(params: Params, dataset: Dataset) -> Array | None:
    """Weights and bias of the first hidden layer, if its inputs are the two axes."""
    weight, bias = params[0]
    if len(params) == 1 or weight.shape[0] != 2:
        return None
    if dataset.plane and not features_are_coordinates(dataset.plane.features):
        return None
    return np.column_stack([weight.T, np.zeros(weight.shape[1]) if bias is None else bias])
