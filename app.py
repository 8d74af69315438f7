"""Backprop Live: the frame around the pages, and their table of contents."""

from pathlib import Path

import streamlit as st

from ui import session

st.set_page_config(page_title="Backprop Live", page_icon=":material/hub:", layout="wide")

st.html(Path(__file__).parent / "ui" / "style.css")
session.arrive()
page = st.navigation(
    [
        st.Page("pages/gates.py", title="Gates", icon=":material/join_inner:", default=True),
        st.Page("pages/bits.py", title="Bits", icon=":material/pin:"),
        st.Page("pages/digits.py", title="Digits", icon=":material/draw:"),
    ],
    position="top",
)
session.go_on()
page.run()
