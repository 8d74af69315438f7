"""What the buttons of a page do with its run: begin, hold, step, end, and go on from elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable

from nn_core import seeds
from nn_core.errors import BackpropError
from nn_core.experiment import Experiment
from nn_core.runs import continuation
from nn_core.runs.beginning import Beginning
from nn_core.runs.run import Run, Want
from nn_core.server import get_pool
from ui import session
from ui import session_keys as keys
from ui.form.form_fields import load
from ui.form.lookback import to_now


def change_learning_rate(page: str, learning_rate: float) -> None:
    """Pass a new learning rate on to the run, if there is one that goes on."""
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
        What is asked for; 'redraw' asks for nothing but a run of the whole page.
    details
        What the command needs to know besides.
    """
    session.request(keys.request(page), what, *details)


def request_training(page: str) -> None:
    """Train what the form holds as soon as the page is drawn; for callbacks."""
    request(page, "train")


def request_step(page: str) -> None:
    """Take one step as soon as the page is drawn; for callbacks."""
    # The number tells clicks apart: the worker takes a step once, however often it is requested.
    request(page, "step", time.monotonic_ns())


def act_on_request(page: str, experiment: Experiment | None) -> None:
    """Act on the last click that was stored, with what the form holds now.

    Parameters
    ----------
    page : str
        The page.
    experiment : Experiment or None
        What its form holds; None where that is nothing valid, and nothing is done.
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
    """Let a new run go on from a moment of the present one."""
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
        What is trained.
    want : {'running', 'paused'}
        Whether it trains at once.
    beginning : Beginning, optional
        Where it begins; by default at the initial weights of the experiment.

    Returns
    -------
    run : Run or None
        None where it is refused; the page then says why.
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
    """Begin a run that waits at step 0, for what is done to it; None where it is refused."""
    return begin(page, experiment, "paused")


def continue_paused(page: str, run: Run, step: int | None) -> Run | None:
    """Begin a run that goes on from a step of another one, or from its end, and waits.

    It is trained as that one was, with more epochs where they were done. None where it cannot be;
    then the page says why.
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
    """Pause the run of a page, let it go on, or stop it; for callbacks."""
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
    """End the run of a page, and show its form's experiment at step 0; for callbacks."""
    set_want(page, "stopped")
    session.show_run(page, None)
    session.put(keys.refused(page), None)
    session.put(keys.next_run_note(page), None)


def open_experiment(page: str, experiment: Experiment) -> None:
    """End the run of a page, and let its form show another experiment; before it is drawn."""
    reset(page)
    load(page, experiment)


def note_next_run(page: str, note: str) -> None:
    """Show a sentence for as long as the run that is to be trained next is shown."""
    session.put(keys.next_run_note(page), note)


def new_seed(page: str) -> None:
    """End the run of a page, and take the next seed; for callbacks."""
    reset(page)
    seed = keys.form_field(page, "seed")
    session.put(seed, (session.peek(seed, 0) + 1) % seeds.COUNT)


def set_speed(page: str) -> None:
    """Pass the speed limit of the page on to its run; for callbacks."""
    run = session.run_of(page)
    if run and not run.is_over:
        get_pool().set_speed(run, session.owner(), session.peek(keys.speed(page)))
