"""The difference between two runs of the same experiment on two frameworks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nn_core import vocabulary
from nn_core.events import Params
from nn_core.experiment import Experiment
from nn_core.runs.run import Run


@dataclass(frozen=True)
class Parity:
    """The difference between a run and its reference.

    Attributes
    ----------
    steps : int
        Number of compared losses: the steps that both runs have.
    largest_loss_difference : float
        Largest absolute difference of the losses over these steps.
    at_step : int
        The step at which it occurs, counted from 0.
    largest_weight_difference : float or None
        Largest absolute difference over all weights and biases, if both runs end at the same step.
    """

    steps: int
    largest_loss_difference: float
    at_step: int
    largest_weight_difference: float | None


def numpy_twin(experiment: Experiment, epsilon_form: str) -> Experiment:
    """The same experiment on NumPy, with the form of ε of the other framework."""
    return experiment.replace(backend="numpy", engine="", device="cpu", epsilon_form=epsilon_form)


def why_not_comparable(run: Run) -> str:
    """Why the experiment alone does not reproduce a run; empty where it does."""
    if run.started is None or not run.history.losses.count:
        return "Train first: there is nothing to compare yet."
    if run.experiment.architecture != "dense":
        label = vocabulary.ARCHITECTURES[run.experiment.architecture].label
        return (
            f"There is no {label} network on NumPy to compare with: its passes are written out by "
            "hand, for dense layers. The forward pass of the feature maps is NumPy's."
        )
    if run.origin and not run.origin.run_id:
        return "This run began with the weights in a file: its experiment does not repeat it."
    if run.origin and run.origin.changed:
        return "This run was continued with other settings: its experiment does not repeat it."
    if run.learning_rate_changes:
        return "The learning rate was changed during this run: its experiment does not repeat it."
    if run.edits:
        return "Weights were set by hand during this run: its experiment does not repeat it."
    if run.took_samples:
        return "Single samples were stepped by hand: its experiment does not repeat this run."
    return ""


def compare(run: Run, reference: Run) -> Parity:
    """Compare two runs over the steps that both have taken."""
    losses, others = run.history.exact_losses, reference.history.exact_losses
    steps = min(len(losses), len(others))
    differences = np.abs(losses[:steps] - others[:steps])
    at_step = int(differences.argmax()) if steps else 0
    weights = None
    if run.latest and reference.latest and run.latest.step == reference.latest.step:
        weights = largest_difference(run.latest.params, reference.latest.params)
    return Parity(steps, float(differences[at_step]) if steps else 0.0, at_step, weights)


def largest_difference(params: Params, others: Params) -> float:
    """The largest absolute difference between the parameters of two networks of one shape."""
    return max(
        float(np.abs(one.astype(float) - two.astype(float)).max(initial=0.0))
        for layer, other in zip(params, others, strict=True)
        for one, two in zip(layer, other, strict=True)
        if one is not None and two is not None
    )
