"""Weights in files: written for every backend, read with suspicion, and exported for frameworks.

* ``.safetensors`` and ``.npz`` are written and read here. Any backend goes on from what any other
  has saved, because all of them take and give the same arrays:
  `nn_core.exchange.weight_files.checkpoint` says which, and how they are laid out.
* ``.onnx`` is written here; ``.pt`` and ``.keras`` by a worker, which asks the backend file of the
  framework (`nn_core.runs.workers.file_request`). None of the three is ever read: their loaders can
  be made to run code, or to take any amount of memory.
"""

from __future__ import annotations

from nn_core.errors import WeightsError
from nn_core.exchange.weight_files.checkpoint import MOST_BYTES, Checkpoint
from nn_core.exchange.weight_files.npz_file import read_npz, write_npz
from nn_core.exchange.weight_files.safetensors_file import read_safetensors, write_safetensors

__all__ = [
    "MOST_BYTES",
    "Checkpoint",
    "read",
    "read_npz",
    "read_safetensors",
    "write_npz",
    "write_safetensors",
]


def read(content: bytes) -> Checkpoint:
    """The weights in a file, whose bytes tell what kind it is.

    Parameters
    ----------
    content : bytes
        Of a ``.safetensors`` or ``.npz`` file.

    Raises
    ------
    WeightsError
        If it is too large, damaged, or anything else. Nothing in it is ever run, and no more
        memory is taken than a file of the largest network needs.
    """
    if len(content) > MOST_BYTES:
        raise WeightsError(
            f"The file has {len(content) / 1e6:.1f} MB; the weights of the largest network that "
            f"the app trains fit into {MOST_BYTES / 1e6:.1f} MB. Choose a smaller network's file."
        )
    if not content:
        raise WeightsError("The file is empty. Choose another one.")
    return read_npz(content) if content.startswith(b"PK") else read_safetensors(content)
