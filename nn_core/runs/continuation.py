"""Continuing a run from a snapshot: whether it is possible, and what the new run takes over."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from nn_core import vocabulary
from nn_core.events import LearningRateChanged, Snapshot
from nn_core.experiment import Experiment
from nn_core.runs.run import Run
from nn_core.runs.run_origin import Beginning, Origin

MEMORY = ("backend", "engine", "optimizer", "dtype")
"""Fields that must be equal for an optimizer to take over the slots of another one."""

PATIENCE = ("dataset", "dataset_options", "seed", "loss")
"""Fields that must be equal for the stop rules to compare losses with earlier ones."""

WITHOUT_MEMORY = ("sgd",)
MOST_EPOCHS = 1_000_000
"""The upper limit of the field; see `Experiment`."""


def why_not(snapshot: Snapshot, old: Experiment, new: Experiment) -> str:
    """Why `new` cannot continue from a snapshot of a run of `old`; empty where it can."""
    if (shape := _shape(old)) != _shape(new):
        return (
            f"At step {snapshot.step:,} the network is {shape}, and the settings ask for "
            f"{_shape(new)}: its weights do not fit. Choose {shape} again, or press Reset and "
            "Train."
        )
    if not snapshot.is_kept:
        return (
            f"What is needed to go on from step {snapshot.step:,} was lost with the process that "
            "trained it. Choose an earlier step."
        )
    if snapshot.epoch >= new.epochs:
        return (
            f"Step {snapshot.step:,} lies at epoch {snapshot.epoch:,.4g}, and the settings end "
            f"training at epoch {new.epochs:,}. Choose more epochs on the left, or an earlier step."
        )
    return ""


def beginning(run: Run, snapshot: Snapshot, experiment: Experiment) -> Beginning:
    """The beginning of a run of `experiment` that continues an earlier run.

    Parameters
    ----------
    run : Run
        The earlier run.
    snapshot : Snapshot
        A snapshot of its history.
    experiment : Experiment
        An experiment for which `why_not` is empty.
    """
    old, step = run.experiment, snapshot.step
    rate = run.learning_rate_at(step)
    now = old.replace(learning_rate=rate)
    changed = tuple(
        str(info.title)
        for name, info in Experiment.model_fields.items()
        if getattr(now, name) != getattr(experiment, name)
    )
    start = snapshot
    if not _same(MEMORY, old, experiment):
        start = replace(start, state={})
    if not _same(PATIENCE, old, experiment):
        start = replace(start, stop_rules={})
    return Beginning(
        origin=Origin(
            run_id=run.id,
            step=step,
            epoch=snapshot.epoch,
            changed=changed,
            sentence=_sentence(step, old, experiment, changed),
        ),
        snapshot=start,
        history=run.history.up_to(step),
        learning_rate_changes=_changes(run, step, experiment.learning_rate),
        edits=[edit for edit in run.edits if edit.step <= step],
        took_samples=run.took_samples,
    )


def unchanged(run: Run, snapshot: Snapshot) -> Experiment:
    """The experiment that takes the same steps after the snapshot as the run did."""
    return run.experiment.replace(learning_rate=run.learning_rate_at(snapshot.step))


def extended(run: Run, snapshot: Snapshot) -> Experiment:
    """The same, with twice the epochs if the run's epochs end at the snapshot."""
    same = unchanged(run, snapshot)
    if snapshot.epoch < same.epochs:
        return same
    return same.replace(epochs=min(2 * same.epochs, MOST_EPOCHS))


def _shape(experiment: Experiment) -> str:
    bias = "" if experiment.bias else " without biases"
    return f"{experiment.shape}{bias}"


def _same(fields: tuple[str, ...], old: Experiment, new: Experiment) -> bool:
    return all(getattr(old, name) == getattr(new, name) for name in fields)


def _changes(run: Run, step: int, learning_rate: float) -> list[LearningRateChanged]:
    """The learning rates of the earlier run, as changes of the new experiment's rate."""
    all_changes = [
        LearningRateChanged(0, run.experiment.learning_rate),
        *(change for change in run.learning_rate_changes if change.step <= step),
        LearningRateChanged(step, learning_rate),
    ]
    rates = [learning_rate, *(change.learning_rate for change in all_changes)]
    return [
        change
        for change, (before, after) in zip(all_changes, pairwise(rates), strict=True)
        if before != after
    ]


def _sentence(step: int, old: Experiment, new: Experiment, changed: tuple[str, ...]) -> str:
    optimizer = vocabulary.OPTIMIZERS[old.optimizer].label
    follows = vocabulary.OPTIMIZERS[new.optimizer].label
    has_memory = old.optimizer not in WITHOUT_MEMORY
    text = f"Continued from step {step:,} of the run before"
    if _same(MEMORY, old, new):
        text += f", with what {optimizer} remembered there." if has_memory else "."
    else:
        text += "."
        if has_memory and old.optimizer != new.optimizer:
            text += f" {follows} begins afresh: what {optimizer} remembered is of no use to it."
        elif has_memory:
            text += f" {optimizer} begins afresh: what it remembered was kept in another form."
    return text + (f" Changed since: {', '.join(changed)}." if changed else "")
