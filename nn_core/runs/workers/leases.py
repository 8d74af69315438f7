"""The leases of disconnected sessions: after a grace period, their runs end.

A page may be disconnected only for a moment, by a lost connection or a closed laptop. A session is
identified by its owner's name.

A lease ends at a time on a monotonic clock, in seconds, which tests can set.
"""

from __future__ import annotations

from collections.abc import Callable

GRACE_SECONDS = 20.0
FORGET_SECONDS = 3600.0


class Leases:
    """The leases of disconnected sessions; a connected session needs none.

    Not thread-safe: the pool calls it under its lock.

    Attributes
    ----------
    ends : dict of str to float
        The end of each lease, by the name of the session.
    """

    def __init__(self) -> None:
        self.ends: dict[str, float] = {}
        self._is_back: dict[str, Callable[[], bool] | None] = {}

    def begin(self, session: str, now: float, is_back: Callable[[], bool] | None = None) -> None:
        """Begin the grace period of a session whose page was disconnected.

        Parameters
        ----------
        session : str
            Name of the session.
        now : float
            Seconds on the clock.
        is_back : callable, optional
            Returns whether the page is connected again; `look` calls it.
        """
        self.ends[session] = now + GRACE_SECONDS
        self._is_back[session] = is_back

    def renew(self, session: str, now: float) -> None:
        """Restart the grace period, if it runs, because of a request of the session.

        The lease remains: the last request of a disconnected page may arrive after it.
        """
        if session in self.ends:
            self.ends[session] = now + GRACE_SECONDS

    def end(self, session: str) -> None:
        """End the lease, because the page of the session is connected."""
        self.ends.pop(session, None)
        self._is_back.pop(session, None)

    def look(self, now: float) -> None:
        """Renew the leases of sessions that are connected again."""
        for session, is_back in self._is_back.items():
            if is_back and is_back():
                self.ends[session] = now + GRACE_SECONDS

    def remove_old(self, now: float) -> None:
        """Remove the leases that ended long ago.

        They are not removed at once, because a disconnected session could still submit runs.
        """
        self.ends = {s: end for s, end in self.ends.items() if now < end + FORGET_SECONDS}
        self._is_back = {s: asked for s, asked in self._is_back.items() if s in self.ends}

    def is_gone(self, session: str, now: float) -> bool:
        """Whether the lease of a session has ended."""
        return self.ends.get(session, now + 1) <= now
