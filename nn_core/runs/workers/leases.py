"""Who is still there: a session whose page is gone has a grace before its runs end.

Its page may only be away for a moment, for a lost connection or a laptop that was closed and
opened. A session is known by its owner's name.

A lease's end is a moment on a monotonic clock, in seconds, which tests can move.
"""

from __future__ import annotations

from collections.abc import Callable

GRACE_SECONDS = 20.0
FORGET_SECONDS = 3600.0


class Leases:
    """The leases of sessions that have gone; one that is there needs none.

    Not to be used by several threads at once: the pool has a lock around it.

    Attributes
    ----------
    ends : dict of str to float
        When the lease of a session ends, by its name.
    """

    def __init__(self) -> None:
        self.ends: dict[str, float] = {}
        self._is_back: dict[str, Callable[[], bool] | None] = {}

    def begin(self, session: str, now: float, is_back: Callable[[], bool] | None = None) -> None:
        """The page of the session is gone.

        Parameters
        ----------
        session : str
            Its name.
        now : float
            Seconds on the clock.
        is_back : callable, optional
            Says whether the page is there again; `look` asks it.
        """
        self.ends[session] = now + GRACE_SECONDS
        self._is_back[session] = is_back

    def renew(self, session: str, now: float) -> None:
        """Something was asked in its name: its grace, if it runs, begins anew.

        The lease does not end: what a page that is gone asked for last may be answered after it.
        """
        if session in self.ends:
            self.ends[session] = now + GRACE_SECONDS

    def end(self, session: str) -> None:
        """The page of the session is connected, for the first time or again."""
        self.ends.pop(session, None)
        self._is_back.pop(session, None)

    def look(self, now: float) -> None:
        """Renew the leases of those who are back: their grace begins when they go again."""
        for session, is_back in self._is_back.items():
            if is_back and is_back():
                self.ends[session] = now + GRACE_SECONDS

    def forget(self, now: float) -> None:
        """Forget the leases that ended long ago, and after which nobody will look any more.

        Not at once: a session that is gone could go on submitting.
        """
        self.ends = {s: end for s, end in self.ends.items() if now < end + FORGET_SECONDS}
        self._is_back = {s: asked for s, asked in self._is_back.items() if s in self.ends}

    def is_gone(self, session: str, now: float) -> bool:
        """Whether the lease of a session has ended."""
        return self.ends.get(session, now + 1) <= now
