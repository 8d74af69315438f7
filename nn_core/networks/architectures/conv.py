"""conv: two blocks of convolution, ReLU and max pooling in front of the dense layers.

A kernel is a small window of weights that moves over the image; at each position, the weighted sum
of the pixels it covers is one number of a feature map. All positions share the weights, so that a
stroke is detected wherever it is [1]_. As in every framework, the kernel is not flipped: strictly,
this is a cross-correlation. Images are padded with 0, so that a map is as large as the image;
pooling then keeps the largest of every 2 × 2 numbers, which halves both sides.

Images are rows of pixels, line by line, and are square, so that the length of a row determines
both sides. Kernels are arrays of shape (height, width, maps in, maps out), and the maps of the
last block have the order (height, width, map) for the dense layers. The backends convert that into
the layout of their framework.

References
----------
.. [1] Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document
   recognition", Proc. IEEE 86, 1998.
"""

from __future__ import annotations

import math

import numpy as np

from nn_core import vocabulary
from nn_core.errors import Problem
from nn_core.events import Params
from nn_core.experiment import Experiment
from nn_core.networks.activations import activate
from nn_core.networks.architectures.front_layers import Architecture, Front, Row

Array = np.ndarray

ACTIVATION = "relu"
POOL = 2
"""Side of the squares that max pooling reduces to one number."""

OFFERED_BY = ("jax", "keras", "tensorflow", "torch")
"""Backends that implement the architecture."""

WHY_NOT = {
    "numpy": "NumPy has no convolution, and this backend writes its passes out by hand to be read, "
    "for dense layers",
    "autograd": "autograd differentiates NumPy, which has no convolution that is fast enough",
    "mxnet": "the arrays of this backend are made for dense layers",
}


def side(experiment: Experiment) -> int | None:
    """Pixels along each side of the images, or None where the data are not square images."""
    shape: tuple[int, int] | None = vocabulary.DATASETS[experiment.dataset].image_shape
    if shape is None:
        return None
    height, width = shape
    return height if height == width else None


def problem(experiment: Experiment) -> Problem | None:
    """Why the experiment cannot have this architecture, or None."""
    pixels = side(experiment)
    if pixels is None or pixels % POOL**2:
        what = "what is learned here has none" if pixels is None else f"these have {pixels}"
        return Problem(
            "architecture",
            "conv",
            f"a convolution looks at images whose sides are pixels in a multiple of {POOL**2}, and "
            f"{what}; choose MNIST or the 8×8 digits, or the dense architecture",
        )
    why = why_not(experiment.backend)
    return Problem("architecture", "conv", why) if why else None


def why_not(backend: str) -> str:
    """Why a backend does not support this architecture, and which do; empty where it does.

    Examples
    --------
    >>> why_not("torch")
    ''
    >>> why_not("autograd").partition(";")[0]
    'autograd differentiates NumPy, which has no convolution that is fast enough'
    """
    if backend in OFFERED_BY:
        return ""
    words = vocabulary.BACKENDS
    offered = [words[name].label if name in words else name for name in OFFERED_BY]
    why = WHY_NOT.get(backend, "this backend does not know it")
    return f"{why}; choose {', '.join(offered[:-1])} or {offered[-1]}, or the dense architecture"


def front(experiment: Experiment) -> tuple[Front, ...]:
    """Both blocks; none for data that are not square images.

    Examples
    --------
    >>> experiment = Experiment(
    ...     dataset="digits_8x8", architecture="conv", channels=(4, 8), kernel=3, backend="torch"
    ... )
    >>> [layer.weight_shape for layer in front(experiment)]
    [(3, 3, 1, 4), (3, 3, 4, 8)]
    """
    pixels = side(experiment)
    if pixels is None or pixels % POOL**2:
        return ()
    kernel, maps_in, blocks = experiment.kernel, 1, []
    for number, maps in enumerate(experiment.channels, 1):
        shape = (kernel, kernel, maps_in, maps)
        pooled = pixels // POOL
        units = pooled * pooled * maps
        what = f"convolution {kernel} × {kernel}, {vocabulary.ACTIVATIONS[ACTIVATION].label}"
        rows = [
            Row(f"convolution {number}", what, (pixels, pixels, maps), True),
            Row(f"pooling {number}", f"largest of {POOL} × {POOL}", (pooled, pooled, maps), False),
        ]
        if number == len(experiment.channels):
            rows.append(Row("flat", "maps as a list", (units,), False))
        blocks.append(
            Front(
                name=f"convolution {number}",
                sign=sign(shape),
                weight_shape=shape,
                units=units,
                activation=ACTIVATION,
                multiplications=pixels * pixels * math.prod(shape),
                rows=tuple(rows),
            )
        )
        pixels, maps_in = pooled, maps
    return tuple(blocks)


