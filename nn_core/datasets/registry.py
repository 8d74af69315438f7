"""The type of a data set, and the decorator that registers one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from nn_core import vocabulary
from nn_core.experiment import DatasetOptions

Array = np.ndarray
Kind = Literal["binary", "classes", "number"]
Measure = Literal["accuracy", "r2"]


@dataclass(frozen=True)
class Plane:
    """Points of a plane as rows: their coordinates, and the inputs computed from them.

    Attributes
    ----------
    points : ndarray of shape (n, 2)
        The training rows, as points.
    points_test : ndarray of shape (n_test, 2) or None
        The test rows, as points.
    features : callable
        From points of shape (m, 2) to the inputs of the network, shape (m, n_inputs).
    low, high : float
        Limits of both axes of the chart.
    names : (str, str)
        Labels of the two axes.
    """

    points: Array
    points_test: Array | None
    features: Callable[[Array], Array]
    low: float = -6.0
    high: float = 6.0
    names: tuple[str, str] = ("x1", "x2")


@dataclass(frozen=True)
class Dataset:
    """Rows to learn from.

    Attributes
    ----------
    x : ndarray of shape (n, n_inputs)
        Inputs of the training rows, float.
    y : ndarray of shape (n, n_outputs)
        Targets: 0 or 1 each, one-hot rows for 'classes', numbers for 'number'.
    kind : {'binary', 'classes', 'number'}
        How an answer is read from the outputs; see `nn_core.networks.metrics.decide`.
    input_names, output_names : tuple of str
        Names of the columns.
    x_test, y_test : ndarray or None
        Test rows, which are not used for training; None where the data set has none.
    image_shape : tuple of int or None
        (height, width) where a row is an image.
    n_shown : int
        Number of rows whose outputs a snapshot includes: the first of `shown`.
    note : str
        A description of the data for the screen; empty where the name is enough.
    plane : Plane or None
        The points, where the rows are points of a plane.
    measure : {'accuracy', 'r2'}
        The measure of the outputs: the share of correct answers; or, for real numbers, the share
        of their variance that is explained.
    """

    x: Array
    y: Array
    kind: Kind
    input_names: tuple[str, ...]
    output_names: tuple[str, ...]
    x_test: Array | None = None
    y_test: Array | None = None
    image_shape: tuple[int, int] | None = None
    n_shown: int = 64
    note: str = ""
    plane: Plane | None = None
    measure: Measure = "accuracy"

    @property
    def shown(self) -> tuple[Array, Array]:
        """Rows whose outputs are shown: the test rows, or else the training rows."""
        if self.x_test is None or self.y_test is None:
            return self.x[: self.n_shown], self.y[: self.n_shown]
        return self.x_test[: self.n_shown], self.y_test[: self.n_shown]

    def astype(self, dtype: str) -> Dataset:
        """The same data with every number as `dtype`; contiguous, copied only if needed."""

        def cast(array: Array | None) -> Array | None:
            return None if array is None else np.ascontiguousarray(array, dtype)

        changes = {name: cast(getattr(self, name)) for name in ("x", "y", "x_test", "y_test")}
        return Dataset(**{**vars(self), **changes})


@dataclass(frozen=True)
class Entry:
    """A registered data set: its properties before its data are loaded or drawn.

    Attributes
    ----------
    name : str
        Its name in an experiment.
    label, help : str
        Its label and help text in the form.
    group : str
        The kind of data; `ui.links.page_list` says which page offers it.
    options : subclass of DatasetOptions
        The fields that the user may set.
    sizes : callable
        From options to the numbers of inputs and outputs.
    make : callable
        From options and a generator to the data.
    image_shape : (int, int) or None
        Height and width in pixels where each row is an image.
    is_large : bool
        Whether there are too many rows to load them outside of a run.
    """

    name: str
    label: str
    help: str
    group: str
    options: type[DatasetOptions]
    sizes: Callable[[Any], tuple[int, int]]
    make: Callable[[Any, np.random.Generator], Dataset]
    image_shape: tuple[int, int] | None = None
    is_large: bool = False

    @property
    def is_images(self) -> bool:
        """Whether each row is an image."""
        return self.image_shape is not None


def dataset(
    label: str,
    *,
    inputs: int = 0,
    outputs: int = 0,
    name: str = "",
    group: str = "gates",
    options: type[DatasetOptions] = DatasetOptions,
    help: str = "",
    image_shape: tuple[int, int] | None = None,
    is_large: bool = False,
) -> Callable[[Callable[..., Dataset]], Callable[..., Dataset]]:
    """Register a function ``(options, rng) -> Dataset`` as a data set.

    Parameters
    ----------
    label : str
        Its label in the form.
    inputs, outputs : int
        Columns of `x` and `y`. Where they depend on the options, omit them and define a property
        ``sizes`` in the class of the options.
    name : str, optional
        The name in an experiment; the function's own name by default.
    group : {'gates', 'bits', 'plane', 'images'}
        Data sets of one group are in the same list of the form.
    options : subclass of DatasetOptions
        The fields that the user may set.
    help : str, optional
        One sentence; by default the first line of the function's docstring.
    image_shape, is_large
        See `Entry`.
    """

    def register(make: Callable[..., Dataset]) -> Callable[..., Dataset]:
        key = name or make.__name__
        if key in vocabulary.DATASETS:
            raise ValueError(f"two data sets are called {key!r}")
        vocabulary.DATASETS[key] = Entry(
            name=key,
            label=label,
            help=help or (make.__doc__ or label).strip().splitlines()[0],
            group=group,
            options=options,
            sizes=(lambda chosen: (inputs, outputs)) if inputs else (lambda chosen: chosen.sizes),
            make=make,
            image_shape=image_shape,
            is_large=is_large,
        )
        return make

    return register
