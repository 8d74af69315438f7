"""Toy data sets of points in the plane, for classification and regression.

Every set is drawn in the square from −6 to 6 in both coordinates. The points depend on a seed of
their own, so that runs with other initial weights use the same points.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from nn_core.datasets.features import Features, feature_function
from nn_core.datasets.registry import Dataset, Kind, Plane, dataset
from nn_core.datasets.split_and_targets import n_outputs_for, split, targets
from nn_core.experiment import DatasetOptions, knob
from nn_core.seeds import generator

Array = np.ndarray
PointsAndValues = tuple[Array, Array]
"""Points of shape (n, 2), and the class or the target number of each: shape (n,)."""

SIZE = 6.0
"""The square extends from −6 to 6."""

FULL_NOISE = 2.0
"""Standard deviation of 100 % noise along each coordinate."""


class SampleOptions(DatasetOptions):
    """The number of points and the amount of noise."""

    points: int = knob(
        500, "Points", "How many, those for the test included.", unit="points", ge=10, le=2000
    )
    noise: int = knob(
        0,
        "Noise",
        "Moves each point at random, by a normal distance whose standard deviation is 0.2 for "
        "each 10 %. Where a number is predicted it moves the number, by 0.1 for each 10 %.",
        unit="%",
        ge=0,
        le=50,
    )


class PlaneOptions(DatasetOptions):
    """The test share, the seed of the data and the input features."""

    test_share: int = knob(
        50,
        "Test share",
        "Points that are kept for the test: the network never learns from them.",
        unit="%",
        ge=10,
        le=90,
    )
    data_seed: int = knob(
        0,
        "Data seed",
        "Decides the points and which of them are kept for the test. New seed leaves it alone: "
        "it changes the weights and the order of the rows.",
        ge=0,
        le=2**31 - 1,
    )
    features: Features = knob(
        ("x1", "x2"),
        "Inputs",
        "What the network is told of each point; at least one. A circle needs only the squares, "
        "XOR only the product.",
    )


class ToyOptions(PlaneOptions, SampleOptions):  # pydantic lists the fields of the last base first
    """Options of a data set with two classes."""

    @property
    def n_classes(self) -> int:
        """Number of classes; 0 for regression."""
        return 2

    @property
    def kind(self) -> Kind:
        """How the outputs are interpreted."""
        return kind_of(self.n_classes)

    @property
    def sizes(self) -> tuple[int, int]:
        """Number of inputs and number of outputs."""
        return len(self.features), n_outputs_for(self.n_classes) if self.n_classes else 1


class NumberOptions(ToyOptions):
    """Options of a regression data set."""

    @property
    def n_classes(self) -> int:
        """0, because a number is predicted."""
        return 0


class SpiralOptions(ToyOptions):
    """Options of the spiral."""

    arms: int = knob(
        2, "Arms", "A class each. With two of them a single output is enough.", ge=2, le=5
    )

    @property
    def n_classes(self) -> int:
        """One class for each arm."""
        return self.arms


class BlobsOptions(ToyOptions):
    """Options of the blobs."""

    classes: int = knob(
        3, "Classes", "A blob each. With two of them a single output is enough.", ge=2, le=6
    )

    @property
    def n_classes(self) -> int:
        """One class for each blob."""
        return self.classes


def kind_of(n_classes: int) -> Kind:
    """The interpretation of the outputs for this number of classes; 0 is regression."""
    return "number" if not n_classes else "binary" if n_classes == 2 else "classes"


def plane_dataset(
    points: Array,
    values: Array,
    options: PlaneOptions,
    n_classes: int,
    output_names: tuple[str, ...] = (),
) -> Dataset:
    """Build the data set of some points.

    Parameters
    ----------
    points : ndarray of shape (n, 2)
        Training and test points.
    values : ndarray of shape (n,)
        The class of each point, from 0, or its target number.
    options : PlaneOptions
        Features, test share and data seed.
    n_classes : int
        0 for regression.
    output_names : tuple of str, optional
        By default "y", or the indices of the classes.
    """
    train, test = split(len(points), options.test_share, options.data_seed)
    y = targets(values, n_classes) if n_classes else values[:, None].astype(float)
    names = tuple(map(str, range(n_classes))) if n_classes > 2 else ("y",)
    plane = Plane(
        points=points[train],
        points_test=None if test is None else points[test],
        features=feature_function(options.features),
        low=-SIZE,
        high=SIZE,
    )
    return Dataset(
        x=plane.features(plane.points),
        y=y[train],
        x_test=None if plane.points_test is None else plane.features(plane.points_test),
        y_test=None if test is None else y[test],
        kind=kind_of(n_classes),
        input_names=tuple(options.features),
        output_names=output_names or names,
        n_shown=len(points),  # the picture marks every test point as right or wrong
        measure="accuracy" if n_classes else "r2",
        plane=plane,
    )


def _toy(
    label: str, options: type[ToyOptions] = ToyOptions
) -> Callable[[Callable[..., PointsAndValues]], Callable[..., PointsAndValues]]:
    """Register a function ``(options, rng) -> points, values`` as a data set of the plane."""

    def register(draw: Callable[..., PointsAndValues]) -> Callable[..., PointsAndValues]:
        def make(chosen: ToyOptions, rng: np.random.Generator) -> Dataset:
            # Not the experiment's `rng`: the points have a seed of their own.
            points, values = draw(chosen, generator(chosen.data_seed, "data"))
            return plane_dataset(points, values, chosen, chosen.n_classes)

        help = (draw.__doc__ or label).strip().splitlines()[0]
        dataset(label, name=draw.__name__, group="plane", options=options, help=help)(make)
        return draw

    return register


def _classes(options: ToyOptions) -> Array:
    """Balanced classes: 0, 1, ..., 0, 1, ..."""
    return np.arange(options.points) % options.n_classes


def _polar(radius: Array, angle: Array) -> Array:
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])


def _with_noise(points: Array, options: ToyOptions, rng: np.random.Generator) -> Array:
    """The points plus noise, clipped to the square."""
    deviation = FULL_NOISE * options.noise / 100
    return np.asarray((points + deviation * rng.normal(size=points.shape)).clip(-SIZE, SIZE))


@_toy("circle")
def circle(options: ToyOptions, rng: np.random.Generator) -> PointsAndValues:
    """A disc of one class inside a ring of the other: no straight line separates them.

    Class 1 where the radius is from 0 to 2.5, class 0 where it is from 3.5 to 5, both evenly over
    the area: ``r = √u`` with u uniform between the squares of the radii.
    """
    classes = _classes(options)
    inner, outer = np.where(classes == 1, 0.0, 3.5), np.where(classes == 1, 2.5, 5.0)
    radius = np.sqrt(rng.uniform(inner**2, outer**2))
    return _with_noise(
        _polar(radius, rng.uniform(0, 2 * np.pi, len(radius))), options, rng
    ), classes


@_toy("XOR of two signs")
def xor_points(options: ToyOptions, rng: np.random.Generator) -> PointsAndValues:
    """Class 1 where exactly one coordinate is positive: XOR, as four quarters of the plane.

    Both coordinates are at least 0.4 and at most 5.4 away from zero.
    """
    classes = _classes(options)
    size = rng.uniform(0.4, 5.4, (len(classes), 2))
    first = rng.choice([-1.0, 1.0], len(classes))
    second = np.where(classes == 1, -first, first)
    return _with_noise(size * np.column_stack([first, second]), options, rng), classes


@_toy("gauss")
def gauss(options: ToyOptions, rng: np.random.Generator) -> PointsAndValues:
    """Two round clouds: a single unit separates them by a straight line.

    Normal around (2.2, 2.2) for class 1 and (−2.2, −2.2) for class 0, standard deviation 0.8.
    """
    classes = _classes(options)
    centres = 2.2 * (2.0 * classes[:, None] - 1)
    points = centres + 0.8 * rng.normal(size=(len(classes), 2))
    return _with_noise(points, options, rng), classes


@_toy("spiral", SpiralOptions)
def spiral(options: SpiralOptions, rng: np.random.Generator) -> PointsAndValues:
    """Two to five arms wound around each other: hard for a small network.

    Arm k of K: radius ``0.4 + 4.8 t`` at the angle ``2π (1.5 t · 2 / K + k / K)`` for t from 0 to
    1. Going outwards along a ray one meets the arms in turn, equally far apart for any K.
    """
    classes, arms = _classes(options), options.arms
    t = np.linspace(0, 1, -(-options.points // arms))[np.arange(options.points) // arms]
    angle = 2 * np.pi * (1.5 * t * 2 / arms + classes / arms)
    return _with_noise(_polar(0.4 + 4.8 * t, angle), options, rng), classes


@_toy("moons")
def moons(options: ToyOptions, rng: np.random.Generator) -> PointsAndValues:
    """Two half circles that reach into each other.

    Radius 3, angles 0 to π: class 0 is the upper half of a circle around (−1.5, −0.75), class 1
    the lower half of one around (1.5, 0.75).
    """
    classes = _classes(options)
    turn = np.where(classes == 1, -1.0, 1.0)[:, None]
    points = _polar(np.full(len(classes), 3.0), rng.uniform(0, np.pi, len(classes)))
    points[:, 1:] *= turn
    return _with_noise(points - turn * [1.5, 0.75], options, rng), classes


@_toy("blobs", BlobsOptions)
def blobs(options: BlobsOptions, rng: np.random.Generator) -> PointsAndValues:
    """Two to six round clouds on a circle, a class each.

    Normal with standard deviation 0.6 around ``4 (cos 2πk/K, sin 2πk/K)`` for class k of K.
    """
    classes = _classes(options)
    centres = _polar(np.full(len(classes), 4.0), 2 * np.pi * classes / options.classes)
    return _with_noise(centres + 0.6 * rng.normal(size=centres.shape), options, rng), classes


def _regression_sample(
    value: Callable[[Array, Array], Array], options: ToyOptions, rng: np.random.Generator
) -> PointsAndValues:
    """Points drawn uniformly from the square, with noisy target numbers."""
    points = rng.uniform(-SIZE, SIZE, (options.points, 2))
    noise = options.noise / 100 * rng.normal(size=options.points)
    return points, value(*points.T) + noise


@_toy("regression: plane", NumberOptions)
def regression_plane(options: NumberOptions, rng: np.random.Generator) -> PointsAndValues:
    """A number that grows evenly to one side: a single linear unit finds it.

    ``y = (x1 + x2) / 12``, from −1 to 1.
    """
    return _regression_sample(lambda x1, x2: (x1 + x2) / 12, options, rng)


BUMPS = ((-3.0, 3.0, 1.0), (0.0, 3.0, -1.0), (3.0, 3.0, 1.0),
         (-3.0, -3.0, -1.0), (0.0, -3.0, 1.0), (3.0, -3.0, -1.0))  # fmt: skip
"""Centre (x1, x2) and sign of each bump of `regression_gauss`."""


@_toy("regression: bumps (gauss)", NumberOptions)
def regression_gauss(options: NumberOptions, rng: np.random.Generator) -> PointsAndValues:
    """Hills and hollows: six Gaussian bumps, up and down in turn.

    ``y = Σ s exp(−d² / 4)``, d the distance from the centre of a bump, s = 1 or −1 its sign.
    """

    def value(x1: Array, x2: Array) -> Array:
        bumps = [s * np.exp(-((x1 - a) ** 2 + (x2 - b) ** 2) / 4) for a, b, s in BUMPS]
        return np.asarray(np.sum(bumps, axis=0))

    return _regression_sample(value, options, rng)


@_toy("regression: sine", NumberOptions)
def regression_sine(options: NumberOptions, rng: np.random.Generator) -> PointsAndValues:
    """Waves in both directions; with both sines as inputs a linear unit is enough.

    ``y = (sin x1 + sin x2) / 2``, from −1 to 1.
    """
    return _regression_sample(lambda x1, x2: (np.sin(x1) + np.sin(x2)) / 2, options, rng)
