"""Runs for the doctor: real ones, trained here."""

from dataclasses import replace

from nn_core.events import Resumed, Snapshot
from nn_core.runs.run import Run
from nn_core.training.fit import train_to_end
from nn_core.training.trainer import Trainer


def trained(experiment, until=None):
    """A run as the server sees it: to its end, or until something is true of it."""
    run, trainer = Run(experiment, "ada"), Trainer(experiment)
    run.handle(trainer.started())
    run.handle(trainer.measured())
    run.handle(Resumed(0))
    for event in train_to_end(trainer, snapshot_growth=1.3):
        run.handle(with_gradients(trainer, event) if isinstance(event, Snapshot) else event)
        if until and until(run) and not trainer.end:
            run.handle(with_gradients(trainer, trainer.snapshot()))
            break
    return run


def with_gradients(trainer, snapshot):
    """The snapshot with the backend's gradients, also where the network is large."""
    if snapshot.gradients is None:
        found = trainer.model.gradients(trainer.data.x, trainer.data.y)
        snapshot = replace(snapshot, gradients=found)
    return snapshot
