"""The commands of a page's buttons: begin, pause, step, stop and continue its run."""

from __future__ import annotations

import time
from collections.abc import Callable

from nn_core import seeds
from nn_core.errors import BackpropError
from nn_core.experiment import Experiment
from nn_core.runs import continuation
from nn_core.runs.run import Run, Want
from nn_core.runs.run_origin import Beginning
from nn_core.server import get_pool
from ui import session
from ui import session_keys as keys
from ui.form.form_fields import load
from ui.form.lookback import to_now


def change_learning_rate(page: str, learning_rate: float) -> None:
    """Send a new learning rate to the page's run, if it is active."""
    run = session.run_of(page)
    if run and not run.is_over:
        get_pool().set_learning_rate(run, session.owner(), learning_rate)


def request(page: str, what: str, *details: object) -> None:
    """Store a click until `act_on_request` acts on it; for callbacks.

    Parameters
    ----------
    page : str
        The page.
    what : {'train', 'step', 'continue', 'redraw'}
        The command; 'redraw' only reruns the whole page.
    details
        Further arguments of the command.
    """
    session.request(keys.request(page), what, *details)


def request_training(page: str) -> None:
    """Train the form's experiment when the page is drawn; for callbacks."""
    request(page, "train")


def request_step(page: str) -> None:
    """Take one step when the page is drawn; for callbacks."""
    # The number identifies the click: the worker takes its step only once, even if it is repeated.
    request(page, "step", time.monotonic_ns())


def act_on_request(page: str, experiment: Experiment | None) -> None:
    """Act on the last stored click, with the current experiment of the form.

    Parameters
    ----------
    page : str
        The page.
    experiment : Experiment or None
        The form's experiment; None if it is not valid, and then nothing is done.
    """
    actions: dict[object, Callable[..., None]]
    actions = {"train": _train, "step": _step, "continue": _continue}
    with session.acting_on(keys.request(page)) as requested:
        if requested and requested[0] in actions and experiment:
            actions[requested[0]](page, experiment, *requested[1:])


def _train(page: str, experiment: Experiment) -> None:
    run = session.run_of(page)
    if run is None or run.is_over:
        begin(page, experiment, "running")


def _continue(page: str, experiment: Experiment, step: int) -> None:
    """Continue the current run from one of its snapshots, in a new run."""
    run = session.run_of(page)
    snapshot = run.history.snapshot_at(step) if run else None
    if run is None or snapshot is None or run.is_moving:
        return
    if reason := continuation.why_not(snapshot, run.experiment, experiment):
        session.put(keys.refused(page), reason)
        return
    begin(page, experiment, "running", continuation.beginning(run, snapshot, experiment))


def begin(
    page: str, experiment: Experiment, want: Want, beginning: Beginning | None = None
) -> Run | None:
    """Begin a run and show it on the page.

    Parameters
    ----------
    page : str
        The page.
    experiment : Experiment
        The experiment to train.
    want : {'running', 'paused'}
        Whether it trains at once.
    beginning : Beginning, optional
        Where it begins; by default at the initial weights of the experiment.

    Returns
    -------
    run : Run or None
        None if the pool rejects it; the page then shows the reason.
    """
    session.put(keys.refused(page), None)
    to_now(page)
    speed = session.peek(keys.speed(page))
    try:
        run = get_pool().submit(experiment, session.owner(), want, speed, beginning)
    except BackpropError as error:
        session.put(keys.refused(page), str(error))
        return None
    session.show_run(page, run)
    if note := session.take(keys.next_run_note(page)):
        session.put(keys.run_note(page), (run.id, note))
    return run


def begin_paused(page: str, experiment: Experiment) -> Run | None:
    """Begin a run that is paused at step 0; None if the pool rejects it."""
    return begin(page, experiment, "paused")


def continue_paused(page: str, run: Run, step: int | None) -> Run | None:
    """Begin a paused run that continues another one from a step, or from its end.

    It has the settings of the other run, with more epochs if those were completed. None if it is
    not possible; the page then shows the reason.
    """
    snapshot = run.latest if step is None else run.history.snapshot_at(step)
    if snapshot is None or run.state == "failed":
        return None
    same = continuation.extended(run, snapshot)
    if reason := continuation.why_not(snapshot, run.experiment, same):
        session.put(keys.refused(page), reason)
        return None
    return begin(page, same, "paused", continuation.beginning(run, snapshot, same))


def set_want(page: str, want: Want) -> None:
    """Pause, resume or stop the run of a page; for callbacks."""
    to_now(page)
    run = session.run_of(page)
    if run:
        get_pool().set_want(run, session.owner(), want)


def _step(page: str, experiment: Experiment, number: int) -> None:
    run = session.run_of(page)
    if run is None or run.is_over:
        run = begin(page, experiment, "paused")
    if run:
        to_now(page)
        get_pool().take_step(run, session.owner(), session.peek(keys.step_unit(page)), number)


def reset(page: str) -> None:
    """Stop the run of a page, and show its form's experiment at step 0; for callbacks."""
    set_want(page, "stopped")
    session.show_run(page, None)
    session.put(keys.refused(page), None)
    session.put(keys.next_run_note(page), None)


def open_experiment(page: str, experiment: Experiment) -> None:
    """Stop the run of a page, and load another experiment into its form, before it is drawn."""
    reset(page)
    load(page, experiment)


def note_next_run(page: str, note: str) -> None:
    """Show a sentence beside the next run, as long as that run is shown."""
    session.put(keys.next_run_note(page), note)


def new_seed(page: str) -> None:
    """Stop the run of a page, and set the next seed; for callbacks."""
    reset(page)
    seed = keys.form_field(page, "seed")
    session.put(seed, (session.peek(seed, 0) + 1) % seeds.COUNT)


def set_speed(page: str) -> None:
    """Send the speed limit of the page to its run; for callbacks."""
    run = session.run_of(page)
    if run and not run.is_over:
        get_pool().set_speed(run, session.owner(), session.peek(keys.speed(page)))
