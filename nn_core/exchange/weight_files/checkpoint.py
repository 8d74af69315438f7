"""A checkpoint: the parameters of one moment, and their experiment.

The layout is the same for all files and backends; layers count from 1:

* ``layerN.weight`` of a dense layer has the shape (n_in, n_out);
* ``layerN.weight`` of a convolution is its kernel, of the shape (height, width, maps in, maps out);
  convolutions stand in front of the dense layers, and the rows of the first dense weight behind
  them are laid out (height, width, map);
* ``layerN.bias`` has a number for each unit or map: (n_out,) or (maps out,).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from nn_core.errors import InvalidExperiment, WeightsError
from nn_core.events import Array, Params
from nn_core.experiment import Experiment
from nn_core.networks.architectures.conv import POOL, sign
from nn_core.rules import MAX_PARAMETERS
from nn_core.vocabulary import KERNELS

MOST_LAYERS = 11
"""Two convolutions, eight hidden layers, and the output."""

MOST_UNITS = 1024
"""Maximum inputs and units of a layer: more than any network of the app has."""

CONVOLUTIONS = 2
MOST_MAPS = 64
MOST_FLAT = MOST_UNITS // POOL ** (2 * CONVOLUTIONS) * MOST_MAPS
"""Maximum inputs behind the convolutions: `MOST_UNITS` pixels, pooled twice, for every map."""

MOST_BYTES = 16 * 2**20
"""Maximum size of a file: two million float64 numbers, and the settings."""

MOST_TEXT = 100_000
"""Maximum characters of the settings in a file."""

DTYPES = ("float32", "float64")
FORMAT = "backprop-live 1"
NAME = re.compile(r"layer([1-9]|1[01])\.(weight|bias)")


@dataclass(frozen=True)
class Checkpoint:
    """The parameters of one moment.

    Attributes
    ----------
    params : list of (weight, bias)
        First layer first, all of one dtype; weights of the shape (n_in, n_out), and kernels of
        convolutions (height, width, maps in, maps out) in front of them.
    experiment : Experiment or None
        The settings of the training; None if the file has no usable settings.
    framework : str
        Name and version of the framework; empty if unknown.
    step : int
        Optimizer steps taken.
    epoch : float
        Passes over the data.
    note : str
        A sentence on the parts of the file that were ignored.
    """

    params: Params
    experiment: Experiment | None = None
    framework: str = ""
    step: int = 0
    epoch: float = 0.0
    note: str = ""

    @property
    def weight_shapes(self) -> list[tuple[int, ...]]:
        """Shape of the weight of every layer, as `Experiment.weight_shapes`."""
        return [weight.shape for weight, _ in self.params]

    @property
    def n_inputs(self) -> int:
        """Features of one row; of an image, its pixels."""
        kernels = [shape for shape in self.weight_shapes if len(shape) == 4]
        n_in = self.weight_shapes[len(kernels)][0]
        # Each convolution ends in pooling, which halves both sides.
        return n_in // kernels[-1][3] * POOL ** (2 * len(kernels)) if kernels else n_in

    @property
    def shape(self) -> str:
        """The layer sizes as short text, like `Experiment.shape`."""
        layers = [sign(s) if len(s) == 4 else s[1] for s in self.weight_shapes]
        return "-".join(map(str, [self.n_inputs, *layers]))

    @property
    def has_bias(self) -> bool:
        """Whether the layers have biases."""
        return self.params[0][1] is not None

    @property
    def n_parameters(self) -> int:
        """Number of weights and biases together."""
        return sum(array.size for pair in self.params for array in pair if array is not None)

    @property
    def arrays(self) -> dict[str, Array]:
        """The arrays by their names in a file: ``layer1.weight``, ``layer1.bias``, ..."""
        return {
            f"layer{place}.{name}": array
            for place, pair in enumerate(self.params, 1)
            for name, array in zip(("weight", "bias"), pair, strict=True)
            if array is not None
        }

    @property
    def metadata(self) -> dict[str, str]:
        """The metadata of a file: format, framework, step, epoch and experiment."""
        text = self.experiment.to_json() if self.experiment else ""
        about = {
            "format": FORMAT,
            "framework": self.framework,
            "step": str(self.step),
            "epoch": repr(float(self.epoch)),
        }
        # Settings with a large user table are too long for a file.
        return about | ({"experiment": text} if 0 < len(text) <= MOST_TEXT else {})


def max_array_bytes(name: str) -> int:
    """Maximum bytes of the array with this name; 0 for an unknown name.

    Examples
    --------
    >>> max_array_bytes("layer1.bias"), max_array_bytes("../../evil")
    (8192, 0)
    """
    found = NAME.fullmatch(name)
    if not found:
        return 0
    return 8 * (MAX_PARAMETERS if found[2] == "weight" else MOST_UNITS)


def checkpoint_from_arrays(
    arrays: Mapping[str, Array], metadata: Mapping[str, object]
) -> Checkpoint:
    """Validate arrays and metadata of a file and build the checkpoint.

    Parameters
    ----------
    arrays : mapping of str to ndarray
        Arrays by their names in the file.
    metadata : mapping of str to str
        Metadata of the file; untrusted.

    Raises
    ------
    WeightsError
        If a layer is missing, does not fit its neighbours, or holds a number that is not finite.
    """
    layers = {int(found[1]) for name in arrays if (found := NAME.fullmatch(name))}
    count = len(layers)
    if not count or layers != set(range(1, count + 1)):
        raise WeightsError(
            "The file has no layers layer1, layer2, ... one after the other. "
            "Choose a file that was saved here."
        )
    params: Params = []
    for place in range(1, count + 1):
        weight, bias = arrays.get(f"layer{place}.weight"), arrays.get(f"layer{place}.bias")
        if weight is None or weight.ndim not in (2, 4) or 0 in weight.shape:
            raise WeightsError(f"Layer {place} has no table of weights. The file is no use here.")
        if bias is not None and bias.shape != weight.shape[-1:]:
            raise WeightsError(
                f"Layer {place} has {weight.shape[-1]:,} {_units(weight)} and biases of the shape "
                f"{bias.shape}: they do not belong together."
            )
        params.append((weight, bias))
    _check_shapes([weight for weight, _ in params])
    if len({bias is None for _, bias in params}) > 1:
        raise WeightsError("Some layers have biases and others have none: the file is not whole.")
    if sum(array.size for array in arrays.values()) > MAX_PARAMETERS:
        raise WeightsError(f"The file has more than {MAX_PARAMETERS:,} numbers: too many to train.")
    dtypes = {array.dtype.name for array in arrays.values()}
    if len(dtypes) > 1 or not dtypes <= set(DTYPES):
        raise WeightsError("The layers are not all of one type, float32 or float64.")
    for name, array in arrays.items():
        if not np.isfinite(array).all():
            raise WeightsError(
                f"{name} holds NaN or infinity: nothing can be trained from there. Choose a file "
                "that was saved before the loss overflowed."
            )
    experiment, note = _settings(metadata.get("experiment"), params)
    return Checkpoint(
        params,
        experiment,
        _printable_line(metadata.get("framework")),
        int(_number(metadata.get("step"))),
        _number(metadata.get("epoch")),
        note,
    )


def _check_shapes(weights: list[Array]) -> None:
    """Reject layers that are too large or do not fit the output of the previous layer."""
    kernels = [weight for weight in weights if weight.ndim == 4]
    if any(weight.ndim == 4 for weight in weights[len(kernels) :]):
        raise WeightsError(
            "A convolution stands behind a dense layer: here, convolutions come first. "
            "The file is no use here."
        )
    if len(kernels) not in (0, CONVOLUTIONS) or len(kernels) == len(weights):
        raise WeightsError(
            f"Of the {len(weights)} layers in the file, {len(kernels)} are convolutions; networks "
            f"here have {CONVOLUTIONS} of them or none, and a dense layer behind them."
        )
    for place, weight in enumerate(weights, 1):
        sizes = " × ".join(f"{size:,}" for size in weight.shape)
        if weight.ndim == 4:
            height, width, *maps = weight.shape
            if height != width or height not in KERNELS or max(maps) > MOST_MAPS:
                raise WeightsError(
                    f"Layer {place} is a convolution of {sizes}; kernels of "
                    f"{' or '.join(f'{size} × {size}' for size in KERNELS)} for up to {MOST_MAPS} "
                    "maps can be used."
                )
            continue
        most = MOST_FLAT if place == len(kernels) + 1 and kernels else MOST_UNITS
        if len(weight) > most or weight.shape[1] > MOST_UNITS:
            raise WeightsError(
                f"Layer {place} is {sizes}; layers of up to {most:,} inputs and {MOST_UNITS:,} "
                "units can be used."
            )
    if kernels and kernels[0].shape[2] != 1:
        raise WeightsError(
            f"Layer 1 reads images of {kernels[0].shape[2]} colours; images here have one, grey."
        )
    for place, (before, after) in enumerate(pairwise(weights), 1):
        handed_on, read = before.shape[-1], after.shape[-2]
        # Behind the last convolution: flattened square maps.
        is_flat = before.ndim > after.ndim
        places = read // handed_on
        if read != (handed_on * math.isqrt(places) ** 2 if is_flat else handed_on):
            numbers = f" numbers, which make no {handed_on} squares" if is_flat else ""
            raise WeightsError(
                f"Layer {place} has {handed_on:,} {_units(before)}, and layer {place + 1} reads "
                f"{read:,}{numbers}: they do not belong together."
            )


def _units(weight: Array) -> str:
    return "maps" if weight.ndim == 4 else "units"


def _settings(text: object, params: Params) -> tuple[Experiment | None, str]:
    """The experiment of a file, if it fits the parameters, or else the reason to ignore it."""
    if not isinstance(text, str) or not text:
        return None, "The file says nothing about the settings its weights were trained with."
    aside = "The settings in the file are left aside"
    if len(text) > MOST_TEXT:
        return None, f"{aside}: they are too long."
    try:
        fields = json.loads(text)
        if not isinstance(fields, dict):
            return None, f"{aside}: they are no settings of this app."
        # Initial weights are redundant here: the file holds the trained ones.
        if fields.pop("given", None) is not None:
            fields["initializer"] = Experiment.model_fields["initializer"].default
        fields.pop("given_offset", None)
        experiment = Experiment(**fields)
    except InvalidExperiment as error:
        problem = error.problems[0]
        return None, f"{aside}, because this app cannot use them: {_printable_line(problem)[:200]}."
    except (ValueError, TypeError, RecursionError):
        return None, f"{aside}: they cannot be read."
    shapes = [weight.shape for weight, _ in params]
    if experiment.weight_shapes != shapes or experiment.bias != (params[0][1] is not None):
        return None, f"{aside}: they belong to another network than the weights."
    return experiment, ""


def _printable_line(text: object) -> str:
    """One line of printable text, at most 300 characters."""
    found = str(text) if text is not None else ""
    return "".join(c if c.isprintable() else " " for c in found[:300])


def _number(text: object) -> float:
    """A non-negative number from the metadata; 0 if invalid."""
    try:
        found = float(str(text)[:40])
    except ValueError:
        return 0.0
    return found if math.isfinite(found) and 0 <= found < 1e15 else 0.0
