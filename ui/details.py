"""What can be read below the picture: one view at a time, redrawn a few times a second."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from nn_core import backends
from nn_core.charts.confusion import confusion_spec, confusion_table
from nn_core.charts.loss import (
    accuracy_spec,
    accuracy_table,
    loss_spec,
    loss_table,
    loss_unit,
)
from nn_core.charts.weights import choose_series, unit_names, weights_spec, weights_table
from nn_core.errors import BackpropError
from nn_core.events import Snapshot
from nn_core.experiment import Experiment
from nn_core.parity import compare, numpy_twin, why_not_comparable
from nn_core.pool import get_pool
from nn_core.runs import Run
from nn_core.summary import summary, total_parameters
from ui import session
from ui.pacer import pacer
from ui.picture import Start, moment

TICKS_PER_SECOND = 2.0
MOST_TABLE_ROWS = 512


def details(page: str, experiment: Experiment, start_of: Start) -> None:
    """Show the view that the visitor chose.

    Parameters
    ----------
    page : str
        Whose run is shown.
    experiment : Experiment
        What the form holds; shown while there is no run.
    start_of : callable
        From an experiment to the moment to show while there is no run.
    """
    names = [name for name in VIEWS if name != "Confusion" or experiment.n_outputs > 1]
    session.value(f"{page}.form.view", names[0])
    chosen = st.segmented_control(
        "Details", names, key=f"{page}.form.view", required=True, label_visibility="collapsed"
    )
    if chosen == "Loss":
        session.value(f"{page}.form.log", True)
        st.toggle(
            "Logarithmic loss axis",
            key=f"{page}.form.log",
            help="Equal factors are equally far apart: 0.1 to 0.01 as far as 0.01 to 0.001.",
        )
    _view(page, experiment, start_of, str(chosen))


@st.fragment
def _view(page: str, experiment: Experiment, start_of: Start, name: str) -> None:
    run = session.run_of(page)
    shown = run.experiment if run else experiment
    now = moment(run, shown, start_of)
    if now is None:
        return
    moves = VIEWS[name](page, shown, run, now)
    pacer(
        sequence=session.next_number(f"{page}.ticks"),
        per_second=TICKS_PER_SECOND,
        is_on=bool(moves or (run and run.is_changing and name not in STILL)),
        key=f"{page}-pacer",
    )


def _loss(page: str, experiment: Experiment, run: Run | None, moment: Snapshot) -> None:
    if run is None or run.started is None or not run.history.losses.count:
        st.caption("The loss of every step appears here once training begins.")
        return
    history, per_epoch = run.history, run.started.steps_per_epoch
    spec = loss_spec(bool(session.peek(f"{page}.form.log")), loss_unit(experiment.loss))
    table = loss_table(history.losses.thinned(200), per_epoch, history.measurements)
    left, right = st.columns([3, 2])
    with left:
        st.vega_lite_chart(table, spec, key=f"{page}-loss")
    with right:
        st.vega_lite_chart(
            accuracy_table(history.measurements), accuracy_spec(), key=f"{page}-accuracy"
        )


def _weights(page: str, experiment: Experiment, run: Run | None, moment: Snapshot) -> None:
    if run is None or run.started is None:
        st.caption("Every weight and bias over time appears here once training begins.")
        return
    series = choose_series(
        experiment.layer_sizes,
        experiment.bias,
        tuple(run.started.input_names),
        tuple(run.started.output_names),
    )
    history = [(snapshot.step, snapshot.params) for snapshot in run.history.snapshots]
    st.vega_lite_chart(weights_table(history, series), weights_spec(series), key=f"{page}-weights")
    if series.left_out:
        st.caption(series.left_out)


def _numbers(page: str, experiment: Experiment, run: Run | None, moment: Snapshot) -> None:
    holder = "the backend holds" if run else "every backend starts with"
    st.caption(
        f"The {experiment.n_parameters:,} weights and biases at step {moment.step:,}, in "
        f"{experiment.dtype}, as {holder} them: a row for each source, a column for each unit."
    )
    names = _unit_names(experiment, run)
    for layer, (weight, bias) in enumerate(moment.params):
        sources, targets = names[layer], names[layer + 1]
        frame = pd.DataFrame(weight, index=list(sources), columns=list(targets))
        if bias is not None:
            frame.loc["bias"] = bias
        st.dataframe(
            frame.iloc[:MOST_TABLE_ROWS, :64],
            height="content" if len(frame) <= 10 else 300,
            key=f"{page}-numbers-{layer}",
            column_config={name: st.column_config.NumberColumn(format="%.6f") for name in targets},
        )


def _unit_names(experiment: Experiment, run: Run | None) -> list[tuple[str, ...]]:
    sizes = experiment.layer_sizes
    inputs = tuple(run.started.input_names) if run and run.started else None
    outputs = tuple(run.started.output_names) if run and run.started else None
    return unit_names(
        sizes,
        inputs or tuple(f"input {i + 1}" for i in range(sizes[0])),
        outputs or tuple(f"output {i + 1}" for i in range(sizes[-1])),
    )


def _model(page: str, experiment: Experiment, run: Run | None, moment: Snapshot) -> None:
    layers = summary(experiment)
    st.table(
        pd.DataFrame(
            {
                "Layer": [layer.name for layer in layers],
                "Kind": [layer.kind for layer in layers],
                "Output shape": [str(layer.output_shape) for layer in layers],
                "Parameters": [f"{layer.parameters:,}" for layer in layers],
            }
        ).set_index("Layer")
    )
    st.markdown(f"**{total_parameters(layers):,} parameters in total**")


def _confusion(page: str, experiment: Experiment, run: Run | None, moment: Snapshot) -> None:
    if run is None or run.started is None or run.confusion is None:
        st.caption("Which class is taken for which appears here once it has been measured.")
        return
    step, counts = run.confusion
    rows = run.started.n_test or run.started.n_train
    st.caption(
        f"All {rows:,} {'test' if run.started.n_test else 'training'} rows at step "
        f"{step:,}: what they are, and what the network takes them for."
    )
    st.vega_lite_chart(
        confusion_table(counts, list(run.started.output_names)),
        confusion_spec(),
        key=f"{page}-confusion",
        width=620,
    )


def _times(page: str, experiment: Experiment, run: Run | None, moment: Snapshot) -> None:
    if run is None or run.started is None:
        st.caption("Framework, device and where the time went appear here once training begins.")
        return
    started = run.started
    # A warm worker has imported its framework before: then that time is the pool's to tell.
    imported = get_pool().import_seconds.get(experiment.worker, started.import_seconds)
    per_second = run.step / run.train_seconds if run.train_seconds else 0.0
    rows = {
        "Framework": started.framework,
        "Device": started.device,
        "Importing the framework": f"{imported:.2f} s",
        "Building the network": f"{started.build_seconds:.3f} s",
        "Training, inside the framework": f"{run.train_seconds:.3f} s for {run.step:,} steps",
        "Steps a second inside the framework": f"{per_second:,.0f}",
        "Rows": f"{started.n_train:,} to learn from, {started.n_test:,} for the test",
        "Steps per epoch": f"{started.steps_per_epoch:,}",
        "Form of ε (Adam, RMSprop, Adagrad)": started.epsilon_form.replace("_", " "),
    }
    if started.note:
        rows["Data"] = started.note
    st.table(pd.DataFrame({"": rows.keys(), " ": rows.values()}).set_index(""))


def _check(page: str, experiment: Experiment, run: Run | None, moment: Snapshot) -> bool:
    """Train the same on NumPy, and show how far the two lie apart."""
    st.caption(
        "The same experiment on NumPy, from the same weights with the same batches: how far are "
        "the two apart?"
    )
    if run is None or (reason := why_not_comparable(run)):
        st.info(reason if run else "Train first: there is nothing to compare yet.")
        return False
    reference: Run | None = session.peek(f"{page}.reference")
    known = reference and session.peek(f"{page}.reference_of") == run.id
    st.button(
        "Compare with NumPy",
        key=f"{page}.compare",
        icon=":material/compare_arrows:",
        on_click=_begin_check,
        args=(page, run),
        disabled=not run.is_over,
        help="Trains the same experiment once more, on NumPy. Available when the run is over.",
    )
    if reference is None or not known:
        return False
    if reference.end is None:
        st.progress(
            min(1.0, reference.step / max(1, run.step)),
            f"Training on NumPy: step {reference.step:,} of {run.step:,}",
        )
        return True
    parity = compare(run, reference)
    left, middle, right = st.columns(3)
    left.metric(
        "Largest loss difference", f"{parity.largest_loss_difference:.3g}",
        help=f"Over {parity.steps:,} steps; it is at step {parity.at_step:,}.",
    )  # fmt: skip
    middle.metric(
        "Largest weight difference",
        "–" if parity.largest_weight_difference is None
        else f"{parity.largest_weight_difference:.3g}",
        help="Over all weights and biases at the end, where both runs end at the same step.",
    )  # fmt: skip
    right.metric(
        "Steps compared", f"{parity.steps:,}",
        help="Both runs keep the losses of their first 200,000 steps one by one.",
    )  # fmt: skip
    form = run.started.epsilon_form.replace("_", " ") if run.started else ""
    st.caption(
        f"{backends.label(run.experiment.worker)} against NumPy, {run.experiment.dtype}, both "
        f"with ε in the form “{form}”."
    )
    return False


def _begin_check(page: str, run: Run) -> None:
    if run.started is None:
        return
    twin = numpy_twin(run.experiment, run.started.epsilon_form)
    # An owner of its own: the check must not end the run that it checks.
    try:
        reference = get_pool().submit(twin, f"{session.owner()}/check")
    except BackpropError as error:
        session.put(f"{page}.refused", str(error))
        return
    session.put(f"{page}.reference", reference)
    session.put(f"{page}.reference_of", run.id)


View = Callable[[str, Experiment, Run | None, Snapshot], bool | None]
VIEWS: dict[str, View] = {
    "Model": _model,
    "Loss": _loss,
    "Weights over time": _weights,
    "Weights now": _numbers,
    "Confusion": _confusion,
    "Times": _times,
    "Check against NumPy": _check,
}
STILL = {"Model", "Check against NumPy"}
"""Views that do not follow a run step by step."""
