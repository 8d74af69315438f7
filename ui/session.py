"""What belongs to one visitor. No other file touches the session state or the URL."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from typing import Any

import streamlit as st
from streamlit import runtime
from streamlit.errors import StreamlitAPIException
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.state.common import user_key_from_element_id

from nn_core.runs.run import Run
from nn_core.server import get_pool

FORM = ".form."
"""Part of the key of every widget whose value is kept while another page is shown."""

_ENTERED, _GOTO, _QUERY, _OWNER = "entered", "goto", "goto_query", "owner"
_WISHES = "wishes"
_KEPT, _DRAWN = "kept", "drawn"


def arrive() -> None:
    """Take note that the visitor came in through app.py."""
    state()[_ENTERED] = True


def enter(page: str) -> None:
    """Begin a page.

    A visitor who came by a deep link on a fresh server is sent through app.py first, and back:
    Streamlit then runs a file in ``pages/`` by itself, without the frame of app.py.
    """
    if _ENTERED not in state():
        state()[_GOTO], state()[_QUERY] = page, query()
        st.switch_page("app.py")
    _wishes()  # from now on there, for a callback to find without a touch
    last, drawn = state().get(_DRAWN, (page, frozenset()))
    drawn = drawn if last == page else frozenset()
    state()[_DRAWN] = page, drawn
    kept, stands = state().get(_KEPT, {}), _reported() & drawn
    for key in {*_form_values(), *kept}:
        # A widget that is set is set in the browser too, over what is being typed there: one that
        # stands there is left alone.
        if key not in state():
            state()[key] = kept[key]
        elif key not in stands:
            state()[key] = state()[key]
    state()[_KEPT] = _form_values()  # now: the next click may cut this run short
    keep_alive()


def leave() -> None:
    """End a page: note what its widgets are set to, which Streamlit forgets with the page.

    Those that it drew are known by Streamlit's refusal to set them until the next run.
    """
    kept, drawn = _form_values(), set()
    for key, value in kept.items():
        try:
            state()[key] = value
        except StreamlitAPIException:
            drawn.add(key)
    page, _ = state()[_DRAWN]
    state()[_KEPT], state()[_DRAWN] = kept, (page, frozenset(drawn))


def _reported() -> set[str | None]:
    """The keys of the widgets that the browser had when it sent this request.

    That alone does not say that they stand there: an answer may be on its way to it that takes them
    away. Nor does what the last run of the page drew alone: the answer may never have been sent,
    as that of a run that is cut short, or that ends just before the next begins.
    """
    context = get_script_run_ctx(suppress_warning=True)
    widgets = context.session_state.get_widget_states() if context else []
    return {user_key_from_element_id(widget.id) for widget in widgets}


def _form_values() -> dict[str, Any]:
    return {key: state()[key] for key in state() if FORM in str(key)}


def go_on() -> None:
    """Send the visitor on to the page that `enter` came from."""
    if page := state().pop(_GOTO, None):
        st.switch_page(page, query_params=state().pop(_QUERY, {}))


def keep_alive() -> None:
    """Say again that the visitor is here."""
    context = get_script_run_ctx(suppress_warning=True)
    _presence(owner(), context.session_id if context else "")
    get_pool().renew(owner())


def query() -> dict[str, list[str]]:
    """What the address of the page says behind its question mark: all that stands for each key."""
    return {name: st.query_params.get_all(name) for name in st.query_params}


def has_met(page: str, query: Mapping[str, Sequence[str]]) -> bool:
    """Whether this query of the page's address was taken note of by `meet`."""
    return _mark(query) in value(f"{page}.queries", set())


def meet(page: str, query: Mapping[str, Sequence[str]]) -> None:
    """Take note of a query of the page's address: from now on it is not new."""
    value(f"{page}.queries", set()).add(_mark(query))


def _mark(query: Mapping[str, Sequence[str]]) -> int:
    """Of a query only a mark: it may have thousands of characters, and there may be many."""
    return hash(frozenset((name, *texts) for name, texts in query.items()))


def owner() -> str:
    """The secret name under which this visitor's runs are started."""
    return str(state().setdefault(_OWNER, secrets.token_hex(16)))


def run_of(page: str) -> Run | None:
    """The run that this page shows."""
    return state().get(f"{page}.run")


def show_run(page: str, run: Run | None) -> None:
    """Let the page show another run, or none."""
    state()[f"{page}.run"] = run


def value(key: str, default: Any = None) -> Any:
    """What is kept under `key`; kept from now on if it was not."""
    return state().setdefault(key, default)


def peek(key: str, default: Any = None) -> Any:
    """What is kept under `key`, or the default."""
    return state().get(key, default)


def put(key: str, new: Any) -> None:
    """Keep something under `key`; for a widget's key, set the widget."""
    state()[key] = new


def at_most(key: str, most: int, default: int = 1) -> None:
    """Bring a number that is kept under `key` down to `most`; one that is not above it stays.

    It is not set anew for nothing: that would undo what is being typed.
    """
    if int(value(key, default)) > most:
        put(key, most)


def take(key: str) -> Any:
    """What is kept under `key`, which then is forgotten."""
    return state().pop(key, None)


def wish(key: str, *what: Any) -> None:
    """Note what is asked for, until `granting` has done it; for callbacks.

    Streamlit ends a callback, as it ends a run of the page, at any touch of the session state once
    the next request has come. Here nothing is touched: no click is lost.
    """
    _wishes()[key] = what


def wished(key: str) -> tuple[Any, ...] | None:
    """What is asked for under `key`; None where nothing is."""
    return _wishes().get(key)


@contextlib.contextmanager
def granting(key: str) -> Iterator[tuple[Any, ...] | None]:
    """What is asked for under `key`, to be done in this block, and forgotten at its end.

    A run that Streamlit cuts short in it leaves it to the next one; what failed is forgotten.
    """
    wishes = _wishes()
    try:
        yield wishes.get(key)
    except Exception:  # what Streamlit cuts a run short with is none
        wishes.pop(key, None)
        raise
    wishes.pop(key, None)


def _wishes() -> dict[str, tuple[Any, ...]]:
    context = get_script_run_ctx(suppress_warning=True)
    known = context.session_state.filtered_state if context else {}
    wishes: dict[str, tuple[Any, ...]] = known[_WISHES] if _WISHES in known else value(_WISHES, {})
    return wishes


def next_number(key: str) -> int:
    """Count upwards from 1."""
    state()[key] = state().get(key, 0) + 1
    return int(state()[key])


def state() -> MutableMapping[Any, Any]:
    """The visitor's session state."""
    return st.session_state


def _left(visit: tuple[str, str]) -> None:
    name, session_id = visit
    get_pool().release(name, lambda: _is_connected(session_id))


@st.cache_resource(scope="session", on_release=_left)
def _presence(name: str, session_id: str) -> tuple[str, str]:
    """Released when the visitor's connection ends: a closed tab, a reload or a lost network.

    One that comes back runs the page when something is clicked on it, and not before: until then
    the pool has to ask.
    """
    get_pool().welcome(name)
    return name, session_id


def _is_connected(session_id: str) -> bool:
    return runtime.exists() and runtime.get_instance().is_active_session(session_id)
