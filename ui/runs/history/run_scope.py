"""Decides which visitors' runs the history shows.

On the visitor's own machine it shows all runs of all visits. On a shared server it shows those of
this visit, and those of other visitors only if the host allows it.
"""

from __future__ import annotations

import os
from urllib.parse import urlsplit

import streamlit as st

from nn_core.runs.store import visitor_of
from ui import session
from ui import session_keys as keys
from ui.links.addresses import is_loopback

FORWARDED = ("X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Forwarded", "Via")


def is_local() -> bool:
    """Whether the browser runs on the machine of the server, without a proxy between them."""
    headers = st.context.headers
    host = urlsplit(headers.get("Origin") or "").hostname or ""
    is_forwarded = any(headers.get(name) for name in FORWARDED)
    return (
        is_loopback(st.context.ip_address or "localhost") and not is_forwarded and is_loopback(host)
    )


def may_see_all() -> bool:
    """Whether each visitor of a shared server may see the runs of all others."""
    return os.environ.get("BACKPROP_LIVE_SHARED_RUNS") == "1"


def own() -> str | None:
    """The visitor whose runs may be changed here; None for all visitors."""
    return None if is_local() else visitor_of(session.owner())


def shown() -> str | None:
    """The visitor whose runs are listed; None for all visitors."""
    sees_all = may_see_all() and session.peek(keys.RUNS_OF_ALL, False)
    return None if sees_all else own()


def choose() -> None:
    """Show whose runs these are, with a switch to those of others where that is allowed."""
    if is_local():
        return
    if may_see_all():
        session.value(keys.RUNS_OF_ALL, False)
        st.toggle(
            "All runs on this server", key=keys.RUNS_OF_ALL,
            help="Off: the runs of this visit. On: those of all visitors, to be looked at; only "
            "your own can be renamed, pinned or deleted.",
        )  # fmt: skip
    st.caption(
        ":material/group: This server is shared, so you see the runs of this visit. They are no "
        "longer listed once the page is loaded anew, and a host in the cloud may empty its disk at "
        "any time: **download them as a zip** to keep them, and load it here again."
    )
