"""Which hidden units are silent in each step.

Dropout silences every hidden unit with probability p in each step, for each row anew, and
multiplies what the others say by ``1 / (1 - p)``: the layer above then hears as much as it does
when nobody is silent, and nothing has to be rescaled afterwards (inverted dropout).

The numbers come from a generator that counts, Philox: what it draws is a function of its key and
of its counter. The key is the seed's, the counter is made of layer and step. A mask is thus known
without those before it: it depends neither on how the steps are cut into calls nor on where a run
was taken up again.

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
"""Most memory that the masks of one call of a backend take, unless one step's take more."""

DRAWS_A_BLOCK = 8
"""Numbers of 32 bits that Philox gives for each value of its counter."""


class Dropout:
    """The masks of one run.

    Parameters
    ----------
    experiment : Experiment
        Gives seed, share, hidden layers and dtype.
    batch_size : int
        Rows of a whole batch.

    Attributes
    ----------
    most_steps : int
        Steps whose masks may be held at once: as many as fit into `MOST_BYTES`, at least 1.

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
        """The masks of some steps in a row, as the model multiplies with them.

        Parameters
        ----------
        first_step : int
            Steps taken before, counted from the beginning of the run.
        steps : int
            How many.
        rows : int
            Rows of each batch, at most a whole one: a shorter batch has the first rows' masks.

        Returns
        -------
        masks : tuple of ndarray, each of shape (steps, rows, units)
            One for each hidden layer, first layer first: 0 for a silent unit, ``1 / (1 - p)``
            for the others, in the experiment's dtype.
        """
        return tuple(
            self._masks(layer, units, first_step, steps, rows)
            for layer, units in enumerate(self.hidden)
        )

    def _masks(self, layer: int, units: int, first_step: int, steps: int, rows: int) -> Array:
        # Every step has blocks of its own, as many as a whole batch needs.
        blocks = -(-self.batch_size * units // DRAWS_A_BLOCK)
        counter = [first_step * blocks, 0, 0, layer]
        words = np.random.Philox(key=self._key, counter=counter).random_raw(
            steps * blocks * DRAWS_A_BLOCK // 2
        )
        # Alike on processors that store the last byte first and on those that do not.
        draws = words.astype("<u8", copy=False).view("<u4").reshape(steps, -1)
        speaks = draws[:, : rows * units] >= round(self.share * 2**32)
        masks = np.multiply(speaks, 1 / (1 - self.share), dtype=self.dtype)
        return np.asarray(masks).reshape(steps, rows, units)
