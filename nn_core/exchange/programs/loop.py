"""The loop over the epochs: it prints losses, and applies the stop rules."""

from __future__ import annotations

from collections.abc import Iterator

from nn_core.exchange.programs.plan import Plan
from nn_core.exchange.programs.source import indented, listed, literal

Lines = Iterator[str]


def arguments(plan: Plan, counts_steps: bool) -> str:
    """The parameters after x and y of a function that takes a step."""
    names = ["masks"] if plan.has_dropout else []
    return "".join(f", {name}" for name in names + ["step"] * counts_steps)


def loop(
    plan: Plan,
    *,
    counts_steps: bool = False,
    state: str = "",
    value: str = "{}",
) -> Lines:
    """Train, and print about ten losses: of each step, or the mean of each epoch's.

    Parameters
    ----------
    plan : Plan
    counts_steps : bool
        Whether `train` has an argument for the number of the step, from 1.
    state : str
        First argument and first result of `train`; empty where it changes parameters in place.
    value : str
        The expression that converts the loss from `train` to a number.
    """
    e = plan.experiment
    if has_patience := e.patience is not None:
        yield "best, waited = np.inf, 0"
    counter = "epoch"
    if not plan.is_full_batch and (counts_steps or plan.has_dropout):
        counter = "step"
        yield "step = 0"
    yield f"for epoch in range(1, {e.epochs + 1}):"
    rows = str(plan.n_rows) if plan.is_full_batch else "len(rows)"
    more = [f"masks({counter}, {rows})"] if plan.has_dropout else []
    more += [counter] if counts_steps else []
    before = f"{state}, " if state else ""
    if plan.is_full_batch:
        given = [*before.split(", ")[:-1], "x", "y", *more]
        yield from listed(f"    {before}loss = train(", given, ")")
    else:
        yield "    loss = 0.0"
        yield "    for rows in batches():"
        if counter == "step":
            yield "        step += 1"
        given = [*before.split(", ")[:-1], "x[rows]", "y[rows]", *more]
        yield from listed(f"        {before}batch_loss = train(", given, ")")
        number = value.format("batch_loss")
        yield f"        loss += {number} * len(rows) / {plan.n_rows}"
    yield from indented(report(plan))
    if has_patience or e.target_loss is not None:
        yield "    if is_done:"
        yield "        break"


def printed(plan: Plan, epoch: str) -> str:
    """The condition under which the loss of an epoch is printed."""
    epochs = plan.experiment.epochs
    first = f"{epoch} in (1, {epochs})" if epochs % plan.print_every else f"{epoch} == 1"
    return f"{first} or {epoch} % {plan.print_every} == 0"


def report(plan: Plan, epoch: str = "epoch") -> Lines:
    """Print the loss of some epochs, and apply the stop rules."""
    e = plan.experiment
    rules = []
    if e.target_loss is not None:
        rules.append(f"loss <= {literal(e.target_loss)}")
    if e.patience is not None:
        yield "best, waited = (loss, 0) if loss < best else (best, waited + 1)"
        rules.append(f"waited == {e.patience}")
    conditions = ["is_done"] if rules else []
    if rules:
        yield f"is_done = {' or '.join(rules)}"
    if plan.print_every == 1:
        yield f'print(f"{{{epoch}}} {{loss:.6f}}")'
        return
    conditions.append(printed(plan, epoch))
    yield f"if {' or '.join(conditions)}:"
    yield f'    print(f"{{{epoch}}} {{loss:.6f}}")'
