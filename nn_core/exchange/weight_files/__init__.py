"""Weight files: saved and loaded for every backend, and exported for frameworks.

* ``.safetensors`` and ``.npz`` are written and read here. Any backend can continue from the file of
  any other, because all backends share one layout of the arrays:
  see `nn_core.exchange.weight_files.checkpoint`.
* ``.onnx`` is written here; ``.pt`` and ``.keras`` by a worker with the framework
  (`nn_core.runs.workers.file_request`). None of the three is ever read: a malicious file could make
  their loaders run code, or allocate any amount of memory.
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
    """Load a weight file; its first bytes determine the format.

    Parameters
    ----------
    content : bytes
        Content of a ``.safetensors`` or ``.npz`` file.

    Raises
    ------
    WeightsError
        If the file is too large, damaged or of another format. Nothing in it is executed, and
        memory is bounded by the size of the largest network's file.
    """
    if len(content) > MOST_BYTES:
        raise WeightsError(
            f"The file has {len(content) / 1e6:.1f} MB; the weights of the largest network that "
            f"the app trains fit into {MOST_BYTES / 1e6:.1f} MB. Choose a smaller network's file."
        )
    if not content:
        raise WeightsError("The file is empty. Choose another one.")
    return read_npz(content) if content.startswith(b"PK") else read_safetensors(content)
