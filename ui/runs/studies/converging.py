"""One experiment with many seeds: train, show the spread of the losses, open unsolved runs."""

from __future__ import annotations

import streamlit as st

from nn_core.charts.band_chart import band_spec, band_table
from nn_core.charts.loss_chart import loss_unit
from nn_core.exchange.links.form_links import ConvergenceForm
from nn_core.experiment import Experiment
from nn_core.runs.studies.convergence import FEWEST_SEEDS, MOST_SEEDS, Convergence, Trial, band
from nn_core.server import get_pool
from nn_core.vocabulary import counted
from ui import session
from ui import session_keys as keys
from ui.components.chart import chart
from ui.form import commands
from ui.links import page_list
from ui.runs.studies import convergence_link, study_buttons

NAME = "convergence"


def choose_and_train(experiment: Experiment | None, defaults: Experiment) -> None:
    """Show the number of seeds, the accuracy that counts as solved, and the buttons."""
    session.value(keys.SEED_COUNT, ConvergenceForm.seeds)
    session.value(keys.SOLVED_FROM, ConvergenceForm.solved)
    session.value(keys.log_axis("convergence"), True)
    with st.container(horizontal=True, vertical_alignment="bottom", key="convergence-bar"):
        count = st.number_input(
            "Seeds", FEWEST_SEEDS, MOST_SEEDS, key=keys.SEED_COUNT, width=120,
            help="How many runs, from the seed on the left upwards. Another seed is other initial "
            "weights and another order of the rows.",
        )  # fmt: skip
        make = None
        if experiment is not None:
            wanted = experiment

            def make() -> Convergence:
                return Convergence(get_pool(), session.owner(), wanted, int(count))

        study_buttons.train_and_stop(
            NAME, f"Train {count} seeds", make, "The same experiment, once for each seed."
        )
        st.number_input(
            "Solved from, % right", 1.0, 100.0, step=1.0, format="%.4g", width=170,
            key=keys.SOLVED_FROM,
            help="Share of rows answered rightly at the end that counts as solved: of the test "
            "rows where the task has any, otherwise of all rows. Can be changed afterwards.",
        )  # fmt: skip
        st.toggle(
            "Log axis",
            key=keys.log_axis("convergence"),
            help="Equal factors are equally far apart: 0.1 to 0.01 as far as 0.01 to 0.001.",
        )
        convergence_link.share(experiment, defaults)


@st.fragment
def results(experiment: Experiment | None) -> None:
    """Show how many seeds solved it, the spread of the losses, and the unsolved seeds."""
    session.keep_alive()
    study = study_buttons.study_of(NAME)
    if not isinstance(study, Convergence):
        st.caption(
            "Whether a network learns can hang on its initial weights alone. Press Train: the "
            "losses of all seeds appear here, with how many of them solved the task."
        )
        return
    is_over = study.is_over
    study_buttons.show_what_changed(study.experiment, experiment)
    target = float(session.peek(keys.SOLVED_FROM, ConvergenceForm.solved)) / 100
    trials, total = study.trials, len(study.seeds)
    failed = [trial for trial in trials if not trial.is_solved(target)]
    solved = f"{len(trials) - len(failed)} of {len(trials)} seeds solved it"
    st.subheader(solved if trials else f"{total} seeds are on their way", anchor=False)
    if not is_over:
        waiting = study.phase or f"{len(study.seeds_under_way)} under way"
        st.progress(len(trials) / total, f"{len(trials)} of {total} seeds are done, {waiting} …")
    elif study.problem:
        st.error(study.problem, icon=":material/error:")
    elif len(trials) < total:
        st.caption(f"Stopped after {len(trials)} of {total} seeds.")
    is_log = bool(session.peek(keys.log_axis("convergence")))
    chart(
        band_table(trials, band(trials), target),
        band_spec(loss_unit(study.experiment.loss), is_log),
        key="convergence-band",
    )
    _failures(study, failed)
    study_buttons.follow(NAME, is_over)


def _failures(study: Convergence, failed: list[Trial]) -> None:
    page = page_list.page_of(study.experiment.dataset)
    if failed:
        st.markdown(
            f"**Not solved by {len(failed)}.** Open one on the page {page.capitalize()} and watch "
            "where it gets stuck:"
        )
    with st.container(horizontal=True, key="convergence-failed"):
        for trial in failed:
            if st.button(
                f"Seed {trial.seed}",
                key=keys.button("convergence", "open", trial.seed),
                icon=":material/open_in_new:",
                help=_result_in_words(trial),
            ):
                commands.open_experiment(page, study.experiment.replace(seed=trial.seed))
                st.switch_page(page_list.path(page))
    early = any(trial.step < max(t.step for t in study.trials) for trial in study.trials)
    if early:
        st.caption("A seed that ended early keeps its last loss in the bands.")


def _result_in_words(trial: Trial) -> str:
    if trial.message:
        return trial.message
    right = f", {100 * trial.accuracy:.4g} % right" if trial.accuracy is not None else ""
    return f"Loss {trial.loss:.4g} after {counted(trial.step, 'step')}{right}."
