"""The page Autodiff: a question, and an answer from each framework."""

import math
import time
from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from nn_core import autodiff, backends, server
from nn_core.autodiff.expressions import EXPRESSIONS, Question
from nn_core.runs.workers.pool import Pool
from tests.helpers.root import ROOT
from tests.ui.page_visitor import Visitor
from ui.autodiff import gradients

INSTALLED = [method for method in autodiff.all_methods() if backends.is_installed(method.framework)]
BESIDES_TENSORFLOW = ["numpy", "autograd", "torch"]


@pytest.fixture(autouse=True)
def no_worker_is_left_behind():
    """The workers that all these tests ask end with them."""


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    """A pool whose workers import their frameworks once for all these tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server, "_pool", None)
        yield server.get_pool()
        server.get_pool().close()


@pytest.fixture
def visitor(monkeypatch, pool) -> Visitor:
    """A visitor on the page. The slowest imports are left to one test."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(server, "_pool", pool)
    monkeypatch.setattr(autodiff, "names", lambda: BESIDES_TENSORFLOW)
    return Visitor(AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)).open("autodiff")


def until_answered(visitor, seconds=120):
    deadline = time.monotonic() + seconds
    while any("…" in value or value == "–" for value in visitor.table["Value"]):
        assert time.monotonic() < deadline, visitor.table.to_string()
        time.sleep(0.1)
        visitor.look_again()


def differentiate(visitor):
    visitor.press("Differentiate")
    until_answered(visitor)


def plain(cell):
    """A number without its colour."""
    return float(cell.replace(":orange[", "").replace("]", "").replace("−", "-"))


def test_an_answer_that_comes_while_the_table_is_drawn_is_drawn_next(visitor, monkeypatch):
    asks = []
    monkeypatch.setattr(gradients, "pacer", lambda *, is_on, **_: asks.append(is_on))
    monkeypatch.setattr(
        gradients.GradientRequest, "is_over", property(lambda evaluation: bool(drawn)), raising=True
    )
    drawn = []
    draw = gradients.answers_table

    def answered_meanwhile(found):
        table = draw(found)
        drawn.append(table)
        return table

    monkeypatch.setattr(gradients, "answers_table", answered_meanwhile)
    visitor.press("Differentiate")
    assert asks[-1], "the page does not look again, and the row says “computing” for ever"
    visitor.look_again()
    assert not asks[-1]


def test_nothing_is_computed_before_a_request(visitor, monkeypatch):
    monkeypatch.setattr(server, "_pool", None)
    visitor.look_again()
    assert set(visitor.table["Value"]) == {"–"}
    assert not server.get_pool().workers()
    server.get_pool().close()


def test_the_published_gradient_stands_in_every_row(visitor, monkeypatch):
    monkeypatch.setattr(
        autodiff, "names", lambda: ["numpy", "autograd", "jax", "tensorflow", "torch"]
    )
    visitor.look_again()
    differentiate(visitor)
    for method in INSTALLED:
        row = visitor.table.loc[method.label]
        assert plain(row["Value"]) == pytest.approx(0.47407698418010663, abs=1e-7)
        for i in "₁₂₃":
            assert plain(row[f"∂/∂w{i}"]) == pytest.approx(-0.37754067, abs=1e-7)
        assert float(row["ms"]) > 0
    differences = visitor.table["Largest difference"]
    assert differences["By hand"] == ""
    assert 1e-13 < plain(differences["Central differences"]) < 1e-9
    assert plain(differences["PyTorch"]) < 1e-15


def test_digits_that_differ_from_those_by_hand_are_coloured(visitor):
    differentiate(visitor)
    assert ":orange[" in visitor.table.loc["Central differences", "∂/∂w₁"]
    assert ":orange[" not in visitor.table.loc["By hand"].to_string()


