"""The page Autodiff: a question, and an answer from each framework."""

import math
import time

import pytest
from streamlit.testing.v1 import AppTest

from nn_core import autodiff, backends, server
from nn_core.autodiff.expressions import EXPRESSIONS, Question
from tests.helpers.root import ROOT
from ui.autodiff import gradients

INSTALLED = [way for way in autodiff.all_ways() if backends.is_installed(way.framework)]
BESIDES_TENSORFLOW = ["numpy", "autograd", "torch"]


@pytest.fixture
def app(monkeypatch):
    """The page, opened; its pool ends with the test. The slowest imports are left to one test."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(server, "_pool", None)
    monkeypatch.setattr(autodiff, "names", lambda: BESIDES_TENSORFLOW)
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30).run()
    app.switch_page("pages/autodiff.py").run()
    assert not app.exception
    yield app
    server.get_pool().close()


def table(app):
    return app.table[0].value


def until_answered(app, seconds=120):
    deadline = time.monotonic() + seconds
    while any("…" in value or value == "–" for value in table(app)["Value"]):
        assert time.monotonic() < deadline, table(app).to_string()
        time.sleep(0.1)
        app.run()
    assert not app.exception


def differentiate(app):
    app.button(key="autodiff.differentiate").click().run()
    assert not app.exception
    until_answered(app)


def plain(cell):
    """A number without its colour."""
    return float(cell.replace(":orange[", "").replace("]", "").replace("−", "-"))


def test_an_answer_that_comes_while_the_table_is_drawn_is_drawn_next(app, monkeypatch):
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
    app.button(key="autodiff.differentiate").click().run()
    assert asks[-1], "the page does not look again, and the row says “computing” for ever"
    app.run()
    assert not asks[-1]


def test_before_it_is_asked_for_nothing_is_computed(app):
    assert set(table(app)["Value"]) == {"–"}
    # The page that opens first has warmed its own.
    assert {worker.worker for worker in server.get_pool().workers()} <= {"numpy"}


def test_the_published_gradient_stands_in_every_row(app, monkeypatch):
    monkeypatch.setattr(
        autodiff, "names", lambda: ["numpy", "autograd", "jax", "tensorflow", "torch"]
    )
    app.run()
    differentiate(app)
    for way in INSTALLED:
        row = table(app).loc[way.label]
        assert plain(row["Value"]) == pytest.approx(0.47407698418010663, abs=1e-7)
        for i in "₁₂₃":
            assert plain(row[f"∂/∂w{i}"]) == pytest.approx(-0.37754067, abs=1e-7)
        assert float(row["ms"]) > 0
    differences = table(app)["Largest difference"]
    assert differences["By hand"] == ""
    assert 1e-13 < plain(differences["Central differences"]) < 1e-9
    assert plain(differences["PyTorch"]) < 1e-15


def test_digits_that_differ_from_those_by_hand_are_coloured(app):
    differentiate(app)
    assert ":orange[" in table(app).loc["Central differences", "∂/∂w₁"]
    assert ":orange[" not in table(app).loc["By hand"].to_string()


def test_once_asked_for_a_changed_number_is_answered_by_itself(app):
    differentiate(app)
    app.number_input(key="autodiff.form.logistic.w.2").set_value(-2.0).run()
    until_answered(app)
    assert plain(table(app).loc["PyTorch", "∂/∂w₁"]) == -0.5
    app.button(key="autodiff.reset").click().run()
    until_answered(app)
    assert plain(table(app).loc["PyTorch", "∂/∂w₁"]) == pytest.approx(-0.37754067, abs=1e-7)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_every_expression_is_computed_and_shown_as_it_is(app, expression):
    app.selectbox(key="autodiff.form.expression").set_value(expression).run()
    differentiate(app)
    assert app.latex[0].value.strip("$\n") == EXPRESSIONS[expression].latex
    assert len(app.code) == len(table(app)) == 4
    assert all(f"def {expression}(w, x):" in code.value for code in app.code)
    assert not app.warning or not INSTALLED


def test_the_kink_is_explained_and_seen(app):
    app.selectbox(key="autodiff.form.expression").set_value("relu").run()
    differentiate(app)
    slopes = table(app)["∂/∂w₂"]
    assert plain(slopes["PyTorch"]) == 0.0
    assert plain(slopes["Central differences"]) == pytest.approx(0.5)
    assert any("kink" in text.value for text in app.markdown)


def test_an_overflow_is_a_sentence(app):
    app.selectbox(key="autodiff.form.expression").set_value("polynomial").run()
    app.number_input(key="autodiff.form.polynomial.w.0").set_value(1e200).run()
    differentiate(app)
    assert plain(table(app).loc["By hand", "Value"]) == float("inf")
    assert any("overflow" in warning.value for warning in app.warning)


def test_a_number_that_cannot_be_used_is_a_sentence_and_nothing_is_lost(app):
    differentiate(app)
    app.number_input(key="autodiff.form.logistic.w.0").set_value(1e305).run()
    assert not app.exception
    assert app.error[0].value.startswith("**w1**: give a number between")
    assert app.button(key="autodiff.differentiate").disabled
    assert plain(table(app).loc["PyTorch", "Value"]) == pytest.approx(0.474076984)
    app.number_input(key="autodiff.form.logistic.w.0").set_value(1.0).run()
    assert not app.error
    until_answered(app)


@pytest.mark.parametrize("number", [float("inf"), float("nan"), None])
def test_what_is_no_finite_number_never_gets_to_a_framework(app, number):
    differentiate(app)
    app.number_input(key="autodiff.form.logistic.w.0").set_value(number).run()
    assert not app.exception
    asked = app.session_state["autodiff.begun"].question.w[0]
    assert app.error or math.isfinite(asked)


def test_a_framework_that_is_missing_is_a_sentence_and_the_others_answer(app, monkeypatch):
    monkeypatch.setattr(backends, "is_installed", lambda name: name == "numpy")
    differentiate(app)
    assert any("PyTorch is not installed on this machine" in w.value for w in app.warning)
    assert plain(table(app).loc["By hand", "Value"]) > 0


def test_a_framework_without_the_expression_says_so_in_place_of_the_code(app, monkeypatch):
    knows = autodiff.has
    monkeypatch.setattr(autodiff, "has", lambda name, e: name != "torch" and knows(name, e))
    differentiate(app)
    assert any("PyTorch does not know this expression" in info.value for info in app.info)


def test_the_step_changes_the_error_of_the_differences_alone(app):
    app.select_slider(key="autodiff.form.step").set_value(1e-1).run()
    differentiate(app)
    found = table(app)["Largest difference"]
    assert 1e-5 < plain(found["Central differences"]) < 1e-2
    assert plain(found["PyTorch"]) < 1e-15


def test_a_link_asks_its_question_and_a_bad_one_gets_a_sentence(app):
    for name, text in {"expression": "relu", "w2": "2.5", "step": "1e-08", "x1": "1e999"}.items():
        app.query_params[name] = text
    app.run()
    assert not app.exception
    assert "“x1=1e999”: give a finite number" in app.warning[0].value.replace("\\", "")
    question = app.session_state["autodiff.valid"]
    assert question == Question("relu", (0.5, 2.5, -0.5), (1.0, 1.0, 1.0), 1e-8)
    app.button(key="autodiff.link_seen").click().run()
    assert not app.warning
    app.number_input(key="autodiff.form.relu.w.0").set_value(3.0).run()
    assert app.session_state["autodiff.valid"].w == (3.0, 2.5, -0.5)  # opened once only
