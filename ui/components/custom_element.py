"""A custom HTML element that is fed with bytes, and the two components that bring it to a page.

Streamlit sends a component's code again with every call. So the code travels in a component of its
own, which never changes and which the browser therefore keeps, and the component that changes is
small.
"""

from __future__ import annotations

import hashlib
from typing import Any

import streamlit as st

from ui.components.bundles import bundle


class CustomElement:
    """The element of a bundle, under a name that carries a hash of its code.

    Parameters
    ----------
    name : str
        Name of the bundle, whose script defines the element.

    Attributes
    ----------
    tag : str
        Name of the HTML element: an edited script makes another one.
    """

    def __init__(self, name: str) -> None:
        code = bundle(name)
        digest = hashlib.sha256(code.encode()).hexdigest()[:8]
        self.tag = f"{name.replace('_', '-')}-{digest}"
        self._code = st.components.v2.component(f"{name}_code", js=code)
        self._view = st.components.v2.component(
            name,
            html=f"<{self.tag} data-custom-element></{self.tag}>",
            js=bundle("custom_element"),
        )

    def show(self, data: bytes, *, key: str, **on_change: Any) -> None:
        """Show the element, and give it what it shows.

        Parameters
        ----------
        data : bytes
            What the element's method ``show`` reads.
        key : str
            Names this element on the page; the same at every call.
        **on_change : callable
            ``on_<name>_change`` is called when the element sent something under that name; the
            session then holds it under `key`.
        """
        with st.container(gap=None):
            self._code(key=f"{key}_code", data={"element": self.tag})
            self._view(data=data, key=key, **on_change)
