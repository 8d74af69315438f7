"""The plan of a script: the properties of an experiment that all its pieces use."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from nn_core import datasets, vocabulary
from nn_core.datasets import images
from nn_core.errors import DataUnavailable
from nn_core.experiment import Experiment
from nn_core.networks.architectures.front_layers import Front
from nn_core.networks.optimizers import CONSTANTS
from nn_core.seeds import PURPOSES

PRINTED_LINES = 10


@dataclass(frozen=True)
class Plan:
    """The settings of a script, and values that follow from them.

    Attributes
    ----------
    experiment : Experiment
    n_rows : int
        Number of training rows.
    """

    experiment: Experiment
    n_rows: int

    @property
    def dtype(self) -> str:
        """The type of every number."""
        return self.experiment.dtype

    @property
    def sizes(self) -> tuple[int, ...]:
        """Width of every dense layer, with the inputs of the first one."""
        return self.experiment.layer_sizes[len(self.front) :]

    @cached_property
    def front(self) -> tuple[Front, ...]:
        """Convolutions in front of the dense layers."""
        return self.experiment.front

    @property
    def side(self) -> int:
        """Pixels along a side of an image, for convolutions."""
        return math.isqrt(self.experiment.n_inputs)

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """Inputs and units of each dense layer."""
        return list(itertools.pairwise(self.sizes))

    @property
    def depth(self) -> int:
        """Layers of weights, convolutions included."""
        return len(self.front) + len(self.sizes) - 1

    @property
    def hidden(self) -> tuple[str, ...]:
        """Activation of each hidden dense layer."""
        return self.experiment.hidden_activations[len(self.front) :]

    @property
    def output(self) -> str:
        """Activation of the last layer; "identity" where the loss takes the sums."""
        return self._output_and_loss[0]

    @property
    def loss(self) -> str:
        """The loss that is written, as a function of the result of `output`."""
        return self._output_and_loss[1]

    @property
    def _output_and_loss(self) -> tuple[str, str]:
        output, loss = self.experiment.output, self.experiment.loss
        on_sums = vocabulary.ON_SUMS.get((output, loss), loss)
        # The perceptron rule takes the sums and the outputs, so its output is written, too.
        return ("identity" if on_sums != loss else output), on_sums

    @property
    def activations(self) -> tuple[str, ...]:
        """Activation of every dense layer, the last included."""
        return *self.hidden, self.output

    @property
    def bias(self) -> bool:
        """Whether units have a bias."""
        return self.experiment.bias

    @property
    def has_penalty(self) -> bool:
        """Whether there is an L1 or L2 penalty."""
        return bool(self.experiment.l1 or self.experiment.l2)

    @property
    def has_dropout(self) -> bool:
        """Whether there is dropout."""
        return bool(self.experiment.dropout)

    @property
    def batch_size(self) -> int:
        """Rows of a whole batch."""
        return min(self.experiment.batch_size or self.n_rows, self.n_rows)

    @property
    def is_full_batch(self) -> bool:
        """Whether each step uses all rows, in their order."""
        return self.batch_size == self.n_rows

    @property
    def steps_per_epoch(self) -> int:
        """Optimizer steps in one pass over the rows."""
        return -(-self.n_rows // self.batch_size)

    @property
    def optimizer(self) -> str:
        """Name of the optimizer."""
        return self.experiment.optimizer

    @cached_property
    def constants(self) -> dict[str, float]:
        """Constants of the optimizer, the same on every backend."""
        return CONSTANTS[self.optimizer]

    @property
    def engine(self) -> str:
        """The engine of Keras."""
        e = self.experiment
        return (e.backend == "keras" and e.engine) or "tensorflow"

    @property
    def print_every(self) -> int:
        """Epochs from one printed loss to the next."""
        return max(1, self.experiment.epochs // PRINTED_LINES)


def plan_of(experiment: Experiment) -> Plan:
    """The plan of an experiment; rows in files are counted, but not loaded."""
    # A plain experiment: the subclass of a recipe cannot be changed.
    fields = {name: getattr(experiment, name) for name in Experiment.model_fields}
    experiment = Experiment(**fields)
    if datasets.describe(experiment.dataset).is_images:
        return Plan(experiment, _count(experiment))
    return Plan(experiment, len(datasets.load(experiment).x))


def _count(experiment: Experiment) -> int:
    """The number of training images; an upper limit if the files with labels are missing."""
    options: Any = experiment.dataset_options
    try:
        return images.n_training(experiment.dataset, experiment.seed, options)
    except DataUnavailable:
        return int(options.train_rows) * (1 + int(options.shifted_copies))


def rng(seed: int, purpose: str) -> str:
    """The generator of `nn_core.seeds` for a purpose, as an expression."""
    return f"np.random.default_rng({sequence(seed, purpose)})"


def sequence(seed: int, purpose: str) -> str:
    """The seed of a purpose, as an expression."""
    return f"np.random.SeedSequence({seed}, spawn_key=({PURPOSES.index(purpose)},))"
