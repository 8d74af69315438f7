"""Where a loss stops being finite, and the message that explains it."""

from __future__ import annotations

import numpy as np

from nn_core.events import Array
from nn_core.experiment import Experiment


def first_not_finite(losses: Array) -> int | None:
    """Position of the first loss that is NaN or infinite, or None.

    Examples
    --------
    >>> first_not_finite(np.array([0.5, np.inf, np.nan]))
    1
    """
    positions = np.flatnonzero(~np.isfinite(losses))
    return int(positions[0]) if len(positions) else None


def why_diverged(experiment: Experiment, learning_rate: float, step: int) -> str:
    """A message: when the loss stopped being finite, and the likely cause.

    Parameters
    ----------
    experiment : Experiment
        The experiment of the run.
    learning_rate : float
        The one in use at that moment.
    step : int
        The step whose loss is not finite, from 0.
    """
    when = f"The loss is no longer a finite number at step {step:,}."
    if experiment.initializer == "normal_large" and step <= 1:
        return (
            f"{when} The likely cause is the large start: the initial weights already overflow "
            f"{experiment.dtype}. Choose the Glorot initial weights."
        )
    return (
        f"{when} The likely cause is the learning rate of {learning_rate:g}: each step overshot "
        "further than the one before, until the weights overflowed. "
        f"Try {learning_rate / 10:g}, and press Reset to begin from the same weights."
    )


def why_diverged_after_edit(step: int) -> str:
    """The same where a weight or bias was set by hand right before the step."""
    return (
        f"With the weight or bias that was set by hand at step {step:,}, the loss "
        "is no longer a finite number. Press Reset, and choose a smaller one."
    )
