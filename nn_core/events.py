"""The events of a run: small immutable records.

Arrays in events are copies that nobody writes to. Losses are those before each step, in the unit
of the loss. Accuracies are fractions, 0 to 1. Times are in seconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

Array = np.ndarray
Params = list[tuple[Array, Array | None]]
"""``[(weight (n_in, n_out), bias (n_out,) or None), ...]``, first layer first.

The weight of a convolution has the shape (height, width, maps in, maps out).
"""

StopReason = Literal["epochs", "target_loss", "patience", "stopped"]
FailureKind = Literal[
    "diverged", "framework", "memory", "device", "data", "invalid", "worker", "abandoned"
]


@dataclass(frozen=True)
class Phase:
    """What the worker does before training begins, such as an import or a compilation."""

    text: str


@dataclass(frozen=True)
class Started:
    """The framework has built the model; no step has been taken."""

    backend: str
    framework: str  # name and version, such as "PyTorch 2.13.0"
    device: str
    epsilon_form: str
    steps_per_epoch: int
    n_train: int
    n_test: int
    import_seconds: float
    build_seconds: float
    input_names: Sequence[str]
    output_names: Sequence[str]
    note: str  # which data these are, where the name of the data set does not say it
    params: Params


@dataclass(frozen=True)
class Progress:
    """Steps taken since the last event, and the metrics where they were measured.

    ``losses[i]`` belongs to step ``step - len(losses) + i``, counted from 0: it is
    the loss before that step. `epoch_losses` are the mean losses of the epochs that ended with
    these steps, each batch by its rows; empty where each batch so far was an epoch.
    `first_call_seconds` is the part of `train_seconds` that the first call of the framework took,
    including compilation.
    """

    step: int
    epoch: float
    losses: Array
    metrics: Mapping[str, float] = field(default_factory=dict)
    train_seconds: float = 0.0
    confusion: Array | None = None
    first_call_seconds: float = 0.0
    epoch_losses: Array = field(default_factory=lambda: np.empty(0))


@dataclass(frozen=True)
class Snapshot:
    """The parameters at one step, and the backend's outputs for them.

    `outputs` has the shape (n_shown, n_outputs): the training rows of a small
    data set, or the first test rows of a large one. `state` is what the backend
    needs to continue from here (`Model.get_state`), `rows_seen` the number of training rows used,
    `stop_rules` the state of the stop rules, with the unfinished epoch's part of its mean loss as
    ``unfinished``; `gradients` are those of the training loss at `params`, computed by the
    backend, where the network and its data are small. Where `is_kept` is False, `state` is too
    large for every frame and is left out: the snapshot is only displayed, until the next one
    arrives.
    """

    step: int
    epoch: float
    params: Params
    outputs: Array
    metrics: Mapping[str, float] = field(default_factory=dict)
    confusion: Array | None = None
    state: Mapping[str, Array] = field(default_factory=dict)
    rows_seen: int = 0
    gradients: Params | None = None
    stop_rules: Mapping[str, float] = field(default_factory=dict)
    is_kept: bool = True

    @property
    def nbytes(self) -> int:
        """Memory of all its arrays together."""
        pairs = [*self.params, *(self.gradients or ())]
        arrays = [*(array for pair in pairs for array in pair), *self.state.values()]
        return self.outputs.nbytes + sum(np.asarray(a).nbytes for a in arrays if a is not None)


@dataclass(frozen=True)
class LearningRateChanged:
    """The learning rate that is used from this step on."""

    step: int
    learning_rate: float


@dataclass(frozen=True)
class ParamsEdited:
    """A weight or a bias was set by hand, between two steps.

    `value` is the new number in the backend: `weight[source, target]` of the layer, or its
    `bias[target]` where `source` is None.
    """

    step: int
    layer: int
    source: int | None
    target: int
    value: float


@dataclass(frozen=True)
class Paused:
    """No step is taken until the run is resumed."""

    step: int


@dataclass(frozen=True)
class Resumed:
    """Steps are taken again."""

    step: int


@dataclass(frozen=True)
class Finished:
    """The run reached its end, or was stopped."""

    step: int
    epoch: float
    reason: StopReason
    metrics: Mapping[str, float]
    train_seconds: float


@dataclass(frozen=True)
class Failed:
    """The run failed. `message` is shown to the user."""

    kind: FailureKind
    message: str
    step: int = 0


Event = (
    Phase
    | Started
    | Progress
    | Snapshot
    | LearningRateChanged
    | ParamsEdited
    | Paused
    | Resumed
    | Finished
    | Failed
)
