"""Messages between server and worker: JSON lines to the worker, frames to the server.

A frame is two lengths, a JSON head, and the bytes of the arrays that it describes (see
`nn_core.arrays.frames`); in a command, which is a line of JSON, the same two blocks are texts.
Nothing is pickled in either direction; lengths are checked before memory is allocated; JSON is
strict, so NaN and infinity are encoded by name.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import struct
from typing import IO, Any, get_args

import numpy as np

from nn_core.arrays import frames
from nn_core.events import Array, Event, Snapshot

MAX_HEAD_BYTES = 1 << 20
MAX_PAYLOAD_BYTES = 1 << 26
_LENGTHS = struct.Struct("<II")
_EVENTS = {kind.__name__: kind for kind in get_args(Event)}
_ARRAY, _FLOAT = "$array", "$float"
_STARTING = ("step", "epoch", "params", "state", "rows_seen", "stop_rules")


class WireError(Exception):
    """The bytes are not a valid frame or message."""


def encode(message: dict[str, Any]) -> bytes:
    """One frame for a message of JSON values and arrays.

    Raises
    ------
    WireError
        If it is larger than a frame may be.
    """
    head, payload = _joined(message)
    if len(head) > MAX_HEAD_BYTES:
        raise WireError(f"a head of {len(head)} bytes is too large")
    return _LENGTHS.pack(len(head), len(payload)) + head + payload


def read(stream: IO[bytes]) -> dict[str, Any] | None:
    """The next message, or None at the end of the stream.

    Raises
    ------
    WireError
        If the bytes are not a frame, or the frame is too large.
    """
    lengths = stream.read(_LENGTHS.size)
    if len(lengths) < _LENGTHS.size:
        return None
    head_bytes, payload_bytes = _LENGTHS.unpack(lengths)
    if head_bytes > MAX_HEAD_BYTES or payload_bytes > MAX_PAYLOAD_BYTES:
        raise WireError(f"a frame of {head_bytes} + {payload_bytes} bytes is too large")
    head, payload = stream.read(head_bytes), stream.read(payload_bytes)
    if len(head) + len(payload) < head_bytes + payload_bytes:
        return None
    message = _parted(head, payload)
    if not isinstance(message, dict):
        raise WireError("a frame that holds no message")
    return message


def event_message(event: Event) -> dict[str, Any]:
    """A message that carries an event."""
    return {"event": type(event).__name__, "fields": vars(event)}


def message_event(message: dict[str, Any]) -> Event:
    """The event that a message carries.

    Raises
    ------
    WireError
        If there is no such event, or its fields do not match.
    """
    try:
        fields = dict(message["fields"])
        for name in ("params", "gradients"):
            if fields.get(name) is not None:
                fields[name] = [(weight, bias) for weight, bias in fields[name]]
        event: Event = _EVENTS[message["event"]](**fields)
    except (KeyError, TypeError, ValueError) as error:
        raise WireError(f"an event that cannot be read: {error}") from error
    return event


def command(**fields: Any) -> bytes:
    """One line of JSON for a worker's standard input."""
    return json.dumps(fields, allow_nan=False).encode() + b"\n"


def packed(value: Any) -> dict[str, Any]:
    """A message of JSON values and arrays as JSON only: for a command, which is one line of JSON.

    Arrays are encoded bit for bit, in base 64.

    Raises
    ------
    WireError
        If its arrays are larger than a frame may be.
    """
    head, payload = _joined(value)
    return {"head": head.decode(), "payload": base64.b64encode(payload).decode()}


def unpacked(packed: dict[str, Any]) -> Any:
    """The message that `packed` encoded; tuples come back as lists.

    Raises
    ------
    WireError
        If it cannot be read, or is too large.
    """
    try:
        head, payload = packed["head"], packed["payload"]
        if len(payload) > 4 * MAX_PAYLOAD_BYTES / 3 + 4:
            raise WireError("arrays that are too large")
        # A writable copy: backends keep the arrays that they receive.
        block = bytearray(base64.b64decode(payload, validate=True))
    except (ValueError, KeyError, TypeError, binascii.Error) as error:
        raise WireError(f"values that cannot be read: {error}") from error
    return _parted(head, block)


def packed_start(snapshot: Snapshot) -> dict[str, Any]:
    """The state from which a run begins at a snapshot, as JSON; see `packed`."""
    return packed({name: getattr(snapshot, name) for name in _STARTING})


def unpacked_start(start: dict[str, Any]) -> Snapshot:
    """The snapshot that `packed_start` encoded, without the fields that are only displayed.

    Raises
    ------
    WireError
        If it cannot be read, or is too large.
    """
    try:
        fields = unpacked(start)
        fields["params"] = [(weight, bias) for weight, bias in fields["params"]]
        return Snapshot(outputs=np.empty((0, 0)), **fields)
    except (ValueError, KeyError, TypeError) as error:
        raise WireError(f"a start that cannot be read: {error}") from error


def _joined(value: Any) -> tuple[bytes, bytes]:
    arrays: dict[str, Array] = {}
    head, payload = frames.joined({"value": _flat(value, arrays)}, arrays)
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise WireError(f"arrays of {len(payload)} bytes are too large")
    return head, payload


def _parted(head: bytes | str, payload: bytes | bytearray) -> Any:
    try:
        found, arrays = frames.parted(head, payload)
        return _deep(found["value"], arrays)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise WireError(f"a frame that cannot be read: {error}") from error


def _flat(value: Any, arrays: dict[str, Array]) -> Any:
    """`value` with its arrays moved to a list, and only values that strict JSON allows."""
    if isinstance(value, np.ndarray):
        name = str(len(arrays))
        is_known = value.dtype.name in frames.DTYPES
        arrays[name] = value if is_known else value.astype(np.float64)
        return {_ARRAY: name}
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return {_FLOAT: str(value)}
    if isinstance(value, dict):
        return {key: _flat(item, arrays) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_flat(item, arrays) for item in value]
    return value


def _deep(value: Any, arrays: dict[str, Array]) -> Any:
    """`value` with its arrays inserted again."""
    if isinstance(value, dict):
        if _ARRAY in value:
            return arrays[value[_ARRAY]]
        if _FLOAT in value:
            return float(value[_FLOAT])
        return {key: _deep(item, arrays) for key, item in value.items()}
    if isinstance(value, list):
        return [_deep(item, arrays) for item in value]
    return value
