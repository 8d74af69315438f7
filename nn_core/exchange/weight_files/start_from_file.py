"""Weights from a file as the start of a run."""

from __future__ import annotations

import numpy as np

from nn_core.events import Params, Snapshot
from nn_core.exchange.weight_files.checkpoint import Checkpoint
from nn_core.experiment import Experiment
from nn_core.runs.beginning import Beginning, Origin
from nn_core.runs.history import History

MOST_GIVEN = 64
"""Weights and biases up to which they become settings, to be seen and changed in the form."""


def why_not(checkpoint: Checkpoint, experiment: Experiment) -> str:
    """Why a run of `experiment` cannot begin with these weights; empty where it can."""
    shapes, wanted = checkpoint.weight_shapes, experiment.weight_shapes
    if shapes != wanted or checkpoint.has_bias != experiment.bias:
        return (
            f"The weights are those of a network {_named(checkpoint.shape, checkpoint.has_bias)}, "
            f"and the settings on the left ask for {_named(experiment.shape, experiment.bias)}."
        )
    largest = max(float(np.abs(array).max()) for pair in checkpoint.params
                  for array in pair if array is not None)  # fmt: skip
    if largest > float(np.finfo(experiment.dtype).max):
        return (
            f"The largest weight is {largest:.3g}, more than {experiment.dtype} can hold. Choose "
            "float64 under “Stop rules and precision”."
        )
    return ""


def can_be_given(checkpoint: Checkpoint) -> bool:
    """Whether the weights are so few, and of such layers, that they can become settings."""
    is_dense = all(len(shape) == 2 for shape in checkpoint.weight_shapes)
    return is_dense and checkpoint.n_parameters <= MOST_GIVEN


def differences(checkpoint: Checkpoint, experiment: Experiment) -> list[str]:
    """Labels of the settings that change what these weights answer."""
    old = checkpoint.experiment
    if old is None:
        return []
    fields = {
        "dataset": (old.dataset, experiment.dataset),
        "dataset_options": (old.dataset_options, experiment.dataset_options),
        "activation": (old.hidden_activations, experiment.hidden_activations),
        "output": (old.output, experiment.output),
        "dtype": (old.dtype, experiment.dtype),
    }
    return [
        str(Experiment.model_fields[name].title)
        for name, (before, after) in fields.items()
        if before != after
    ]


def as_given(checkpoint: Checkpoint, experiment: Experiment) -> Experiment:
    """The experiment that starts from these weights by its own settings: see `can_be_given`.

    Raises
    ------
    InvalidExperiment
        If they do not fit, as `why_not` says, or cannot be given.
    """
    given = [
        (weight.tolist(), None if bias is None else bias.tolist())
        for weight, bias in checkpoint.params
    ]
    return experiment.replace(initializer="given", given=given, given_offset=0.0)


def beginning(checkpoint: Checkpoint, experiment: Experiment, file_name: str) -> Beginning:
    """What a run of `experiment` takes over from a file: the weights, and nothing else.

    Parameters
    ----------
    checkpoint : Checkpoint
        Of a network of the same shape: `why_not` says so.
    experiment : Experiment
        What will be trained.
    file_name : str
        Where the weights come from, for the sentence on the screen.
    """
    params: Params = [
        (weight.astype(experiment.dtype), None if bias is None else bias.astype(experiment.dtype))
        for weight, bias in checkpoint.params
    ]
    snapshot = Snapshot(0, 0.0, params, np.empty((0, experiment.n_outputs)))
    by = f" by {checkpoint.framework}" if checkpoint.framework else ""
    at = f" at step {checkpoint.step:,}" if checkpoint.step else ""
    return Beginning(
        origin=Origin(
            run_id="",
            step=snapshot.step,
            epoch=snapshot.epoch,
            changed=(str(Experiment.model_fields["initializer"].title),),
            sentence=f"Begun with the weights in {file_name}, saved{by}{at}. The optimizer begins "
            "afresh, and steps count from 0.",
        ),
        snapshot=snapshot,
        history=History(),
    )


def _named(shape: str, has_bias: bool) -> str:
    return shape + ("" if has_bias else " without biases")
