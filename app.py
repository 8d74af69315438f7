"""Backprop Live: the frame around the pages, and their table of contents.

``streamlit run app.py`` first imports this file, to find the server's own routes in it, and then
runs it for each visitor, to show a page.
"""

from pathlib import Path

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from ui import session
from ui.links import addresses
from ui.links.page_list import HOME, PAGES
from ui.live import stream

if get_script_run_ctx(suppress_warning=True) is None:
    app = st.App(__file__, routes=[*addresses.routes, *stream.routes])
else:
    here = Path(__file__).parent / "ui" / "assets"
    page = st.navigation(
        [
            st.Page(page.path, title=page.title, icon=page.icon, default=page.name == HOME)
            for page in PAGES
        ],
        position="top",
    )
    # The icon is a file of ours: a named one would be fetched from the internet.
    st.set_page_config(
        page_title=f"{page.title} · Backprop Live", page_icon=here / "icon.png", layout="wide"
    )
    st.html(here / "style.css")
    session.arrive()
    session.go_to_stored_page()
    page.run()
    session.leave()
