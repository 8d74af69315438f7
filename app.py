"""Backprop Live: the frame around the pages, and their table of contents.

``streamlit run app.py`` first imports this file, to find the server's own routes in it, and then
runs it for each visitor, to show a page.
"""

from pathlib import Path

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from ui import session
from ui.links import addresses
from ui.live import stream

if get_script_run_ctx(suppress_warning=True) is None:
    app = st.App(__file__, routes=[*addresses.routes, *stream.routes])
else:
    here = Path(__file__).parent / "ui" / "assets"
    # The icon is a file of ours: a named one would be fetched from the internet.
    st.set_page_config(page_title="Backprop Live", page_icon=here / "icon.png", layout="wide")
    st.html(here / "style.css")
    session.arrive()
    page = st.navigation(
        [
            st.Page("pages/gates.py", title="Gates", icon=":material/join_inner:", default=True),
            st.Page("pages/bits.py", title="Bits", icon=":material/pin:"),
            st.Page("pages/plane.py", title="Plane", icon=":material/scatter_plot:"),
            st.Page("pages/digits.py", title="Digits", icon=":material/draw:"),
            st.Page("pages/recipes.py", title="Recipes", icon=":material/menu_book:"),
            st.Page("pages/pathologies.py", title="Pathologies", icon=":material/healing:"),
            st.Page("pages/compare.py", title="Compare", icon=":material/compare_arrows:"),
            st.Page("pages/convergence.py", title="Convergence", icon=":material/stacks:"),
            st.Page("pages/runs.py", title="Runs", icon=":material/history:"),
            st.Page("pages/autodiff.py", title="Autodiff", icon=":material/function:"),
        ],
        position="top",
    )
    session.go_on()
    page.run()
    session.leave()
