"""View of framework, device and durations."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from nn_core.events import Snapshot
from nn_core.experiment import Experiment
from nn_core.runs.run import Run
from nn_core.server import get_pool
from nn_core.vocabulary import counted
from ui.components.plain_text import plain

NAME = "Times"


def show(page: str, experiment: Experiment, run: Run | None, now: Snapshot) -> None:
    """Show it; see `ui.details.views`."""
    if run is None or run.started is None:
        st.caption("Framework, device and where the time went appear here once training begins.")
        return
    started = run.started
    # A warm worker imported its framework earlier, so the pool knows that duration.
    imported = get_pool().import_seconds.get(experiment.worker, started.import_seconds)
    per_second = run.steps_taken / run.train_seconds if run.train_seconds else 0.0
    steps = counted(run.steps_taken, "step")
    rows = {
        "Framework": started.framework,
        "Device": started.device,
        "Importing the framework": f"{imported:.2f} s",
        "Building the network": f"{started.build_seconds:.3f} s",
        "Training, inside the framework": f"{run.train_seconds:.3f} s for {steps}",
        "Steps a second inside the framework": f"{per_second:,.0f}",
        "Rows": f"{started.n_train:,} to learn from, {started.n_test:,} for the test",
        "Steps per epoch": f"{started.steps_per_epoch:,}",
        "Form of ε (Adam, RMSprop, Adagrad)": started.epsilon_form.replace("_", " "),
    }
    if started.note:
        rows["Data"] = started.note
    values = [plain(value) for value in rows.values()]
    st.table(pd.DataFrame({"": rows.keys(), " ": values}).set_index(""))
