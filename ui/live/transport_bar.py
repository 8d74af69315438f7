"""The transport bar: Train, Pause, Resume, Step, Reset, New seed, and the speed.

Every button sends a desired state, not a toggle, so that a repeated click does no harm.
"""

from __future__ import annotations

import streamlit as st

from nn_core.experiment import Experiment
from nn_core.runs.run import StepUnit
from ui import session
from ui import session_keys as keys
from ui.components.plain_text import plain
from ui.form import commands
from ui.form.experiment_form import changed_fields, show_problems
from ui.form.lookback import lookback_of, shown_step
from ui.links.address_bar import follow_form
from ui.links.sharing import share_button

SPEEDS = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0, None)
FIRST_BUTTON_WIDTH = 116
"""Pixels for the longest of Train, Pause and Resume, so that the other buttons do not move."""

UNITS: dict[StepUnit, str] = {"sample": "one sample", "batch": "one batch", "epoch": "one epoch"}


def transport_bar(
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
        The page whose run it controls.
    experiment : Experiment or None
        The experiment for Train; None if the form's fields are not valid.
    speed : float or None
        The initial speed limit in steps a second; None for no limit.
    defaults : Experiment, optional
        The settings that a link to the page omits; by default, there is no link, and the address
        does not follow the form.
    """
    commands.act_on_request(page, experiment)
    run = session.run_of(page)
    is_active = run is not None and not run.is_over
    is_past = shown_step(run, lookback_of(page)) is not None
    returns = "You are looking back: this returns to now first, and goes on from there."
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"{page}-transport"):
        if run and is_active and run.want == "running":
            _button(
                "Pause",
                "P",
                page,
                ":material/pause:",
                commands.set_want,
                (page, "paused"),
                primary=True,
            )
        elif run and is_active:
            _button(
                "Resume", "P", page, ":material/play_arrow:", commands.set_want, (page, "running"),
                primary=True, help=returns if is_past else None,
            )  # fmt: skip
        else:
            _button(
                "Train", "T", page, ":material/play_arrow:", commands.request, (page, "train"),
                primary=True, disabled=experiment is None,
            )  # fmt: skip
        _button(
            "Step", "S", page, ":material/skip_next:", commands.request_step, (page,),
            disabled=experiment is None or bool(run and is_active and run.want == "running"),
            help=returns if is_past and is_active else None,
        )  # fmt: skip
        session.value(keys.step_unit(page), "batch")
        st.selectbox(
            "Step by", list(UNITS), format_func=lambda unit: UNITS[unit], key=keys.step_unit(page),
            width=118,
            help="How far one Step goes: one row alone, one optimizer step, or to the end of the "
            "pass over the data.",
        )  # fmt: skip
        _button(
            "Reset", "0", page, ":material/replay:", commands.reset, (page,),
            help="Ends this run. Back to step 0, with the weights of the settings on the left.",
            disabled=run is None,
        )  # fmt: skip
        _button(
            "New seed", "N", page, ":material/casino:", commands.new_seed, (page,),
            help="Other initial weights, and another order of the rows.",
            disabled=experiment is None,
        )  # fmt: skip
        session.value(keys.speed(page), speed)
        st.select_slider(
            "Speed limit, steps/s",
            SPEEDS,
            format_func=lambda rate: "none" if rate is None else f"{rate:g}",
            key=keys.speed(page),
            width=156,
            on_change=commands.set_speed,
            args=(page,),
            help="Slow motion: at most so many optimizer steps a second. It changes when numbers "
            "are computed, not which.",
        )
        if defaults is not None:
            share_button(page, experiment, defaults)
    if defaults is not None:
        follow_form(page, experiment, defaults)
    show_problems(page)
    if message := session.peek(keys.refused(page)):
        st.error(message, icon=":material/error:")
    if run and run.origin:
        st.caption(f":material/alt_route: {plain(run.origin.sentence)}")
    run_id, note = session.peek(keys.run_note(page), ("", ""))
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
        label, key=keys.button(page, label.lower().replace(" ", "_")), icon=icon, shortcut=shortcut,
        on_click=act, args=args, disabled=disabled, help=help,  # type: ignore[arg-type]
        type="primary" if primary else "secondary",
        width=FIRST_BUTTON_WIDTH if primary else "content",
    )  # fmt: skip
