"""The views below the picture: one file each.

A view has a ``NAME``, the label of its button, and a function ``show(page, experiment, run,
now)`` that draws the moment `now` (a `Snapshot`) of `run` (or of the experiment, where there is
no run). It returns True while something of its own is moving. It may have

- ``choose(page, experiment)``: its own settings, drawn above it and not again with every tick;
- ``suits(experiment)``: whether it has anything to show for such a network;
- ``IS_STILL = True``: it does not follow a run step by step;
- ``NEEDS_ROWS = True``: it has nothing to show before the first row to learn from is there.
- ``FOLLOWS_FORM = True``: it shows what the form holds, even where the run shown differs.

A new view is one file and its place in `GROUPS`.
"""

from __future__ import annotations

from types import ModuleType

from nn_core.experiment import Experiment
from ui.views import (
    accuracy_by_class,
    check,
    code,
    confusion,
    confusion_cells,
    draw,
    feature_maps,
    graph,
    health,
    hidden_space,
    histograms,
    landscape,
    loss,
    mean_images,
    model,
    times,
    unit_pictures,
    walkthrough,
    weights_file,
    weights_now,
    weights_over_time,
    what_to_change,
    worst_mistakes,
)

GROUPS: dict[str, tuple[ModuleType, ...]] = {
    "Numbers": (model, weights_now, confusion, times, check),
    "Curves": (loss, weights_over_time, histograms),
    "Inside": (feature_maps, hidden_space, landscape, health),
    "Explain": (walkthrough, graph, code),
    "Images": (
        confusion_cells,
        worst_mistakes,
        accuracy_by_class,
        mean_images,
        unit_pictures,
        what_to_change,
    ),
    "Draw": (draw,),
    "Files": (weights_file,),
}
"""In the order of their buttons."""

VIEWS: tuple[ModuleType, ...] = tuple(view for views in GROUPS.values() for view in views)
"""All of them."""


def suiting(experiment: Experiment) -> dict[str, ModuleType]:
    """The views that have something to show for an experiment, by name."""
    return {
        view.NAME: view for view in VIEWS if not hasattr(view, "suits") or view.suits(experiment)
    }


def grouped(experiment: Experiment) -> dict[str, list[str]]:
    """The names of the same views, group by group; groups without any are left out."""
    names = suiting(experiment)
    groups = {
        group: [view.NAME for view in views if view.NAME in names]
        for group, views in GROUPS.items()
    }
    return {group: found for group, found in groups.items() if found}
