"""What the buttons of a page do with its run: begin, hold, step, end, and go on from elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable

from nn_core.errors import BackpropError
from nn_core.experiment import Experiment
from nn_core.runs import continuation
from nn_core.runs.beginning import Beginning
from nn_core.runs.run import Run, Want
from nn_core.server import get_pool
from ui import session
from ui.form.experiment_form import SEEDS, load
from ui.form.lookback import to_now


def change_learning_rate(page: str, learning_rate: float) -> None:
    """Pass a new learning rate on to the run, if there is one that goes on."""
    run = session.run_of(page)
    if run and not run.is_over:
        get_pool().set_learning_rate(run, session.owner(), learning_rate)


def ask(page: str, what: str) -> None:
    """Store that a button was clicked, until `do_what_was_asked` acts on it; for callbacks."""
    session.wish(f"{page}.asked", what)


def ask_for_step(page: str) -> None:
    """Store a click on Step; for callbacks."""
    # With a number of its own: done twice, a wish for one step stays one.
    session.wish(f"{page}.asked", "step", time.monotonic_ns())


def do_what_was_asked(page: str, experiment: Experiment | None) -> None:
    """Act on the last click that was stored, with what the form holds by now.

    Parameters
    ----------
    page : str
        The page.
    experiment : Experiment or None
        What its form holds; None where that is nothing valid, and nothing is done.
    """
    actions: dict[object, Callable[..., None]]
    actions = {"train": _train, "step": _step, "continue": _continue}
    with session.granting(f"{page}.asked") as asked:
        if asked and asked[0] in actions and experiment:
            actions[asked[0]](page, experiment, *asked[1:])


def _train(page: str, experiment: Experiment) -> None:
    run = session.run_of(page)
    if run is None or run.is_over:
        _submit(page, experiment, "running")


def _continue(page: str, experiment: Experiment, step: int) -> None:
    """Let a new run go on from a moment of the present one."""
    run = session.run_of(page)
    snapshot = run.history.snapshot_at(step) if run else None
    if run is None or snapshot is None or run.is_moving:
        return
    if reason := continuation.why_not(snapshot, run.experiment, experiment):
        session.put(f"{page}.refused", reason)
        return
    _submit(page, experiment, "running", continuation.beginning(run, snapshot, experiment))


def _submit(
    page: str, experiment: Experiment, want: str, beginning: Beginning | None = None
) -> Run | None:
    session.put(f"{page}.refused", None)
    to_now(page)
    try:
        run = get_pool().submit(
            experiment, session.owner(), want,  # type: ignore[arg-type]
            session.peek(f"{page}.form.speed"), beginning,
        )  # fmt: skip
    except BackpropError as error:
        session.put(f"{page}.refused", str(error))
        return None
    session.show_run(page, run)
    if note := session.take(f"{page}.next_note"):
        session.put(f"{page}.run_note", (run.id, note))
    return run


def begin(
    page: str, experiment: Experiment, want: Want, beginning: Beginning | None = None
) -> Run | None:
    """Begin a run, perhaps somewhere else than at its initial weights; None where it is refused."""
    return _submit(page, experiment, want, beginning)


def begin_paused(page: str, experiment: Experiment) -> Run | None:
    """Begin a run that waits at step 0, for what is done to it; None where it is refused."""
    return _submit(page, experiment, "paused")


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
        session.put(f"{page}.refused", reason)
        return None
    return _submit(page, same, "paused", continuation.beginning(run, snapshot, same))


def set_want(page: str, want: str) -> None:
    """Pause the run of a page, let it go on, or stop it; for callbacks."""
    to_now(page)
    run = session.run_of(page)
    if run:
        get_pool().set_want(run, session.owner(), want)  # type: ignore[arg-type]


def _step(page: str, experiment: Experiment, number: int) -> None:
    run = session.run_of(page)
    if run is None or run.is_over:
        run = _submit(page, experiment, "paused")
    if run:
        to_now(page)
        get_pool().take_step(run, session.owner(), session.peek(f"{page}.form.unit"), number)


def reset(page: str) -> None:
    """End the run of a page, and show its form's experiment at step 0; for callbacks."""
    set_want(page, "stopped")
    session.show_run(page, None)
    session.put(f"{page}.refused", None)
    session.put(f"{page}.next_note", None)


def show(page: str, experiment: Experiment) -> None:
    """Let a page begin with another experiment, at step 0; before that page is shown."""
    reset(page)
    load(page, experiment)


def ask_to_train(page: str) -> None:
    """Train what the form holds as soon as the page is drawn; for callbacks."""
    ask(page, "train")


def note_next_run(page: str, note: str) -> None:
    """Show a sentence for as long as the run that is to be trained next is shown."""
    session.put(f"{page}.next_note", note)


def new_seed(page: str) -> None:
    """End the run of a page, and take the next seed; for callbacks."""
    reset(page)
    session.put(f"{page}.form.seed", (session.peek(f"{page}.form.seed", 0) + 1) % SEEDS)


def set_speed(page: str) -> None:
    """Pass the speed limit of the page on to its run; for callbacks."""
    run = session.run_of(page)
    if run and not run.is_over:
        get_pool().set_speed(run, session.owner(), session.peek(f"{page}.form.speed"))
