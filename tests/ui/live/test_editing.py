"""A weight that is set by hand in the picture reaches the run, and nothing else does."""

import math

import numpy as np
import pytest
import streamlit as st

from nn_core import Experiment
from nn_core.events import Failed, ParamsEdited
from nn_core.runs.run import Run
from tests.ui.test_pages import press, run_of, until
from ui.form.lookback import Lookback
from ui.live import editing, picture

XOR = Experiment(dataset="xor", hidden=(3,))
BIAS = {"layer": 1, "source": None, "target": 0, "value": -5.0, "number": 1}


class Asked:
    """Stands for the pool: keeps what it is asked for."""

    def __init__(self):
        self.edits = []

    def edit_params(self, run, owner, **edit):
        self.edits.append(edit)


@pytest.fixture
def asked(monkeypatch):
    """Editing on a page that has a run, or begins one; `asked.run` is that run."""
    asked = Asked()
    asked.run = None
    asked.begun = []

    def begin(page, experiment):
        asked.begun.append(experiment)
        asked.run = Run(experiment, "ada", "paused")
        return asked.run

    monkeypatch.setattr(editing.session, "run_of", lambda page: asked.run)
    monkeypatch.setattr(editing.session, "owner", lambda: "ada")
    monkeypatch.setattr(editing, "lookback_of", lambda page: None)
    monkeypatch.setattr(editing.commands, "begin_paused", begin)
    monkeypatch.setattr(editing, "get_pool", lambda: asked)
    return asked


def test_an_edit_without_a_run_begins_one_that_waits_at_step_0(asked):
    editing.edit_params("gates", XOR, BIAS)
    editing.edit_params("gates", XOR, {**BIAS, "number": 2})
    assert asked.begun == [XOR]
    assert asked.edits == [BIAS, {**BIAS, "number": 2}]


@pytest.mark.parametrize(
    "wrong",
    [
        {"layer": 2},
        {"layer": -1},
        {"layer": True},
        {"source": 3},
        {"source": "0"},
        {"target": 1},
        {"target": 0.0},
        {"value": math.inf},
        {"value": math.nan},
        {"value": 1.1e6},
        {"value": "1"},
        {"value": None},
    ],
    ids=str,
)
def test_an_edit_that_no_picture_sends_begins_nothing(asked, wrong):
    editing.edit_params("gates", XOR, {**BIAS, **wrong})
    editing.edit_params("gates", XOR, None)
    assert not asked.begun
    assert not asked.edits


def test_a_network_without_biases_has_none_to_set(asked):
    editing.edit_params("gates", XOR.replace(bias=False), BIAS)
    assert not asked.begun


def test_a_run_that_failed_takes_no_edit_and_the_picture_says_why(asked):
    run = asked.run = Run(XOR, "ada")
    assert picture.why_not_editable(None) == picture.why_not_editable(run) == ""
    run.handle(Failed("diverged", "", 3))
    editing.edit_params("gates", XOR, BIAS)
    assert not asked.edits
    assert "This run failed" in picture.why_not_editable(run)


@pytest.fixture
def clicked(app, monkeypatch):
    """The page Gates with a button where the picture is: an edit of the output bias."""

    def pictured(*_, on_edit, **__):
        st.button("edit", key="edit", on_click=on_edit)

    monkeypatch.setattr("ui.live.picture_fragment.network_view", pictured)
    monkeypatch.setattr("ui.live.picture_fragment._sent", lambda key, name: BIAS)
    app.number_input(key="gates.form.epochs").set_value(40).run()
    app.session_state["gates.form.speed"] = None
    press(app, "gates", "train")
    until(app, "gates", lambda run: run.is_over)
    return app


@pytest.mark.parametrize("step", [None, 10])
def test_an_edit_of_what_is_past_goes_on_from_there_and_waits(clicked, step):
    old = run_of(clicked, "gates")
    if step is not None:
        kept = old.history.snapshot_at(step)
        clicked.session_state["gates.lookback"] = Lookback(old.id, kept.step)
        clicked.run()
    else:
        kept = old.latest
    clicked.button(key="edit").click().run()
    until(clicked, "gates", lambda run: run.edits_shown)
    new = run_of(clicked, "gates")
    assert (new.state, new.step, new.continued_from) == ("paused", kept.step, (old.id, kept.step))
    assert new.latest.params[1][1] == [-5.0]
    np.testing.assert_array_equal(new.latest.params[0][0], kept.params[0][0])
    assert new.experiment.epochs == (40 if step else 80)  # the first 40 are done
    press(clicked, "gates", "resume")
    until(clicked, "gates", lambda run: run.is_over)
    assert run_of(clicked, "gates").state == "finished"


def test_the_curve_of_the_loss_is_marked_where_a_weight_was_set():
    run = Run(XOR, "ada")
    assert picture.marks(None) == picture.marks(run) == []
    run.handle(ParamsEdited(12, 1, None, 0, -5.0))
    assert picture.marks(run) == [{"step": 12, "text": "edit"}]
