"""Python code that loads a saved file outside the app, for each format."""

from __future__ import annotations

import math

from nn_core.experiment import Experiment
from nn_core.networks.architectures.conv import POOL

_TORCH = {
    "sigmoid": "nn.Sigmoid()",
    "tanh": "nn.Tanh()",
    "relu": "nn.ReLU()",
    "leaky_relu": "nn.LeakyReLU(0.01)",
    "identity": "nn.Identity()",
    "softmax": "nn.Softmax(dim=1)",
}


def loading_code(experiment: Experiment, file_name: str) -> str:
    """Python code that loads a saved file and ends with a function `predict` or the arrays.

    Parameters
    ----------
    experiment : Experiment
        The settings of the saved network.
    file_name : str
        Name of the file; its suffix is the format.

    Examples
    --------
    >>> print(loading_code(Experiment(), "xor.npz"))
    import numpy as np
    <BLANKLINE>
    arrays = np.load('xor.npz')
    print({name: arrays[name].shape for name in arrays})
    """
    kind = file_name.rpartition(".")[2]
    lines = {
        "npz": _npz,
        "safetensors": _safetensors,
        "onnx": _onnx,
        "pt": _torch,
        "keras": _keras,
    }[kind](experiment, repr(file_name))
    return "\n".join(lines)


def _npz(experiment: Experiment, name: str) -> list[str]:
    return [
        "import numpy as np",
        "",
        f"arrays = np.load({name})",
        *_layout(experiment),
        "print({name: arrays[name].shape for name in arrays})",
    ]


def _safetensors(experiment: Experiment, name: str) -> list[str]:
    return [
        "from safetensors.numpy import load_file",
        "",
        f"arrays = load_file({name})",
        *_layout(experiment),
        "print({name: array.shape for name, array in arrays.items()})",
    ]


def _layout(experiment: Experiment) -> list[str]:
    """Comments on the layout that the shapes of the arrays do not show."""
    count = len(experiment.front)
    if not count:
        return []
    kernels = " and ".join(f"layer{place}" for place in range(1, count + 1))
    return [
        f"# The kernels of {kernels} are laid out (height, width, maps in, maps out),",
        f"# and the rows of layer{count + 1}.weight (height, width, map).",
    ]


def _onnx(experiment: Experiment, name: str) -> list[str]:
    return [
        "import onnxruntime",
        "",
        f"session = onnxruntime.InferenceSession({name})",
        "",
        "",
        "def predict(x):",
        '    return session.run(["y"], {"x": x})[0]',
    ]


def _torch(experiment: Experiment, name: str) -> list[str]:
    shapes = experiment.weight_shapes
    activations = (*experiment.hidden_activations, experiment.output)
    bias = "" if experiment.bias else ", bias=False"
    layers = []
    if experiment.front:
        side = math.isqrt(experiment.n_inputs)
        layers.append(f"    nn.Unflatten(1, (1, {side}, {side})),")
    for place, (shape, activation) in enumerate(zip(shapes, activations, strict=True)):
        if len(shape) == 4:
            size, _, maps_in, maps = shape
            kernel = f"{maps_in}, {maps}, {size}, padding={size // 2}"
            layers += [
                f"    nn.Conv2d({kernel}{bias}),",
                f"    {_TORCH[activation]},",
                f"    nn.MaxPool2d({POOL}),",
            ]
            continue
        if place and place == len(experiment.front):
            layers.append("    nn.Flatten(),")
        layers += [f"    nn.Linear({shape[0]}, {shape[1]}{bias}),", f"    {_TORCH[activation]},"]
    return [
        "import torch",
        "from torch import nn",
        "",
        "model = nn.Sequential(",
        *layers,
        ")" + (".double()" if experiment.dtype == "float64" else ""),
        f"model.load_state_dict(torch.load({name}, weights_only=True))",
        "",
        "",
        "@torch.no_grad()",
        "def predict(x):",
        "    return model(torch.from_numpy(x)).numpy()",
    ]


def _keras(experiment: Experiment, name: str) -> list[str]:
    return [
        "import keras",
        "",
        f"model = keras.saving.load_model({name})",
        "",
        "",
        "def predict(x):",
        "    return keras.ops.convert_to_numpy(model(x))",
    ]
