"""The views below the picture, one file each.

A view has a ``NAME``, the label of its button, and a function ``show(page, experiment, run,
now)`` that draws the moment `now` (a `Snapshot`) of `run`, or of the experiment if there is no run.
It returns True while it needs further ticks of its own. Optional members are

- ``choose(page, experiment)``: draws its settings above it, not redrawn with every tick;
- ``suits(experiment)``: whether the view is available for this experiment;
- ``IS_STILL = True``: the view does not change while a run proceeds;
- ``NEEDS_ROWS = True``: the view needs at least one training row;
- ``FOLLOWS_FORM = True``: the view shows the form even if the run differs from it.

A new view is one file and its place in `GROUPS`.
"""

from __future__ import annotations

from types import ModuleType

from nn_core.experiment import Experiment
from ui.details.views import (
    accuracy_by_class_view,
    check_view,
    code_view,
    confusion_cells_view,
    confusion_view,
    draw_view,
    feature_maps_view,
    graph_view,
    health_view,
    hidden_space_view,
    histograms_view,
    landscape_view,
    loss_view,
    mean_images_view,
    model_view,
    times_view,
    unit_pictures_view,
    walkthrough_view,
    weights_file_view,
    weights_now_view,
    weights_over_time_view,
    what_to_change_view,
    worst_mistakes_view,
)

GROUPS: dict[str, tuple[ModuleType, ...]] = {
    "Numbers": (model_view, weights_now_view, confusion_view, times_view, check_view),
    "Curves": (loss_view, weights_over_time_view, histograms_view),
    "Inside": (feature_maps_view, hidden_space_view, landscape_view, health_view),
    "Explain": (walkthrough_view, graph_view, code_view),
    "Images": (
        confusion_cells_view,
        worst_mistakes_view,
        accuracy_by_class_view,
        mean_images_view,
        unit_pictures_view,
        what_to_change_view,
    ),
    "Draw": (draw_view,),
    "Files": (weights_file_view,),
}
"""In the order of their buttons."""

VIEWS: tuple[ModuleType, ...] = tuple(view for views in GROUPS.values() for view in views)
"""All views."""


def views_for(experiment: Experiment) -> dict[str, ModuleType]:
    """The views that are available for an experiment, by name."""
    return {
        view.NAME: view for view in VIEWS if not hasattr(view, "suits") or view.suits(experiment)
    }


def grouped(experiment: Experiment) -> dict[str, list[str]]:
    """The names of the available views by group, without empty groups."""
    names = views_for(experiment)
    groups = {
        group: [view.NAME for view in views if view.NAME in names]
        for group, views in GROUPS.items()
    }
    return {group: found for group, found in groups.items() if found}
