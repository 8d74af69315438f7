"""Data of the draw pad: preprocessing steps, predictions, and contributions of units."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nn_core.charts.live.packing import pack
from nn_core.charts.live.panel import centred_bytes, nice_ceiling
from nn_core.events import Params
from nn_core.experiment import Experiment
from nn_core.explain.images.digit_centring import (
    MNIST_BOX,
    MNIST_CENTRE,
    MNIST_SHAPE,
    CentredDigit,
    downscale,
)
from nn_core.explain.images.recognition import Recognition, prepare_drawing, recognise
from nn_core.explain.images.strokes import MOST_POINTS, MOST_STROKES

Array = np.ndarray

MOST_UNITS = 8
SKETCH = (56, 56)


def drawing_answer(
    experiment: Experiment,
    params: Params,
    ink: Array,
    names: Sequence[str],
    *,
    is_centred: bool = True,
    echo: dict[str, Any] | None = None,
    note: str = "",
) -> bytes:
    """Classify a drawing and pack the result for the browser.

    Parameters
    ----------
    experiment : Experiment
        Experiment on an image data set.
    params : list of (weight, bias)
        Parameters of the moment shown.
    ink : ndarray of shape (side, side)
        The rasterised drawing, from 0 to 1.
    names : sequence of str
        Names of the classes.
    is_centred : bool
        Whether the drawing is centred and scaled like the data set before the prediction.
    echo : dict, optional
        Fields that are returned to the browser unchanged: strokes and their number.
    note : str
        A note on the origin of the weights.
    """
    form, whole = prepare_drawing(experiment, ink)
    seen, other = (form.image, whole) if is_centred else (whole, form.image)
    found = recognise(experiment, params, seen)
    is_empty = form.box is None
    steps = _steps(form, ink) if is_centred else [_uncentred_step(whole)]
    arrays = {f"pad/step{i}": _grey(pixels) for i, (_, pixels) in enumerate(steps)}
    units = [] if is_empty else _units(experiment, found)
    if pictures := _pictures(params, experiment, [unit["index"] for unit in units]):
        arrays["pad/units"] = pictures[0]
    head = {
        "panels": [{"name": "pad"}],
        "names": list(names),
        "is_empty": is_empty,
        "probabilities": found.probabilities.tolist(),
        "ranking": found.ranking.tolist(),
        "steps": [step for step, _ in steps],
        "units": units,
        "units_title": "" if is_empty else _units_title(experiment, found, names),
        "lesson": ""
        if is_empty
        else _other_guess(recognise(experiment, params, other), names, is_centred),
        "note": f"{note} {pictures[1]}".strip() if pictures else note,
        "most_strokes": MOST_STROKES,
        "most_points": MOST_POINTS,
        **(echo or {}),
    }
    return pack(head, arrays)


def _steps(form: CentredDigit, ink: Array) -> list[tuple[dict[str, Any], Array]]:
    """Title, text, marks and pixels of each preprocessing step."""
    rows, columns = form.image.shape
    box: tuple[dict[str, Any], Array] = (
        {
            "title": "1. Box",
            "text": "around the ink",
            "frame": list(form.box) if form.box else None,
        },
        downscale(ink, SKETCH),
    )
    if form.image.shape != MNIST_SHAPE:
        return [
            box,
            ({"title": "2. Scaled", "text": "to a height of 32, black and white"}, form.fitted),
            ({"title": "3. Counted", "text": "black in each 4×4 block: 8×8"}, form.image),
        ]
    room = (MNIST_SHAPE[0] - MNIST_BOX) // 2
    framed = np.zeros(MNIST_SHAPE)
    framed[room : room + MNIST_BOX, room : room + MNIST_BOX] = form.fitted
    goal = [(MNIST_CENTRE + 0.5) / rows, (MNIST_CENTRE + 0.5) / columns]
    # As fractions of the field: a pixel is 1 / 28, and its centre is half a pixel further.
    at = [(place + room + 0.5) / rows for place in form.centre]
    moved = [(p + move + 0.5) / rows for p, move in zip(form.centre, form.shift, strict=True)]
    if form.box is None:
        at = moved = []
    return [
        box,
        ({"title": "2. 20×20", "text": "scaled, proportions kept"}, form.fitted),
        (
            {
                "title": "3. Centre of mass",
                "text": "orange; grey: where it belongs",
                "cross": at or None,
                "goal": goal,
            },
            framed,
        ),
        (
            {"title": "4. 28×28", "text": "moved there: the input", "cross": moved or None},
            form.image,
        ),
    ]


def _uncentred_step(image: Array) -> tuple[dict[str, Any], Array]:
    rows, columns = image.shape
    return {"title": f"{rows}×{columns}", "text": "the whole square: the input"}, image


def _units(experiment: Experiment, found: Recognition) -> list[dict[str, Any]]:
    """The units with the largest absolute contribution to the most probable class."""
    if not experiment.hidden:
        return []
    largest = np.argsort(-np.abs(np.nan_to_num(found.contributions)), kind="stable")[:MOST_UNITS]
    return [
        {
            "index": int(i),
            "name": f"{int(i) + 1}:",
            "contribution": float(found.contributions[i]),
            "text": f"activation {found.sources[i]:.3g}",
        }
        for i in largest
    ]


def _pictures(params: Params, experiment: Experiment, units: list[int]) -> tuple[Array, str] | None:
    """Pixel weights of some units as bytes, and a text on their scale; None if not applicable."""
    if len(experiment.hidden) != 1 or experiment.front or not units:
        return None
    weight = params[0][0][:, units].T
    finite = np.abs(weight[np.isfinite(weight)])
    reach = nice_ceiling(float(finite.max(initial=0.0)))
    side = round(weight.shape[1] ** 0.5)
    words = (
        f"The pictures are the units' weights from the pixels: blue positive, orange negative, up "
        f"to ±{reach:g}."
    )
    return centred_bytes(weight, reach).reshape(-1, side, side), words


def _units_title(experiment: Experiment, found: Recognition, names: Sequence[str]) -> str:
    guess = names[int(found.ranking[0])]
    where = f" of layer {len(experiment.hidden)}" if len(experiment.hidden) > 1 else ""
    count = len(found.contributions)
    bias, total = (text.replace("-", "−") for text in (f"{found.bias:+.3g}", f"{found.sum:.4g}"))
    if not experiment.hidden:
        return f"{count:,} pixels and the bias of {bias} add up to {total} for {guess}."
    return (
        f"What each hidden unit{where} says for {guess}: activation × weight, the largest of "
        f"{count:,}. All of them and the bias of {bias} add up to {total}."
    )


def _other_guess(other: Recognition, names: Sequence[str], is_centred: bool) -> str:
    guess = int(other.ranking[0])
    how = "Without centring" if is_centred else "Centred and scaled"
    share = other.probabilities[guess]
    return f"{how}, the same strokes are taken for {names[guess]} ({100 * share:.1f}\u00a0%)."


def _grey(image: Array) -> Array:
    return np.asarray(np.rint(255 * np.clip(image, 0, 1)), np.uint8)
