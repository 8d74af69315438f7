"""The ticked runs in comparison: their loss curves, and the settings in which they differ."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd
import streamlit as st

from nn_core.charts.loss_chart import loss_unit
from nn_core.charts.overlay_chart import overlay_spec, overlay_table
from nn_core.errors import BackpropError, StoreError
from nn_core.experiment_differences import settings_that_differ
from nn_core.runs.binned_curve import Envelope
from nn_core.runs.store import ListedRun, Store
from nn_core.runs.store.record import Facts
from nn_core.runs.store.record_arrays import curve_of
from nn_core.runs.store.run_labels import MOST_CURVES, drawn, full_label, short_labels
from nn_core.vocabulary import counted
from ui import session
from ui import session_keys as keys
from ui.components.chart import chart
from ui.components.plain_text import plain
from ui.runs.history import run_actions, run_scope
from ui.runs.history.run_list import SOURCES, score_in_words, when

POINTS = 200


def overlay(store: Store, lines: Sequence[ListedRun]) -> None:
    """Show the ticked runs, at most the first ten."""
    if not lines:
        st.caption("Tick a run to see its loss and its settings; tick more to compare them.")
        return
    ordered = drawn(lines)
    names = [full_label(number, line) for number, line in enumerate(ordered, 1)]
    facts: dict[str, Facts] = {}
    curves: list[tuple[str, Envelope]] = []
    for name, line in zip(names, ordered, strict=True):
        try:
            facts[name] = store.facts(line.id, run_scope.shown())
            curves.append((name, curve_of(store.arrays(line.id)).envelope(POINTS)))
        except StoreError as error:
            st.warning(f"{plain(line.label)}: {error}", icon=":material/broken_image:")
        except (BackpropError, KeyError, ValueError):
            st.warning(
                f"{plain(line.label)}: its curve is damaged.", icon=":material/broken_image:"
            )
    known = [facts[name].experiment if name in facts else None for name in names]
    labels = dict(zip(names, short_labels(ordered, known), strict=True))
    if len(lines) > 1:
        _chart(curves, facts, labels, len(lines))
        if len(facts) > 1:
            _differences(facts, is_pinned=ordered[0].pinned)
        return
    left, right = st.columns([3, 2], gap="medium")
    with left:
        _chart(curves, facts, labels, 1)
    with right:
        run_actions.name_and_note(store, lines[0])
        for one in facts.values():
            _about(one)


def _chart(
    curves: Sequence[tuple[str, Envelope]],
    facts: dict[str, Facts],
    labels: dict[str, str],
    ticked: int,
) -> None:
    curves = [(name, curve) for name, curve in curves if len(curve.steps)]
    if not curves:
        st.caption("No step was taken, so there is no curve.")
        return
    session.value(keys.log_axis("runs"), True)
    units = {loss_unit(facts[name].experiment.loss) for name, _ in curves if name in facts}
    with st.container(horizontal=True, vertical_alignment="center", key="runs-axis"):
        is_log = st.toggle(
            "Log axis", key=keys.log_axis("runs"),
            help="Equal factors are equally far apart: 0.1 to 0.01 as far as 0.01 to 0.001.",
        )  # fmt: skip
        if ticked > MOST_CURVES:
            st.caption(f"The first {MOST_CURVES} of {ticked} ticked runs are drawn.")
    chart(
        overlay_table(curves),
        overlay_spec(
            tuple(name for name, _ in curves), f"loss ({' or '.join(sorted(units))})", is_log,
            widest=4.0,
            has_legend=len(curves) > 1,
            labels=tuple(labels[name] for name, _ in curves),
        ),
        key="runs-overlay",
    )  # fmt: skip
    losses = {facts[name].experiment.loss for name, _ in curves if name in facts}
    if len(losses) > 1:
        st.caption("These runs have different losses: compare the shapes, not the heights.")


def _differences(facts: dict[str, Facts], *, is_pinned: bool) -> None:
    """A row for each run, a column for each setting in which one differs from the baseline."""
    rows = settings_that_differ([one.experiment for one in facts.values()])
    kind = "the pinned run" if is_pinned else "the first run"
    st.markdown(f"**Settings that differ** · the baseline is {kind}, number 1")
    if not rows:
        st.caption(
            "All settings are the same. What still differs came from outside: the version of the "
            "framework, the machine, the weights it began with, or what was changed by hand while "
            "it ran."
        )
    columns = {
        **rows,
        **_histories(facts.values()),
        "Last loss": [_number(one.loss) for one in facts.values()],
        "Right": [score_in_words(*(one.score or ("", None))) for one in facts.values()],
        "Steps": [f"{one.step:,}" for one in facts.values()],
    }
    with st.container(key="runs-diff"):
        st.table(_escaped(pd.DataFrame(columns, index=pd.Index(facts, name="Run"))))


def _about(facts: Facts) -> None:
    """The facts of a run, besides its settings."""
    started = facts.started
    rows = {
        "Ended": f"{when(facts.ended)}, {facts.state}",
        "Why": facts.message or {"epochs": "the last epoch was done", "target_loss":
               "the loss reached its target", "patience": "no better loss for long",
               "stopped": "it was stopped", None: ""}[facts.reason],
        "Trained by": f"{started.framework}, {started.device}" if started else "",
        "Versions": ", ".join(f"{name} {number}" for name, number in facts.versions.items()),
        "Took": f"{counted(facts.step, 'step')}, {counted(facts.epoch, 'epoch', ',.4g')}, "
        f"{facts.elapsed_seconds:.1f} s",
        "Last loss": _number(facts.loss),
        "At the end": score_in_words(*(facts.score or ("", None))),
        "Seed": str(facts.experiment.seed),
        "From": SOURCES.get(facts.source, facts.source) if facts.source else "",
        **_beginning(facts),
        "By hand": _by_hand(facts),
        "Id": facts.id,
    }  # fmt: skip
    shown = {name: text for name, text in rows.items() if text}
    with st.container(key="runs-about"):
        st.table(_escaped(pd.DataFrame({"This run": shown})), border="horizontal")


def _beginning(facts: Facts) -> dict[str, str]:
    before = facts.continued_from
    if before is None:
        return {}
    if not before.run_id:
        return {"Begun": before.sentence}
    return {"Continued": f"from step {before.step:,} of run {before.run_id[:8]}"}


def _histories(runs: Iterable[Facts]) -> dict[str, list[str]]:
    """Influences on the losses that are not settings, without those that no run has."""
    runs = list(runs)
    found = {
        "Begun": ["".join(_beginning(one).values()).partition(". ")[0] for one in runs],
        "By hand": [_by_hand(one) for one in runs],
    }
    return {name: [c or "–" for c in cells] for name, cells in found.items() if any(cells)}


def _by_hand(facts: Facts) -> str:
    found = []
    if facts.edits:
        found.append(f"{counted(len(facts.edits), 'weight')} set")
    if facts.learning_rate_changes:
        found.append(f"learning rate moved {counted(len(facts.learning_rate_changes), 'time')}")
    if facts.took_samples:
        found.append("single rows stepped")
    return ", ".join(found)


def _escaped(table: pd.DataFrame) -> pd.DataFrame:
    """Cells and names as plain text, because st.table would render them as Markdown."""
    return table.rename(index=plain, columns=plain).map(plain)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"
