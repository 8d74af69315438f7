"""View of the loss landscape around the current weights, with the path of the run."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from nn_core.charts.landscape_chart import LossGrid, landscape_spec, landscape_table
from nn_core.charts.loss_chart import loss_unit
from nn_core.charts.parts import evenly_spaced
from nn_core.charts.weights_chart import parameter_names
from nn_core.datasets.images import is_available
from nn_core.errors import DataUnavailable
from nn_core.events import Array, Params, Snapshot
from nn_core.experiment import Experiment
from nn_core.explain.inside import landscape
from nn_core.explain.inside.samples import sample
from nn_core.runs.run import Run
from ui import session
from ui import session_keys as keys
from ui.components.chart import chart

NAME = "Loss surface"
NEEDS_ROWS = True

RANDOM, PATH, WEIGHTS = "Random directions", "Path of the run", "Two weights"
MOST_CHOSEN_FROM = 2000
"""Maximum parameters in a selection list."""

AUTOMATIC_WORK = 250_000_000
"""Maximum operations of a surface that is computed without a request: a fraction of a second."""

MOST_PATH_POINTS = 150
MARGIN = 0.3
"""Margin of the surface around the path, as a fraction of the path's extent."""


@dataclass(frozen=True)
class Surface:
    """A computed surface with its inputs.

    Attributes
    ----------
    of : tuple
        Key of the surface: run (or experiment), step of the centre, settings.
    plane, grid, titles
        The plane, the losses, and the titles of the axes.
    origin : ndarray of shape (2,)
        Axis values at the centre: 0, or the values of two weights.
    step, rows, n_train, seconds
        Step of the centre; rows used, and rows in total; duration of the computation in seconds.
    """

    of: tuple[Any, ...]
    plane: landscape.Plane
    grid: LossGrid
    titles: tuple[str, str]
    origin: Array
    step: int
    rows: int
    n_train: int
    seconds: float

    @property
    def at_center(self) -> float:
        """The loss at the centre."""
        row, column = np.abs(self.grid.up).argmin(), np.abs(self.grid.across).argmin()
        return float(self.grid.losses[row, column])


def suits(experiment: Experiment) -> bool:
    """Whether all layers are dense; with convolutions a surface would take minutes."""
    return not experiment.front


def choose(page: str, experiment: Experiment) -> None:
    """Which plane, and how much of it."""
    kinds = [RANDOM, PATH]
    if experiment.n_parameters <= MOST_CHOSEN_FROM:
        kinds.append(WEIGHTS)
    if session.value(keys.surface_setting(page, "kind"), RANDOM) not in kinds:
        session.put(keys.surface_setting(page, "kind"), RANDOM)
    session.value(keys.surface_setting(page, "reach"), 1.0)
    session.value(keys.surface_setting(page, "seed"), 0)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Plane",
            kinds,
            key=keys.surface_setting(page, "kind"),
            width=190,
            help="The two directions in which the weights are changed. Random directions are "
            "normalised unit by unit (Li et al. 2018). The path's are the two in which the run "
            f"moved most. Two weights: for networks of at most {MOST_CHOSEN_FROM:,} of them.",
        )
        st.select_slider(
            "Reach",
            [0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 10.0],
            key=keys.surface_setting(page, "reach"),
            format_func=lambda reach: f"×{reach:g}",
            width=160,
            help="How far the surface reaches from its centre. At ×1, random directions go as far "
            "as the weights are long; the others, as far as the path.",
        )
        kind = session.peek(keys.surface_setting(page, "kind"))
        if kind == RANDOM:
            st.number_input(
                "Seed",
                0,
                2**31 - 1,
                key=keys.surface_setting(page, "seed"),
                width=150,
                help="Of the two random directions; it decides nothing else.",
            )
            st.button(
                "Other directions",
                key=keys.button(page, "surface", "other"),
                icon=":material/casino:",
                on_click=_other_directions,
                args=(page,),
                help="The next seed, and its surface.",
            )
        elif kind == WEIGHTS:
            _choose_weights(page, experiment)
        st.button(
            "Compute",
            key=keys.button(page, "surface", "compute"),
            icon=":material/landscape:",
            type="primary",
            on_click=session.request,
            args=(keys.surface_request(page), True),
            help="Computes the surface around the present weights. Small ones are computed by "
            "themselves whenever the run rests.",
        )


