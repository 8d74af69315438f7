"""A link to the state of a page, as a text to copy and as a QR code."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlencode, urlsplit

import segno
import streamlit as st

from nn_core.errors import InvalidExperiment
from nn_core.events import Snapshot
from nn_core.exchange.links import experiment_links
from nn_core.exchange.links.link_problems import label_of
from nn_core.experiment import Experiment
from nn_core.runs.run import Run
from ui import session
from ui import session_keys as keys
from ui.components.copy_field import copy_field
from ui.form.experiment_form import changed_fields
from ui.form.lookback import lookback_of, shown_step
from ui.links.addresses import is_loopback

T = TypeVar("T")

LONGEST_CODE = 1500
"""Most characters of a QR code that a phone can scan in a lecture room."""


def share_button(page: str, experiment: Experiment | None, defaults: Experiment) -> None:
    """Show a button that opens the link to the experiment of a page with a live picture.

    Parameters
    ----------
    page : str
        The page.
    experiment : Experiment or None
        The form's experiment; None if it is not valid.
    defaults : Experiment
        The experiment of the page without a link.
    """

    def query(shared: Experiment) -> dict[str, str]:
        return experiment_links.to_query(_with_weights(page, shared), defaults)

    share(page, experiment, query)


def share(page: str, held: T | None, to_query: Callable[[T], dict[str, str]]) -> None:
    """Show a button that opens the link to the state of a form.

    Parameters
    ----------
    page : str
        The page.
    held : object or None
        The state of its form; None if it is not valid.
    to_query : callable
        From the state to the query of the link; may raise `InvalidExperiment`.
    """
    popover = st.popover(
        "Share", icon=":material/share:", key=keys.button(page, "share"), on_change="rerun",
        disabled=held is None, help="A link that opens this page with the same settings.",
    )  # fmt: skip
    if popover.open and held is not None:
        with popover:
            _link(page, held, to_query)


def _link(page: str, held: T, to_query: Callable[[T], dict[str, str]]) -> None:
    try:
        query = to_query(held)
    except InvalidExperiment as error:
        for problem in error.problems:
            st.error(
                f"No link can be made: {label_of(problem.field) or problem.field}: "
                f"{problem.reason}.",
                icon=":material/link_off:",
            )
        return
    address = st.context.url or ""
    root = "/" if address and not urlsplit(address).path else ""
    link = address + root + (f"?{urlencode(query)}" if query else "")
    copy_field(link, label="Link to this page", button="Copy link", key=f"{page}-copy-link")
    st.caption(
        "It holds what differs from the defaults of this page, and gives the same start in any "
        "browser that reaches this server."
    )
    if is_loopback(urlsplit(link).hostname or ""):
        st.caption(
            ":material/info: This address works on this machine alone. For others, open the app by "
            "the name or address that this machine has in the network, and share from there."
        )
    if len(link) > LONGEST_CODE:
        st.caption("The link is too long for a code that a phone could scan.")
        return
    # White on any theme, because cameras expect it.
    code = segno.make(link, error="m", micro=False)
    picture = code.svg_inline(scale=4, border=2, dark="#000", light="#fff")
    with st.container(key=keys.qr_code(page)):
        st.image(picture, width=240, alt="QR code of the link")


def _with_weights(page: str, experiment: Experiment) -> Experiment:
    """The experiment, with the shown weights as given weights if the visitor chooses that."""
    run = session.run_of(page)
    moment = _moment(page, run)
    if run is None or moment is None or not _is_alike(run.experiment, experiment):
        return experiment
    has_weights = st.toggle(
        f"With the weights of step {moment.step:,}", key=keys.share_weights(page),
        help="Whoever opens the link begins with the weights that you see now. Only small "
        "networks fit into a link.",
    )  # fmt: skip
    if not has_weights:
        return experiment
    if changed := changed_fields(run.experiment, experiment):
        st.caption(
            ":material/info: These weights were trained with other settings than the link has: "
            f"{', '.join(changed)} changed on the left since that run began."
        )
    return experiment_links.with_weights(experiment, moment.params)


def _moment(page: str, run: Run | None) -> Snapshot | None:
    """The snapshot of a run that the picture shows."""
    if run is None:
        return None
    step = shown_step(run, lookback_of(page))
    return run.latest if step is None else run.history.snapshot_at(step)


def _is_alike(old: Experiment, new: Experiment) -> bool:
    """Whether the weights of one experiment fit the network of the other."""
    return old.layer_sizes == new.layer_sizes and old.bias == new.bias
