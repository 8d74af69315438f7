"""Every framework finds the gradient that is written out by hand."""

import math
import subprocess
import sys

import numpy as np
import pytest

from nn_core import autodiff
from nn_core.autodiff.expressions import EXPRESSIONS, Question
from nn_core.errors import BackendUnavailable, InvalidExperiment

SMOOTH = sorted(set(EXPRESSIONS) - {"relu"})
every_expression = pytest.mark.parametrize("expression", EXPRESSIONS)


def answers(framework, expression, w=None, x=None, step=1e-5):
    """What each way of a framework finds."""
    known = EXPRESSIONS[expression]
    w, x = list(known.w if w is None else w), list(known.x if x is None else x)
    return {
        method.label: autodiff.evaluate(
            framework,
            method.function,
            expression,
            w,
            x,
            **({"step": step} if method.takes_step else {}),
        )
        for method in autodiff.methods(framework)
    }


def by_hand(expression, w=None, x=None):
    return answers("numpy", expression, w, x)["By hand"]


def differences(expression, w=None, x=None, step=1e-5):
    return answers("numpy", expression, w, x, step)["Central differences"]


def test_the_published_value_and_gradient_are_found(framework):
    found = answers(framework, "logistic", (1, 1, -1.5), (1, 1, 1))
    assert found
    for answer in found.values():
        assert answer.value == pytest.approx(0.47407698418010663, abs=1e-7)
        assert answer.gradient == pytest.approx([-0.37754067] * 3, abs=1e-7)


@every_expression
def test_a_framework_differentiates_every_expression(framework, expression):
    assert autodiff.has(framework, expression)


@pytest.mark.parametrize("expression", SMOOTH)
def test_the_gradient_is_the_one_of_central_differences(framework, expression):
    rng = np.random.default_rng(7)
    for _ in range(3):
        w = rng.normal(size=3)
        x = rng.normal(size=len(EXPRESSIONS[expression].x))
        slopes = differences(expression, w, x)
        for answer in answers(framework, expression, w, x).values():
            assert answer.value == pytest.approx(slopes.value, rel=1e-14, abs=1e-15)
            # The error of the differences: h² = 1e-10 times a third derivative of order 1.
            assert answer.gradient == pytest.approx(slopes.gradient, abs=2e-9)
            assert answer.gradient.dtype == np.float64


@every_expression
def test_the_exact_ways_agree_to_the_last_digits(framework, expression):
    w = (0.7, 0.2, -1.1)
    exact = by_hand(expression, w)
    for label, answer in answers(framework, expression, w).items():
        if label != "Central differences":
            assert answer.value == pytest.approx(exact.value, rel=1e-15, abs=2e-16)
            assert answer.gradient == pytest.approx(exact.gradient, rel=1e-14, abs=2e-16)


def test_at_the_kink_each_framework_chooses_a_slope_between_0_and_1(framework):
    found = answers(framework, "relu")
    chosen = {label: answer.gradient[1] for label, answer in found.items()}
    half = {"autograd", "Central differences"}
    assert chosen == {
        label: pytest.approx(0.5 if label in half else 0.0, abs=1e-9) for label in found
    }
    for answer in found.values():
        assert answer.gradient[[0, 2]] == pytest.approx([1, 0], abs=1e-9)


def test_large_logits_overflow_nowhere(framework):
    for expression, w in (("cross_entropy", (1000, 0, -1000)), ("logistic", (-1000, 1, 1))):
        for answer in answers(framework, expression, w).values():
            assert math.isfinite(answer.value)
            assert np.isfinite(answer.gradient).all()


def test_a_wide_step_bends_and_a_narrow_one_rounds():
    exact = by_hand("tanh_chain").gradient
    errors = [
        np.abs(differences("tanh_chain", step=step).gradient - exact).max()
        for step in (1e-1, 1e-5, 1e-13)
    ]
    assert errors[1] < 1e-9 < min(errors[0], errors[2])


@every_expression
def test_the_code_that_is_shown_is_all_that_is_needed(framework, expression):
    known = EXPRESSIONS[expression]
    for method in autodiff.methods(framework):
        shown: dict = {}
        exec(autodiff.source(method, expression), shown)  # noqa: S102 - a file of ours
        step = (1e-5,) if method.takes_step else ()
        value, gradient = shown[method.function](
            shown[expression], list(known.w), list(known.x), *step
        )
        answer = answers(framework, expression)[method.label]
        assert value == answer.value
        assert np.array_equal(gradient, answer.gradient)


def test_the_code_shows_one_expression_only():
    (method,) = autodiff.methods("torch")
    source = autodiff.source(method, "polynomial")
    assert "def polynomial" in source
    assert "relu" not in source
    assert "functional" not in source


def test_what_sets_a_framework_up_is_shown_with_its_reason():
    source = autodiff.source(autodiff.methods("jax")[0], "relu")
    assert "# Without this, float64 silently becomes float32.\njax.config.update" in source


def test_reading_the_code_imports_no_framework():
    code = (
        "from nn_core import autodiff; import sys\n"
        "for method in autodiff.all_methods():\n"
        "    assert autodiff.source(method, 'logistic') and autodiff.label(method.framework)\n"
        "assert not {'torch', 'tensorflow', 'jax', 'autograd'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_numpy_comes_first_and_its_first_way_is_by_hand():
    assert autodiff.names()[0] == "numpy"
    assert autodiff.all_methods()[0].label == "By hand"


def test_a_framework_without_the_expression_says_so():
    with pytest.raises(BackendUnavailable, match="NumPy does not know this expression"):
        autodiff.evaluate("numpy", "by_hand", "by_magic", [1, 1, 1], [])


def test_only_a_way_of_the_file_is_called():
    with pytest.raises(BackendUnavailable, match="has no way 'sigmoid'"):
        autodiff.evaluate("numpy", "sigmoid", "logistic", [1, 1, 1], [1, 1, 1])


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"w": (1.0, math.inf, 1.0)}, "w2 = inf: give a finite number"),
        ({"x": (math.nan, 1.0, 1.0)}, "x1 = nan: give a finite number"),
        ({"w": (1e301, 1.0, 1.0)}, "w1 = 1e\\+301: give a number between"),
        ({"w": (10**400, 1.0, 1.0)}, "give a number between"),
        ({"w": (1.0, 1.0)}, "give 3 numbers"),
        ({"w": ("1", 1.0, 1.0)}, "w1 = '1': give a number"),
        ({"step": 0.0}, "step = 0.0: choose a small number above 0"),
        ({"expression": "magic"}, "expression = 'magic': choose logistic"),
    ],
)
def test_a_question_that_cannot_be_answered_is_refused_with_a_reason(changes, complaint):
    fields = {"expression": "logistic", "w": (1.0, 1.0, -1.5), "x": (1.0, 1.0, 1.0)}
    with pytest.raises(InvalidExperiment, match=complaint):
        Question(**{**fields, **changes})


@every_expression
def test_an_expression_starts_with_numbers_that_can_be_used(expression):
    known = EXPRESSIONS[expression]
    question = Question(expression, known.w, known.x)
    assert len(question.w) == 3
    assert known.label
    assert known.latex
    assert known.note.endswith(".")
