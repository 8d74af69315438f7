"""A weight that is set by hand in the picture reaches the run, and nothing else does."""

import math

import pytest

from nn_core import Experiment
from nn_core.events import Finished, ParamsEdited
from nn_core.runs import Run
from ui import editing, picture

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
    monkeypatch.setattr(editing.transport, "begin_paused", begin)
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


def test_a_run_that_is_over_takes_no_edit_and_the_picture_says_why(asked):
    run = asked.run = Run(XOR, "ada")
    assert picture.why_not_editable(None) == picture.why_not_editable(run) == ""
    run.handle(Finished(3, 3.0, "epochs", {}, 0.1))
    editing.edit_params("gates", XOR, BIAS)
    assert not asked.edits
    assert "This run is over" in picture.why_not_editable(run)


def test_the_curve_of_the_loss_is_marked_where_a_weight_was_set():
    run = Run(XOR, "ada")
    assert picture.marks(None) == picture.marks(run) == []
    run.handle(ParamsEdited(12, 1, None, 0, -5.0))
    assert picture.marks(run) == [{"step": 12, "text": "edit"}]
