"""The network as an ONNX graph, for runtimes without any of the frameworks.

A `Gemm` node for each dense layer and a node for each activation, in the names of the standard
[1]_; `nn_core.exchange.weight_files.onnx_convolution` for the convolutions in front.

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
"""Of 2022, as the operators: runtimes of that year open the file, and all later ones."""


def write_onnx(checkpoint: Checkpoint) -> bytes:
    """The checkpoint as an ``.onnx`` file: input ``x`` of shape (n, n_inputs), output ``y``.

    Raises
    ------
    WeightsError
        If nobody knows the activations of the network.
    """
    from onnx import checker, helper  # only where it is asked for

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
