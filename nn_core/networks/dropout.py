"""Dropout masks: the hidden units that each step drops.

Each step drops every hidden unit with probability p, independently for each row, and multiplies
the activations of the other units by ``1 / (1 - p)``. The expected input of the next layer is then
the same with and without dropout, so evaluation needs no rescaling (inverted dropout).

The random numbers come from Philox, a counter-based generator: its output is a function of a key
and a counter. The key comes from the seed, the counter from layer and step. A mask can thus be
computed without those before it: it depends neither on the chunks of steps nor on the step at
which a run is continued.

References
----------
.. [1] N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever, R. Salakhutdinov, "Dropout: a simple
   way to prevent neural networks from overfitting", JMLR 15, 2014.
.. [2] J. Salmon, M. Moraes, R. Dror, D. Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC11.
"""

from __future__ import annotations

import numpy as np

from nn_core.experiment import Experiment
from nn_core.seeds import key

Array = np.ndarray

MOST_BYTES = 8_000_000
"""Most bytes of the masks of one call of a backend, unless those of a single step are larger."""

DRAWS_A_BLOCK = 8
"""Numbers of 32 bits that Philox computes for each value of its counter."""


class Dropout:
    """The masks of one run.

    Parameters
    ----------
    experiment : Experiment
        Supplies seed, dropout share, hidden layers and dtype.
    batch_size : int
        Rows of a whole batch.

    Attributes
    ----------
    most_steps : int
        Steps whose masks may be in memory at once: as many as fit into `MOST_BYTES`, at least 1.

    Examples
    --------
    >>> dropout = Dropout(Experiment(hidden=(3, 2), dropout=0.5), batch_size=4)
    >>> [mask.shape for mask in dropout.masks(first_step=0, steps=10, rows=4)]
    [(10, 4, 3), (10, 4, 2)]
    """

    def __init__(self, experiment: Experiment, batch_size: int) -> None:
        self.share = experiment.dropout
        self.hidden = experiment.hidden
        self.dtype = np.dtype(experiment.dtype)
        self.batch_size = batch_size
        bytes_a_step = batch_size * sum(self.hidden) * self.dtype.itemsize
        self.most_steps = max(1, MOST_BYTES // max(1, bytes_a_step))
        self._key = key(experiment.seed, "dropout")

    def masks(self, first_step: int, steps: int, rows: int) -> tuple[Array, ...]:
        """The masks of consecutive steps, by which the model multiplies its activations.

        Parameters
        ----------
        first_step : int
            Steps taken before, counted from the beginning of the run.
        steps : int
            Number of steps.
        rows : int
            Rows of each batch, at most `batch_size`: a shorter batch uses the masks of its first
            rows.

        Returns
        -------
        masks : tuple of ndarray, each of shape (steps, rows, units)
            One for each hidden layer, first layer first: 0 for a dropped unit, ``1 / (1 - p)``
            for the others, in the experiment's dtype.
        """
        return tuple(
            self._masks(layer, units, first_step, steps, rows)
            for layer, units in enumerate(self.hidden)
        )

    def _masks(self, layer: int, units: int, first_step: int, steps: int, rows: int) -> Array:
        # Every step has its own blocks, as many as a whole batch needs.
        blocks = -(-self.batch_size * units // DRAWS_A_BLOCK)
        counter = [first_step * blocks, 0, 0, layer]
        words = np.random.Philox(key=self._key, counter=counter).random_raw(
            steps * blocks * DRAWS_A_BLOCK // 2
        )
        # The same on little-endian and big-endian processors.
        draws = words.astype("<u8", copy=False).view("<u4").reshape(steps, -1)
        is_kept = draws[:, : rows * units] >= round(self.share * 2**32)
        masks = np.multiply(is_kept, 1 / (1 - self.share), dtype=self.dtype)
        return np.asarray(masks).reshape(steps, rows, units)
