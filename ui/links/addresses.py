"""Paths of the server's own routes, and a second address of the first page."""

from __future__ import annotations

import ipaddress

import streamlit as st
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Route


def below_the_base(path: str) -> str:
    """A path of this server, below the base path of the app (`server.baseUrlPath`).

    Streamlit adds the base path to its own routes, but not to those of an app.
    """
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}{path}" if base else path


FIRST_PAGE = below_the_base("/gates")
"""The address of the first page by its name; its real address is the root."""


async def to_root(request: Request) -> RedirectResponse:
    """Redirect the browser to the first page, with the query of its link."""
    query = request.url.query
    return RedirectResponse(f"./?{query}" if query else "./")


routes = [Route(FIRST_PAGE, to_root)]


def is_loopback(host: str) -> bool:
    """Whether a host name or an address is that of the local machine.

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
