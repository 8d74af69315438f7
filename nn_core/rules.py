"""The rules that the fields of an experiment must satisfy together.

Each rule looks at the fields of an experiment together and returns a `Problem`, or None where the
rule is kept. The bounds of a single field are declared beside the field, in
`nn_core.experiment`; the needs of an architecture are declared in `nn_core.networks.architectures`.
"""

from __future__ import annotations

import itertools
import math
from typing import Any

from nn_core import vocabulary
from nn_core.errors import Problem

MAX_PARAMETERS = 2_000_000
"""Most weights and biases a network may have: what a shared server can carry."""

APPLIED_TWICE = {
    "softmax": "This loss applies softmax itself, so softmax is applied twice: the loss cannot "
    "fall below about {lowest:.3f} and learning is slow. "
    "Choose the identity output, or categorical cross-entropy.",
    "sigmoid": "This loss applies a sigmoid itself, so the sigmoid is applied twice and learning "
    "is slow. Choose the identity output, or binary cross-entropy.",
}
"""For each loss on logits: the consequence where the output already applies the activation."""


Fields = Any
"""An `nn_core.experiment.Experiment`. That module imports this one, so its type is not imported."""


def problems(e: Fields) -> list[Problem]:
    """All rules that an experiment breaks; empty where its fields fit together."""
    found = (
        output_and_loss(e.output, e.loss, e.n_outputs),
        _architecture(e),
        _size(e),
        _activations(e),
        _given(e),
        _epsilon_form(e),
        _perceptron(e),
        _dropout(e),
        _penalty(e),
        _engine(e),
    )
    return [problem for problem in found if problem]


def advice(e: Fields) -> list[str]:
    """Warnings about allowed but unusual choices, one sentence each."""
    notes = []
    if e.output in APPLIED_TWICE and vocabulary.LOSSES[e.loss].on_logits == e.output:
        lowest = _lowest_double_softmax(e.n_outputs)
        notes.append(APPLIED_TWICE[e.output].format(lowest=lowest))
    if e.loss in ("mse", "mse_sum") and e.output == "softmax":
        notes.append(
            "Squared error behind softmax has almost no gradient where the network is sure "
            "and wrong. Categorical cross-entropy learns faster."
        )
    if e.initializer == "zeros" and e.hidden:
        notes.append(
            "With all weights zero, the units of a hidden layer stay copies of each other: "
            "the network learns as if it had one of them, or nothing."
        )
    return notes


def output_and_loss(output: str, loss: str, n_outputs: int) -> Problem | None:
    """Why an output and a loss make no sense together, or None."""
    record = vocabulary.LOSSES[loss]
    if output == "softmax" and n_outputs == 1:
        return Problem("output", output, "softmax over a single output is always 1; choose sigmoid")
    if (output == "step") == record.has_gradient:
        return Problem(
            "loss",
            loss,
            "the step output learns by the perceptron rule alone, and the rule needs the step "
            "output; choose both or neither",
        )
    if record.outputs and output not in record.outputs:
        return Problem("loss", loss, record.why_not_behind.format(output=output))
    if record.answers == "classes" and n_outputs == 1:
        return Problem(
            "loss",
            loss,
            "with a single output there is only one class to choose; "
            "choose binary cross-entropy on logits",
        )
    return None


def _architecture(e: Fields) -> Problem | None:
    found: Problem | None = vocabulary.ARCHITECTURES[e.architecture].problem(e)
    return found


def _size(e: Fields) -> Problem | None:
    if e.n_parameters <= MAX_PARAMETERS:
        return None
    return Problem(
        "hidden",
        e.hidden,
        f"that makes {e.n_parameters:,} weights and biases; "
        f"at most {MAX_PARAMETERS:,} are allowed, so choose fewer units",
    )


def _activations(e: Fields) -> Problem | None:
    if len(e.activations) in (0, len(e.hidden)):
        return None
    return Problem(
        "activations",
        e.activations,
        f"give one for each of the {len(e.hidden)} hidden layers, or none at all",
    )


def _given(e: Fields) -> Problem | None:
    """Given weights have the shapes of the layers."""
    if e.given is None:
        return None
    if e.front:
        return Problem(
            "given", e.given, "weights can be given to dense layers alone; leave them out"
        )
    shapes = [
        (len(rows), {len(row) for row in rows}, None if bias is None else len(bias))
        for rows, bias in e.given
    ]
    sizes = e.layer_sizes
    wanted = [
        (n_in, {n_out}, n_out if e.bias else None) for n_in, n_out in itertools.pairwise(sizes)
    ]
    if shapes == wanted:
        return None
    return Problem(
        "given",
        e.given,
        "the weights must have the shapes of the layers "
        + "-".join(map(str, sizes))
        + (", with" if e.bias else ", without")
        + " a bias for each layer",
    )


def _epsilon_form(e: Fields) -> Problem | None:
    if e.epsilon_form is None or e.backend == "numpy":
        return None
    return Problem(
        "epsilon_form",
        e.epsilon_form,
        "only the NumPy backend speaks both forms; leave it open for the others",
    )


def _perceptron(e: Fields) -> Problem | None:
    """The perceptron rule trains a single layer, and only the NumPy backend implements it."""
    if vocabulary.LOSSES[e.loss].has_gradient:
        return None
    if e.hidden:
        return Problem(
            "hidden",
            e.hidden,
            "the perceptron rule cannot reach behind a hidden layer: nobody tells it what the "
            "hidden units should have answered; choose no hidden layer",
        )
    if e.backend != "numpy":
        return Problem(
            "backend",
            e.backend,
            "the step has no gradient for a framework to find; the perceptron rule is written "
            "out by hand, on NumPy",
        )
    return None


def _dropout(e: Fields) -> Problem | None:
    if not e.dropout or e.hidden:
        return None
    return Problem(
        "dropout",
        e.dropout,
        "there are no hidden units that could be silent; add a hidden layer, or choose 0",
    )


def _penalty(e: Fields) -> Problem | None:
    """The perceptron rule is no gradient, so a penalty's gradient cannot be added to it."""
    if vocabulary.LOSSES[e.loss].has_gradient or not (e.l1 or e.l2):
        return None
    return Problem(
        "l1" if e.l1 else "l2",
        e.l1 or e.l2,
        "the perceptron rule corrects wrong rows and follows no gradient, so a penalty has "
        "nothing to act on; choose 0, or another loss",
    )


def _engine(e: Fields) -> Problem | None:
    engines = vocabulary.ENGINES.get(e.backend, ())
    if e.engine in ("", *engines):
        return None
    backends = " or ".join(vocabulary.ENGINES)
    return Problem(
        "engine",
        e.engine,
        f"choose one of {', '.join(engines)}"
        if engines
        else f"only {backends} computes on another framework; leave it empty",
    )


def _lowest_double_softmax(n_outputs: int) -> float:
    """Cross-entropy of softmax([1, 0, ...]), in nats: the best that two softmaxes can reach."""
    return math.log(math.e + n_outputs - 1) - 1
