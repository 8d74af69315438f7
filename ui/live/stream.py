"""Frames of the live picture over a websocket of their own, without a script run for each.

Through Streamlit a frame costs a script run here and a redraw of the whole page's tree there;
on this route a millisecond here and a third there. The browser asks for each frame once the
last one is painted. Where a proxy does not pass the route, the picture asks through Streamlit.
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
SHORTEST_INTERVAL = 1 / 60  # seconds; a client that asks faster waits


class Source(Protocol):
    """What has a newest frame."""

    def frame(self) -> bytes:
        """The picture as it is now."""


_sources: WeakValueDictionary[str, Source] = WeakValueDictionary()


def publish(source: Source) -> str:
    """Let a browser that knows the returned address ask for the frames of `source`.

    The address ends in a secret, and works as long as somebody holds the source.
    """
    token = secrets.token_urlsafe(24)
    _sources[token] = source
    return f"{PATH}/{token}"


async def send_frames(socket: WebSocket) -> None:
    """Answer each message with the newest frame, until the browser or the source is gone."""
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
        return  # the browser is gone


def _comes_from_our_page(socket: WebSocket) -> bool:
    """Whether the page that opened the socket has the host that it was opened to."""
    origin = socket.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == socket.headers.get("host")


routes = [WebSocketRoute(f"{PATH}/{{token}}", send_frames)]
