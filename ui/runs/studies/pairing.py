"""Two experiments at once: keep one as A, change the form for B, train both, and compare."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from nn_core import backends
from nn_core.charts.live.frame import Panel
from nn_core.charts.loss_chart import loss_unit
from nn_core.charts.overlay_chart import overlay_spec, overlay_table
from nn_core.events import Snapshot
from nn_core.experiment import Experiment
from nn_core.experiment_differences import differences, share_the_data
from nn_core.runs.run import Run
from nn_core.runs.studies.comparison import Pair, final_accuracy
from nn_core.server import get_pool
from ui import session
from ui import session_keys as keys
from ui.components.chart import chart
from ui.components.pacer import pacer
from ui.live import panels, picture_fragment
from ui.live.transport_bar import SPEEDS
from ui.runs.studies import study_buttons

NAME = "pair"
SIDES = ("A", "B")


def choose_and_train(experiment: Experiment | None) -> Experiment | None:
    """Show the buttons.

    Returns
    -------
    pinned : Experiment or None
        Experiment A; None where none is kept.
    """
    with session.acting_on(keys.KEEP_AS_A_REQUEST) as asked:
        if asked and experiment:
            session.put(keys.KEPT_AS_A, experiment)
    pinned: Experiment | None = session.peek(keys.KEPT_AS_A)
    study = study_buttons.study_of(NAME)
    with st.container(horizontal=True, vertical_alignment="bottom", key="pair-bar"):
        st.button(
            "Keep as A", key=keys.button("pair", "keep"), icon=":material/keep:",
            on_click=session.request, args=(keys.KEEP_AS_A_REQUEST, True),
            disabled=experiment is None,
            help="Keeps the settings on the left as A. Change them, and they are B.",
        )  # fmt: skip
        make = None
        if pinned is not None and experiment is not None:
            a, b = pinned, experiment

            def make() -> Pair:
                return Pair(
                    get_pool(),
                    session.owner(),
                    a,
                    b,
                    session.peek(keys.speed("compare")),
                )

        study_buttons.train_and_stop(
            NAME, "Train both", make, "Both take their first step when both workers are ready."
        )
        is_held = session.peek(keys.PAIR_IS_HELD, False)
        st.button(
            "Resume" if is_held else "Pause", key=keys.button("pair", "pause"), shortcut="P",
            icon=":material/play_arrow:" if is_held else ":material/pause:",
            on_click=_hold, args=(not is_held,), disabled=study is None or study.is_over,
            help="Holds both, or lets both go on.",
        )  # fmt: skip
        session.value(keys.speed("compare"), 300.0)
        st.select_slider(
            "Speed limit, steps/s",
            SPEEDS,
            format_func=lambda rate: "none" if rate is None else f"{rate:g}",
            key=keys.speed("compare"),
            width=170,
            on_change=_set_speed,
            help="The same for both: at most so many optimizer steps a second.",
        )
    return pinned


def _hold(is_held: bool) -> None:
    study = study_buttons.study_of(NAME)
    if isinstance(study, Pair):
        study.set_want("paused" if is_held else "running")
        session.put(keys.PAIR_IS_HELD, is_held)


def _set_speed() -> None:
    study = study_buttons.study_of(NAME)
    if isinstance(study, Pair) and not study.is_over:
        study.set_speed(session.peek(keys.speed("compare")))


def results(pinned: Experiment | None, experiment: Experiment) -> None:
    """Show the settings that differ, both pictures, and the results of both."""
    if pinned is None:
        st.info(
            "Set up the first experiment on the left and press **Keep as A**. Then change what "
            "you want to compare: the form is B. **Train both** starts them together.",
            icon=":material/looks_two:",
        )
        return
    study = study_buttons.study_of(NAME)
    pair = study if isinstance(study, Pair) else None
    if pair and not pair.is_over:
        a, b = pair.experiments["A"], pair.experiments["B"]
        study_buttons.show_what_changed(b, experiment)
    else:
        a, b = pinned, experiment
        if pair and (pair.experiments["A"], pair.experiments["B"]) != (a, b):
            pair = None  # its content belonged to other settings
    _differing(a, b)
    _wait_for_the_runs()
    _pictures(pair, a, b)
    if pair:
        _outcome(a.loss == b.loss)


def _differing(a: Experiment, b: Experiment) -> None:
    found = differences(a, b)
    if not found:
        st.caption(":material/info: B is the same as A so far. Change something on the left.")
        return
    st.table(
        pd.DataFrame(
            {"A": [d.a for d in found], "B": [d.b for d in found]},
            index=[d.label for d in found],
        ).T.rename_axis("Differing settings"),
        width="content",
    )
    if not share_the_data(a, b):
        st.caption(
            ":material/warning: A and B do not learn from the same rows: their losses are about "
            "different questions."
        )
    elif a.loss != b.loss:
        st.caption(
            ":material/warning: A and B measure loss differently: compare shapes and accuracies, "
            "not the heights of the curves."
        )


@st.fragment
def _wait_for_the_runs() -> None:
    """Rerun the page once the study's thread has submitted the runs."""
    study = study_buttons.study_of(NAME)
    if not isinstance(study, Pair):
        return
    is_over, runs = study.is_over, study.runs
    known = [session.run_of(keys.pair_side(side)) for side in SIDES]
    for side in SIDES:
        session.show_run(keys.pair_side(side), runs.get(side))
    if is_over:
        session.put(keys.PAIR_IS_HELD, False)
    if known != [runs.get(side) for side in SIDES]:
        st.rerun()
    study_buttons.follow(NAME, is_over)


