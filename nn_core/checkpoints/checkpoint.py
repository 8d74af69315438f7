"""A checkpoint: the weights of one moment, and the settings that they belong to."""

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
from nn_core.experiment import MAX_PARAMETERS, Experiment

MOST_LAYERS = 9
MOST_UNITS = 1024
"""Inputs and units of a layer: more than any network of the app has."""

MOST_BYTES = 16 * 2**20
"""Of a file: two million float64 numbers, and the settings."""

MOST_TEXT = 100_000
"""Characters of the settings in a file."""

DTYPES = ("float32", "float64")
FORMAT = "backprop-live 1"
NAME = re.compile(r"layer([1-9])\.(weight|bias)")


@dataclass(frozen=True)
class Checkpoint:
    """The weights of one moment.

    Attributes
    ----------
    params : list of (weight, bias)
        First layer first; weights of shape (n_in, n_out), all of one dtype.
    experiment : Experiment or None
        The settings they were trained with; None where the file has none that can be used.
    framework : str
        Name and version of the framework that computed them; empty where nobody knows.
    step : int
        Optimizer steps taken.
    epoch : float
        Passes over the data.
    note : str
        What was left aside when the file was read, as a sentence.
    """

    params: Params
    experiment: Experiment | None = None
    framework: str = ""
    step: int = 0
    epoch: float = 0.0
    note: str = ""

    @property
    def layer_sizes(self) -> tuple[int, ...]:
        """Width of every layer, inputs and outputs included."""
        return (len(self.params[0][0]), *(weight.shape[1] for weight, _ in self.params))

    @property
    def has_bias(self) -> bool:
        """Whether the layers have biases."""
        return self.params[0][1] is not None

    @property
    def n_parameters(self) -> int:
        """Weights and biases together."""
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
        """What a file says beside the arrays."""
        text = self.experiment.to_json() if self.experiment else ""
        about = {
            "format": FORMAT,
            "framework": self.framework,
            "step": str(self.step),
            "epoch": repr(float(self.epoch)),
        }
        # A table of one's own may be longer than a file should hold.
        return about | ({"experiment": text} if 0 < len(text) <= MOST_TEXT else {})


def most_bytes_of(name: str) -> int:
    """Bytes that an array of this name may take; 0 where there is no such array.

    Examples
    --------
    >>> most_bytes_of("layer1.bias"), most_bytes_of("../../evil")
    (8192, 0)
    """
    found = NAME.fullmatch(name)
    if not found:
        return 0
    return 8 * (MAX_PARAMETERS if found[2] == "weight" else MOST_UNITS)


def assembled(arrays: Mapping[str, Array], metadata: Mapping[str, object]) -> Checkpoint:
    """The checkpoint that some arrays make, once all about them is right.

    Parameters
    ----------
    arrays : mapping of str to ndarray
        By their names in the file.
    metadata : mapping of str to str
        What the file says beside them; nothing in it is trusted.

    Raises
    ------
    WeightsError
        If a layer is missing, has another shape than its neighbours ask for, or holds a number
        that is not finite.
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
        if weight is None or weight.ndim != 2 or 0 in weight.shape:
            raise WeightsError(f"Layer {place} has no table of weights. The file is no use here.")
        if max(weight.shape) > MOST_UNITS:
            raise WeightsError(
                f"Layer {place} is {weight.shape[0]:,} × {weight.shape[1]:,}; layers of up to "
                f"{MOST_UNITS:,} can be used."
            )
        if bias is not None and bias.shape != weight.shape[1:]:
            raise WeightsError(
                f"Layer {place} has {weight.shape[1]:,} units and biases of the shape "
                f"{bias.shape}: they do not belong together."
            )
        params.append((weight, bias))
    for place, ((before, _), (after, _)) in enumerate(pairwise(params), 1):
        if before.shape[1] != len(after):
            raise WeightsError(
                f"Layer {place} has {before.shape[1]:,} units, and layer {place + 1} reads "
                f"{len(after):,}: they do not belong together."
            )
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
        _line(metadata.get("framework")),
        int(_number(metadata.get("step"))),
        _number(metadata.get("epoch")),
        note,
    )


def _settings(text: object, params: Params) -> tuple[Experiment | None, str]:
    """The experiment in a file, if it fits the weights; and else, why it is left aside."""
    if not isinstance(text, str) or not text:
        return None, "The file says nothing about the settings its weights were trained with."
    aside = "The settings in the file are left aside"
    if len(text) > MOST_TEXT:
        return None, f"{aside}: they are too long."
    try:
        fields = json.loads(text)
        if not isinstance(fields, dict):
            return None, f"{aside}: they are no settings of this app."
        # These are the weights before the training, and may be many; the file has those after it.
        if fields.pop("given", None) is not None:
            fields["initializer"] = Experiment.model_fields["initializer"].default
        fields.pop("given_offset", None)
        experiment = Experiment(**fields)
    except InvalidExperiment as error:
        problem = error.problems[0]
        return None, f"{aside}, because this app cannot use them: {_line(problem)[:200]}."
    except (ValueError, TypeError, RecursionError):
        return None, f"{aside}: they cannot be read."
    sizes = (len(params[0][0]), *(weight.shape[1] for weight, _ in params))
    if experiment.layer_sizes != sizes or experiment.bias != (params[0][1] is not None):
        return None, f"{aside}: they belong to another network than the weights."
    return experiment, ""


def _line(text: object) -> str:
    """One line of printable text, at most 300 characters."""
    found = str(text) if text is not None else ""
    return "".join(c if c.isprintable() else " " for c in found[:300])


def _number(text: object) -> float:
    """A count that a file tells; 0 where it tells none."""
    try:
        found = float(str(text)[:40])
    except ValueError:
        return 0.0
    return found if math.isfinite(found) and 0 <= found < 1e15 else 0.0
