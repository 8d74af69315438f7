"""Handles weights and biases that are set by hand in the picture."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from nn_core.experiment import Experiment
from nn_core.server import get_pool
from ui import session
from ui.form import commands
from ui.form.lookback import lookback_of, shown_step

LARGEST = 1e6
"""Beyond this value, a squared error overflows float32 after a few layers."""


def edit_params(page: str, experiment: Experiment, edit: Mapping[str, Any] | None) -> None:
    """Set a weight or bias of the page's run; without a run, begin one that is paused at step 0.

    If the run is over, or an earlier step is shown, a new paused run continues from the shown step
    with the edited weight.

    Invalid edits are ignored: the picture checks a number before it sends it.

    Parameters
    ----------
    page : str
        The page.
    experiment : Experiment
        The form's experiment, which is begun where there is no run.
    edit : mapping or None
        ``layer``, ``source`` (None for a bias), ``target``, ``value``, and a ``number`` greater
        than that of the edit before.
    """
    run = session.run_of(page)
    if edit is None or not _is_possible(edit, run.experiment if run else experiment):
        return
    step = shown_step(run, lookback_of(page))
    if run is None:
        run = commands.begin_paused(page, experiment)
    elif run.is_over or step is not None:
        run = commands.continue_paused(page, run, step)
    if run:
        get_pool().edit_params(
            run,
            session.owner(),
            layer=edit["layer"],
            source=edit["source"],
            target=edit["target"],
            value=float(edit["value"]),
            number=int(edit["number"]),
        )


def _is_possible(edit: Mapping[str, Any], experiment: Experiment) -> bool:
    """Whether the network has this weight or bias, and the value is allowed."""
    layer: Any = edit.get("layer")
    source: Any = edit.get("source")
    target: Any = edit.get("target")
    value: Any = edit.get("value")
    sizes = experiment.layer_sizes
    if experiment.front:  # kernels are shown as pictures, and not edited
        return False
    if not _is_index(layer, len(sizes) - 1) or not _is_index(target, sizes[layer + 1]):
        return False
    if not (_is_index(source, sizes[layer]) if source is not None else experiment.bias):
        return False
    return isinstance(value, int | float) and math.isfinite(value) and abs(value) <= LARGEST


def _is_index(value: Any, length: int) -> bool:
    return type(value) is int and 0 <= value < length
