"""The experiment as a program of its own, in the idiom of a framework."""

from __future__ import annotations

import streamlit as st

from nn_core import backends, export
from nn_core.datasets.images.sources import FOLDER_VARIABLE, SOURCES
from nn_core.errors import BackpropError
from nn_core.events import Snapshot
from nn_core.experiment import Experiment
from nn_core.export.comparison import changed_lines, side_by_side
from nn_core.export.data import COMPANION
from nn_core.export.notebook import notebook
from nn_core.runs import Run
from ui import session
from ui.code_view import code_view, comparison_view

NAME, IS_STILL, FOLLOWS_FORM = "Code", True, True
ALONE = "nothing"


def choose(page: str, experiment: Experiment) -> None:
    """The dialect, and a second one beside it."""
    own = export.names(experiment.backend)
    chosen, beside = f"{page}.form.code.dialect", f"{page}.form.code.beside"
    # Another backend was chosen: its dialect is the one to show.
    if session.peek(f"{page}.code.backend") != experiment.backend:
        session.put(f"{page}.code.backend", experiment.backend)
        session.put(chosen, own[0] if own else export.names()[0])
    session.value(beside, ALONE)
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"{page}-code"):
        st.selectbox(
            "Written for",
            export.names(),
            key=chosen,
            format_func=_named,
            width=420,
            help="The framework, and how it is used. PyTorch's four programs are rungs of a "
            "ladder: each leaves more to the framework than the one before.",
        )
        st.selectbox(
            "Compare with",
            [ALONE, *export.names()],
            key=beside,
            format_func=lambda name: name if name == ALONE else _named(name),
            width=420,
            help="A second program beside it: the same steps side by side, and what differs is "
            "tinted.",
        )


def show(page: str, experiment: Experiment, run: Run | None, now: Snapshot) -> None:
    """The program, and buttons to take it home; see `ui.views`."""
    dialect = str(session.peek(f"{page}.form.code.dialect", export.names()[0]))
    beside = str(session.peek(f"{page}.form.code.beside", ALONE))
    try:
        script = export.script(experiment, dialect)
        other = None if beside in (ALONE, dialect) else export.script(experiment, beside)
    except BackpropError as error:
        st.info(str(error))
        return
    if script.refusal:
        st.info(f"**{export.label(dialect)}** cannot say this. {script.refusal}")
        return
    st.caption(_what_it_prints(experiment, script, run))
    marked = _changed(page, script)
    _downloads(page, experiment, script)
    if beside == dialect:
        st.caption("Both are the same dialect. Choose another one under *Compare with*.")
    if other is not None and not other.refusal:
        panes = [(_named(name), found.text) for name, found in ((dialect, script), (beside, other))]
        comparison_view(panes, side_by_side(script, other), key=f"{page}-code-view")
        return
    if other is not None:
        st.info(f"**{export.label(beside)}** cannot say this. {other.refusal}")
    code_view(_named(dialect), script.text, marked, key=f"{page}-code-view")


def _named(name: str) -> str:
    return f"{export.label(name)} – {export.meaning(name)}"


def _what_it_prints(experiment: Experiment, script: export.Script, run: Run | None) -> str:
    """What the program needs and whose losses it prints, in a sentence or two."""
    by = backends.label(export.backend_of(script.dialect))
    *others, last = script.packages
    needs = f"{', '.join(others)} and {last}" if others else last
    said = f"This program needs {needs} alone, and prints the losses that a run on {by} has here, "
    said += "to six decimals: of each epoch, the mean."
    if source := SOURCES.get(experiment.dataset):
        images, labels = (
            f"[{file}]({source.mirrors[0]}{file})"
            for file in (source.train_images.file, source.train_labels.file)
        )
        said += f" It reads {images} and {labels} from a folder `{source.name}` beside it, or in "
        said += f"the folder that `{FOLDER_VARIABLE}` names."
    if experiment.dtype == "float32":
        said += " Float32 has seven digits, and what it rounds grows from step to step: the last "
        said += "ones printed may differ. Float64 prints the same."
    if run and run.experiment != experiment:
        said += " The form holds other settings than the run shown: the program is of the form."
    elif run and (run.edits or run.learning_rate_now != experiment.learning_rate):
        said += " What was changed by hand while this run went on is not in it."
    return said


def _changed(page: str, script: export.Script) -> list[int]:
    """Lines that the last change of a setting touched; of another dialect none."""
    key = f"{page}.code.seen"
    dialect, before, text = session.peek(key, ("", "", ""))
    if dialect != script.dialect:
        before = text = script.text
    elif text != script.text:
        before, text = text, script.text
    session.put(key, (script.dialect, before, text))
    found = changed_lines(before, text)
    if found:
        several = "lines" if len(found) > 1 else "line"
        st.markdown(f":orange-badge[Changed with the last setting: {several} {_ranges(found)}]")
    return found


def _ranges(numbers: list[int]) -> str:
    """Numbers in order, runs of them shortened: 3, 7–9."""
    groups: list[list[int]] = []
    for number in numbers:
        if groups and number == groups[-1][-1] + 1:
            groups[-1].append(number)
        else:
            groups.append([number])
    return ", ".join(f"{g[0]}–{g[-1]}" if len(g) > 1 else str(g[0]) for g in groups)


def _downloads(page: str, experiment: Experiment, script: export.Script) -> None:
    name = f"{experiment.dataset}_{script.dialect}"
    with st.container(horizontal=True):
        st.download_button(
            "Program", script.text, f"{name}.py", "text/x-python", icon=":material/download:",
            key=f"{page}.code.program", on_click="ignore",
            help="The program as a file: run it with `python`.",
        )  # fmt: skip
        st.download_button(
            "Notebook", notebook(script), f"{name}.ipynb", "application/x-ipynb+json",
            icon=":material/download:", key=f"{page}.code.notebook", on_click="ignore",
            help="The same as a notebook for Jupyter, a cell for each part.",
        )  # fmt: skip
        if script.companion:
            st.download_button(
                "Rows", script.companion, COMPANION, "text/csv", icon=":material/download:",
                key=f"{page}.code.rows", on_click="ignore",
                help="The rows to learn from, which the program reads: put the file beside it.",
            )  # fmt: skip
