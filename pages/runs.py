"""Runs: what was trained so far, to be found, compared, opened and taken home."""

import streamlit as st

from nn_core.store import get_store
from ui import run_actions, run_list, run_overlay, run_scope, session

session.enter("pages/runs.py")
st.title("Runs")

store = get_store()
with run_list.reading():
    run_list.notes(store)
    run_actions.messages(store)
    which = run_list.choose_filter(store)
    chosen = store.chosen(run_list.table(store, which), run_scope.shown())
    opened = run_actions.bar(store, chosen)
    if opened:
        st.switch_page(f"pages/{opened}.py")
    if len(chosen) == 1:
        run_actions.name_and_note(store, chosen[0])
    run_overlay.overlay(store, chosen)
