"""One experiment on several backends: choose them, train, and show how far they differ."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from nn_core import backends, vocabulary
from nn_core.charts.loss_chart import loss_unit
from nn_core.charts.overlay_chart import ON_HALF_A_PAGE, overlay_spec, overlay_table
from nn_core.experiment import Experiment
from nn_core.runs.studies.comparison import Comparison, Figures, as_csv
from nn_core.server import get_pool
from nn_core.vocabulary import WITH_EPSILON, counted
from ui import session
from ui import session_keys as keys
from ui.components.chart import chart
from ui.runs.studies import comparison_link, study_buttons

NAME = "compare"


def choose_and_train(experiment: Experiment | None) -> None:
    """Show the list of backends to compare, and the buttons."""
    installed = list(comparison_link.installed())
    absent = [backends.label(name) for name in backends.names() if name not in installed]
    session.value(keys.COMPARED_BACKENDS, installed)
    with st.container(horizontal=True, vertical_alignment="bottom", key="compare-bar"):
        chosen = st.pills(
            "Backends",
            installed,
            format_func=backends.label,
            selection_mode="multi",
            key=keys.COMPARED_BACKENDS,
            wrap=True,
            help="Two or more. Each starts from the same weights and gets the same batches."
            + (f" Not installed here: {', '.join(absent)}." if absent else ""),
        )
        make = None
        if experiment is not None and len(chosen) > 1:
            wanted = experiment

            def make() -> Comparison:
                return Comparison(get_pool(), session.owner(), wanted, chosen)

        study_buttons.train_and_stop(
            NAME, "Train all", make, "Imports the frameworks, then trains one after the other."
        )
        session.value(keys.log_axis("compare"), True)
        st.toggle(
            "Log axis",
            key=keys.log_axis("compare"),
            help="Equal factors are equally far apart: 0.1 to 0.01 as far as 0.01 to 0.001.",
        )
    if len(chosen) < 2:
        st.info("Choose at least two backends.", icon=":material/compare_arrows:")


@st.fragment
def results(experiment: Experiment | None) -> None:
    """Show curves, figures and explanations, repeatedly until the comparison is over."""
    session.keep_alive()
    study = study_buttons.study_of(NAME)
    if not isinstance(study, Comparison):
        st.caption(
            "The same experiment, from the same weights and with the same batches, on each of "
            "these backends. Press Train all: the loss curves and a table of differences, times "
            "and memory appear here."
        )
        _what_is_timed()
        return
    is_over = study.is_over
    if study.problem:
        st.error(study.problem, icon=":material/error:")
    study_buttons.show_what_changed(
        study.experiment, experiment, "backend", "device", "epsilon_form"
    )
    rows = study.figures()
    _progress(study, rows, is_over)
    _charts(study)
    st.table(pd.DataFrame([_in_words(study, row) for row in rows]).set_index("Backend"))
    _notes(study, rows)
    st.download_button(
        "Table as CSV",
        as_csv(rows),
        "comparison.csv",
        "text/csv",
        key=keys.button("compare", "csv"),
        icon=":material/download:",
        on_click="ignore",
        disabled=not is_over,
        help="All figures in full precision.",
    )
    _what_is_timed()
    study_buttons.follow(NAME, is_over)


def _progress(study: Comparison, rows: list[Figures], is_over: bool) -> None:
    if is_over:
        return
    done = sum(run.is_over for run in study.runs.values())
    now = next((row for row in rows if row.state in ("queued", "loading", "running")), None)
    text = study.phase or (f"training on {now.framework}" if now else "training on NumPy")
    share = sum(_share(study, row) for row in rows) / len(rows)
    st.progress(min(share, 1.0), f"{done} of {len(rows)} done: {text} …")


def _share(study: Comparison, row: Figures) -> float:
    """The completed share of a run, 0 to 1."""
    run = study.runs.get(row.backend)
    if run is None:
        return 0.0
    return 1.0 if run.is_over else min(1.0, run.epoch / study.experiment.epochs)


def _charts(study: Comparison) -> None:
    """Losses on the left, their difference from NumPy's on the right."""
    labels = tuple(backends.label(name) for name in study.names)
    losses = [
        (backends.label(name), run.history.losses.envelope(200))
        for name, run in study.runs.items()
        if run.history.losses.count
    ]
    if not losses:
        return
    unit = loss_unit(study.experiment.loss)
    is_log = bool(session.peek(keys.log_axis("compare")))
    left, right = st.columns(2, vertical_alignment="bottom")  # under the legend of the left one
    with left:
        chart(
            overlay_table(losses),
            overlay_spec(labels, f"loss ({unit})", is_log, columns=ON_HALF_A_PAGE),
            key="compare-losses",
        )
    with right:
        far = [(backends.label(name), curve) for name, curve in study.distances.items()]
        chart(
            overlay_table(far, highest=True),
            overlay_spec(labels, "|Δ loss| against NumPy", widest=2.0, has_legend=False),
            key="compare-distances",
        )


