"""What was asked for is done, wherever the next click cuts the run of the page short."""

from collections.abc import MutableMapping

import pytest
from streamlit.runtime.scriptrunner import StopException

from nn_core.runs.run import Run
from nn_core.runs.studies.study import Study
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


def ask_and_be_cut_short(visitor, monkeypatch, button, key, touches):
    """Click, be cut short by the next request, and let that be answered."""
    whole = session.state()
    cut = CutShort(whole, key, touches)
    monkeypatch.setattr(session, "state", lambda: cut)
    visitor.press(button)
    assert cut.was_cut
    monkeypatch.setattr(session, "state", lambda: whole)
    visitor.look_again()
    assert not visitor.session[keys.REQUESTS]


@pytest.mark.parametrize("page", ["gates", "convergence"])
def test_a_click_is_stored_without_an_access_to_the_session(visitor, monkeypatch, page):
    visitor.open(page)

    def state():
        raise StopException

    whole = session.state
    monkeypatch.setattr(session, "state", state)
    visitor.press("Train")
    monkeypatch.setattr(session, "state", whole)
    assert visitor.session[keys.REQUESTS] == {f"{page}.asked": (REQUESTED[page],)}


@pytest.mark.parametrize("touches", range(1, 7))
def test_a_requested_study_begins_once(visitor, monkeypatch, touches):
    begun = []
    monkeypatch.setattr(Study, "begin", lambda study: begun.append(study))
    visitor.open("convergence")
    ask_and_be_cut_short(visitor, monkeypatch, "Train", "convergence.study", touches)
    assert begun == [visitor.session["convergence.study"]]


@pytest.mark.parametrize("touches", range(1, 12))
def test_a_requested_step_is_taken_once(visitor, monkeypatch, touches):
    taken = []
    monkeypatch.setattr(Run, "take_step", lambda run, unit, number: taken.append((run, number)))
    visitor.open("gates")
    ask_and_be_cut_short(visitor, monkeypatch, "Step", "gates.run", touches)
    # A worker leaves out a number that it has heard already.
    assert {run for run, _ in taken if not run.is_over} == {visitor.run}
    assert len({number for _, number in taken}) == 1


@pytest.mark.parametrize("touches", range(1, 9))
def test_a_requested_run_begins_and_is_shown(visitor, monkeypatch, touches):
    ask_and_be_cut_short(visitor, monkeypatch, "Train", "gates.run", touches)
    assert visitor.run.want == "running"


def test_what_fails_is_not_tried_again(visitor, monkeypatch):
    with monkeypatch.context() as context:
        context.setattr(commands, "_train", lambda *_: 1 / 0)
        visitor.button("Train").click().run()
        assert visitor.app.exception
    assert not visitor.session[keys.REQUESTS]
    visitor.look_again()
