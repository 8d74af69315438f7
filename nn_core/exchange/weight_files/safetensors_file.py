"""The safetensors format: a JSON header, followed by the bytes of the arrays.

The library's reader rejects gaps, overlaps and wrong sizes. This module limits the length of the
header before that reader sees it, and accepts only the names of a checkpoint.

References
----------
.. [1] Hugging Face, "Safetensors: format", https://huggingface.co/docs/safetensors.
"""

from __future__ import annotations

import json
import struct

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from nn_core.errors import WeightsError
from nn_core.exchange.weight_files.checkpoint import (
    DTYPES,
    MOST_LAYERS,
    MOST_TEXT,
    Checkpoint,
    checkpoint_from_arrays,
    max_array_bytes,
)

METADATA = "__metadata__"
MOST_HEADER_BYTES = 3 * MOST_TEXT
"""JSON within JSON: quotes take two characters, and letters beyond ASCII even more."""

_KINDS = ("F32", "F64")


def write_safetensors(checkpoint: Checkpoint) -> bytes:
    """Write a checkpoint as a ``.safetensors`` file with the settings in its metadata."""
    arrays = {name: np.ascontiguousarray(array) for name, array in checkpoint.arrays.items()}
    return bytes(save(arrays, checkpoint.metadata))


def read_safetensors(content: bytes) -> Checkpoint:
    """Read the checkpoint of a ``.safetensors`` file.

    Raises
    ------
    WeightsError
        If the file is damaged or not a checkpoint.
    """
    header = _header(content)
    metadata = header.pop(METADATA, {})
    if len(header) > 2 * MOST_LAYERS:
        raise WeightsError(f"The file has {len(header):,} arrays; a network has fewer.")
    for name, described in header.items():
        if not max_array_bytes(name):
            shown = "".join(c if c.isprintable() else "?" for c in name[:60])
            raise WeightsError(
                f"The file holds “{shown}”, which is no layer of a network. Load a file that was "
                "saved here as .safetensors or .npz."
            )
        if not isinstance(described, dict) or described.get("dtype") not in _KINDS:
            raise WeightsError(f"{name} is of another type; only {' and '.join(DTYPES)} are read.")
    try:
        arrays = load(content)
    except (SafetensorError, ValueError, TypeError, OverflowError, KeyError):
        raise WeightsError(
            "The .safetensors file is damaged, or was cut short: its header and its numbers do "
            "not go together. Save it anew, or choose another."
        ) from None
    return checkpoint_from_arrays(arrays, metadata if isinstance(metadata, dict) else {})


def _header(content: bytes) -> dict[str, object]:
    """Parse the header after a check of its length."""
    wrong = (
        "This is no .safetensors or .npz file, or it is damaged. Load one that was saved here; "
        "files for frameworks (.pt, .keras, .onnx) are not loaded."
    )
    if len(content) < 8:
        raise WeightsError(wrong)
    (length,) = struct.unpack("<Q", content[:8])
    if not 2 <= length <= min(MOST_HEADER_BYTES, len(content) - 8):
        raise WeightsError(wrong)
    try:
        header = json.loads(content[8 : 8 + length])
    except (ValueError, RecursionError):
        raise WeightsError(wrong) from None
    if not isinstance(header, dict):
        raise WeightsError(wrong)
    return header
