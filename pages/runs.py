"""Runs: what was trained so far, to be found, compared, opened and taken home."""

import streamlit as st

from nn_core.runs.store import get_store
from ui import session
from ui.links import page_list
from ui.runs.history import run_actions, run_list, run_overlay

session.enter("pages/runs.py")
st.title("Runs")

store = get_store()
with run_list.reading():
    run_list.notes(store)
    which = run_list.choose_filter(store)
    actions = st.container(key="runs-actions")  # above the list, so that it stays where it is
    chosen = run_list.table(store, which)
    with actions:
        opened = run_actions.bar(store, chosen)
    if opened:
        st.switch_page(page_list.path(opened))
    run_actions.messages(store)
    run_overlay.overlay(store, chosen)