def _pictures(pair: Pair | None, a: Experiment, b: Experiment) -> None:
    for column, side, experiment in zip(st.columns(2), SIDES, (a, b), strict=True):
        if pair is None:
            session.show_run(keys.pair_side(side), None)
        with column:
            label = backends.label(experiment.backend)
            st.markdown(f"##### {side} · {label}, {_shape(experiment)}")
            picture_fragment.live_picture(
                keys.pair_side(side),
                experiment,
                panels.start_of,
                _panels,
                is_brief=True,
            )


def _panels(
    experiment: Experiment, snapshot: Snapshot | None, loss: Panel
) -> Mapping[str, Panel | None]:
    """The panels without the loss, because one chart below has both losses."""
    found = panels.of(experiment)(experiment, snapshot, loss)
    others = {name: panel for name, panel in found.items() if name != "loss"}
    return others or found


def _shape(experiment: Experiment) -> str:
    return experiment.shape


@st.fragment
def _outcome(shares_unit: bool) -> None:
    """Both loss curves in one chart, and the figures so far."""
    study = study_buttons.study_of(NAME)
    if not isinstance(study, Pair):
        return
    is_over = study.is_over
    curves = [
        (side, run.history.losses.envelope(200))
        for side, run in study.runs.items()
        if run.history.losses.count
    ]
    unit = loss_unit(study.experiments["A"].loss) if shares_unit else "each in its own unit"
    left, right = st.columns([3, 2])
    with left:
        chart(
            overlay_table(curves),
            overlay_spec(SIDES, f"loss ({unit})", widest=3.0),
            key="pair-losses",
        )
    with right:
        columns = {side: _figures(study.runs.get(side)) for side in SIDES}
        st.table(pd.DataFrame(columns))
    pacer(
        sequence=session.next_number(keys.PAIR_OUTCOME_TICKS),
        per_second=2.0,
        is_on=not is_over,
        key="pair-outcome-pacer",
    )


def _figures(run: Run | None) -> dict[str, str]:
    if run is None:
        return dict.fromkeys(("State", "Steps", "Loss", "Accuracy", "Training time"), "–")
    accuracy = final_accuracy(run)
    loss = run.history.losses.last
    return {
        "State": run.state,
        "Steps": f"{run.step:,}",
        "Loss": f"{loss:.4g}" if run.history.losses.count else "–",
        "Accuracy": "–" if accuracy is None else f"{100 * accuracy:.4g} %",
        "Training time": f"{run.train_seconds:.3f} s",
    }
