"""Trains one run in a worker, and follows the commands of the server."""

from __future__ import annotations

import traceback
from collections.abc import Iterable
from typing import Any

from nn_core.events import Event, Paused, Phase, Progress, Resumed
from nn_core.experiment import Experiment
from nn_core.runs import wire
from nn_core.runs.workers.failure_messages import failed
from nn_core.runs.workers.inbox import Inbox
from nn_core.runs.workers.log import log
from nn_core.runs.workers.outbox import FRAME_SECONDS, Outbox
from nn_core.runs.workers.snapshot_schedule import SnapshotSchedule
from nn_core.runs.workers.speed_limit import SpeedLimit
from nn_core.training.trainer import Trainer


def train_run(inbox: Inbox, outbox: Outbox, command: dict[str, Any]) -> None:
    """Train one run to its end.

    Parameters
    ----------
    inbox : Inbox
        Supplies the commands.
    outbox : Outbox
        Sends the events.
    command : dict
        The command that begins the run; see `nn_core.runs.workers.worker`.
    """
    outbox.run_id = command["id"]
    try:
        outbox.add(Phase("loading the data and building the network"))
        start = wire.unpacked_start(command.pop("start")) if "start" in command else None
        trainer = Trainer(Experiment(**command["run"]), start)
        del start  # a copy of the weights
        outbox.add(trainer.started())
        outbox.add(trainer.measured())
        outbox.add(trainer.snapshot(with_gradients=False))  # at once: gradients may take seconds
        if trainer.has_gradients:
            outbox.add(Phase("finding the first gradients; some frameworks compile this now"))
            outbox.add(trainer.snapshot())
        _follow_orders(trainer, inbox, outbox)
    except Exception as error:  # an exception of a framework ends the run, not the worker
        log(traceback.format_exc())
        outbox.add(failed(error, command["run"].get("backend", "")))


def _follow_orders(trainer: Trainer, inbox: Inbox, outbox: Outbox) -> None:
    """Train, pause, step and edit by the orders of the inbox, until the run ends."""
    limit, snapshots = SpeedLimit(), SnapshotSchedule(trainer, outbox)
    acknowledged = -1
    while not trainer.end:
        orders = inbox.take_orders()
        learning_rate = orders.learning_rate
        if learning_rate is not None and learning_rate != trainer.learning_rate:
            outbox.add(trainer.set_learning_rate(learning_rate))
        if orders.edits:
            _edit(orders.edits, trainer, outbox)
        if orders.want_number != acknowledged and not orders.step_unit:
            acknowledged = orders.want_number
            _acknowledge(orders.want, trainer, outbox)
        if orders.want == "stopped":
            events = trainer.stop()
        elif orders.step_unit:
            events = _take_step(orders.step_unit, trainer)
        elif orders.want == "paused":
            inbox.wait_while_paused(orders.want_number)
            continue
        else:
            most_steps = limit.most_steps(orders.speed)
            if most_steps == 0:
                inbox.wait(min(1 / (orders.speed or 1), FRAME_SECONDS))
                continue
            step = trainer.step
            events = trainer.advance_chunk(most_steps)
            limit.count(trainer.step - step)
        for event in events:
            if isinstance(event, Progress):
                outbox.add(event)
        snapshots.add_if_due(bool(orders.step_unit))
    outbox.add(trainer.end)


def _edit(edits: Iterable[dict[str, Any]], trainer: Trainer, outbox: Outbox) -> None:
    """Set weights and biases by hand, and report the effect at once."""
    for edit in edits:
        try:
            event = trainer.edit_params(
                int(edit["layer"]),
                None if edit["source"] is None else int(edit["source"]),
                int(edit["target"]),
                float(edit["value"]),
            )
        except (ValueError, KeyError, TypeError) as error:
            log(f"an edit that cannot be made: {error}")
        else:
            outbox.add(event)
    outbox.add(trainer.measured())
    outbox.add(trainer.snapshot(), is_kept=True)


def _acknowledge(want: str, trainer: Trainer, outbox: Outbox) -> None:
    """Acknowledge the desired state to the server."""
    if want == "paused":
        outbox.add(trainer.snapshot())
        outbox.add(Paused(trainer.step))
    elif want == "running":
        outbox.add(Resumed(trainer.step))
        if trainer.step == 0:
            outbox.add(Phase("taking the first step; some frameworks compile it now"))


def _take_step(unit: str, trainer: Trainer) -> list[Event]:
    if unit == "sample":
        return trainer.advance_sample()
    if unit == "epoch":
        return trainer.advance_epoch()
    return trainer.advance(1)
