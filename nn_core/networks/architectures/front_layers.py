"""The declaration of an architecture: its layers in front of the dense ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from nn_core.errors import Problem
from nn_core.experiment import Experiment


class Row(NamedTuple):
    """One line of a summary.

    Attributes
    ----------
    name, kind : str
        Such as "convolution 1", and the kind of layer.
    shape : tuple of int
        Shape of its output for one row of the data.
    has_weights : bool
        Whether the weights of the layer belong to this line.
    """

    name: str
    kind: str
    shape: tuple[int, ...]
    has_weights: bool


class Front(NamedTuple):
    """A layer with weights that stands in front of the dense ones.

    Attributes
    ----------
    name : str
        Its name on the screen.
    sign : str
        A short notation, for a line such as ``64-conv 3×3×8-10``.
    weight_shape : tuple of int
        Shape of its weight, the units last; its bias has one number for each of them.
    units : int
        Number of outputs, the inputs of the next layer.
    activation : str
        Name of its activation.
    multiplications : int
        Multiplications for one row of the data.
    rows : tuple of Row
        Its lines in a summary.
    """

    name: str
    sign: str
    weight_shape: tuple[int, ...]
    units: int
    activation: str
    multiplications: int
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Architecture:
    """A kind of network.

    Attributes
    ----------
    label, meaning : str
        For the form, as in `nn_core.vocabulary.Word`.
    front : callable
        From an experiment to the layers in front of the dense ones; none where `problem` returns
        one.
    problem : callable
        From an experiment to the reason why it cannot have the architecture, or None.
    why_not : callable
        From the name of a backend to the reason why it does not support the architecture, a clause
        that names the backends that do; empty where it does.
    formula : str
        As in `nn_core.vocabulary.Word`.
    """

    label: str
    meaning: str
    front: Callable[[Experiment], tuple[Front, ...]]
    problem: Callable[[Experiment], Problem | None]
    why_not: Callable[[str], str]
    formula: str = ""