def test_after_the_first_request_a_changed_number_is_computed_at_once(visitor):
    differentiate(visitor)
    visitor.set("w₃", -2.0)
    until_answered(visitor)
    assert plain(visitor.table.loc["PyTorch", "∂/∂w₁"]) == -0.5
    visitor.press("Reset")
    until_answered(visitor)
    assert plain(visitor.table.loc["PyTorch", "∂/∂w₁"]) == pytest.approx(-0.37754067, abs=1e-7)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_every_expression_is_computed_and_shown_as_it_is(visitor, expression):
    visitor.set("Loss", expression)
    differentiate(visitor)
    assert visitor.texts("latex")[0].strip("$\n") == EXPRESSIONS[expression].latex
    assert len(visitor.texts("code")) == len(visitor.table) == 4
    assert all(f"def {expression}(w, x):" in code for code in visitor.texts("code"))
    assert not visitor.warnings or not INSTALLED


def test_the_kink_is_explained_and_seen(visitor):
    visitor.set("Loss", "relu")
    differentiate(visitor)
    slopes = visitor.table["∂/∂w₂"]
    assert plain(slopes["PyTorch"]) == 0.0
    assert plain(slopes["Central differences"]) == pytest.approx(0.5)
    assert "kink" in visitor.markdown


def test_an_overflow_is_a_sentence(visitor):
    visitor.set("Loss", "polynomial")
    visitor.set("w₁", 1e200)
    differentiate(visitor)
    assert plain(visitor.table.loc["By hand", "Value"]) == float("inf")
    assert "overflow" in visitor.warnings


def test_a_number_that_cannot_be_used_is_a_sentence_and_nothing_is_lost(visitor):
    differentiate(visitor)
    visitor.set("w₁", 1e305)
    assert visitor.errors.startswith("**w1**: give a number between")
    assert visitor.button("Differentiate").disabled
    assert plain(visitor.table.loc["PyTorch", "Value"]) == pytest.approx(0.474076984)
    visitor.set("w₁", 1.0)
    assert not visitor.errors
    until_answered(visitor)


@pytest.mark.parametrize("number", [float("inf"), float("nan"), None])
def test_what_is_no_finite_number_never_gets_to_a_framework(visitor, number):
    differentiate(visitor)
    visitor.set("w₁", number)
    asked = visitor.session["autodiff.begun"].question.w[0]
    assert visitor.errors or math.isfinite(asked)


def test_a_framework_that_is_missing_is_a_sentence_and_the_others_answer(visitor, monkeypatch):
    monkeypatch.setattr(backends, "is_installed", lambda name: name == "numpy")
    differentiate(visitor)
    assert "PyTorch is not installed on this machine" in visitor.warnings
    assert plain(visitor.table.loc["By hand", "Value"]) > 0


def test_a_framework_without_the_expression_says_so_in_place_of_the_code(visitor, monkeypatch):
    knows = autodiff.has
    monkeypatch.setattr(autodiff, "has", lambda name, e: name != "torch" and knows(name, e))
    differentiate(visitor)
    assert "PyTorch does not know this expression" in visitor.infos


def test_the_step_changes_the_error_of_the_differences_alone(visitor):
    visitor.set("Step h of central differences", 1e-1)
    differentiate(visitor)
    found = visitor.table["Largest difference"]
    assert 1e-5 < plain(found["Central differences"]) < 1e-2
    assert plain(found["PyTorch"]) < 1e-15


def test_a_link_asks_its_question_and_a_bad_one_gets_a_sentence(visitor):
    link = {"expression": "relu", "w2": "2.5", "step": "1e-08", "x1": "1e999"}
    visitor.open("autodiff", link)
    assert "“x1=1e999”: give a finite number" in visitor.warnings.replace("\\", "")
    question = visitor.experiment
    assert question == Question("relu", (0.5, 2.5, -0.5), (1.0, 1.0, 1.0), 1e-8)
    visitor.press("Understood")
    assert not visitor.warnings
    visitor.set("w₁", 3.0)
    assert visitor.experiment.w == (3.0, 2.5, -0.5)  # opened once only
