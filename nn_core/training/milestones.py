"""Fixed steps at which every run of a small network has a snapshot.

A fast framework takes thousands of steps between two pictures. The milestones show the bends of
its curves all the same, and are the same steps for every framework.
"""

from __future__ import annotations

SMALL_NETWORK = 2000
"""Parameters up to which a network has milestones."""

MILESTONE_GROWTH = 1.12
"""Each milestone is so many times the one before: about 70 of them in 3,000 steps."""

NEVER = 10**12
"""A step that no run reaches."""


class Milestones:
    """The milestones of one run.

    Parameters
    ----------
    n_parameters : int
        Of the network.

    Attributes
    ----------
    next : int
        The step of the next milestone; `NEVER` for a network that is not small.
    """

    def __init__(self, n_parameters: int) -> None:
        self.next = 1 if n_parameters <= SMALL_NETWORK else NEVER

    def resume(self, step: int) -> None:
        """Go on after `step` steps of an earlier run."""
        if self.next != NEVER:
            self.next = _following(step)

    def reach(self, step: int) -> bool:
        """Whether `step` is a milestone; `next` then moves on."""
        if step < self.next:
            return False
        self.next = _following(step)
        return True


def _following(step: int) -> int:
    return max(step + 1, int(MILESTONE_GROWTH * step))
