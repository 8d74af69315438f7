"""Convolutions of an ONNX graph: from rows of pixels to flattened feature maps.

In float32 they are the standard nodes `Conv` and `MaxPool` [1]_, which flatten map after map. ONNX
Runtime has no `Conv` for float64. There, a convolution is a matrix product: a `Gather` node
collects the window of each place, and a `MatMul` node multiplies it with the kernel.

References
----------
.. [1] ONNX, "Operators", https://onnx.ai/onnx/operators.
"""

from __future__ import annotations

import math

import numpy as np

from nn_core.events import Array, Params
from nn_core.exchange.weight_files.onnx_graph import Graph
from nn_core.networks.architectures.conv import ACTIVATION, POOL, by_map


def add_convolutions(
    graph: Graph, kernels: Params, n_inputs: int, behind: Array
) -> tuple[str, Array]:
    """Add all convolutions, each with its ReLU and its pooling.

    Parameters
    ----------
    graph : Graph
        The graph; its input ``x`` has rows of pixels.
    kernels : list of (weight, bias)
        Parameters of the convolutions.
    n_inputs : int
        Pixels of an image, a square number.
    behind : ndarray of shape (n_in, n_out)
        Weight of the next dense layer, its rows laid out (height, width, map).

    Returns
    -------
    value : str
        Name of the input of the dense layer.
    behind : ndarray of shape (n_in, n_out)
        The weight with its rows in the flattening order of the graph.
    """
    side = math.isqrt(n_inputs)
    if graph.dtype == np.float64:
        return _as_products(graph, kernels, side), behind
    return _as_convolutions(graph, kernels, side), by_map(behind, kernels[-1][0].shape[3])


def _as_convolutions(graph: Graph, kernels: Params, side: int) -> str:
    shape = graph.constant("image", np.array([-1, 1, side, side], np.int64))
    value = graph.node("Reshape", ["x", shape], "images")
    for place, (kernel, bias) in enumerate(kernels, 1):
        half = kernel.shape[0] // 2
        # ONNX kernels are laid out (maps out, maps in, height, width).
        inputs = [value, *graph.weights(place, kernel.transpose(3, 2, 0, 1), bias)]
        sums = graph.node("Conv", inputs, f"z{place}", pads=[half] * 4)
        maps = graph.activation(ACTIVATION, place, sums, f"maps{place}")
        window = [POOL, POOL]
        value = graph.node("MaxPool", [maps], f"a{place}", kernel_shape=window, strides=window)
    return graph.node("Flatten", [value], "flat", axis=1)


def _as_products(graph: Graph, kernels: Params, side: int) -> str:
    value = "x"
    # Append a 0 to each row, which represents the padding.
    edge = graph.constant("edge", np.array([0, 0, 0, 1], np.int64))
    for place, (kernel, bias) in enumerate(kernels, 1):
        size, _, maps_in, maps = kernel.shape
        padded = graph.node("Pad", [value, edge], f"padded{place}")
        covered = graph.constant(f"covered{place}", _covered(side, size, maps_in))
        windows = graph.node("Gather", [padded, covered], f"windows{place}", axis=1)
        weight, *biases = graph.weights(place, kernel.reshape(-1, maps), bias)
        sums = graph.node("MatMul", [windows, weight], f"products{place}")
        if biases:
            sums = graph.node("Add", [sums, *biases], f"z{place}")
        found = graph.activation(ACTIVATION, place, sums, f"maps{place}")
        side //= POOL
        squares = np.array([-1, side, POOL, side, POOL, maps], np.int64)
        shape = graph.constant(f"squares{place}", squares)
        found = graph.node("Reshape", [found, shape], f"in_squares{place}")
        found = graph.node("ReduceMax", [found], f"pooled{place}", axes=[2, 4], keepdims=0)
        value = graph.node("Flatten", [found], f"a{place}", axis=1)
    return value


def _covered(side: int, size: int, maps: int) -> Array:
    """Indices of the inputs in the window of each place.

    Returns
    -------
    numbers : ndarray of shape (side · side, size · size · maps), int64
        Laid out (height, width, map) like the kernel; ``side · side · maps`` is the padding.
    """
    count, half = side * side * maps, size // 2
    grid = np.full((side + 2 * half, side + 2 * half, maps), count, np.int64)
    grid[half : half + side, half : half + side] = np.arange(count).reshape(side, side, maps)
    windows = np.lib.stride_tricks.sliding_window_view(grid, (size, size), axis=(0, 1))
    return windows.transpose(0, 1, 3, 4, 2).reshape(side * side, -1)
