"""View with a draw pad; the network classifies the drawing as it changes."""

from __future__ import annotations

import math
from typing import Any

from nn_core import datasets
from nn_core.charts.live.drawing import drawing_answer
from nn_core.events import Snapshot
from nn_core.experiment import Experiment
from nn_core.explain.images.recognition import network_inputs, prepare_drawing
from nn_core.explain.images.strokes import THICKEST, THINNEST, rasterise, read_strokes
from nn_core.runs.run import Run
from ui import session
from ui import session_keys as keys
from ui.components.draw_pad import draw_pad
from ui.details.views.feature_maps_view import show_maps

NAME = "Draw"
WIDTH = 0.08
BLANK: dict[str, Any] = {"strokes": [], "centred": True, "width": WIDTH, "number": 0}


def suits(experiment: Experiment) -> bool:
    """Whether the network reads images of digits."""
    return datasets.describe(experiment.dataset).is_images


def show(page: str, experiment: Experiment, run: Run | None, now: Snapshot) -> None:
    """Show it; see `ui.details.views`."""
    drawing: dict[str, Any] = session.value(keys.drawing(page), BLANK)
    key = keys.draw_pad(page)
    ink = rasterise(read_strokes(drawing["strokes"]))
    classes = tuple(getattr(experiment.dataset_options, "classes", ()))
    answer = drawing_answer(
        experiment,
        now.params,
        ink,
        classes,
        is_centred=drawing["centred"],
        echo={
            "strokes": drawing["strokes"],
            "centred": drawing["centred"],
            "width": drawing["width"],
            "number": drawing["number"],
            "step": now.step,
        },
        note=_note(run, now),
    )
    draw_pad(answer, key=key, on_drawing=lambda: _store_drawing(page, session.peek(key)))
    if experiment.front and drawing["strokes"]:
        form, whole = prepare_drawing(experiment, ink)
        x = network_inputs(experiment, form.image if drawing["centred"] else whole)
        show_maps(experiment, now.params, x, classes)


def _note(run: Run | None, now: Snapshot) -> str:
    framework = run.started.framework if run and run.started else "the start"
    return (
        f"The weights are those of {framework} at step {now.step:,}; the answer is NumPy's forward "
        "pass over them."
    )


def _store_drawing(page: str, result: Any) -> None:
    """Store the drawing of the pad; what no pad of ours sends is ignored."""
    drawing: Any = (result or {}).get("drawing")
    last_number = session.value(keys.drawing(page), BLANK)["number"]
    try:
        number, width = int(drawing["number"]), float(drawing["width"])
        read_strokes(drawing["strokes"])
    except (KeyError, TypeError, ValueError, OverflowError):
        return
    if number > last_number and math.isfinite(width):
        session.put(
            keys.drawing(page),
            {
                "strokes": drawing["strokes"],
                "centred": drawing.get("centred") is not False,
                "width": min(max(width, THINNEST), THICKEST),
                "number": number,
            },
        )
