"""The state in which a continued run begins: from an earlier run, or from a file of weights."""

from __future__ import annotations

from dataclasses import dataclass, field

from nn_core.events import LearningRateChanged, ParamsEdited, Snapshot
from nn_core.runs.history import History


@dataclass(frozen=True)
class Origin:
    """Where a continued run comes from.

    Attributes
    ----------
    run_id : str
        The earlier run; empty where the weights come from a file.
    step : int
        The step of the earlier run at which the new run begins.
    epoch : float
        The same in passes over the training data.
    changed : tuple of str
        Labels of the settings in which the two experiments differ.
    sentence : str
        What is continued and what starts anew, as shown on the screen.
    """

    run_id: str
    step: int
    epoch: float
    changed: tuple[str, ...]
    sentence: str


@dataclass(frozen=True)
class Beginning:
    """The state in which a continued run begins.

    Attributes
    ----------
    origin : Origin
        Where it comes from.
    snapshot : Snapshot
        The snapshot at which it begins.
    history : History
        The history of the earlier run up to this step.
    learning_rate_changes : list of LearningRateChanged
        The changes that lead from the new experiment's learning rate to those of the earlier steps.
    edits : list of ParamsEdited
        Weights and biases that were set by hand before.
    took_samples : bool
        Whether single-row steps were taken by hand before.
    """

    origin: Origin
    snapshot: Snapshot
    history: History
    learning_rate_changes: list[LearningRateChanged] = field(default_factory=list)
    edits: list[ParamsEdited] = field(default_factory=list)
    took_samples: bool = False
