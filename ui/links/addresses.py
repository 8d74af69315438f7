"""Where the server's own routes lie, and the address of a page that has another one."""

from __future__ import annotations

import ipaddress

import streamlit as st
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Route


def below_the_base(path: str) -> str:
    """A path of this server where the app lives below a folder of it (`server.baseUrlPath`).

    Streamlit puts its own routes there, and leaves those of an app where they say they are.
    """
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}{path}" if base else path


FIRST_PAGE = below_the_base("/gates")
"""The first page lives at the root; this is what its address would be by its name."""


async def to_root(request: Request) -> RedirectResponse:
    """Send the browser on to the first page, with the query of its link."""
    query = request.url.query
    return RedirectResponse(f"./?{query}" if query else "./")


routes = [Route(FIRST_PAGE, to_root)]


def is_loopback(host: str) -> bool:
    """Whether a name or an address means the machine that asks.

    Examples
    --------
    >>> [is_loopback(host) for host in ("localhost", "::ffff:127.0.0.1", "example.org")]
    [True, True, False]
    """
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback
