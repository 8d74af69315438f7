"""What was asked for is done, wherever the next click cuts the run of the page short."""

from collections.abc import MutableMapping

import pytest
from streamlit.runtime.scriptrunner import StopException

from nn_core.runs.run import Run
from nn_core.runs.studies.study import Study
from tests.ui.test_pages import open_page, run_of
from ui import session
from ui import session_keys as keys
from ui.form import commands

REQUESTED = {"gates": "train", "convergence": True}


class CutShort(MutableMapping):
    """A session state whose touch ends the run of a page, so many touches after a key is read."""

    def __init__(self, state, key, touches):
        self.state, self.key, self.touches = state, key, touches
        self.is_counting = self.was_cut = False

    def touch(self):
        self.touches -= self.is_counting and not self.was_cut
        if self.touches == 0 and not self.was_cut:
            self.was_cut = True
            raise StopException

    def __getitem__(self, key):
        self.is_counting |= key == self.key
        self.touch()
        return self.state[key]

    def __setitem__(self, key, new):
        self.touch()
        self.state[key] = new

    def __delitem__(self, key):
        self.touch()
        del self.state[key]

    def __iter__(self):
        return iter(self.state)

    def __len__(self):
        return len(self.state)


def ask_and_be_cut_short(app, monkeypatch, button, key, touches):
    """Click, be cut short by the next request, and let that be answered."""
    whole = session.state()
    cut = CutShort(whole, key, touches)
    monkeypatch.setattr(session, "state", lambda: cut)
    app.button(key=button).click().run()
    assert cut.was_cut
    monkeypatch.setattr(session, "state", lambda: whole)
    app.run()
    assert not app.exception
    assert not app.session_state[keys.REQUESTS]


@pytest.mark.parametrize("page", ["gates", "convergence"])
def test_a_click_is_heard_without_a_touch_of_the_session(app, monkeypatch, page):
    open_page(app, page)

    def state():
        raise StopException

    whole = session.state
    monkeypatch.setattr(session, "state", state)
    app.button(key=f"{page}.train").click().run()
    monkeypatch.setattr(session, "state", whole)
    assert app.session_state[keys.REQUESTS] == {f"{page}.asked": (REQUESTED[page],)}


@pytest.mark.parametrize("touches", range(1, 7))
def test_a_study_that_was_asked_for_begins_once(app, monkeypatch, touches):
    begun = []
    monkeypatch.setattr(Study, "begin", lambda study: begun.append(study))
    open_page(app, "convergence")
    ask_and_be_cut_short(app, monkeypatch, "convergence.train", "convergence.study", touches)
    assert begun == [app.session_state["convergence.study"]]


@pytest.mark.parametrize("touches", range(1, 12))
def test_a_step_that_was_asked_for_is_taken_once(app, monkeypatch, touches):
    taken = []
    monkeypatch.setattr(Run, "take_step", lambda run, unit, number: taken.append((run, number)))
    open_page(app, "gates")
    ask_and_be_cut_short(app, monkeypatch, "gates.step", "gates.run", touches)
    # A worker leaves out a number that it has heard already.
    assert {run for run, _ in taken if not run.is_over} == {run_of(app, "gates")}
    assert len({number for _, number in taken}) == 1


@pytest.mark.parametrize("touches", range(1, 9))
def test_a_run_that_was_asked_for_begins_and_is_shown(app, monkeypatch, touches):
    open_page(app, "gates")
    ask_and_be_cut_short(app, monkeypatch, "gates.train", "gates.run", touches)
    assert run_of(app, "gates").want == "running"


def test_what_fails_is_not_tried_again(app, monkeypatch):
    open_page(app, "gates")
    with monkeypatch.context() as context:
        context.setattr(commands, "_train", lambda *_: 1 / 0)
        app.button(key="gates.train").click().run()
        assert app.exception
    assert not app.session_state[keys.REQUESTS]
    app.run()
    assert not app.exception
