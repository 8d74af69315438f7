"""The lines of a script that draw points of the plane: `points` and `value`, from `rng`.

Each function draws them by the formula of `nn_core.datasets.plane`, with the same calls of `rng`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from nn_core.datasets.plane import BUMPS, FULL_NOISE
from nn_core.exchange.programs.source import literal

Lines = Iterator[str]


def _classes(options: Any) -> Lines:
    yield f"value = np.arange({options.points}) % {options.n_classes}"


def _moved(options: Any, is_bounded: bool) -> Lines:
    """Noise, and the limit of the square for points beyond it."""
    if options.noise:
        deviation = literal(FULL_NOISE * options.noise / 100)
        yield f"points = (points + {deviation} * rng.normal(size=points.shape)).clip(-6, 6)"
    elif not is_bounded:
        yield "points = points.clip(-6, 6)"


def _circle(options: Any) -> Lines:
    yield from _classes(options)
    yield "low, high = np.where(value == 1, 0, 3.5), np.where(value == 1, 2.5, 5)"
    yield "radius = np.sqrt(rng.uniform(low**2, high**2))"
    yield f"angle = rng.uniform(0, 2 * np.pi, {options.points})"
    yield "points = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])"
    yield from _moved(options, is_bounded=True)


def _xor_points(options: Any) -> Lines:
    yield from _classes(options)
    yield f"size = rng.uniform(0.4, 5.4, ({options.points}, 2))"
    yield f"sign = rng.choice([-1.0, 1.0], {options.points})"
    yield "points = size * np.column_stack([sign, np.where(value == 1, -sign, sign)])"
    yield from _moved(options, is_bounded=True)


def _gauss(options: Any) -> Lines:
    yield from _classes(options)
    yield "centre = 2.2 * (2 * value[:, None] - 1)"
    yield f"points = centre + 0.8 * rng.normal(size=({options.points}, 2))"
    yield from _moved(options, is_bounded=False)


def _spiral(options: Any) -> Lines:
    yield from _classes(options)
    arms, n = options.arms, options.points
    yield f"t = np.linspace(0, 1, {-(-n // arms)})[np.arange({n}) // {arms}]"
    yield f"angle = 2 * np.pi * (3 * t / {arms} + value / {arms})"
    yield "radius = 0.4 + 4.8 * t"
    yield "points = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])"
    yield from _moved(options, is_bounded=True)


def _moons(options: Any) -> Lines:
    yield from _classes(options)
    yield "turn = np.where(value == 1, -1, 1)"
    yield f"angle = rng.uniform(0, np.pi, {options.points})"
    yield "height = 3 * np.sin(angle) * turn - 0.75 * turn"
    yield "points = np.column_stack([3 * np.cos(angle) - 1.5 * turn, height])"
    yield from _moved(options, is_bounded=True)


def _blobs(options: Any) -> Lines:
    yield from _classes(options)
    yield f"angle = 2 * np.pi * value / {options.classes}"
    yield "centre = 4 * np.column_stack([np.cos(angle), np.sin(angle)])"
    yield f"points = centre + 0.6 * rng.normal(size=({options.points}, 2))"
    yield from _moved(options, is_bounded=False)


def _numbers(options: Any, formula: str) -> Lines:
    yield f"points = rng.uniform(-6, 6, ({options.points}, 2))"
    yield f"value = {formula}"
    if options.noise:
        yield f"value += {literal(options.noise / 100)} * rng.normal(size={options.points})"


def _regression_plane(options: Any) -> Lines:
    yield from _numbers(options, "points.sum(axis=1) / 12")


def _regression_gauss(options: Any) -> Lines:
    yield "bumps = ["
    for x1, x2, sign in BUMPS:
        yield f"    ([{literal(x1)}, {literal(x2)}], {literal(sign)}),"
    yield "]"
    yield from _numbers(
        options, "sum(s * np.exp(-((points - c) ** 2).sum(axis=1) / 4) for c, s in bumps)"
    )


def _regression_sine(options: Any) -> Lines:
    yield from _numbers(options, "np.sin(points).sum(axis=1) / 2")


DRAWN: dict[str, Callable[[Any], Lines]] = {
    "circle": _circle,
    "xor_points": _xor_points,
    "gauss": _gauss,
    "spiral": _spiral,
    "moons": _moons,
    "blobs": _blobs,
    "regression_plane": _regression_plane,
    "regression_gauss": _regression_gauss,
    "regression_sine": _regression_sine,
}
"""The functions by the name of the data set."""
