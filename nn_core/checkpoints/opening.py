"""How a saved file is opened outside the app: a few lines of Python for each kind."""

from __future__ import annotations

from nn_core.experiment import Experiment

_TORCH = {
    "sigmoid": "nn.Sigmoid()",
    "tanh": "nn.Tanh()",
    "relu": "nn.ReLU()",
    "leaky_relu": "nn.LeakyReLU(0.01)",
    "identity": "nn.Identity()",
    "softmax": "nn.Softmax(dim=1)",
}


def how_to_open(experiment: Experiment, file_name: str) -> str:
    """Lines of Python that open a saved file, and end with a function `predict` or the arrays.

    Parameters
    ----------
    experiment : Experiment
        The settings of the network in it.
    file_name : str
        Its name; what follows the last dot is its kind.

    Examples
    --------
    >>> print(how_to_open(Experiment(), "xor.npz"))
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
        "print({name: arrays[name].shape for name in arrays})",
    ]


def _safetensors(experiment: Experiment, name: str) -> list[str]:
    return [
        "from safetensors.numpy import load_file",
        "",
        f"arrays = load_file({name})",
        "print({name: array.shape for name, array in arrays.items()})",
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
    sizes = experiment.layer_sizes
    activations = (*experiment.hidden_activations, experiment.output)
    bias = "" if experiment.bias else ", bias=False"
    layers = [
        line
        for n_in, n_out, activation in zip(sizes[:-1], sizes[1:], activations, strict=True)
        for line in (f"    nn.Linear({n_in}, {n_out}{bias}),", f"    {_TORCH[activation]},")
    ]
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
