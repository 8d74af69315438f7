"""Computation graph of one row: a node for each number, with its value and its gradient.

The graph is written in DOT for Graphviz. Nodes have fixed fill colours, so that their dark text is
readable on light and dark pages.

References
----------
.. [1] A. Baydin et al., "Automatic differentiation in machine learning: a survey", JMLR 18, 2018.
"""

from __future__ import annotations

from nn_core import vocabulary
from nn_core.events import Params
from nn_core.experiment import Experiment
from nn_core.explain.step.notation import below, plain, unit, weight
from nn_core.explain.step.trace import Trace
from nn_core.runs.workers.step_request import StepAnswer

MOST_NODES_OF_WEIGHTS = 24
"""Maximum number of parameters drawn as nodes; more are written on the edges."""

FILLS = {
    "input": "#cfd8e3",
    "weight": "#f7d9a8",
    "sum": "#bcd9f2",
    "activation": "#b5e3d0",
    "loss": "#f4b9a3",
    "target": "#e3e3e3",
}
INK, EDGE = "#14202c", "#8090a2"


def graph(
    experiment: Experiment, found: Trace, answer: StepAnswer | None, input_names: tuple[str, ...]
) -> str:
    """Write the computation graph of one row in DOT.

    Parameters
    ----------
    experiment : Experiment
        Activations and loss.
    found : Trace
        Trace of one row, by NumPy.
    answer : StepAnswer or None
        If given, weight gradients, outputs and loss come from it.
    input_names : tuple of str
        Names of the inputs.

    Returns
    -------
    dot : str
        A graph from left to right.
    """
    gradients = answer.gradients if answer else found.gradients
    outputs = answer.outputs if answer else found.activations[-1]
    loss = answer.loss if answer else found.loss
    out = [
        "digraph {",
        'rankdir=LR; bgcolor="transparent"; nodesep=0.12; ranksep=0.55;',
        f'node [shape=box style="filled,rounded" penwidth=0 fontname="Helvetica" fontsize=12 '
        f'margin="0.11,0.05" fontcolor="{INK}"];',
        f'edge [color="{EDGE}" fontcolor="{EDGE}" fontname="Helvetica" fontsize=10 arrowsize=0.6];',
    ]
    for i, (name, value) in enumerate(zip(input_names, found.x[0], strict=True), 1):
        out.append(_node(f"x{i}", f"{name} ({plain(below(1, i))})", value, None, "input"))
    names = (*experiment.hidden_activations, experiment.output)
    each = experiment.n_parameters <= MOST_NODES_OF_WEIGHTS
    for layer, (w, b) in enumerate(found.params, 1):
        label = {**vocabulary.OUTPUTS, **vocabulary.ACTIVATIONS}[names[layer - 1]].label
        by_output = found.output_gradient if layer == len(found.params) else None
        for j in range(1, w.shape[1] + 1):
            out += _weights(gradients, layer, j, w, b, each)
            z, a = f"z{layer}_{j}", f"a{layer}_{j}"
            out.append(
                _node(z, f"Σ  {plain(unit('z', layer, j))}", found.sums[layer - 1][0, j - 1],
                      found.deltas[layer - 1][0, j - 1], "sum")
            )  # fmt: skip
            is_last = layer == len(found.params)
            value = outputs[0, j - 1] if is_last else found.activations[layer - 1][0, j - 1]
            if is_last:
                gradient = None if by_output is None else by_output[0, j - 1]
            else:
                gradient = found.deltas[layer][0] @ found.params[layer][0][j - 1]
            out.append(
                _node(a, f"{label}  {plain(unit('a', layer, j))}", value, gradient, "activation")
            )
            for k in range(1, w.shape[1] + 1) if names[layer - 1] == "softmax" else (j,):
                out.append(f"{z} -> a{layer}_{k};")
    for k in range(1, found.y.shape[1] + 1):
        out.append(_node(f"y{k}", f"target y{_low(k)}", found.y[0, k - 1], None, "target"))
        out += [f"a{len(found.params)}_{k} -> L;", f"y{k} -> L;"]
    out.append(_node("L", f"{vocabulary.LOSSES[experiment.loss].label}  L", loss, 1.0, "loss"))
    return "\n".join([*out, "}"])


def _weights(gradients: Params, layer: int, j: int, w, b, each: bool) -> list[str]:  # type: ignore[no-untyped-def]
    """The edges into the weighted sum of a unit, and the nodes of its weights."""
    out = []
    for i in range(1, w.shape[0] + 1):
        source = f"x{i}" if layer == 1 else f"a{layer - 1}_{i}"
        value, slope = w[i - 1, j - 1], gradients[layer - 1][0][i - 1, j - 1]
        name = plain(weight(layer, i, j))
        if each:
            node = f"w{layer}_{i}_{j}"
            out += [_node(node, name, value, slope, "weight"), f"{node} -> z{layer}_{j};",
                    f"{source} -> z{layer}_{j};"]  # fmt: skip
        else:
            about = f"{name} = {_number(value)}, gradient {_number(slope)}"
            out.append(
                f'{source} -> z{layer}_{j} [label="{_number(value)}" '
                f'tooltip="{about}" labeltooltip="{about}"];'
            )
    biases = gradients[layer - 1][1]
    if b is not None and biases is not None:
        node = f"b{layer}_{j}"
        name = plain(unit("b", layer, j))
        out += [_node(node, name, b[j - 1], biases[j - 1], "weight"), f"{node} -> z{layer}_{j};"]
    return out


def _node(name: str, label: str, value: float, gradient: float | None, kind: str) -> str:
    lines = [label, _number(value)]
    tooltip = f"{label} = {float(value):.17g}"
    if gradient is not None:
        lines.append(f"∂L/∂ = {_number(gradient)}")
        tooltip += f", gradient {float(gradient):.17g}"
    text = r"\n".join(lines)
    return f'{name} [label="{text}" tooltip="{tooltip}" fillcolor="{FILLS[kind]}"];'


def _number(value: float) -> str:
    return f"{float(value) + 0.0:.6g}".replace("-", "−")


def _low(number: int) -> str:
    return plain(f"_{{{number}}}")
