"""The state of one visitor. No other module accesses the session state or the URL."""

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
    """Store that the visitor entered through app.py."""
    state()[keys.ENTERED] = True


def enter(page: str) -> None:
    """Begin a page.

    On a fresh server, Streamlit runs the file in ``pages/`` of a deep link by itself, without the
    frame of app.py: such a visitor is sent to app.py first, and from there back to the page.
    """
    if keys.ENTERED not in state():
        state()[keys.GOTO_PAGE], state()[keys.GOTO_QUERY] = page, query()
        st.switch_page("app.py")
    _requests()  # creates the dictionary, so that callbacks need not access the session
    last, drawn = state().get(keys.DRAWN_WIDGETS, (page, frozenset()))
    drawn = drawn if last == page else frozenset()
    state()[keys.DRAWN_WIDGETS] = page, drawn
    kept, on_page = state().get(keys.KEPT_VALUES, {}), _reported() & drawn
    for key in {*_form_values(), *kept}:
        # Setting a widget also sets it in the browser and overwrites what is being typed there, so
        # a widget that is already on the page is not set.
        if key not in state():
            state()[key] = kept[key]
        elif key not in on_page:
            state()[key] = state()[key]
    state()[keys.KEPT_VALUES] = (
        _form_values()
    )  # now, because the next click may interrupt this script run
    keep_alive()


def leave() -> None:
    """End a page: store the values of its widgets, which Streamlit discards with the page.

    Streamlit does not allow to set a widget after it was drawn: this identifies the drawn ones.
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

    That alone does not prove that they are on the page: a response that removes them may be on its
    way. Nor do the widgets that the last script run drew: its response may never have been sent, if
    the run was interrupted, or ended just before the next one began.
    """
    context = get_script_run_ctx(suppress_warning=True)
    widgets = context.session_state.get_widget_states() if context else []
    return {user_key_from_element_id(widget.id) for widget in widgets}


def _form_values() -> dict[str, Any]:
    return {key: state()[key] for key in state() if keys.FORM in str(key)}


def go_to_stored_page() -> None:
    """Send the visitor to the page that `enter` stored."""
    if page := state().pop(keys.GOTO_PAGE, None):
        st.switch_page(page, query_params=state().pop(keys.GOTO_QUERY, {}))


def keep_alive() -> None:
    """Renew the visitor's lease in the pool."""
    context = get_script_run_ctx(suppress_warning=True)
    _presence(owner(), context.session_id if context else "")
    get_pool().renew(owner())


def query() -> dict[str, list[str]]:
    """The query of the page's address: all values of each key."""
    return {name: st.query_params.get_all(name) for name in st.query_params}


def is_known_query(page: str, query: Mapping[str, Sequence[str]]) -> bool:
    """Whether this query of the page's address was stored by `remember_query`."""
    return _mark(query) in value(keys.known_queries(page), set())


def remember_query(page: str, query: Mapping[str, Sequence[str]]) -> None:
    """Store a query of the page's address, so that it is not opened as a new link."""
    value(keys.known_queries(page), set()).add(_mark(query))


def _mark(query: Mapping[str, Sequence[str]]) -> int:
    """A hash of a query, because there may be many queries of thousands of characters."""
    return hash(frozenset((name, *texts) for name, texts in query.items()))


def owner() -> str:
    """The secret name of this visitor as the owner of runs."""
    return str(state().setdefault(keys.OWNER, secrets.token_hex(16)))


def run_of(page: str) -> Run | None:
    """The run that the page shows."""
    return state().get(keys.run(page))


def show_run(page: str, run: Run | None) -> None:
    """Set the run that the page shows, or none."""
    state()[keys.run(page)] = run


def value(key: str, default: Any = None) -> Any:
    """The value of `key`; the default is stored if there is none."""
    return state().setdefault(key, default)


def peek(key: str, default: Any = None) -> Any:
    """The value of `key`, or the default, which is not stored."""
    return state().get(key, default)


def put(key: str, new: Any) -> None:
    """Store a value under `key`; for a widget's key, this sets the widget."""
    state()[key] = new


def at_most(key: str, most: int, default: int = 1) -> None:
    """Reduce the number under `key` to `most` if it is larger.

    Otherwise it is not set, because that would overwrite what is being typed.
    """
    if int(value(key, default)) > most:
        put(key, most)


def take(key: str) -> Any:
    """Remove and return the value of `key`."""
    return state().pop(key, None)


def request(key: str, *what: Any) -> None:
    """Store a request until `acting_on` has acted on it; for callbacks.

    When another request of the browser arrives, Streamlit ends a callback or a script run at its
    next access to the session state. This function does not access it, so that no click is lost.
    """
    _requests()[key] = what


def requested(key: str) -> tuple[Any, ...] | None:
    """The stored request of `key`; None if there is none."""
    return _requests().get(key)


@contextlib.contextmanager
def acting_on(key: str) -> Iterator[tuple[Any, ...] | None]:
    """The request under `key`, for this block to act on; it is deleted at the end of the block.

    If Streamlit interrupts the block, the request remains for the next run of the page. If the
    block fails, the request is deleted.
    """
    requests = _requests()
    try:
        yield requests.get(key)
    except Exception:  # Streamlit interrupts a script run with a BaseException
        requests.pop(key, None)
        raise
    requests.pop(key, None)


def _requests() -> dict[str, tuple[Any, ...]]:
    """All requests of this visitor, found without an access to the session state."""
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
    """A resource that is released when the connection ends: a closed tab, a reload, a lost network.

    A page that reconnects is rerun only at the next click, so the pool has to check the connection
    until then.
    """
    get_pool().reconnect(name)
    return name, session_id


def _is_connected(session_id: str) -> bool:
    return runtime.exists() and runtime.get_instance().is_active_session(session_id)
