"""A text with a button that copies it to the clipboard."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from ui.components.bundles import bundle

_component = st.components.v2.component(
    "backprop_live_copy_field",
    html='<div class="copy-field"><input readonly><button type="button"></button>'
    '<output role="status"></output></div>',
    css=Path(__file__).with_suffix(".css").read_text(encoding="utf-8"),
    js=bundle("copy_field"),
)


def copy_field(text: str, *, label: str, button: str, key: str) -> None:
    """Show a text that can be copied.

    Parameters
    ----------
    text : str
        What is copied.
    label : str
        What it is, for those who do not see it.
    button : str
        What stands on the button.
    key : str
        Identity of the component.
    """
    _component(key=key, data={"text": text, "label": label, "button": button})
