"""The network as an ONNX graph, for runtimes without any of the frameworks.

A `Gemm` node for each layer and a node for each activation, in the names of the standard [1]_.

References
----------
.. [1] ONNX, "Operators", https://onnx.ai/onnx/operators.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nn_core.checkpoints.checkpoint import Checkpoint
from nn_core.errors import WeightsError
from nn_core.vocabulary import LEAKY_SLOPE

OPSET = 17
IR_VERSION = 8
"""Of 2022, as the operators: runtimes of that year open the file, and all later ones."""

NODES = {"sigmoid": "Sigmoid", "tanh": "Tanh", "relu": "Relu"}


def write_onnx(checkpoint: Checkpoint) -> bytes:
    """The checkpoint as an ``.onnx`` file: input ``x`` of shape (n, n_inputs), output ``y``.

    Raises
    ------
    WeightsError
        If nobody knows the activations of the network.
    """
    from onnx import TensorProto, checker, helper, numpy_helper  # only where it is asked for

    experiment = checkpoint.experiment
    if experiment is None:
        raise WeightsError("Without its settings nobody knows the activations of this network.")
    dtype = checkpoint.params[0][0].dtype
    kind = TensorProto.DOUBLE if dtype == np.float64 else TensorProto.FLOAT
    nodes: list[Any] = []
    constants: list[Any] = []
    value = "x"
    activations = (*experiment.hidden_activations, experiment.output)
    for place, ((weight, bias), name) in enumerate(
        zip(checkpoint.params, activations, strict=True), 1
    ):
        inputs = [value]
        for label, array in (("weight", weight), ("bias", bias)):
            if array is not None:
                inputs.append(f"layer{place}.{label}")
                constants.append(numpy_helper.from_array(np.ascontiguousarray(array), inputs[-1]))
        is_last = place == len(checkpoint.params)
        target = "y" if is_last else f"a{place}"
        sums = target if name == "identity" else f"z{place}"
        nodes.append(helper.make_node("Gemm", inputs, [sums], name=f"layer{place}"))
        if name == "softmax":
            nodes.append(helper.make_node("Softmax", [sums], [target], axis=1))
        elif name == "leaky_relu":
            # As two nodes, because not every runtime has LeakyRelu for float64.
            slope = f"slope{place}"
            constants.append(numpy_helper.from_array(np.array(LEAKY_SLOPE, dtype), slope))
            nodes.append(helper.make_node("Mul", [sums, slope], [f"small{place}"]))
            nodes.append(helper.make_node("Max", [sums, f"small{place}"], [target]))
        elif name == "step":
            constants.append(numpy_helper.from_array(np.array(0, dtype), "zero"))
            nodes.append(helper.make_node("Greater", [sums, "zero"], ["is_above"]))
            nodes.append(helper.make_node("Cast", ["is_above"], [target], to=kind))
        elif name != "identity":
            nodes.append(helper.make_node(NODES[name], [sums], [target]))
        value = target
    sizes = checkpoint.layer_sizes
    graph = helper.make_graph(
        nodes,
        experiment.dataset,
        [helper.make_tensor_value_info("x", kind, ["n", sizes[0]])],
        [helper.make_tensor_value_info("y", kind, ["n", sizes[-1]])],
        constants,
    )
    model = helper.make_model(
        graph,
        producer_name="Backprop Live",
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
    )
    helper.set_model_props(model, checkpoint.metadata)
    checker.check_model(model)
    return bytes(model.SerializeToString())
