"""View of the activation space of a hidden layer."""

from __future__ import annotations

import streamlit as st

from nn_core import datasets
from nn_core.charts.hidden_space_chart import (
    MOST_POINTS,
    SOLID_WIDTH,
    HiddenSpaceChart,
    hidden_space_chart,
)
from nn_core.charts.weights_chart import layer_names, unit_names
from nn_core.datasets import Dataset
from nn_core.datasets.images import is_available
from nn_core.errors import DataUnavailable
from nn_core.events import Snapshot
from nn_core.experiment import Experiment
from nn_core.explain.inside.samples import sample
from nn_core.runs.run import Run
from ui import session
from ui import session_keys as keys
from ui.components.chart import chart
from ui.components.plain_text import plain

NAME = "Hidden space"
NEEDS_ROWS = True
SENTENCES = {
    "strip": "One hidden unit: each row lies where the unit's activation puts it; the rows of a "
    "class are spread upwards only to be seen.",
    "plane": "Two hidden units: each row lies at its two activations. The output layer can only "
    "draw a straight line here.",
    "solid": "Three hidden units, looked at from outside. Turn the picture with the slider.",
    "components": "The activations of all units, cut down to the two directions in which the rows "
    "differ most (principal components).",
}


def suits(experiment: Experiment) -> bool:
    """Whether there is a dense hidden layer; convolutions have the view of feature maps."""
    return bool(experiment.hidden)


def _names(experiment: Experiment) -> list[str]:
    """Names of the dense hidden layers."""
    front = experiment.front
    return layer_names(len(experiment.layer_sizes) - 1, front)[len(front) : -1]


def choose(page: str, experiment: Experiment) -> None:
    """Show the choice of the layer and of the rotation."""
    names = _names(experiment)
    key = keys.hidden_layer(page)
    if session.value(key, names[-1]) not in names:
        session.put(key, names[-1])
    session.value(keys.hidden_turn(page), 30)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox("Layer", names, key=key, width=220, help="Whose activations are the axes.")
        if experiment.hidden[names.index(str(session.peek(key)))] == 3:
            st.slider(
                "Turn",
                -180,
                180,
                step=5,
                key=keys.hidden_turn(page),
                format="%d°",
                width=320,
                help="Turns the space of the three units about its third axis.",
            )


def show(page: str, experiment: Experiment, run: Run | None, now: Snapshot) -> None:
    """Show it; see `ui.details.views`."""
    if not is_available(experiment.dataset):
        st.info("The images are not on this machine yet: Train downloads them once.")
        return
    try:
        data = _rows(experiment)
    except DataUnavailable as error:
        st.error(str(error))
        return
    names = _names(experiment)
    name = session.peek(keys.hidden_layer(page))
    place = names.index(name) if name in names else len(names) - 1
    layer = len(experiment.front) + place
    units = unit_names(experiment.layer_sizes, data.input_names, data.output_names)[layer + 1]
    basis = keys.hidden_basis(page)
    drawn = hidden_space_chart(
        experiment,
        now.params,
        data,
        layer,
        units,
        degrees=float(session.peek(keys.hidden_turn(page), 30)),
        like=session.peek(basis),
    )
    if drawn.components is not None:
        session.put(basis, drawn.components.directions)
    left, right = st.columns([5, 2])
    with left:
        chart(
            drawn.table,
            drawn.spec,
            key=f"{page}-hidden-space",
            width=SOLID_WIDTH if drawn.kind == "solid" else "stretch",
            alt=f"{_row_count(data):,} rows as points in the space of hidden layer {place + 1}.",
        )
    with right:
        _explain(drawn, data, now, experiment.hidden[place])


def _row_count(data: Dataset) -> int:
    return len(data.x) + (0 if data.x_test is None else len(data.x_test))


def _rows(experiment: Experiment) -> Dataset:
    """The rows to draw; for images the test rows only, because there are many."""
    data = sample(experiment).data
    if datasets.describe(experiment.dataset).is_images:
        return Dataset(**{**vars(data), "x": data.x[:0], "y": data.y[:0]})
    return data


def _explain(drawn: HiddenSpaceChart, data: Dataset, now: Snapshot, n_units: int) -> None:
    if drawn.components is not None:
        shares = drawn.components.explained
        for place, share in enumerate(shares, 1):
            st.metric(
                f"Component {place}",
                f"{share:.1%}",
                help=f"Share of the variance of the {n_units} activations along this direction.",
            )
    st.markdown(SENTENCES[drawn.kind])
    if drawn.has_grid:
        names = " and ".join(data.plane.names if data.plane else data.input_names)
        st.markdown(f"The grey grid is that of {plain(names)}, as the network bends it.")
    if drawn.has_decision:
        st.markdown("On the dashed green line the output is undecided.")
    n_train, n_test = len(data.x), 0 if data.x_test is None else len(data.x_test)
    shown = [
        f"{min(n, MOST_POINTS):,} {'of ' if n > MOST_POINTS else ''}{name} rows{mark}"
        for n, name, mark in (
            (n_train, "training", " (filled)" if n_test else ""),
            (n_test, "test", " (hollow)" if n_train else ""),
        )
        if n
    ]
    st.caption(f"Step {now.step:,}: {' and '.join(shown)}. Computed by NumPy from the weights.")
