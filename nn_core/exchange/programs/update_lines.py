"""Optimizers written out: the lines that update the parameters in place.

The forms are those of `nn_core.networks.optimizers`. The lines are alike in NumPy, PyTorch and
MXNet, whose arrays support ``+=``.
"""

from __future__ import annotations

from collections.abc import Iterator

from nn_core.exchange.programs.plan import Plan
from nn_core.exchange.programs.source import indented, listed, literal

Lines = Iterator[str]

SLOTS = {
    "sgd": (),
    "momentum": (("v", "velocities"),),
    "nesterov": (("v", "velocities"),),
    "adagrad": (("s", "squares"),),
    "rmsprop": (("s", "squares"),),
    "adam": (("m", "means"), ("s", "squares")),
}
"""The slots of each optimizer: the name for one parameter, and that of the list."""


def slots(plan: Plan, zeros: str, full: str) -> Lines:
    """Lists of the optimizer's slots for each of `parameters`.

    Parameters
    ----------
    plan : Plan
    zeros, full : str
        An array shaped like `w`, of zeros and of the number that stands for ``{}``.
    """
    for _, name in SLOTS[plan.optimizer]:
        array = zeros
        if first := plan.constants.get("initial_accumulator"):
            array = full.format(literal(first))
        yield f"{name} = [{array} for w in parameters]"


def counts_steps(plan: Plan) -> bool:
    """Whether an update depends on the number of the step."""
    return plan.optimizer == "adam"


def update(plan: Plan, sqrt: str, form: str = "after_root") -> Lines:
    """Update each of `parameters` by its element of `gradients`.

    Parameters
    ----------
    plan : Plan
    sqrt : str
        Name of the framework's square root.
    form : {'after_root', 'hat'}
        Where ε is added; see `nn_core.networks.optimizers`.
    """
    names = [("w", "parameters"), ("g", "gradients"), *SLOTS[plan.optimizer]]
    each = ", ".join(one for one, _ in names)
    lists = [many for _, many in names]
    yield from listed(f"for {each} in zip(", [*lists, "strict=True"], "):")
    yield from indented(_step(plan, sqrt, form))


def _step(plan: Plan, sqrt: str, form: str) -> Lines:
    e = plan.experiment
    rate, momentum = literal(e.learning_rate), literal(e.momentum)
    c = {name: literal(value) for name, value in plan.constants.items()}
    epsilon = c.get("epsilon", "")
    match plan.optimizer:
        case "sgd":
            yield f"w -= {rate} * g"
        case "momentum" | "nesterov":
            yield f"v *= {momentum}"
            yield "v += g"
            step = f"(g + {momentum} * v)" if plan.optimizer == "nesterov" else "v"
            yield f"w -= {rate} * {step}"
        case "adagrad" | "rmsprop":
            if plan.optimizer == "rmsprop":
                yield f"s *= {c['rho']}"
                yield f"s += (1 - {c['rho']}) * g**2"
            else:
                yield "s += g**2"
            is_hat = form == "hat"
            root = f"{sqrt}(s + {epsilon})" if is_hat else f"({sqrt}(s) + {epsilon})"
            yield f"w -= {rate} * g / {root}"
        case "adam":
            one, two = c["beta_1"], c["beta_2"]
            yield f"m *= {one}"
            yield f"m += (1 - {one}) * g"
            yield f"s *= {two}"
            yield f"s += (1 - {two}) * g**2"
            if form == "hat":
                yield f"rate = {rate} * (1 - {two}**step) ** 0.5 / (1 - {one}**step)"
                yield f"w -= rate * m / ({sqrt}(s) + {epsilon})"
            else:
                yield f"m_hat, s_hat = m / (1 - {one}**step), s / (1 - {two}**step)"
                yield f"w -= {rate} * m_hat / ({sqrt}(s_hat) + {epsilon})"
