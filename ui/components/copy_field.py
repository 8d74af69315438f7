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
    """Show a text with a button to copy it.

    Parameters
    ----------
    text : str
        The text to copy.
    label : str
        Description for screen readers.
    button : str
        Label of the button.
    key : str
        Key of the component.
    """
    _component(key=key, data={"text": text, "label": label, "button": button})
