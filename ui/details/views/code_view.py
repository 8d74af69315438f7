"""View of the experiment as a standalone program in the idiom of a framework."""

from __future__ import annotations

import streamlit as st

from nn_core import backends
from nn_core.datasets.images.sources import FOLDER_VARIABLE, SOURCES
from nn_core.errors import BackpropError
from nn_core.events import Snapshot
from nn_core.exchange import programs
from nn_core.exchange.programs.changed_lines import changed_lines, side_by_side
from nn_core.exchange.programs.data import COMPANION
from nn_core.exchange.programs.notebook import notebook
from nn_core.experiment import Experiment
from nn_core.experiment_differences import differences
from nn_core.runs.run import Run
from ui import session
from ui import session_keys as keys
from ui.components.code_listing import Pane, code_listing

NAME, IS_STILL, FOLLOWS_FORM = "Code", True, True
NO_DIALECT = "nothing"
NAMED_SETTINGS = 3
"""Maximum number of settings named as the cause of changed lines."""


def choose(page: str, experiment: Experiment) -> None:
    """Show the choice of the dialect and of a second one for comparison."""
    own = programs.names(experiment.backend)
    chosen, second_dialect = keys.code_dialect(page), keys.code_beside(page)
    # Another backend was chosen: its dialect is the one to show.
    if session.peek(keys.code_backend(page)) != experiment.backend:
        session.put(keys.code_backend(page), experiment.backend)
        session.put(chosen, own[0] if own else programs.names()[0])
    session.value(second_dialect, NO_DIALECT)
    with st.container(horizontal=True, vertical_alignment="bottom", key=keys.code_container(page)):
        st.selectbox(
            "Written for",
            programs.names(),
            key=chosen,
            format_func=_dialect_text,
            width=420,
            help="The framework, and how it is used. PyTorch's four programs are rungs of a "
            "ladder: each leaves more to the framework than the one before.",
        )
        st.selectbox(
            "Compare with",
            [NO_DIALECT, *programs.names()],
            key=second_dialect,
            format_func=lambda name: name if name == NO_DIALECT else _dialect_text(name),
            width=420,
            help="A second program beside it: the same steps side by side. What differs is tinted "
            "and has a dotted edge; a triangle marks what a setting changed.",
        )


def show(page: str, experiment: Experiment, run: Run | None, now: Snapshot) -> None:
    """The program, and buttons to take it home; see `ui.details.views`."""
    dialect = str(session.peek(keys.code_dialect(page), programs.names()[0]))
    second_dialect = str(session.peek(keys.code_beside(page), NO_DIALECT))
    try:
        script = programs.script(experiment, dialect)
        other = (
            None
            if second_dialect in (NO_DIALECT, dialect)
            else programs.script(experiment, second_dialect)
        )
    except BackpropError as error:
        st.info(str(error))
        return
    if script.refusal:
        st.info(f"**{programs.label(dialect)}** cannot say this. {script.refusal}")
        return
    st.caption(_what_it_prints(experiment, script, run))
    _downloads(page, experiment, script)
    if second_dialect == dialect:
        st.caption("Both are the same dialect. Choose another one under *Compare with*.")
    if other is not None and other.refusal:
        st.info(f"**{programs.label(second_dialect)}** cannot say this. {other.refusal}")
        other = None
    scripts = [script] if other is None else [script, other]
    before, after = _last_change(page, experiment, [shown.dialect for shown in scripts])
    panes = [_pane(shown, before) for shown in scripts]
    rows = [] if other is None else side_by_side(script, other)
    code_listing(panes, rows, _settings(before, after), key=f"{page}-code-view")


def _dialect_text(name: str) -> str:
    return f"{programs.label(name)} – {programs.meaning(name)}"


def _what_it_prints(experiment: Experiment, script: programs.Script, run: Run | None) -> str:
    """Text on the required packages of the program, and on the losses that it prints."""
    by = backends.label(programs.backend_of(script.dialect))
    *others, last = script.packages
    needs = f"{', '.join(others)} and {last}" if others else last
    text = f"This program needs {needs} alone, and prints the losses that a run on {by} has here, "
    text += "to six decimals: of each epoch, the mean."
    if source := SOURCES.get(experiment.dataset):
        images, labels = (
            f"[{file}]({source.mirrors[0]}{file})"
            for file in (source.train_images.file, source.train_labels.file)
        )
        text += f" It reads {images} and {labels} from a folder `{source.name}` beside it, or in "
        text += f"the folder that `{FOLDER_VARIABLE}` names."
    if experiment.dtype == "float32":
        text += " Float32 has seven digits, and what it rounds grows from step to step: the last "
        text += "ones printed may differ. Float64 prints the same."
    if run and run.experiment != experiment:
        text += " The form holds other settings than the run shown: the program is of the form."
    elif run and (run.edits or run.learning_rate_now != experiment.learning_rate):
        text += " What was changed by hand while this run went on is not in it."
    return text


def _last_change(
    page: str, experiment: Experiment, dialects: list[str]
) -> tuple[Experiment, Experiment]:
    """The experiments before and after the last change of a setting that these programs show."""
    key = keys.code_change(page)
    before, after = session.peek(key, (experiment, experiment))
    if any(_text(after, dialect) != _text(experiment, dialect) for dialect in dialects):
        before, after = after, experiment
    session.put(key, (before, after))
    return before, after


def _pane(script: programs.Script, before: Experiment) -> Pane:
    """The pane of a program with its changed lines marked, if there was a program before."""
    text, name = _text(before, script.dialect), script.dialect
    changed = changed_lines(text, script.text) if text else []
    return Pane(programs.label(name), _dialect_text(name), script.text, tuple(changed))


def _text(experiment: Experiment, dialect: str) -> str:
    try:
        return programs.script(experiment, dialect).text
    except BackpropError:
        return ""


def _settings(before: Experiment, after: Experiment) -> str:
    """Labels of the settings in which two experiments differ; at most `NAMED_SETTINGS`."""
    labels = list(dict.fromkeys(found.label for found in differences(before, after)))
    if len(labels) > NAMED_SETTINGS:
        labels[NAMED_SETTINGS - 1 :] = [f"{len(labels) - NAMED_SETTINGS + 1} more"]
    *others, last = labels or ["the last setting"]
    return f"{', '.join(others)} and {last}" if others else last


def _downloads(page: str, experiment: Experiment, script: programs.Script) -> None:
    name = f"{experiment.dataset}_{script.dialect}"
    with st.container(horizontal=True):
        st.download_button(
            "Program", script.text, f"{name}.py", "text/x-python", icon=":material/download:",
            key=keys.button(page, "code", "program"), on_click="ignore",
            help="The program as a file: run it with `python`.",
        )  # fmt: skip
        st.download_button(
            "Notebook", notebook(script), f"{name}.ipynb", "application/x-ipynb+json",
            icon=":material/download:", key=keys.button(page, "code", "notebook"),
            on_click="ignore",
            help="The same as a notebook for Jupyter, a cell for each part.",
        )  # fmt: skip
        if script.companion:
            st.download_button(
                "Rows", script.companion, COMPANION, "text/csv", icon=":material/download:",
                key=keys.button(page, "code", "rows"), on_click="ignore",
                help="The rows to learn from, which the program reads: put the file beside it.",
            )  # fmt: skip
