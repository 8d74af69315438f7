"""What a run takes over that does not begin at step 0: from an earlier run, or from a file."""

from __future__ import annotations

from dataclasses import dataclass, field

from nn_core.events import LearningRateChanged, ParamsEdited, Snapshot
from nn_core.runs.history import History


@dataclass(frozen=True)
class Origin:
    """Where a run goes on from.

    Attributes
    ----------
    run_id : str
        The run before; empty where the weights come from a file.
    step : int
        The step of it at which the new run begins.
    epoch : float
        The same in passes over the training data.
    changed : tuple of str
        Labels of the settings in which the two experiments differ.
    sentence : str
        What goes on and what begins afresh, for the person at the screen.
    """

    run_id: str
    step: int
    epoch: float
    changed: tuple[str, ...]
    sentence: str


@dataclass(frozen=True)
class Beginning:
    """What a run takes over.

    Attributes
    ----------
    origin : Origin
        Where it goes on from.
    snapshot : Snapshot
        The moment at which it begins.
    history : History
        The run before, up to there.
    learning_rate_changes : list of LearningRateChanged
        Those that bring the new experiment's learning rate to that of each step up to there.
    edits : list of ParamsEdited
        Weights and biases that had been set by hand.
    took_samples : bool
        Whether single rows had been stepped by hand.
    """

    origin: Origin
    snapshot: Snapshot
    history: History
    learning_rate_changes: list[LearningRateChanged] = field(default_factory=list)
    edits: list[ParamsEdited] = field(default_factory=list)
    took_samples: bool = False
