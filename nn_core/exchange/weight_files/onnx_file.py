"""Export of a network as an ONNX graph, for runtimes without the frameworks.

Each dense layer is a `Gemm` node, followed by a node for its activation
[1]_; `nn_core.exchange.weight_files.onnx_convolution` writes the convolutions.

References
----------
.. [1] ONNX, "Operators", https://onnx.ai/onnx/operators.
"""

from __future__ import annotations

from nn_core.errors import WeightsError
from nn_core.exchange.weight_files.checkpoint import Checkpoint
from nn_core.exchange.weight_files.onnx_convolution import add_convolutions
from nn_core.exchange.weight_files.onnx_graph import Graph

OPSET = 17
IR_VERSION = 8
"""Like the operator set, of 2022: runtimes since that year can open the file."""


def write_onnx(checkpoint: Checkpoint) -> bytes:
    """Write a checkpoint as an ``.onnx`` file with input ``x`` (n, n_inputs) and output ``y``.

    Raises
    ------
    WeightsError
        If the checkpoint has no experiment, so that the activations are unknown.
    """
    from onnx import checker, helper  # optional dependency, imported on use

    experiment = checkpoint.experiment
    if experiment is None:
        raise WeightsError("Without its settings nobody knows the activations of this network.")
    params = checkpoint.params
    graph = Graph(params[0][0].dtype)
    n_kernels = sum(weight.ndim == 4 for weight, _ in params)
    dense = params[n_kernels:]
    value = "x"
    if n_kernels:
        weight, bias = dense[0]
        value, weight = add_convolutions(graph, params[:n_kernels], checkpoint.n_inputs, weight)
        dense = [(weight, bias), *dense[1:]]
    activations = (*experiment.hidden_activations, experiment.output)[n_kernels:]
    for place, ((weight, bias), name) in enumerate(
        zip(dense, activations, strict=True), n_kernels + 1
    ):
        inputs = [value, *graph.weights(place, weight, bias)]
        target = "y" if place == len(params) else f"a{place}"
        if name == "identity":
            value = graph.node("Gemm", inputs, target, name=f"layer{place}")
        else:
            sums = graph.node("Gemm", inputs, f"z{place}", name=f"layer{place}")
            value = graph.activation(name, place, sums, target)
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            experiment.dataset,
            [helper.make_tensor_value_info("x", graph.kind, ["n", checkpoint.n_inputs])],
            [helper.make_tensor_value_info("y", graph.kind, ["n", params[-1][0].shape[1]])],
            graph.constants,
        ),
        producer_name="Backprop Live",
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
    )
    helper.set_model_props(model, checkpoint.metadata)
    checker.check_model(model)
    return bytes(model.SerializeToString())
