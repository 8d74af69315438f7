"""Runs for the doctor: real ones, trained here."""

from dataclasses import replace

from nn_core.events import Progress, Resumed
from nn_core.runs.run import Run
from nn_core.training.trainer import ChunkLength, Trainer


def trained(experiment, until=None):
    """A run as the server sees it: to its end, or until something is true of it."""
    run, trainer, chunk = Run(experiment, "ada"), Trainer(experiment), ChunkLength()
    run.handle(trainer.started())
    run.handle(trainer.measured())
    run.handle(Resumed(0))
    next_snapshot = 0.0
    while True:
        if trainer.end or trainer.step >= next_snapshot:
            next_snapshot = max(trainer.step + 1, 1.3 * trainer.step)
            run.handle(with_gradients(trainer))
        if trainer.end:
            run.handle(trainer.end)
            return run
        if until and until(run):
            run.handle(with_gradients(trainer))
            return run
        taken, seconds = trainer.step, trainer.train_seconds
        for event in trainer.advance(chunk.steps):
            if isinstance(event, Progress):
                run.handle(event)
        chunk.learn(max(1, trainer.step - taken), trainer.train_seconds - seconds)


def with_gradients(trainer):
    """A snapshot that holds the backend's gradients."""
    snapshot = trainer.snapshot()
    if snapshot.gradients is None:
        found = trainer.model.gradients(trainer.data.x, trainer.data.y)
        snapshot = replace(snapshot, gradients=found)
    return snapshot