def _choose_weights(page: str, experiment: Experiment) -> None:
    names = _names(experiment)
    for place, label in enumerate(("Across", "Up")):
        key = keys.surface_setting(page, f"weight.{place}")
        if session.value(key, names[min(place, len(names) - 1)]) not in names:
            session.put(key, names[min(place, len(names) - 1)])
        st.selectbox(
            label, names, key=key, width=170, help=f"The weight or bias along the {label} axis."
        )


def _other_directions(page: str) -> None:
    key = keys.surface_setting(page, "seed")
    session.put(key, (int(session.peek(key, 0)) + 1) % 2**31)
    session.request(keys.surface_request(page), True)


def show(page: str, experiment: Experiment, run: Run | None, now: Snapshot) -> None:
    """Show it; see `ui.details.views`."""
    if not is_available(experiment.dataset):
        st.info("The images are not on this machine yet: Train downloads them once.")
        return
    center = (run.latest if run else None) or now
    settings = tuple(
        session.peek(keys.surface_setting(page, name))
        for name in ("kind", "reach", "seed", "weight.0", "weight.1")
    )
    run_key = run.id if run else experiment
    of = (run_key, center.step, *settings)
    known: Surface | None = session.peek(keys.surface(page))
    if known and known.of[0] != run_key:
        known = None
    refused = ""
    with session.acting_on(keys.surface_request(page)) as wanted:
        if wanted or (not (run and run.is_changing) and (known is None or known.of != of)):
            try:
                known = _compute(experiment, run, center, settings, of, bool(wanted)) or known
                session.put(keys.surface(page), known)
            except (landscape.NoPlane, DataUnavailable) as error:
                refused = str(error)
    if refused:
        st.info(refused)
    elif known is None or known.of[2:] != settings:
        st.info("Press Compute to see the loss around the present weights in this plane.")
    if known is not None and known.of[2:] == settings:
        _draw(page, experiment, run, now, known, center)


def _compute(
    experiment: Experiment,
    run: Run | None,
    center: Snapshot,
    settings: tuple[Any, ...],
    of: tuple[Any, ...],
    is_wanted: bool,
) -> Surface | None:
    """Compute the surface; None if it is expensive and was not requested."""
    data, n_train, _ = sample(experiment)
    points, rows = landscape.grid_within_budget(experiment, len(data.x))
    if not is_wanted and landscape.n_operations(experiment, points, rows) > AUTOMATIC_WORK:
        return None
    path = _path(run) or [center.params]
    plane, titles, origin = _plane(experiment, center.params, path, settings)
    reach = float(settings[1])
    if settings[0] == RANDOM:
        low, high = np.full(2, -reach), np.full(2, reach)
    else:
        seen = landscape.project(plane, path).coordinates
        low, high = seen.min(axis=0), seen.max(axis=0)
        margin = MARGIN * (high - low)
        if settings[0] == WEIGHTS:
            margin = np.maximum(margin, 1.0)
        low, high = reach * (low - margin), reach * (high + margin)
    across, up = (landscape.axis(*ends, points) for ends in zip(low, high, strict=True))
    begin = time.perf_counter()
    bar, losses = st.empty(), []
    for row in landscape.surface(
        experiment, center.params, plane, across, up, data.x[:rows], data.y[:rows]
    ):
        losses.append(row)
        if time.perf_counter() - begin > 0.5:
            done = len(losses) / len(up)
            bar.progress(done, f"Computing the surface: row {len(losses)} of {len(up)}")
    bar.empty()
    grid = LossGrid(across, up, np.array(losses))
    seconds = time.perf_counter() - begin
    return Surface(of, plane, grid, titles, origin, center.step, rows, n_train, seconds)


