"""What an architecture says of the layers in front of the dense ones."""

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
        Such as "convolution 1", and what it does.
    shape : tuple of int
        Of what it answers for one row of the data.
    has_weights : bool
        Whether the weights of the layer are these.
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
        What the screen calls it.
    sign : str
        The same in a few characters, for a line such as ``64-conv 3×3×8-10``.
    weight_shape : tuple of int
        Of its weight, the units last; its bias has one number for each of them.
    units : int
        Numbers that it hands on to the layer behind.
    activation : str
        What is done to each weighted sum.
    multiplications : int
        That one row of the data costs.
    rows : tuple of Row
        Its lines of a summary.
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
        From an experiment to the layers in front of the dense ones; none where `problem` finds
        that there cannot be any.
    problem : callable
        From an experiment to what stands against the architecture there, or None.
    why_not : callable
        From the name of a backend to why it does not offer the architecture, as a clause that
        names those that do; empty where it does.
    formula : str
        As in `nn_core.vocabulary.Word`.
    """

    label: str
    meaning: str
    front: Callable[[Experiment], tuple[Front, ...]]
    problem: Callable[[Experiment], Problem | None]
    why_not: Callable[[str], str]
    formula: str = ""
