"""What the page Autodiff is made of: the question, the answers as they come, and the code."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
import streamlit as st

from nn_core import autodiff
from nn_core.autodiff import Answer, Way
from nn_core.autodiff.expressions import EXPRESSIONS, STEPS, Expression, Question
from nn_core.errors import InvalidExperiment, QueueFull
from nn_core.runs.workers.gradient_request import GradientRequest
from nn_core.server import get_pool
from ui import session
from ui.components.pacer import pacer

PAGE = "autodiff"
TICKS_PER_SECOND = 4.0
FLICKER_SECONDS = 0.05  # a warm framework answers in this time, and its row need not say “waiting”
SUBSCRIPTS = "₁₂₃₄₅₆₇₈₉"


class Begun(NamedTuple):
    """What was asked for last, and how far it is.

    Attributes
    ----------
    question : Question
        What, and where.
    evaluations : list of GradientRequest
        One for each way.
    refused : str
        Why there are none; empty otherwise.
    """

    question: Question
    evaluations: list[GradientRequest]
    refused: str


def question_form() -> Question | None:
    """Show the form in the sidebar; None, and why, where its numbers are none to compute with."""
    with st.sidebar:
        session.value(_key("expression"), next(iter(EXPRESSIONS)))
        name = st.selectbox(
            "Loss",
            list(EXPRESSIONS),
            format_func=lambda name: EXPRESSIONS[name].label,
            key=_key("expression"),
            help="What is differentiated. Each framework has a function of its own for it.",
        )
        expression = EXPRESSIONS[name]
        st.markdown("##### Where")
        w = _numbers(expression, "w", expression.w, "A weight: the gradient is taken by it.")
        x = _numbers(expression, "x", expression.x, "A given number, held fixed.")
        st.button(
            "Reset",
            key=f"{PAGE}.reset",
            icon=":material/replay:",
            on_click=_reset,
            args=(expression,),
            help="Back to the numbers that this loss starts with.",
        )
        session.value(_key("step"), 1e-5)
        step = st.select_slider(
            "Step h of central differences",
            STEPS,
            format_func=_power,
            key=_key("step"),
            help="How far to each side of w the slope is measured. Too wide, and the curve bends "
            "in between; too narrow, and rounding is all that is left of the difference.",
        )
        try:
            return Question(name, w, x, step)
        except InvalidExperiment as error:
            for problem in error.problems:
                st.error(f"**{problem.field}**: {problem.reason}.", icon=":material/error:")
            return None


def ask_for(question: Question) -> None:
    """Let the form say a question, and ask it; for callbacks."""
    fill_in(question)
    session.wish(f"{PAGE}.asked", True)


def fill_in(question: Question) -> None:
    """Let the form say a question; before it is shown."""
    session.put(_key("expression"), question.expression)
    session.put(_key("step"), question.step)
    for name in ("w", "x"):
        for i, number in enumerate(getattr(question, name)):
            session.put(_number_key(EXPRESSIONS[question.expression], name, i), number)


def answer_by_hand(question: Question) -> Answer | None:
    """What the newest evaluation found by hand, if it was this question."""
    begun: Begun | None = session.peek(f"{PAGE}.begun")
    if begun is None or begun.question != question:
        return None
    return next((e.answer for e in begun.evaluations if e.answer), None)


def last_valid(question: Question | None) -> Question:
    """What the form says, or said before its numbers became none to compute with."""
    first = next(iter(EXPRESSIONS.values()))
    if question is not None:
        session.put(f"{PAGE}.valid", question)
    valid: Question = session.value(f"{PAGE}.valid", Question(first.name, first.w, first.x))
    return valid


def differentiate_button(question: Question | None) -> None:
    """Show the button, and ask what it asks for. From then on a changed number asks by itself."""
    st.button(
        "Differentiate",
        key=f"{PAGE}.differentiate",
        type="primary",
        icon=":material/play_arrow:",
        shortcut="D",
        on_click=session.wish,
        args=(f"{PAGE}.asked", True),
        disabled=question is None,
        help="Computes value and gradient in every way below. Once the frameworks are imported, "
        "every change of a number is answered at once.",
    )
    if question is None:
        return
    begun: Begun | None = session.peek(f"{PAGE}.begun")
    with session.granting(f"{PAGE}.asked") as asked:
        if asked or (begun and begun.question != question):
            session.put(f"{PAGE}.begun", _ask(question))


def _ask(question: Question) -> Begun:
    # An owner of its own: a gradient must not end the run that another page shows.
    owner = f"{session.owner()}/{PAGE}"
    try:
        found = [get_pool().evaluate(way, question, owner) for way in autodiff.all_ways()]
    except QueueFull as error:
        return Begun(question, [], str(error))
    for evaluation in found:
        evaluation.wait(FLICKER_SECONDS)
    return Begun(question, found, "")


@st.fragment
def answers() -> None:
    """Show one row for each way, again and again until all have answered."""
    session.keep_alive()
    begun: Begun | None = session.peek(f"{PAGE}.begun")
    found = begun.evaluations if begun else []
    is_waiting = any(not evaluation.is_over for evaluation in found)  # read before what is shown
    if begun and begun.refused:
        st.error(begun.refused, icon=":material/error:")
    with st.container(key=f"{PAGE}-answers"):
        st.table(answers_table(found))
    st.caption(
        "Digits that differ from those by hand are coloured. The time is that of the second of two "
        "evaluations in a row: the first one may compile."
    )
    for evaluation in found:
        if evaluation.error:
            title = f"{evaluation.way.label}: {evaluation.error}"
            st.warning(title, icon=":material/extension_off:")
    if any(e.answer and not _is_finite(e.answer) for e in found):
        st.warning(
            "inf is an overflow: the number is larger than float64 can hold, about 1.8e308. nan "
            "is what remains of inf − inf, of 0 · inf, or of a step that is lost beside a large "
            "w. Choose smaller numbers.",
            icon=":material/warning:",
        )
    pacer(
        sequence=session.next_number(f"{PAGE}.ticks"),
        per_second=TICKS_PER_SECOND,
        is_on=is_waiting,
        key=f"{PAGE}-pacer",
    )


def answers_table(found: Sequence[GradientRequest]) -> pd.DataFrame:
    """Value, gradient, difference to the first row, and time; digits that differ are coloured."""
    by_way = {evaluation.way: evaluation for evaluation in found}
    ways = autodiff.all_ways()
    first = by_way.get(ways[0])
    reference = first.answer if first else None
    rows = [_row(way, by_way.get(way), reference) for way in ways]
    columns = ["", "Value", "∂/∂w₁", "∂/∂w₂", "∂/∂w₃", "Largest difference", "ms"]
    return pd.DataFrame(rows, columns=columns).set_index("")


def _row(way: Way, evaluation: GradientRequest | None, reference: Answer | None) -> list[str]:
    if evaluation is None or evaluation.answer is None:
        return [way.label, _waiting(evaluation), "", "", "", "", ""]
    answer = evaluation.answer
    exact = reference or answer
    pairs = zip(_all_numbers(answer), _all_numbers(exact), strict=True)
    return [
        way.label,
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
    """A number with 16 digits, those coloured that another one does not share."""
    digits, others = _digits(number), _digits(exact)
    same = 0
    while same < min(len(digits), len(others)) and digits[same] == others[same]:
        same += 1
    rest = digits[same:]
    return digits[:same] + (f":orange[{rest}]" if rest else "")


def _digits(number: float) -> str:
    return f"{number + 0.0:.16g}".replace("-", "−")  # + 0.0 makes a 0 of −0


def _difference(answer: Answer, reference: Answer) -> str:
    with np.errstate(invalid="ignore"):  # inf − inf is nan, and shown as such
        difference = np.abs(np.subtract(_all_numbers(answer), _all_numbers(reference))).max()
    return f"{difference:.2g}".replace("-", "−")


def _all_numbers(answer: Answer) -> list[float]:
    return [answer.value, *map(float, answer.gradient)]


def _is_finite(answer: Answer) -> bool:
    return bool(np.isfinite(_all_numbers(answer)).all())


def explanation(question: Question) -> None:
    """Why the rows differ, and what is special about this expression."""
    st.markdown(
        "By hand and by automatic differentiation, the exact rules of calculus are applied, and "
        "only rounding differs: about 1e−16. Central differences, "
        r"$\left(f(w+h)-f(w-h)\right)/2h$, leave out terms of the order $h^2$ and divide the "
        f"rounding by $2h$: 1e−10 or 1e−11 at best, here with $h$ = {_power(question.step)}."
    )
    st.markdown(EXPRESSIONS[question.expression].note)


def code(question: Question) -> None:
    """Show the code of every way, two beside each other."""
    st.markdown("##### The code that runs")
    ways = autodiff.all_ways()
    with st.container(key=f"{PAGE}-code"):
        for i in range(0, len(ways), 2):
            for column, way in zip(st.columns(2), ways[i : i + 2], strict=False):
                with column, st.expander(_title(way), expanded=True):
                    if autodiff.has(way.framework, question.expression):
                        st.code(autodiff.source(way, question.expression), wrap_lines=True)
                    else:
                        st.info(autodiff.why_not(way.framework, question.expression))


def _title(way: Way) -> str:
    version = autodiff.version(way.framework)
    name = autodiff.label(way.framework)
    framework = f"{name} {version}" if version else f"{name}, not installed"
    return framework if way.label == name else f"{way.label} · {framework}"


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
    return _key(f"{expression.name}.{name}.{i}")


def _key(name: str) -> str:
    return f"{PAGE}{session.FORM}{name}"