def sign(shape: tuple[int, ...]) -> str:
    """A short notation for a kernel's shape.

    Examples
    --------
    >>> sign((5, 5, 1, 8))
    'conv 5×5×8'
    """
    height, width, _, maps = shape
    return f"conv {height}×{width}×{maps}"


def by_map(weight: Array, maps: int) -> Array:
    """The weight of the dense layer behind convolutions, for frameworks that order by map first.

    Parameters
    ----------
    weight : ndarray of shape (side · side · maps, units)
        Its rows in the order (height, width, map), as everywhere in this project.
    maps : int
        Feature maps of the last convolution.

    Returns
    -------
    weight : ndarray of the same shape
        Its rows in the order (map, height, width).
    """
    places = weight.reshape(-1, maps, weight.shape[1])
    return np.ascontiguousarray(places.swapaxes(0, 1)).reshape(weight.shape)


def convolved(x: Array, kernel: Array, bias: Array | None) -> Array:
    """The weighted sums of a convolution.

    Parameters
    ----------
    x : ndarray of shape (n, height, width, maps in)
        Images.
    kernel : ndarray of shape (kernel height, kernel width, maps in, maps out)
        Both sides odd.
    bias : ndarray of shape (maps out,) or None
        Added to every number of a map.

    Returns
    -------
    z : ndarray of shape (n, height, width, maps out)
        ``z[n, i, j, o] = b[o] + Σ x[n, i + u - r, j + v - s, c] · kernel[u, v, c, o]`` over u, v
        and c, with r and s half the sides of the kernel, rounded down; x is padded with 0.
    """
    r, s = (size // 2 for size in kernel.shape[:2])
    padded = np.pad(x, ((0, 0), (r, r), (s, s), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, kernel.shape[:2], axis=(1, 2))
    z = np.tensordot(windows, kernel, axes=((4, 5, 3), (0, 1, 2)))
    return np.asarray(z if bias is None else z + bias)


def pooled(x: Array) -> Array:
    """Max pooling over 2 × 2 numbers: (n, height, width, maps) to (n, height/2, width/2, maps)."""
    n, height, width, maps = x.shape
    blocks = x.reshape(n, height // POOL, POOL, width // POOL, POOL, maps)
    return np.asarray(blocks.max(axis=(2, 4)))


def block(x: Array, kernel: Array, bias: Array | None, activation: str) -> Array:
    """The output of one block, flattened.

    Parameters
    ----------
    x : ndarray of shape (n, pixels)
        Output of the layer before: images line by line, or maps in the order (height, width, map).
    kernel, bias
        See `convolved`.
    activation : str
        Name of the activation.

    Returns
    -------
    maps : ndarray of shape (n, pixels / 4 · maps out)
        The pooled maps, flattened.
    """
    maps = activate(activation, convolved(as_maps(x, kernel.shape[2]), kernel, bias))
    return pooled(maps).reshape(len(x), -1)


def as_maps(x: Array, maps: int) -> Array:
    """Flat rows as square maps: from (n, side · side · maps) to (n, side, side, maps)."""
    pixels = math.isqrt(x.shape[1] // maps)
    return x.reshape(len(x), pixels, pixels, maps)


def feature_maps(params: Params, x: Array) -> list[Array]:
    """The feature maps of both convolutions, before pooling.

    Parameters
    ----------
    params : list of (weight, bias)
        Parameters of a network with convolutions in front.
    x : ndarray of shape (n, pixels)
        Images, as the network receives them.

    Returns
    -------
    maps : list of ndarray, each of shape (n, side, side, maps)
        One for each convolution, after its ReLU: 0 or more.
    """
    found = []
    for kernel, bias in params:
        if kernel.ndim != 4:
            break
        maps = activate(ACTIVATION, convolved(as_maps(x, kernel.shape[2]), kernel, bias))
        found.append(maps)
        x = pooled(maps).reshape(len(x), -1)
    return found


ARCHITECTURE = Architecture(
    label="convolutional",
    meaning="Small windows of weights, the kernels, are moved over the image and find the same "
    "stroke wherever it is: convolution, ReLU, pooling, the same again, then the hidden layers. "
    "For images, on PyTorch, Keras, TensorFlow and JAX.",
    front=front,
    problem=problem,
    why_not=why_not,
)
