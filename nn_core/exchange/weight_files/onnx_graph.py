"""Builder of an ONNX graph: nodes and constant arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn_core.events import Array
from nn_core.vocabulary import LEAKY_SLOPE

NODES = {"sigmoid": "Sigmoid", "tanh": "Tanh", "relu": "Relu"}


class Graph:
    """An ONNX graph under construction.

    Parameters
    ----------
    dtype : dtype
        Type of all numbers in the graph.

    Attributes
    ----------
    kind : int
        The ONNX code of `dtype`.
    nodes, constants : list
        Arguments of `onnx.helper.make_graph`.
    """

    def __init__(self, dtype: Any) -> None:
        from onnx import TensorProto  # optional dependency, imported on use

        self.dtype = np.dtype(dtype)
        self.kind: int = TensorProto.DOUBLE if self.dtype == np.float64 else TensorProto.FLOAT
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def constant(self, name: str, array: Any) -> str:
        """Add a constant array and return its name."""
        from onnx import numpy_helper

        self.constants.append(numpy_helper.from_array(np.asarray(array, order="C"), name))
        return name

    def weights(self, place: int, weight: Array, bias: Array | None) -> list[str]:
        """Add weight and bias, if any, of a layer as constants and return their names."""
        pairs = (("weight", weight), ("bias", bias))
        return [
            self.constant(f"layer{place}.{label}", array)
            for label, array in pairs
            if array is not None
        ]

    def node(self, kind: str, inputs: list[str], output: str, **how: Any) -> str:
        """Add a node with one output and return the name of the output."""
        from onnx import helper

        self.nodes.append(helper.make_node(kind, inputs, [output], **how))
        return output

    def activation(self, name: str, place: int, sums: str, target: str) -> str:
        """Add the activation of a layer (not the identity) and return the name of its output.

        Parameters
        ----------
        name : str
            Name of the activation.
        place : int
            Number of the layer, from 1.
        sums, target : str
            Names of its input and of its output.
        """
        if name == "softmax":
            return self.node("Softmax", [sums], target, axis=1)
        if name == "leaky_relu":
            # As two nodes, because not every runtime has LeakyRelu for float64.
            slope = self.constant(f"slope{place}", np.array(LEAKY_SLOPE, self.dtype))
            small = self.node("Mul", [sums, slope], f"small{place}")
            return self.node("Max", [sums, small], target)
        if name == "step":
            zero = self.constant(f"zero{place}", np.array(0, self.dtype))
            is_above = self.node("Greater", [sums, zero], f"is_above{place}")
            return self.node("Cast", [is_above], target, to=self.kind)
        return self.node(NODES[name], [sums], target)