def _in_words(study: Comparison, row: Figures) -> dict[str, str]:
    run = study.runs.get(row.backend)
    state = row.state
    if run and state == "running" and run.started:
        total = study.experiment.epochs * run.started.steps_per_epoch
        state = f"step {row.steps:,} of {total:,}"
    elif state == "loading":
        state = "first step"
    elif state == "finished":
        state = counted(row.steps, "step")
    return {
        "Backend": row.framework,
        "State": state,
        "Largest |Δ loss|": _distance(row, row.loss_difference),
        "Largest |Δ weights|": _distance(row, row.weight_difference),
        "Import, s": _number(row.import_seconds, ".2f"),
        "Compile, s": _number(row.compile_seconds, ".2f"),
        "Train, s": _number(row.train_seconds, ".3f"),
        "Steps/s": _number(row.steps_per_second, ",.0f"),
        "Memory, MB": _number(row.megabytes, ",.0f"),
    }


def _number(value: float | None, form: str) -> str:
    return "–" if value is None else format(value, form)


def _distance(row: Figures, value: float | None) -> str:
    """The difference of a backend from NumPy's run, or that it is the reference."""
    if row.is_reference:
        return "reference"
    return "–" if value is None else "0" if value == 0 else f"{value:.1e}"


def _notes(study: Comparison, rows: list[Figures]) -> None:
    """Notes: the form of ε that is shown, and the reasons for missing values."""
    optimizer = study.experiment.optimizer
    if optimizer in WITH_EPSILON:
        forms = [
            f"**{form.label}**: {', '.join(names)}"
            for name, form in vocabulary.EPSILON_FORMS.items()
            if (names := [row.framework for row in rows if row.epsilon_form == name])
        ]
        text = "Each is compared with NumPy in the form of ε that its framework has. "
        st.caption(text + " · ".join(forms))
    else:
        label = vocabulary.OPTIMIZERS[optimizer].label
        st.caption(f"All are compared with one run of NumPy: {label} has no ε to place.")
    for row in rows:
        if row.note and not row.is_reference:
            st.caption(f":material/info: **{row.framework}**: {row.note}")


def _what_is_timed() -> None:
    with st.expander("What is being timed", icon=":material/timer:"):
        st.markdown(
            """
- **Import**: until a fresh worker process has the framework. NumPy is part of every worker, so
  its import is no time at all. A warm worker has this behind it.
- **Compile**: what the first step takes beyond a later one. Some frameworks trace and compile the
  training loop there; for the others it is what they set up at first use.
- **Train**: all steps, inside the framework's training calls alone: taking the rows of a batch,
  forward, loss, gradients, update, and the losses handed back. Not in it: measuring accuracy,
  reading weights for pictures, sending and drawing.
- **Steps/s**: steps over that time.
- **Memory**: what the worker process holds at the end, with Python and the framework in it.

The runs go one after the other, on the CPU, with one compute thread each. What else this machine
does, other visitors' runs too, makes the times longer but changes no difference. In a network of
a few units a step is nearly all overhead of the framework; which one is fastest here says little
about large networks. Differences come from the order in which sums are rounded: float64 makes
them about a billion times smaller than float32.
"""
        )
