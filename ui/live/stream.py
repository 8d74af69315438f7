"""Frames of the live picture over a separate websocket, without a script run for each frame.

Through Streamlit, a frame costs a script run on the server and a redraw of the whole page in the
browser; on this route it costs a millisecond on the server and a third of the time in the browser.
The browser requests each frame when the last one is painted. If a proxy blocks the route, the
picture uses Streamlit.
"""

from __future__ import annotations

import asyncio
import secrets
from typing import Protocol
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from ui.links.addresses import below_the_base

PATH = below_the_base("/api/frames")
SHORTEST_INTERVAL = 1 / 60  # seconds; faster requests have to wait


class Source(Protocol):
    """An object with a current frame."""

    def frame(self) -> bytes:
        """The current frame."""


_sources: WeakValueDictionary[str, Source] = WeakValueDictionary()


def publish(source: Source) -> str:
    """Publish the frames of `source` at the returned address.

    The address ends in a secret, and works as long as a reference to the source exists.
    """
    token = secrets.token_urlsafe(24)
    _sources[token] = source
    return f"{PATH}/{token}"


async def send_frames(socket: WebSocket) -> None:
    """Answer each message with the current frame, until the browser or the source is gone."""
    token = socket.path_params["token"]
    if token not in _sources or not _comes_from_our_page(socket):
        await socket.close(1008)
        return
    await socket.accept()
    try:
        while True:
            message = await socket.receive()
            if message["type"] != "websocket.receive":
                return
            source = _sources.get(token)
            if source is None:
                await socket.close(1001)
                return
            await socket.send_bytes(await asyncio.to_thread(source.frame))
            del source
            await asyncio.sleep(SHORTEST_INTERVAL)
    except (WebSocketDisconnect, RuntimeError):
        return  # the browser has closed the connection


def _comes_from_our_page(socket: WebSocket) -> bool:
    """Whether the page that opened the websocket is from the same host."""
    origin = socket.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == socket.headers.get("host")


routes = [WebSocketRoute(f"{PATH}/{{token}}", send_frames)]
