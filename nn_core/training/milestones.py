"""Fixed steps at which every run of a small network has a snapshot.

A fast framework takes thousands of steps between two frames. The milestones still resolve the
shape of its curves, and are the same steps for every framework.
"""

from __future__ import annotations

SMALL_NETWORK = 2000
"""Parameters up to which a network has milestones."""

MILESTONE_GROWTH = 1.12
"""Ratio of each milestone to the one before: about 70 milestones in 3,000 steps."""

NEVER = 10**12
"""A step that no run reaches."""


class Milestones:
    """The milestones of one run.

    Parameters
    ----------
    n_parameters : int
        Weights and biases of the network.

    Attributes
    ----------
    next : int
        The step of the next milestone; `NEVER` for a network that is not small.
    """

    def __init__(self, n_parameters: int) -> None:
        self.next = 1 if n_parameters <= SMALL_NETWORK else NEVER

    def resume(self, step: int) -> None:
        """Continue after `step` steps of an earlier run."""
        if self.next != NEVER:
            self.next = _following(step)

    def reach(self, step: int) -> bool:
        """Return whether `step` is a milestone, and advance `next` if it is."""
        if step < self.next:
            return False
        self.next = _following(step)
        return True


def _following(step: int) -> int:
    return max(step + 1, int(MILESTONE_GROWTH * step))
