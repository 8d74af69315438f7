"""The views below the picture: one file each.

A view has a ``NAME``, the label of its button, and a function ``show(page, experiment, run,
now)`` that draws the moment `now` (a `Snapshot`) of `run` (or of the experiment, where there is
no run). It returns True while something of its own is moving. It may have

- ``choose(page)``: its own settings, drawn above it and not again with every tick;
- ``suits(experiment)``: whether it has anything to show for such a network;
- ``IS_STILL = True``: it does not follow a run step by step.

A new view is one file and its place in `VIEWS`.
"""

from __future__ import annotations

from types import ModuleType

from nn_core.experiment import Experiment
from ui.views import (
    check,
    confusion,
    graph,
    health,
    loss,
    model,
    times,
    walkthrough,
    weights_now,
    weights_over_time,
)

VIEWS: tuple[ModuleType, ...] = (
    model,
    loss,
    weights_over_time,
    weights_now,
    walkthrough,
    graph,
    health,
    confusion,
    times,
    check,
)
"""In the order of their buttons."""


def suiting(experiment: Experiment) -> dict[str, ModuleType]:
    """The views that have something to show for an experiment, by name."""
    return {
        view.NAME: view for view in VIEWS if not hasattr(view, "suits") or view.suits(experiment)
    }
