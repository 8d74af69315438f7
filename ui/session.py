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
from ui import session_keys as keys


def arrive() -> None:
    """Store that the visitor came in through app.py."""
    state()[keys.ENTERED] = True


def enter(page: str) -> None:
    """Begin a page.

    A visitor who came by a deep link on a fresh server is sent through app.py first, and back:
    Streamlit then runs a file in ``pages/`` by itself, without the frame of app.py.
    """
    if keys.ENTERED not in state():
        state()[keys.GOTO_PAGE], state()[keys.GOTO_QUERY] = page, query()
        st.switch_page("app.py")
    _requests()  # makes the dictionary, so that a callback finds it without touching the session
    last, drawn = state().get(keys.DRAWN_WIDGETS, (page, frozenset()))
    drawn = drawn if last == page else frozenset()
    state()[keys.DRAWN_WIDGETS] = page, drawn
    kept, on_page = state().get(keys.KEPT_VALUES, {}), _reported() & drawn
    for key in {*_form_values(), *kept}:
        # Setting a widget sets it in the browser too, over what is being typed there: a widget that
        # is on the page already is left alone.
        if key not in state():
            state()[key] = kept[key]
        elif key not in on_page:
            state()[key] = state()[key]
    state()[keys.KEPT_VALUES] = _form_values()  # now: the next click may cut this run short
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
    page, _ = state()[keys.DRAWN_WIDGETS]
    state()[keys.KEPT_VALUES], state()[keys.DRAWN_WIDGETS] = kept, (page, frozenset(drawn))


def _reported() -> set[str | None]:
    """The keys of the widgets that the browser had when it sent this request.

    That alone does not prove that they are on the page: an answer that takes them away may be under
    way. What the last run of the page drew does not prove it either: its answer may never have been
    sent, as that of a run that was cut short, or that ended just before the next began.
    """
    context = get_script_run_ctx(suppress_warning=True)
    widgets = context.session_state.get_widget_states() if context else []
    return {user_key_from_element_id(widget.id) for widget in widgets}


def _form_values() -> dict[str, Any]:
    return {key: state()[key] for key in state() if keys.FORM in str(key)}


def go_on() -> None:
    """Send the visitor on to the page that `enter` came from."""
    if page := state().pop(keys.GOTO_PAGE, None):
        st.switch_page(page, query_params=state().pop(keys.GOTO_QUERY, {}))


def keep_alive() -> None:
    """Say again that the visitor is here."""
    context = get_script_run_ctx(suppress_warning=True)
    _presence(owner(), context.session_id if context else "")
    get_pool().renew(owner())


def query() -> dict[str, list[str]]:
    """What the address of the page says behind its question mark: all that stands for each key."""
    return {name: st.query_params.get_all(name) for name in st.query_params}


def is_known_query(page: str, query: Mapping[str, Sequence[str]]) -> bool:
    """Whether `remember_query` was called with this query of the page's address."""
    return _mark(query) in value(keys.known_queries(page), set())


def remember_query(page: str, query: Mapping[str, Sequence[str]]) -> None:
    """Store a query of the page's address: from now on it is no new link."""
    value(keys.known_queries(page), set()).add(_mark(query))


def _mark(query: Mapping[str, Sequence[str]]) -> int:
    """Of a query only a mark: it may have thousands of characters, and there may be many."""
    return hash(frozenset((name, *texts) for name, texts in query.items()))


def owner() -> str:
    """The secret name under which this visitor's runs are started."""
    return str(state().setdefault(keys.OWNER, secrets.token_hex(16)))


def run_of(page: str) -> Run | None:
    """The run that this page shows."""
    return state().get(keys.run(page))


def show_run(page: str, run: Run | None) -> None:
    """Let the page show another run, or none."""
    state()[keys.run(page)] = run


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


def request(key: str, *what: Any) -> None:
    """Store a request until `acting_on` has acted on it; for callbacks.

    Streamlit ends a callback, as it ends a run of the page, when it next touches the session state
    once another request of the browser has come. This touches no session state: no click is lost.
    """
    _requests()[key] = what


def requested(key: str) -> tuple[Any, ...] | None:
    """The request that is stored under `key`; None where there is none."""
    return _requests().get(key)


@contextlib.contextmanager
def acting_on(key: str) -> Iterator[tuple[Any, ...] | None]:
    """The request under `key`, for this block to act on; it is deleted at the end of the block.

    Where Streamlit cuts the block short, the request stays for the next run of the page. Where the
    block fails, the request is deleted.
    """
    requests = _requests()
    try:
        yield requests.get(key)
    except Exception:  # Streamlit cuts a run short with a BaseException
        requests.pop(key, None)
        raise
    requests.pop(key, None)


def _requests() -> dict[str, tuple[Any, ...]]:
    """All requests of this visitor, found without a touch of the session state."""
    context = get_script_run_ctx(suppress_warning=True)
    known = context.session_state.filtered_state if context else {}
    key = keys.REQUESTS
    requests: dict[str, tuple[Any, ...]] = known[key] if key in known else value(key, {})
    return requests


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
    get_pool().reconnect(name)
    return name, session_id


def _is_connected(session_id: str) -> bool:
    return runtime.exists() and runtime.get_instance().is_active_session(session_id)
