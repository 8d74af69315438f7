"""The history of runs as a list: filters, one page of rows, and the ticked runs."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pandas as pd
import streamlit as st

from nn_core import backends, datasets, vocabulary
from nn_core.errors import StoreError
from nn_core.runs.store import Filter, ListedRun, Store, run_labels
from nn_core.runs.store.recorder import get_recorder
from nn_core.vocabulary import counted
from ui import session
from ui import session_keys as keys
from ui.runs.history import run_scope

ROWS = 20
ROW_PIXELS = 35
MOST_CHOSEN = 200
WAIT_SECONDS = 2.0
"""How long the list waits until a run that has just ended is written."""

SOURCES = {"": "page", "compare": "Compare", "pair": "Compare, A and B", "convergence":
           "Convergence"}  # fmt: skip
FIELDS = ("datasets", "backends", "states", "sources")
MEASURES = {"accuracy": ("{:.4g} %", 100.0), "r2": ("R² {:.3f}", 1.0)}


@contextlib.contextmanager
def reading() -> Iterator[None]:
    """If the history cannot be read, show the reason instead of the rest of the page."""
    try:
        yield
    except StoreError as error:
        st.error(str(error), icon=":material/error:")


def notes(store: Store) -> None:
    """Show where the history is stored, and its problems."""
    store.look_again()
    recorder = get_recorder()
    recorder.wait(WAIT_SECONDS)
    if store.note:
        st.warning(store.note, icon=":material/sd_card_alert:")
    if recorder.missed:
        st.warning(
            f"{counted(recorder.missed, 'run')} could not be recorded: {recorder.why_missed}.",
            icon=":material/sd_card_alert:",
        )
    run_scope.choose()


def choose_filter(store: Store) -> Filter:
    """Show the filters.

    Returns
    -------
    which : Filter
        The chosen values.
    """
    owner = run_scope.shown()
    left, *columns = st.columns([3, 3, 2, 2, 2])
    with left:
        session.value(keys.RUNS_TEXT, "")
        text = st.text_input(
            "Find", key=keys.RUNS_TEXT, placeholder="name, task or note", max_chars=100,
            icon=":material/search:", help="Lists the runs whose name, task or note contains this.",
        )  # fmt: skip
    labels: tuple[tuple[str, str, Any], ...] = (
        ("Task", "dataset", _task),
        ("Backend", "backend", _backend),
        ("State", "state", str),
        ("From", "source", lambda name: SOURCES.get(name, name)),
    )
    chosen, found = {}, store.filter_values(owner)
    for column, field, (label, name, words) in zip(columns, FIELDS, labels, strict=True):
        key = keys.runs_filter(field)
        kept = session.value(key, [])
        options = sorted({*found[name], *kept})
        with column:
            chosen[field] = tuple(
                st.multiselect(
                    label, options, key=key, format_func=words, placeholder="all",
                    help="Lists only the runs with any of these; none chosen lists all. "
                    + _MORE[field],
                )
            )  # fmt: skip
    return Filter(owner, text=text.strip(), **chosen)


_MORE = {
    "datasets": "",
    "backends": "",
    "states": "A run is stopped by Reset, by another run, or by a closed page.",
    "sources": "Compare and Convergence train many runs at once.",
}


def table(store: Store, which: Filter) -> list[ListedRun]:
    """Show one page of the list.

    Returns
    -------
    chosen : list of ListedRun
        The ticked runs, on this page of the list and on others.
    """
    total = store.count(which)
    pages = max(1, -(-total // ROWS))
    number = min(session.value(keys.RUNS_PAGE, 0), pages - 1)
    lines = store.lines(which, number * ROWS, ROWS)
    chosen: list[str] = session.value(keys.RUNS_CHOSEN, [])
    if not lines:
        _nothing_to_show(which)
        return store.chosen(chosen, run_scope.shown())
    ids = [line.id for line in lines]
    # Streamlit identifies rows by position, so other runs need a new table.
    version = hashlib.sha256(f"{ids} {session.value(keys.RUNS_VERSION, 0)}".encode()).hexdigest()[
        :12
    ]
    key = keys.runs_table(version)
    chosen = _with_ticks(key, ids, chosen)
    ticked = store.chosen(chosen, run_scope.shown())
    numbers = {line.id: number for number, line in enumerate(run_labels.drawn(ticked), 1)}
    # As high as its rows; style.css reserves space below it for the curves.
    with st.container(height=ROW_PIXELS * (len(lines) + 1) + 2, border=False, key="runs-list"):
        st.dataframe(
            _frame(lines, numbers),
            key=key,
            hide_index=True,
            height="stretch",
            row_height=ROW_PIXELS,
            on_select="rerun",
            selection_mode="multi-row",
            selection_default={"selection": {"rows": session.peek(keys.RUNS_TICKED_AT_FIRST)}},
            column_config=_COLUMNS,
            alt="The runs of this page of the list.",
        )
    _pages(store, which, number, pages, total, len(ticked))
    return ticked


def _with_ticks(key: str, ids: Sequence[str], chosen: Sequence[str]) -> list[str]:
    """The ticked runs, when the table of this key shows the runs with these ids.

    They are read before the table is drawn, so that it can show their numbers.
    """
    state = session.peek(key)
    if state is None:  # a table that is not on the page yet
        rows = [ids.index(one) for one in chosen if one in ids]
        session.put(keys.RUNS_TICKED_AT_FIRST, rows)
    else:
        rows = state.selection.rows
    ticked = [ids[row] for row in rows if row < len(ids)]
    kept = [one for one in chosen if one in ticked or one not in ids]
    now = [*kept, *(one for one in ticked if one not in kept)][:MOST_CHOSEN]
    session.put(keys.RUNS_CHOSEN, now)
    return now


def choose(ids: Sequence[str]) -> None:
    """Tick these runs and no others; for callbacks."""
    session.put(keys.RUNS_CHOSEN, list(ids)[:MOST_CHOSEN])
    session.next_number(keys.RUNS_VERSION)


def _pages(
    store: Store, which: Filter, number: int, pages: int, total: int, chosen: int
) -> None:  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="center", key="runs-pages"):
        st.button(
            "Newer", key=keys.button("runs", "newer"), icon=":material/chevron_left:",
            disabled=number == 0, on_click=session.put, args=(keys.RUNS_PAGE, number - 1),
            help="The page of the list before this one.",
        )  # fmt: skip
        st.button(
            "Older", key=keys.button("runs", "older"), icon=":material/chevron_right:",
            disabled=number + 1 >= pages, on_click=session.put, args=(keys.RUNS_PAGE, number + 1),
            help="The next page of the list.",
        )  # fmt: skip
        first = number * ROWS + 1
        last = min(first + ROWS - 1, total)
        st.markdown(f"{first:,}–{last:,} of {total:,} · {chosen:,} ticked", width="content")
        st.button(
            "Tick all", key=keys.button("runs", "all"), icon=":material/select_all:",
            type="tertiary", on_click=lambda: choose(store.ids(which, MOST_CHOSEN)),
            help=f"Ticks all runs that the filters leave, on all pages; at most {MOST_CHOSEN}.",
        )  # fmt: skip
        st.button(
            "Tick none", key=keys.button("runs", "none"), icon=":material/deselect:",
            type="tertiary", on_click=choose, args=([],), disabled=not chosen,
            help="Takes the ticks away, on all pages.",
        )  # fmt: skip


def _nothing_to_show(which: Filter) -> None:
    if which.text or any(getattr(which, field) for field in FIELDS):
        st.info("No run fits these filters. Clear one.", icon=":material/filter_alt_off:")
    else:
        st.info(
            "No run yet. Train something on any page: when it ends, however it ends, it is listed "
            "here.",
            icon=":material/history:",
        )


def _frame(lines: Sequence[ListedRun], numbers: Mapping[str, int]) -> pd.DataFrame:
    zone = _zone()
    return pd.DataFrame(
        {
            "number": [str(numbers.get(line.id, "")) for line in lines],
            "pinned": ["✓" if line.pinned else "" for line in lines],
            "run": [line.label for line in lines],
            "framework": [line.framework or _backend(line.backend) for line in lines],
            "state": [line.state for line in lines],
            "steps": [line.step for line in lines],
            "loss": ["–" if line.loss is None else f"{line.loss:.4g}" for line in lines],
            "score": [score_in_words(line.score_name, line.score) for line in lines],
            "seconds": [line.seconds for line in lines],
            "ended": [when(line.ended, zone) for line in lines],
            "note": [line.note for line in lines],
        }
    )


_COLUMNS = {
    "number": st.column_config.TextColumn(
        "No.", width=40, help="The number of the curve below; of the first ten that are ticked."
    ),
    "pinned": st.column_config.TextColumn("Pin", width=40, help="Pinned runs stand first."),
    "run": st.column_config.TextColumn("Run", width=235),
    "framework": st.column_config.TextColumn("Framework", width=110),
    "state": st.column_config.TextColumn("State", width=70),
    "steps": st.column_config.NumberColumn("Steps", format="localized", width=70),
    "loss": st.column_config.TextColumn(
        "Last loss", width=80, help="Of the last training batch, before its step."
    ),
    "score": st.column_config.TextColumn(
        "Right", width=120,
        help="Share of the rows answered rightly, or R²: of the test rows where there are any.",
    ),
    "seconds": st.column_config.NumberColumn(
        "Time, s", format="%.1f", width=70, help="Running, pauses left out."
    ),
    "ended": st.column_config.TextColumn("Ended", width=120),
    "note": st.column_config.TextColumn("Note", width=110),
}  # fmt: skip


def score_in_words(name: str, score: float | None) -> str:
    """The accuracy or R² with the measured rows; a dash where nothing was measured."""
    rows, _, measure = name.partition("_")
    if score is None or measure not in MEASURES:
        return "–"
    form, factor = MEASURES[measure]
    return f"{form.format(factor * score)} {rows}"


def when(seconds: float, zone: ZoneInfo | None = None) -> str:
    """A date and time in the visitor's time zone."""
    try:
        return (
            datetime.fromtimestamp(seconds, UTC)
            .astimezone(zone or _zone())
            .strftime("%Y-%m-%d %H:%M")
        )
    except (OverflowError, OSError, ValueError):
        return "–"


def _zone() -> ZoneInfo:
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _task(name: str) -> str:
    return datasets.describe(name).label if name in vocabulary.DATASETS else name


def _backend(name: str) -> str:
    return backends.label(name) if name in vocabulary.BACKENDS else name
