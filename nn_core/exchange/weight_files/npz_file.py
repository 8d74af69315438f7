"""A checkpoint as NumPy's archive of arrays: what such a file may hold, and what is said of others.

How it is read without trust: `nn_core.arrays.npz`.
"""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np

from nn_core.arrays import npz
from nn_core.errors import WeightsError
from nn_core.exchange.weight_files.checkpoint import (
    DTYPES,
    MOST_BYTES,
    MOST_LAYERS,
    MOST_TEXT,
    Checkpoint,
    checkpoint_from_arrays,
    max_array_bytes,
)

METADATA = "metadata"
MOST_MEMBERS = 2 * MOST_LAYERS + 1
MOST_METADATA_BYTES = 4 * 2 * MOST_TEXT
"""Four bytes per character, as in NumPy strings; JSON within JSON needs additional characters."""

_LIMITS = npz.Limits(
    MOST_MEMBERS,
    MOST_BYTES,
    bytes_of=lambda name: MOST_METADATA_BYTES if name == METADATA else max_array_bytes(name),
)
_TYPES = {name: npz.TYPES[name] for name in DTYPES}
_KNOWN_TYPE = re.compile(r"[<|][fU]\d{1,6}")


def write_npz(checkpoint: Checkpoint) -> bytes:
    """Write a checkpoint as a ``.npz`` file.

    ``np.load`` opens it; ``json.loads(str(file["metadata"]))`` returns its metadata.
    """
    metadata = np.array(json.dumps(checkpoint.metadata))
    return npz.written({**checkpoint.arrays, METADATA: metadata}, is_compressed=False)


def read_npz(content: bytes) -> Checkpoint:
    """Read the checkpoint of a ``.npz`` file.

    Raises
    ------
    WeightsError
        If the file is damaged or not a checkpoint.
    """
    try:
        members = npz.read(content, _LIMITS)
        metadata = members.pop(METADATA, None)
        # Copies: backends take over what they are given.
        arrays = {name: member.array(_TYPES).copy() for name, member in members.items()}
    except npz.NpzError as error:
        raise WeightsError(_refusal(error)) from None
    return checkpoint_from_arrays(arrays, _metadata(metadata) if metadata else {})


def _refusal(error: npz.NpzError) -> str:
    """What is wrong with a file, and what to do, for the person at the screen."""
    name = "".join(c if c.isprintable() else "?" for c in error.name[:60])
    sentences: dict[npz.Fault, str] = {
        "zip64": "The .npz file says that it is larger than 4 GB. Choose another one.",
        "too many": f"The archive has more members than weights need: at most {MOST_MEMBERS}. "
        "Load a file that was saved here as .npz; .pt and .keras files are for their "
        "frameworks, and are not loaded.",
        "twice": "The archive has two members of one name. Choose another file.",
        "foreign": f"The archive holds “{name}”, which is no layer of a network. "
        "Load a file that was saved here as .npz or .safetensors; those for PyTorch "
        "(.pt) and Keras (.keras) are not loaded.",
        "too large": f"“{name}” would unpack to {error.detail}, more than a layer "
        "can have. The file is not opened.",
        "locked": "The archive is locked with a password. Save it without one.",
    }
    if error.fault == "type" and _KNOWN_TYPE.fullmatch(error.detail):
        return f"{name} is of the type {error.detail}; only {' and '.join(DTYPES)} are read."
    if error.fault == "shape":
        return (
            f"{name} says that it has the shape {error.detail} bytes: that does not go together. "
            "The file is damaged."
        )
    if error.fault in ("type", "header"):
        return _damaged("a member is no plain array of float32 or float64 numbers in rows")
    return sentences.get(error.fault) or _damaged(error.reason)


def _damaged(why: str) -> str:
    return f"The .npz file is damaged, or was cut short: {why}. Save it anew, or choose another."


def _metadata(member: npz.Member) -> dict[str, Any]:
    """What the file says about its weights; nothing where it cannot be read."""
    if not member.dtype.startswith("<U") or member.shape:
        return {}
    try:
        found = json.loads(member.content.decode("utf-32-le").rstrip("\0"))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
