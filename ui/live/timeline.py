"""The timeline: a scrubber over the stored steps of a run, replay, and continuation from a step."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import streamlit as st

from nn_core.runs.run import Run
from ui import session
from ui import session_keys as keys
from ui.components.bundles import bundle
from ui.components.pacer import pacer
from ui.form import commands
from ui.form.lookback import Lookback, can_look_back, is_replaying, lookback_of, shown_step, to_now

SPEEDS = (1, 2, 5, 10, 20, 50)
SCRUBBER_TICKS = 4.0
"""Updates a second of the scrubber during a replay; the picture updates separately."""

NOT_YET = "Train first: what is kept can be seen again."
NOT_NOW = "Pause the run, or wait for its end, to look back."
HELP = {
    "range": "The steps that were kept of this run, dense at its beginning. The picture and the "
    "details show the one you choose; the arrow keys go from one to the next.",
    "back": "To the kept step before.",
    "forward": "To the kept step after.",
    "replay": "Shows the kept steps one after the other, from here on, or all of them. "
    "Nothing is trained.",
    "hold": "Holds the replay here.",
    "now": "Back to the last step.",
    "continue": "Starts a new run that goes on from this step, with what the optimizer remembered "
    "here and with the settings on the left.",
}


def _icon_button(act: str, label: str, *, is_bare: bool = False) -> str:
    text = f'<span class="unseen">{label}</span>' if is_bare else label
    icon = "" if act == "continue" else '<svg viewBox="0 0 24 24" aria-hidden="true"><path/></svg>'
    return f'<button type="button" data-act="{act}">{icon}{text}</button>'


_component = st.components.v2.component(
    "backprop_live_timeline",
    html=f"""
<div class="timeline" role="group" aria-label="Time travel">
{_icon_button("back", "Back", is_bare=True)}
{_icon_button("replay", "Replay", is_bare=True)}
{_icon_button("hold", "Hold", is_bare=True)}
{_icon_button("forward", "Forward", is_bare=True)}
<input type="range" min="0" max="1" value="0" step="1" aria-label="Kept step">
<output></output>
<select aria-label="Replay speed" title="Kept steps that a replay shows in a second."></select>
{_icon_button("now", "Now")}
{_icon_button("continue", "Continue from here")}
</div>
""",
    css=Path(__file__).with_suffix(".css").read_text(encoding="utf-8"),
    js=bundle("timeline"),
)


def timeline(page: str) -> None:
    """Show the bar, in the fragment of the picture, so that both are drawn together.

    Parameters
    ----------
    page : str
        The page.
    """
    run, lookback = session.run_of(page), lookback_of(page)
    step, replays = shown_step(run, lookback), is_replaying(run, lookback)
    if lookback and step is None:
        to_now(page)  # another run, or the end of a replay
    kept = run.history.snapshots if run and can_look_back(run) else []
    steps = [snapshot.step for snapshot in kept]
    key = keys.timeline_component(page)
    with st.container(gap=None):
        _component(
            key=key,
            data={
                "steps": steps,
                "epochs": [snapshot.epoch for snapshot in kept],
                "place": max(0, len(steps) - 1 if step is None else steps.index(step)),
                "is_ready": bool(kept),
                "replays": replays,
                "speeds": SPEEDS,
                "speed": session.value(keys.replay_speed(page), 5),
                "answered": session.value(keys.timeline_last_act(page), 0),
                "why": NOT_NOW if run else NOT_YET,
                "help": HELP,
            },
            on_act_change=lambda: _act(page, session.peek(key)),
        )
        pacer(
            sequence=session.next_number(keys.timeline_ticks(page)),
            per_second=SCRUBBER_TICKS,
            is_on=replays,
            key=f"{key}-pacer",
        )


def _act(page: str, result: Any) -> None:
    """Act on the bar; it sends the desired state, so that a repeated message does no harm."""
    asked, run = result["act"], session.run_of(page)
    last = session.peek(keys.timeline_last_act(page), 0)
    session.put(keys.timeline_last_act(page), max(last, asked["number"]))
    speed = asked["speed"] if asked["speed"] in SPEEDS else SPEEDS[0]
    session.put(keys.replay_speed(page), speed)
    if run is None or not can_look_back(run):
        return
    shown = shown_step(run, lookback_of(page))
    match asked["kind"]:
        case "look":
            _look(page, run, int(asked["step"]))
        case "replay":
            _look(page, run, int(asked["step"]), speed)
        case "replay_on" if shown is not None:
            _look(page, run, shown, speed)
        case "hold" if shown is not None:
            _look(page, run, shown)
        case "rest":
            commands.request(page, "redraw")
        case "continue":
            commands.request(page, "continue", int(asked["step"]))


def _look(page: str, run: Run, step: int, per_second: float = 0.0) -> None:
    session.put(keys.lookback(page), Lookback(run.id, step, per_second, time.monotonic()))
