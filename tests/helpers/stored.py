"""Runs to be stored, made by training for a moment in this process."""

from nn_core import Experiment, train
from nn_core.events import Resumed
from nn_core.runs.run import Run
from nn_core.runs.store.record import Record, record_of


def ended_run(**fields) -> Run:
    """A run of the page's kind that was trained to its end."""
    run = Run(Experiment(**{"epochs": 30, **fields}), "visitor")
    run.handle(Resumed(0))
    for event in train(run.experiment):
        run.handle(event)
    assert run.is_over
    return run


def record(**fields) -> Record:
    """What is kept of such a run."""
    return record_of(ended_run(**fields))
