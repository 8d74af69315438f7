"""Parts of the page Autodiff: the form, the table of results, and the code."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
import streamlit as st

from nn_core import autodiff
from nn_core.autodiff import GradientMethod, GradientResult
from nn_core.autodiff.expressions import EXPRESSIONS, STEPS, Expression, Question
from nn_core.errors import InvalidExperiment, QueueFull
from nn_core.runs.workers.gradient_request import GradientRequest
from nn_core.server import get_pool
from ui import session
from ui import session_keys as keys
from ui.components.pacer import pacer

PAGE = "autodiff"
TICKS_PER_SECOND = 4.0
FLICKER_SECONDS = 0.05  # wait this long for a warm framework before showing “waiting”
SUBSCRIPTS = "₁₂₃₄₅₆₇₈₉"


class AskedQuestion(NamedTuple):
    """What was asked for last, and how far it is.

    Attributes
    ----------
    question : Question
        The expression and the point.
    evaluations : list of GradientRequest
        One for each method.
    refused : str
        Why the request was refused; empty otherwise.
    """

    question: Question
    evaluations: list[GradientRequest]
    refused: str


def question_form() -> Question | None:
    """Show the form in the sidebar; return None after a message if its numbers are invalid."""
    with st.sidebar:
        session.value(keys.form_field(PAGE, "expression"), next(iter(EXPRESSIONS)))
        name = st.selectbox(
            "Loss",
            list(EXPRESSIONS),
            format_func=lambda name: EXPRESSIONS[name].label,
            key=keys.form_field(PAGE, "expression"),
            help="What is differentiated. Each framework has a function of its own for it.",
        )
        expression = EXPRESSIONS[name]
        st.markdown("##### Where")
        w = _numbers(expression, "w", expression.w, "A weight: the gradient is taken by it.")
        x = _numbers(expression, "x", expression.x, "A given number, held fixed.")
        st.button(
            "Reset",
            key=keys.button(PAGE, "reset"),
            icon=":material/replay:",
            on_click=_reset,
            args=(expression,),
            help="Back to the numbers that this loss starts with.",
        )
        session.value(keys.form_field(PAGE, "step"), 1e-5)
        step = st.select_slider(
            "Step h of central differences",
            STEPS,
            format_func=_power,
            key=keys.form_field(PAGE, "step"),
            help="How far to each side of w the slope is measured. Too wide, and the curve bends "
            "in between; too narrow, and rounding is all that is left of the difference.",
        )
        try:
            return Question(name, w, x, step)
        except InvalidExperiment as error:
            for problem in error.problems:
                st.error(f"**{problem.field}**: {problem.reason}.", icon=":material/error:")
            return None


def request_gradient(question: Question) -> None:
    """Set the form to a question and request its gradients; for callbacks."""
    set_form(question)
    session.request(keys.request(PAGE), True)


def set_form(question: Question) -> None:
    """Set the form to a question; call this before the form is shown."""
    session.put(keys.form_field(PAGE, "expression"), question.expression)
    session.put(keys.form_field(PAGE, "step"), question.step)
    for name in ("w", "x"):
        for i, number in enumerate(getattr(question, name)):
            session.put(_number_key(EXPRESSIONS[question.expression], name, i), number)


def answer_by_hand(question: Question) -> GradientResult | None:
    """The latest result by hand, if it belongs to this question."""
    requested: AskedQuestion | None = session.peek(keys.asked_question(PAGE))
    if requested is None or requested.question != question:
        return None
    return next((e.answer for e in requested.evaluations if e.answer), None)


def last_valid(question: Question | None) -> Question:
    """The question in the form, or the last valid one."""
    first = next(iter(EXPRESSIONS.values()))
    if question is not None:
        session.put(keys.last_valid(PAGE), question)
    valid: Question = session.value(keys.last_valid(PAGE), Question(first.name, first.w, first.x))
    return valid


def differentiate_button(question: Question | None) -> None:
    """Show the button and request gradients; after its first use, every change requests them."""
    st.button(
        "Differentiate",
        key=keys.button(PAGE, "differentiate"),
        type="primary",
        icon=":material/play_arrow:",
        shortcut="D",
        on_click=session.request,
        args=(keys.request(PAGE), True),
        disabled=question is None,
        help="Computes value and gradient in every way below. Once the frameworks are imported, "
        "every change of a number is answered at once.",
    )
    if question is None:
        return
    requested: AskedQuestion | None = session.peek(keys.asked_question(PAGE))
    with session.acting_on(keys.request(PAGE)) as asked:
        if asked or (requested and requested.question != question):
            session.put(keys.asked_question(PAGE), _ask(question))


def _ask(question: Question) -> AskedQuestion:
    # A name of its own, so that no request of another page is replaced.
    owner = f"{session.owner()}/{PAGE}"
    try:
        found = [get_pool().evaluate(method, question, owner) for method in autodiff.all_methods()]
    except QueueFull as error:
        return AskedQuestion(question, [], str(error))
    for evaluation in found:
        evaluation.wait(FLICKER_SECONDS)
    return AskedQuestion(question, found, "")


@st.fragment
def answers() -> None:
    """Show one row for each method, and refresh until all results are there."""
    session.keep_alive()
    requested: AskedQuestion | None = session.peek(keys.asked_question(PAGE))
    found = requested.evaluations if requested else []
    is_waiting = any(not evaluation.is_over for evaluation in found)  # read before what is shown
    if requested and requested.refused:
        st.error(requested.refused, icon=":material/error:")
    with st.container(key=f"{PAGE}-answers"):
        st.table(answers_table(found))
    st.caption(
        "Digits that differ from those by hand are coloured. The time is that of the second of two "
        "evaluations in a row: the first one may compile."
    )
    for evaluation in found:
        if evaluation.error:
            title = f"{evaluation.method.label}: {evaluation.error}"
            st.warning(title, icon=":material/extension_off:")
    if any(e.answer and not _is_finite(e.answer) for e in found):
        st.warning(
            "inf is an overflow: the number is larger than float64 can hold, about 1.8e308. nan "
            "is what remains of inf − inf, of 0 · inf, or of a step that is lost beside a large "
            "w. Choose smaller numbers.",
            icon=":material/warning:",
        )
    pacer(
        sequence=session.next_number(keys.ticks(PAGE)),
        per_second=TICKS_PER_SECOND,
        is_on=is_waiting,
        key=keys.pacer(PAGE),
    )


def answers_table(found: Sequence[GradientRequest]) -> pd.DataFrame:
    """Value, gradient, difference from the first row, and time; differing digits are coloured."""
    results_by_method = {evaluation.method: evaluation for evaluation in found}
    methods = autodiff.all_methods()
    first = results_by_method.get(methods[0])
    reference = first.answer if first else None
    rows = [_row(method, results_by_method.get(method), reference) for method in methods]
    columns = ["", "Value", "∂/∂w₁", "∂/∂w₂", "∂/∂w₃", "Largest difference", "ms"]
    return pd.DataFrame(rows, columns=columns).set_index("")


def _row(
    method: GradientMethod, evaluation: GradientRequest | None, reference: GradientResult | None
) -> list[str]:
    if evaluation is None or evaluation.answer is None:
        return [method.label, _waiting(evaluation), "", "", "", "", ""]
    answer = evaluation.answer
    exact = reference or answer
    pairs = zip(_all_numbers(answer), _all_numbers(exact), strict=True)
    return [
        method.label,
        *(_coloured(number, other) for number, other in pairs),
        "" if reference is None or answer is reference else _difference(answer, reference),
        f"{1000 * answer.seconds:.3f}",
    ]


def _waiting(evaluation: GradientRequest | None) -> str:
    if evaluation is None:
        return "–"
    if evaluation.error:
        return ":gray[no answer, see below]"
    return f":gray[{evaluation.phase or 'computing'} …]"


def _coloured(number: float, exact: float) -> str:
    """A number with 16 digits; digits after the common prefix with `exact` are coloured."""
    digits, others = _digits(number), _digits(exact)
    same = 0
    while same < min(len(digits), len(others)) and digits[same] == others[same]:
        same += 1
    rest = digits[same:]
    return digits[:same] + (f":orange[{rest}]" if rest else "")


def _digits(number: float) -> str:
    return f"{number + 0.0:.16g}".replace("-", "−")  # + 0.0 makes a 0 of −0


def _difference(answer: GradientResult, reference: GradientResult) -> str:
    with np.errstate(invalid="ignore"):  # inf − inf is nan, and shown as such
        difference = np.abs(np.subtract(_all_numbers(answer), _all_numbers(reference))).max()
    return f"{difference:.2g}".replace("-", "−")


def _all_numbers(answer: GradientResult) -> list[float]:
    return [answer.value, *map(float, answer.gradient)]


def _is_finite(answer: GradientResult) -> bool:
    return bool(np.isfinite(_all_numbers(answer)).all())


def explanation(question: Question) -> None:
    """Show why the rows differ, and the note on the expression."""
    st.markdown(
        "By hand and by automatic differentiation, the exact rules of calculus are applied, and "
        "only rounding differs: about 1e−16. Central differences, "
        r"$\left(f(w+h)-f(w-h)\right)/2h$, leave out terms of the order $h^2$ and divide the "
        f"rounding by $2h$: 1e−10 or 1e−11 at best, here with $h$ = {_power(question.step)}."
    )
    st.markdown(EXPRESSIONS[question.expression].note)


def code(question: Question) -> None:
    """Show the code of every method in two columns."""
    st.markdown("##### The code that runs")
    methods = autodiff.all_methods()
    with st.container(key=keys.code_container(PAGE)):
        for i in range(0, len(methods), 2):
            for column, method in zip(st.columns(2), methods[i : i + 2], strict=False):
                with column, st.expander(_title(method), expanded=True):
                    if autodiff.has(method.framework, question.expression):
                        st.code(autodiff.source(method, question.expression), wrap_lines=True)
                    else:
                        st.info(autodiff.why_not(method.framework, question.expression))


def _title(method: GradientMethod) -> str:
    version = autodiff.version(method.framework)
    name = autodiff.label(method.framework)
    framework = f"{name} {version}" if version else f"{name}, not installed"
    return framework if method.label == name else f"{method.label} · {framework}"


def _power(step: float) -> str:
    return f"1e−{round(-math.log10(step))}"


def _numbers(
    expression: Expression, name: str, defaults: Sequence[float], help_text: str
) -> tuple[float, ...]:
    if not defaults:
        return ()
    found = []
    for i, column in enumerate(st.columns(3)[: len(defaults)]):
        key = _number_key(expression, name, i)
        session.value(key, defaults[i])
        with column:
            number = st.number_input(
                f"{name}{SUBSCRIPTS[i]}", key=key, format="%.10g", step=0.1, help=help_text
            )
        found.append(float(number))
    return tuple(found)


def _reset(expression: Expression) -> None:
    for name in ("w", "x"):
        for i, number in enumerate(getattr(expression, name)):
            session.put(_number_key(expression, name, i), number)


def _number_key(expression: Expression, name: str, i: int) -> str:
    return keys.form_field(PAGE, f"{expression.name}.{name}.{i}")
