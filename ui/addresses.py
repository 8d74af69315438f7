"""Addresses of pages that have another address."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Route

FIRST_PAGE = "/gates"
"""The first page lives at the root; this is what its address would be by its name."""


async def to_root(request: Request) -> RedirectResponse:
    """Send the browser on to the first page, with the query of its link."""
    query = request.url.query
    return RedirectResponse(f"./?{query}" if query else "./")


routes = [Route(FIRST_PAGE, to_root)]