def _plane(
    experiment: Experiment, center: Params, path: list[Params], settings: tuple[Any, ...]
) -> tuple[landscape.Plane, tuple[str, str], Array]:
    """The plane, the titles of its axes, and the axis values at its centre."""
    kind, _, seed, *chosen = settings
    origin = np.zeros(2)
    if kind == PATH:
        plane, shares = landscape.path_plane(center, path)
        first, second = (
            f"component {i} of the path ({s:.1%} of it)" for i, s in enumerate(shares, 1)
        )
        return plane, (first, second), origin
    if kind == WEIGHTS:
        names = _names(experiment)
        places = [names.index(name) if name in names else i for i, name in enumerate(chosen)]
        plane = landscape.chosen_plane(center, *places)
        return plane, (names[places[0]], names[places[1]]), plane.center[places]
    first, second = (f"random direction {i} (in lengths of the weights)" for i in (1, 2))
    return landscape.random_plane(center, int(seed or 0)), (first, second), origin


def _names(experiment: Experiment) -> list[str]:
    data = sample(experiment).data
    return parameter_names(
        experiment.layer_sizes, experiment.bias, data.input_names, data.output_names
    )


def _path(run: Run | None) -> list[Params]:
    return [snapshot.params for snapshot in _moments(run)]


def _moments(run: Run | None) -> list[Snapshot]:
    kept = run.history.snapshots if run else []
    return [kept[i] for i in evenly_spaced(len(kept), MOST_PATH_POINTS)] if kept else []


def _draw(
    page: str,
    experiment: Experiment,
    run: Run | None,
    now: Snapshot,
    surface: Surface,
    center: Snapshot,
) -> None:
    moments = _moments(run) or [now]
    path = landscape.project(surface.plane, [moment.params for moment in moments])
    here = landscape.project(surface.plane, [now.params]).coordinates[0]
    # For two weights, the axes show the values of the weights.
    grid = surface.grid._replace(
        across=surface.grid.across + surface.origin[0], up=surface.grid.up + surface.origin[1]
    )
    steps = np.array([moment.step for moment in moments])
    left, right = st.columns([5, 2])
    with left:
        chart(
            landscape_table(
                grid, steps, path.coordinates + surface.origin, (now.step, here + surface.origin)
            ),
            landscape_spec(*surface.titles, loss_unit(experiment.loss)),
            key=keys.surface_chart(page),
        )
    with right:
        st.metric(
            "Loss at the centre",
            f"{surface.at_center:.6g}",
            help=f"Computed by NumPy from the weights of step {surface.step:,}.",
        )
        measured = _measured(run, surface.step) if surface.rows == surface.n_train else None
        if measured is not None:
            st.metric(
                "The same, measured by the run",
                f"{measured:.6g}",
                help="By the backend, over the training rows, at the same step. A backend that "
                "computes in float32 rounds to 7 digits; NumPy here computes in float64.",
            )
        if run:
            st.metric(
                "Path in this plane",
                f"{path.explained:.1%}",
                help="Share of the squared distances between the path and the centre that can be "
                f"seen in this plane; the rest leads out of the picture. The path is drawn through "
                f"{len(moments):,} kept moments.",
            )
        n_up, n_across = grid.losses.shape
        rows = (
            f"all {surface.rows:,} training rows"
            if surface.rows == surface.n_train
            else f"the first {surface.rows:,} of {surface.n_train:,} training rows"
        )
        late = "" if surface.step == center.step else " Press Compute to centre it on the present."
        st.caption(
            f"Computed by NumPy from the backend's weights in the data loss of this experiment, on "
            f"{n_across} × {n_up} points over {rows}, in {surface.seconds:.1f} s. Centre: step "
            f"{surface.step:,}.{late}"
        )


def _measured(run: Run | None, step: int) -> float | None:
    """The training loss that the backend measured at a step, if any."""
    found = [m for m in (run.history.measurements if run else []) if m.step == step]
    return found[-1].metrics.get("train_loss") if found else None
