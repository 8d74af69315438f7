"""The rows of each optimizer step.

Every epoch shuffles the rows anew and splits them into batches; the last batch of an epoch is
shorter where the batch size does not divide the number of rows. The full batch keeps the rows in
their order.
"""

from __future__ import annotations

import numpy as np

Array = np.ndarray

SKIPPED_ROWS = 1_000_000
"""Rows that `Batches.seek` orders at once, so that skipping many epochs takes little memory."""


class Batches:
    """A cursor over the rows, epoch after epoch.

    Parameters
    ----------
    n : int
        Rows of the training data.
    batch_size : int or None
        Rows in each batch, at most `n`; None for all of them.
    shuffle : bool
        Whether each epoch has an order of its own.
    rng : numpy.random.Generator
        Draws the order of the rows in each epoch.

    Attributes
    ----------
    rows_seen : int
        Rows returned so far.
    """

    def __init__(
        self, n: int, batch_size: int | None, shuffle: bool, rng: np.random.Generator
    ) -> None:
        self.n = n
        self.batch_size = min(batch_size or n, n)
        self.shuffle = shuffle and self.batch_size < n
        self.rng = rng
        self._first_draw = rng.bit_generator.state
        self.rows_seen = 0
        self._order = np.empty(0, np.int64)  # what is left of the rows already ordered

    @property
    def steps_per_epoch(self) -> int:
        """Optimizer steps in one epoch."""
        return -(-self.n // self.batch_size)

    @property
    def epoch(self) -> float:
        """Passes over the data so far; the fraction belongs to the unfinished epoch."""
        return self.rows_seen / self.n

    @property
    def rows_left_in_epoch(self) -> int:
        """Rows until this epoch ends; `n` at its start."""
        return self.n - self.rows_seen % self.n

    def take(self, steps: int) -> Array:
        """The next batches, at most `steps` of them, all of one size.

        Where the batch size divides the rows, batches run on across epochs. Otherwise they end
        with the last whole batch of the epoch, and the short one comes alone.

        Returns
        -------
        batches : ndarray of shape (k, size), int64
            With ``1 <= k <= steps``.
        """
        size = self.batch_size
        left = self.rows_left_in_epoch
        if left % size == 0 and self.n % size == 0:
            return self._rows(steps * size).reshape(steps, size)
        if left < size:
            return self._rows(left).reshape(1, left)
        steps = min(steps, left // size)
        return self._rows(steps * size).reshape(steps, size)

    def take_sample(self) -> Array:
        """The next row alone, as a batch of one: shape (1, 1)."""
        return self._rows(1).reshape(1, 1)

    def seek(self, rows_seen: int) -> None:
        """Continue as if exactly `rows_seen` rows had been returned so far.

        The orders of earlier epochs are drawn again, because each depends on those before it.
        """
        self.rng.bit_generator.state = self._first_draw
        self._order = np.empty(0, np.int64)
        epochs, rest = divmod(rows_seen, self.n)
        self.rows_seen = epochs * self.n
        at_once = max(1, SKIPPED_ROWS // self.n)
        while self.shuffle and epochs > 0:
            self._orders(min(epochs, at_once))
            epochs -= at_once
        self._rows(rest)

    def _orders(self, epochs: int) -> Array:
        """The rows in the orders of the next epochs: shape (epochs, n)."""
        rows = np.tile(np.arange(self.n), (epochs, 1))
        return self.rng.permuted(rows, axis=1) if self.shuffle else rows

    def _rows(self, count: int) -> Array:
        missing = count - len(self._order)
        if missing > 0:
            orders = self._orders(-(-missing // self.n))
            self._order = np.concatenate([self._order, orders.ravel()])
        taken, self._order = self._order[:count], self._order[count:]
        self.rows_seen += count
        return taken
