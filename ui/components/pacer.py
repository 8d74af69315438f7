"""An invisible component that asks for the next tick once the last one is painted.

Streamlit's own timer sends ticks whether the last one has arrived or not, and can deliver one
click twice. This one closes the loop.
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
    """Rerun the fragment that this is called in, again and again while `is_on`.

    Parameters
    ----------
    sequence : int
        Another number at each tick.
    per_second : float
        Most ticks in a second.
    is_on : bool
        Whether something moves.
    key : str
        Identity of the component.
    """
    _component(
        key=key,
        data={"sequence": sequence, "interval": 1000 / per_second, "isOn": is_on},
        on_tick_change=lambda: None,
        height=1,
    )
