"""Initial weights, batches and dropout masks of a script, drawn with NumPy as in the app."""

from __future__ import annotations

from collections.abc import Iterator

from nn_core.exchange.programs.plan import Plan, rng, sequence
from nn_core.exchange.programs.source import indented, listed, literal
from nn_core.networks.initializers import initial_params

Lines = Iterator[str]

DRAWS = {
    "glorot_uniform": ("np.sqrt(6 / (n_in + n_out))", "rng.uniform(-limit, limit, {})"),
    "uniform_fan_in": ("1 / np.sqrt(n_in)", "rng.uniform(-limit, limit, {})"),
    "he_normal": ("", "rng.normal(0, np.sqrt(2 / n_in), {})"),
    "normal_small": ("", "rng.normal(0, 0.01, {})"),
    "normal_large": ("", "rng.normal(0, 5, {})"),
}
"""Of each initializer the limit, where it has one, and the weight of a layer; ``{}``: its shape."""


def imports(plan: Plan) -> list[str]:
    """The imports of the lines of `weights`, besides NumPy."""
    if plan.front:
        return ["import math"] if _fans(plan) else []
    return [] if plan.experiment.initializer == "given" else ["from itertools import pairwise"]


def weights(plan: Plan) -> Lines:
    """Lines that end with the lists `weights` and, where there are any, `biases`."""
    e = plan.experiment
    if e.initializer == "given":
        yield from _given(plan)
        return
    has_rng = e.initializer != "zeros"
    if has_rng:
        yield f"rng = {rng(e.seed, 'weights')}"
    yield "weights, biases = [], []" if plan.bias else "weights = []"
    if plan.front:
        shapes = [f"({', '.join(map(str, shape))})" for shape in e.weight_shapes]
        yield from listed("for shape in [", shapes, "]:")
        yield from indented(_fans(plan))
        yield from indented(_layer(plan, "shape", "shape[-1]"))
    else:
        yield f"for n_in, n_out in pairwise({literal(plan.sizes)}):"
        yield from indented(_layer(plan, "(n_in, n_out)", "n_out"))


def _fans(plan: Plan) -> list[str]:
    """Lines for n_in and n_out of a kernel, if the initializer uses them."""
    draw = "".join(DRAWS.get(plan.experiment.initializer, ()))
    if "n_in" not in draw:
        return []
    fans = "n_in = places * shape[-2]"
    if "n_out" in draw:
        fans = "n_in, n_out = places * shape[-2], places * shape[-1]"
    return ["places = math.prod(shape[:-2])  # that a kernel covers; 1 for a dense layer", fans]


def _layer(plan: Plan, shape: str, units: str) -> Lines:
    initializer, dtype = plan.experiment.initializer, f'"{plan.dtype}"'
    if initializer == "zeros":
        yield f"weights.append(np.zeros({shape}, {dtype}))"
    else:
        limit, weight = DRAWS[initializer]
        if limit:
            yield f"limit = {limit}"
        yield f"weights.append({weight.format(shape)}.astype({dtype}))"
    if initializer == "uniform_fan_in":
        if plan.bias:
            yield f"biases.append(rng.uniform(-limit, limit, {units}).astype({dtype}))"
        else:
            yield f"rng.uniform(-limit, limit, {units})  # drawn for a bias, which is left out"
    elif plan.bias:
        yield f"biases.append(np.zeros({units}, {dtype}))"


def _given(plan: Plan) -> Lines:
    """The given weights of the experiment, with the offset."""
    # In float64: the numbers as written, before they are rounded.
    exact = initial_params(plan.experiment.replace(dtype="float64"))
    yield "weights = ["
    for weight, _ in exact:
        yield "    np.array("
        yield "        ["
        for row in weight.tolist():
            yield from listed("            [", [literal(n) for n in row], "],")
        yield "        ],"
        yield f'        dtype="{plan.dtype}",'
        yield "    ),"
    yield "]"
    if plan.bias:
        yield "biases = ["
        for _, bias in exact:
            numbers = [] if bias is None else [literal(n) for n in bias.tolist()]
            line = f'    np.array([{", ".join(numbers)}], "{plan.dtype}"),'
            if len(line) <= 100:
                yield line
            else:
                yield "    np.array("
                yield from listed("        [", numbers, "],")
                yield f'        dtype="{plan.dtype}",'
                yield "    ),"
        yield "]"


def batches(plan: Plan, forever: str = "") -> Lines:
    """A function that yields the row numbers of each batch of an epoch.

    Parameters
    ----------
    plan : Plan
    forever : str, optional
        Yield this expression of the row numbers `rows` instead, in an endless loop over epochs.
    """
    e, size = plan.experiment, plan.batch_size
    is_shuffled = e.shuffle and not plan.is_full_batch
    if is_shuffled:
        yield f"rng = {rng(e.seed, 'batches')}"
        yield ""
    yield "def batches():"
    if forever:
        yield '    """Batch after batch, without an end."""'
        if plan.has_dropout:
            yield "    step = 0"
        yield "    while True:"
    else:
        order = "in a new order for each epoch" if is_shuffled else "in their order"
        yield f'    """The rows of each batch, {order}."""'
    yield from indented(_epoch(plan, is_shuffled, size, forever), 2 if forever else 1)


def _epoch(plan: Plan, is_shuffled: bool, size: int, forever: str) -> Lines:
    draw = f"rng.permutation({plan.n_rows})" if is_shuffled else f"np.arange({plan.n_rows})"
    yield f"order = {draw}"
    yield f"for first in range(0, {plan.n_rows}, {size}):"
    rows = f"order[first : first + {size}]"
    if not forever:
        yield f"    yield {rows}"
        return
    yield f"    rows = {rows}"
    if plan.has_dropout:
        yield "    step += 1"
    yield f"    yield {forever}"


def masks(plan: Plan, wrap: str = "{}") -> Lines:
    """A function that gives the masks of a step, as `nn_core.networks.dropout` does.

    Parameters
    ----------
    plan : Plan
    wrap : str
        The expression that converts a NumPy array to one of the framework.
    """
    e = plan.experiment
    scale = literal(1 / (1 - e.dropout))
    yield f"key = {sequence(e.seed, 'dropout')}.generate_state(2, np.uint64)"
    yield ""
    yield "def masks(step, rows):"
    yield f'    """For each hidden layer 0 where a unit is silent, {scale} where it speaks."""'
    yield "    found = []"
    yield f"    for layer, units in enumerate({literal(e.hidden)}):"
    yield f"        blocks = -(-{plan.batch_size} * units // 8)"
    yield "        counter = [(step - 1) * blocks, 0, 0, layer]"
    yield "        draws = np.random.Philox(key=key, counter=counter).random_raw(4 * blocks)"
    yield f"        speaks = draws.view(np.uint32)[: rows * units] >= {round(e.dropout * 2**32)}"
    mask = f'(speaks * {scale}).astype("{plan.dtype}").reshape(rows, units)'
    yield f"        mask = {mask}"
    yield f"        found.append({wrap.format('mask')})"
    yield "    return found"
