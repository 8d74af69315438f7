"""A data set of points that the user places."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator

from nn_core.datasets.plane import SIZE, PlaneOptions, kind_of, plane_dataset
from nn_core.datasets.registry import Dataset, Kind, dataset
from nn_core.datasets.split_and_targets import n_outputs_for
from nn_core.experiment import knob

MOST_POINTS = 2000
MOST_CLASSES = 6
LARGEST_NUMBER = 1000.0

Coordinate = Annotated[float, Field(ge=-SIZE, le=SIZE)]
Value = Annotated[float, Field(ge=-LARGEST_NUMBER, le=LARGEST_NUMBER)]
Point = tuple[Coordinate, Coordinate, Value]
"""x1, x2, and the class (from 0) or the target number of a point."""

DEFAULT_POINTS: tuple[Point, ...] = (
    (-3.0, 2.0, 0.0), (-2.0, 3.0, 0.0), (-4.0, 3.5, 0.0), (-2.5, 0.5, 0.0),
    (3.0, -2.0, 1.0), (2.0, -3.0, 1.0), (4.0, -3.5, 1.0), (2.5, -0.5, 1.0),
)  # fmt: skip


class OwnPointsOptions(PlaneOptions):
    """The points and the kind of their targets."""

    points: Annotated[tuple[Point, ...], Field(max_length=MOST_POINTS)] = knob(
        DEFAULT_POINTS,
        "Your points",
        f"x1, x2, and the class or number of each; coordinates from −6 to 6, at most "
        f"{MOST_POINTS:,} points.",
    )
    answer: Literal["classes", "number"] = knob(
        "classes",
        "Each point has",
        f"classes: one of up to {MOST_CLASSES} classes, numbered from 0. number: a number that "
        f"the network shall predict, from −{LARGEST_NUMBER:,.0f} to {LARGEST_NUMBER:,.0f}.",
    )
    test_share: int = knob(
        0,
        "Test share",
        "Points that are kept for the test: the network never learns from them. 0 learns from all.",
        unit="%",
        ge=0,
        le=90,
    )

    @model_validator(mode="after")
    def _classes_are_numbered(self) -> OwnPointsOptions:
        if self.answer == "number":
            return self
        for row, (_, _, value) in enumerate(self.points, 1):
            if value not in range(MOST_CLASSES):
                raise ValueError(
                    f"point {row} is of class {value:g}; classes are the whole numbers from 0 to "
                    f"{MOST_CLASSES - 1}: correct it, or choose that each point has a number"
                )
        return self

    @property
    def n_classes(self) -> int:
        """Number of classes, up to the highest class in use; 0 for regression."""
        if self.answer == "number":
            return 0
        return max(2, 1 + int(max((value for _, _, value in self.points), default=0)))

    @property
    def kind(self) -> Kind:
        """How the outputs are interpreted."""
        return kind_of(self.n_classes)

    @property
    def sizes(self) -> tuple[int, int]:
        """Number of inputs and number of outputs."""
        return len(self.features), n_outputs_for(self.n_classes) if self.n_classes else 1


@dataset("your own points", group="plane", options=OwnPointsOptions)
def own_points(options: OwnPointsOptions, rng: np.random.Generator) -> Dataset:
    """Points that you place by clicking, or type into a table."""
    table = np.array(options.points, float).reshape(-1, 3)
    return plane_dataset(table[:, :2], table[:, 2], options, options.n_classes)
