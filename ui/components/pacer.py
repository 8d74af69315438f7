"""An invisible component that requests the next tick after the last one is painted.

Streamlit's own timer sends ticks without waiting for the previous one, and can deliver a click
twice. This component closes the loop.
"""

from __future__ import annotations

import streamlit as st

from ui.components.bundles import bundle

_component = st.components.v2.component(
    "backprop_live_pacer",
    html="<span></span>",
    js=bundle("pacer"),
)


def pacer(*, sequence: int, per_second: float, is_on: bool, key: str) -> None:
    """Rerun the enclosing fragment repeatedly while `is_on`.

    Parameters
    ----------
    sequence : int
        A number that changes with each tick.
    per_second : float
        Maximum ticks per second.
    is_on : bool
        Whether to request further ticks.
    key : str
        Key of the component.
    """
    _component(
        key=key,
        data={"sequence": sequence, "interval": 1000 / per_second, "isOn": is_on},
        on_tick_change=lambda: None,
        height=1,
    )
