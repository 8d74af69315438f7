"""The actions on runs of the history: open, train again, rename, pin, delete, download, load."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from nn_core.errors import BackpropError, StoreError
from nn_core.experiment import Experiment
from nn_core.runs.store import ListedRun, Store, StoredRun, visitor_of
from nn_core.runs.store.archive import (
    MOST_ZIP_BYTES,
    as_csv,
    as_json,
    curves_as_csv,
    from_zip,
    to_zip,
)
from nn_core.runs.store.record import LONGEST_NAME, LONGEST_NOTE, Facts, Record, run_of
from nn_core.vocabulary import counted
from ui import session
from ui import session_keys as keys
from ui.components.plain_text import plain
from ui.form import commands
from ui.links.page_list import page_of
from ui.live import doctor_card
from ui.runs.history import run_list, run_scope


def messages(store: Store) -> None:
    """Show the result of the last action, and a button that undoes a deletion."""
    for key, say, icon in (
        (keys.RUNS_REFUSED, st.error, ":material/error:"),
        (keys.RUNS_DONE, st.success, ":material/check_circle:"),
    ):
        if message := session.take(key):
            say(plain(message), icon=icon)
    deleted: list[str] = session.peek(keys.RUNS_DELETED, [])
    if deleted:
        with st.container(horizontal=True, vertical_alignment="center", key="runs-undo"):
            st.markdown(
                f":material/delete: {counted(len(deleted), 'run')} deleted. For a day, this can be "
                "undone here, in this visit.",
                width="content",
            )
            st.button(
                "Undo", key=keys.button("runs", "undo"), icon=":material/undo:", on_click=_restore,
                args=(store, deleted), help="Brings them back into the list.",
            )  # fmt: skip


def bar(store: Store, lines: Sequence[ListedRun]) -> str:
    """Show the buttons for the runs that are ticked.

    Returns
    -------
    page : str
        The page of a run that was opened or trained again; empty where none was.
    """
    is_one = len(lines) == 1
    one = lines[0] if is_one else None
    ids = [line.id for line in lines]
    opened = ""
    with st.container(horizontal=True, vertical_alignment="bottom", key="runs-bar"):
        _button("Open", "open", ":material/open_in_new:", _open, (store, ids), not is_one,
                "Shows the run on its page, with its past. Tick one run.",
                primary=True)  # fmt: skip
        _button("Rerun", "rerun", ":material/replay:", _rerun, (store, ids), not is_one,
                "Loads its settings into the form of its page, and trains them from step 0, with "
                "the initial weights that they draw: not those of a file. Tick one "
                "run.")  # fmt: skip
        all_pinned = bool(lines) and all(line.pinned for line in lines)
        _button("Unpin" if all_pinned else "Pin", "pin", ":material/keep:", _pin,
                (store, ids, not all_pinned), not lines,
                "Pinned runs stand first, are never removed to make room, and are what others are "
                "compared with.")  # fmt: skip
        _button("Delete", "delete", ":material/delete:", _delete, (store, ids), not lines,
                "Takes the ticked runs out of the list. This can be undone.")  # fmt: skip
        _downloads(store, lines)
        _loading(store)
    if session.take(keys.RUNS_OPENED) and one is not None:
        opened = _page_of(store.facts(one.id, run_scope.shown()).experiment)
    return opened


def name_and_note(store: Store, line: ListedRun) -> None:
    """Fields for the name of a run, and a note on it."""
    name_key, note_key = keys.run_name(line.id), keys.note_on_run(line.id)
    session.value(name_key, line.name)
    st.text_input(
        "Name", key=name_key, placeholder=line.title, max_chars=LONGEST_NAME,
        on_change=lambda: _change(store, line.id, name=session.peek(name_key)),
        help="What the run is called in the list and in charts; left empty, by its settings.",
    )  # fmt: skip
    session.value(note_key, line.note)
    st.text_area(
        "Note", key=note_key, max_chars=LONGEST_NOTE, height=68,
        on_change=lambda: _change(store, line.id, note=session.peek(note_key)),
        help="What you want to remember about this run.",
    )  # fmt: skip


def _button(
    label: str, name: str, icon: str, act: Callable[..., None], args: tuple[Any, ...],
    disabled: bool, help: str, *, primary: bool = False,
) -> None:  # fmt: skip
    st.button(
        label, key=keys.button("runs", name), icon=icon, on_click=_do_or_report, args=(act, *args),
        disabled=disabled, help=help, type="primary" if primary else "secondary",
    )  # fmt: skip


def _do_or_report(act: Callable[..., None], *args: Any) -> None:
    """Do an action; if it fails, store the reason for the page."""
    try:
        act(*args)
    except BackpropError as error:
        session.put(keys.RUNS_REFUSED, str(error))


def _open(store: Store, ids: Sequence[str]) -> None:
    kept = store.kept(ids[0], run_scope.shown())
    run = run_of(kept.record, session.owner())
    page = _page_of(run.experiment)
    commands.open_experiment(page, run.experiment)
    session.show_run(page, run)
    session.put(keys.recipe(page), None)
    session.put(keys.RUNS_OPENED, True)


def _rerun(store: Store, ids: Sequence[str]) -> None:
    facts = store.facts(ids[0], run_scope.shown())
    experiment, before = facts.experiment, facts.continued_from
    page = _page_of(experiment)
    doctor_card.show_and_train(page, experiment)
    if before is not None:
        commands.note_next_run(
            page,
            "Trained again from step 0, with the initial weights that the settings draw. The run "
            f"before had begun otherwise: {before.sentence}",
        )
    session.put(keys.recipe(page), None)
    session.put(keys.RUNS_OPENED, True)


def _pin(store: Store, ids: Sequence[str], pinned: bool) -> None:
    for run_id in ids:
        store.change(run_id, run_scope.own(), pinned=pinned)
    run_list.choose(ids)


def _delete(store: Store, ids: Sequence[str]) -> None:
    deleted = store.delete(ids, run_scope.own())
    left = store.chosen(ids, run_scope.shown())
    gone = [run_id for run_id in ids if run_id not in {line.id for line in left}]
    session.put(keys.RUNS_DELETED, gone)
    run_list.choose([line.id for line in left])
    if deleted < len(ids):
        session.put(
            keys.RUNS_REFUSED,
            f"{counted(len(ids) - deleted, 'run')} not deleted: only your own runs can be.",
        )


def _restore(store: Store, ids: Sequence[str]) -> None:
    store.restore(ids, run_scope.own())
    session.put(keys.RUNS_DELETED, [])
    run_list.choose(ids)


def _change(store: Store, run_id: str, **new: Any) -> None:
    _do_or_report(lambda: store.change(run_id, run_scope.own(), **new))


def _downloads(store: Store, lines: Sequence[ListedRun]) -> None:
    owner = run_scope.shown()
    size = sum(line.bytes for line in lines)
    with st.popover(
        "Download", icon=":material/download:", disabled=not lines,
        help="The ticked runs as a file: to keep, to hand on, or to read with other programs.",
    ):  # fmt: skip
        st.caption(f"{counted(len(lines), 'run')} ticked, {size / 1e6:,.1f} MB")
        is_large = size > MOST_ZIP_BYTES
        _download("Zip, to load again", "zip", "application/zip", is_large,
                  lambda: to_zip(*_kept(store, lines, owner)),
                  f"At most {MOST_ZIP_BYTES / 1e6:.0f} MB: tick fewer runs." if is_large else
                  "Settings, curves, weights and kept steps. Load it on this page, on any machine.",
                  )  # fmt: skip
        _download("Table, as CSV", "csv", "text/csv", False,
                  lambda: as_csv(_without_arrays(store, lines, owner)),
                  "A row for each run: its settings and what it came to.")  # fmt: skip
        _download("Loss curves, as CSV", "curves.csv", "text/csv", False,
                  lambda: curves_as_csv(_kept(store, lines, owner)[0]),
                  "Lowest and highest loss of each bin of steps.")  # fmt: skip
        _download("Everything, as JSON", "json", "application/json", False,
                  lambda: as_json(_kept(store, lines, owner)[0]),
                  "Settings, metrics, curves and final weights, for other programs.")  # fmt: skip


def _download(
    label: str, ending: str, mime: str, disabled: bool, data: Callable[[], Any], help: str
) -> None:
    st.download_button(
        label, data, f"runs.{ending}", mime, key=keys.button("runs", "download", ending),
        on_click="ignore", icon=":material/download:", disabled=disabled, help=help,
        width="stretch",
    )  # fmt: skip


def _kept(
    store: Store, lines: Sequence[ListedRun], owner: str | None
) -> tuple[list[StoredRun], list[str]]:
    """The runs that can be read, and a sentence on each one that cannot."""
    found, left_out = [], []
    for line in lines:
        try:
            found.append(store.kept(line.id, owner))
        except StoreError as error:
            left_out.append(f"Left out: {line.id}. {error}")
    return found, left_out


def _without_arrays(store: Store, lines: Sequence[ListedRun], owner: str | None) -> list[StoredRun]:
    found = []
    for line in lines:
        facts = _facts(store, line, owner)
        if facts is not None:
            found.append(StoredRun(Record(facts, {}), line.name, line.note, line.pinned))
    return found


def _facts(store: Store, line: ListedRun, owner: str | None) -> Facts | None:
    try:
        return store.facts(line.id, owner)
    except StoreError:
        return None


def _loading(store: Store) -> None:
    with st.popover(
        "Load a zip", icon=":material/upload:",
        help="Adds the runs of a zip file that was downloaded here, or by somebody else.",
    ):  # fmt: skip
        number = session.value(keys.RUNS_UPLOAD_NUMBER, 0)
        key = keys.runs_upload(number)
        st.file_uploader(
            "Zip with runs", type=["zip"], key=key, on_change=_load, args=(store, key),
            max_upload_size=MOST_ZIP_BYTES // 1_000_000,
            help="As it was downloaded on this page. It is checked before anything is taken in, "
            f"and taken in as a whole or not at all; at most {MOST_ZIP_BYTES / 1e6:.0f} MB.",
        )  # fmt: skip


def _load(store: Store, key: str) -> None:
    upload = session.peek(key)
    if upload is None:
        return
    session.next_number(keys.RUNS_UPLOAD_NUMBER)  # a new, empty field for the next file
    try:
        runs = from_zip(upload.getvalue())
        added = store.add_all(runs, visitor_of(session.owner()), run_scope.own())
    except BackpropError as error:
        session.put(keys.RUNS_REFUSED, f"{upload.name}: {error} Nothing was changed.")
        return
    known = len(runs) - added
    also = f" {counted(known, 'run')} listed already." if known else ""
    session.put(keys.RUNS_DONE, f"{counted(added, 'run')} added.{also}")


def _page_of(experiment: Experiment) -> str:
    return page_of(experiment.dataset)
