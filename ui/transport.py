"""The transport bar: Train, Pause, Resume, Step, Reset, New seed, and the speed.

Every button says what is wanted, not what to toggle, so that a click that arrives twice does
no harm.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import streamlit as st

from nn_core import continuation
from nn_core.errors import BackpropError
from nn_core.experiment import Experiment
from nn_core.history import Beginning
from nn_core.pool import get_pool
from nn_core.runs import Run, StepUnit, Want
from ui import session, timeline
from ui.address_bar import follow_form
from ui.controls import SEEDS, changed_fields, load, show_problems
from ui.lookback import shown_step
from ui.plain import plain
from ui.sharing import share_button

SPEEDS = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0, None)
FIRST_BUTTON_WIDTH = 116
"""Pixels for the longest of Train, Pause and Resume, so that nothing beside them moves."""

UNITS: dict[StepUnit, str] = {"sample": "one sample", "batch": "one batch", "epoch": "one epoch"}


def transport(
    page: str,
    experiment: Experiment | None,
    *,
    speed: float | None = None,
    defaults: Experiment | None = None,
) -> None:
    """Show the bar.

    Parameters
    ----------
    page : str
        The page whose run it drives.
    experiment : Experiment or None
        What Train will train; None where the form holds none.
    speed : float or None
        The speed at first, in steps a second; None for no bound.
    defaults : Experiment, optional
        What a link to the page may leave out; by default, no link is offered, and the address does
        not follow the form.
    """
    # A button only says what is asked for; it is done here, with what the form says by now.
    acts: dict[object, Callable[..., None]]
    acts = {"train": _train, "step": _step, "continue": _continue}
    with session.granting(f"{page}.asked") as asked:
        if asked and asked[0] in acts and experiment:
            acts[asked[0]](page, experiment, *asked[1:])
    run = session.run_of(page)
    is_active = run is not None and not run.is_over
    is_past = shown_step(run, timeline.of(page)) is not None
    returns = "You are looking back: this returns to now first, and goes on from there."
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"{page}-transport"):
        if run and is_active and run.want == "running":
            _button("Pause", "P", page, ":material/pause:", _want, (page, "paused"), primary=True)
        elif run and is_active:
            _button(
                "Resume", "P", page, ":material/play_arrow:", _want, (page, "running"),
                primary=True, help=returns if is_past else None,
            )  # fmt: skip
        else:
            _button(
                "Train", "T", page, ":material/play_arrow:", _ask, (page, "train"),
                primary=True, disabled=experiment is None,
            )  # fmt: skip
        _button(
            "Step", "S", page, ":material/skip_next:", _ask_for_step, (page,),
            disabled=experiment is None or bool(run and is_active and run.want == "running"),
            help=returns if is_past and is_active else None,
        )  # fmt: skip
        session.value(f"{page}.form.unit", "batch")
        st.selectbox(
            "Step by", list(UNITS), format_func=lambda unit: UNITS[unit], key=f"{page}.form.unit",
            width=118,
            help="How far one Step goes: one row alone, one optimizer step, or to the end of the "
            "pass over the data.",
        )  # fmt: skip
        _button(
            "Reset", "0", page, ":material/replay:", reset, (page,),
            help="Ends this run. Back to step 0, with the weights of the settings on the left.",
            disabled=run is None,
        )  # fmt: skip
        _button(
            "New seed", "N", page, ":material/casino:", _new_seed, (page,),
            help="Other initial weights, and another order of the rows.",
            disabled=experiment is None,
        )  # fmt: skip
        session.value(f"{page}.form.speed", speed)
        st.select_slider(
            "Speed limit, steps/s",
            SPEEDS,
            format_func=lambda rate: "none" if rate is None else f"{rate:g}",
            key=f"{page}.form.speed",
            width=156,
            on_change=_set_speed,
            args=(page,),
            help="Slow motion: at most so many optimizer steps a second. It changes when numbers "
            "are computed, not which.",
        )
        if defaults is not None:
            share_button(page, experiment, defaults)
    if defaults is not None:
        follow_form(page, experiment, defaults)
    show_problems(page)
    if message := session.peek(f"{page}.refused"):
        st.error(message, icon=":material/error:")
    if run and run.beginning:
        st.caption(f":material/alt_route: {plain(run.beginning.sentence)}")
    run_id, note = session.peek(f"{page}.run_note", ("", ""))
    if run and run.id == run_id:
        st.caption(f":material/replay: {plain(note)}")
    changed = changed_fields(run.experiment, experiment) if run and experiment else ()
    if changed:
        st.caption(
            f":material/info: Changed on the left since this run began: {', '.join(changed)}. "
            + (
                "Reset ends this run and shows the new start."
                if is_active
                else "What you see is the run before; Train trains the new settings."
            )
        )


def _button(
    label: str, shortcut: str, page: str, icon: str, act: object, args: tuple[object, ...],
    *, primary: bool = False, disabled: bool = False, help: str | None = None,
) -> None:  # fmt: skip
    st.button(
        label, key=f"{page}.{label.lower().replace(' ', '_')}", icon=icon, shortcut=shortcut,
        on_click=act, args=args, disabled=disabled, help=help,  # type: ignore[arg-type]
        type="primary" if primary else "secondary",
        width=FIRST_BUTTON_WIDTH if primary else "content",
    )  # fmt: skip


def change_learning_rate(page: str, learning_rate: float) -> None:
    """Pass a new learning rate on to the run, if there is one that goes on."""
    run = session.run_of(page)
    if run and not run.is_over:
        get_pool().set_learning_rate(run, session.owner(), learning_rate)


def _ask(page: str, what: str) -> None:
    session.wish(f"{page}.asked", what)


def _ask_for_step(page: str) -> None:
    # With a number of its own: done twice, a wish for one step stays one.
    session.wish(f"{page}.asked", "step", time.monotonic_ns())


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
    timeline.to_now(page)
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


def _want(page: str, want: str) -> None:
    timeline.to_now(page)
    run = session.run_of(page)
    if run:
        get_pool().set_want(run, session.owner(), want)  # type: ignore[arg-type]


def _step(page: str, experiment: Experiment, number: int) -> None:
    run = session.run_of(page)
    if run is None or run.is_over:
        run = _submit(page, experiment, "paused")
    if run:
        timeline.to_now(page)
        get_pool().take_step(run, session.owner(), session.peek(f"{page}.form.unit"), number)


def reset(page: str) -> None:
    """End the run of a page, and show its form's experiment at step 0; for callbacks."""
    _want(page, "stopped")
    session.show_run(page, None)
    session.put(f"{page}.refused", None)
    session.put(f"{page}.next_note", None)


def show(page: str, experiment: Experiment) -> None:
    """Let a page begin with another experiment, at step 0; before that page is shown."""
    reset(page)
    load(page, experiment)


def ask_to_train(page: str) -> None:
    """Train what the form holds as soon as the page is drawn; for callbacks."""
    _ask(page, "train")


def note_next_run(page: str, note: str) -> None:
    """Show a sentence for as long as the run that is to be trained next is shown."""
    session.put(f"{page}.next_note", note)


def _new_seed(page: str) -> None:
    reset(page)
    session.put(f"{page}.form.seed", (session.peek(f"{page}.form.seed", 0) + 1) % SEEDS)


def _set_speed(page: str) -> None:
    run = session.run_of(page)
    if run and not run.is_over:
        get_pool().set_speed(run, session.owner(), session.peek(f"{page}.form.speed"))
