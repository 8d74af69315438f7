"""View to save the weights to a file, and to start from those of a file."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import streamlit as st

from nn_core import backends
from nn_core.errors import BackpropError
from nn_core.events import Snapshot
from nn_core.exchange import weight_files
from nn_core.exchange.weight_files import MOST_BYTES, Checkpoint
from nn_core.exchange.weight_files.leaked_test_rows import leaked_test_rows
from nn_core.exchange.weight_files.loading_code import loading_code
from nn_core.exchange.weight_files.onnx_file import write_onnx
from nn_core.exchange.weight_files.start_from_file import (
    beginning,
    can_be_given,
    differences,
    why_not,
    with_given_weights,
)
from nn_core.experiment import Experiment
from nn_core.runs.run import Run, Want
from nn_core.server import get_pool
from ui import session
from ui import session_keys as keys
from ui.components.plain_text import plain
from ui.form import commands, experiment_form
from ui.links.page_list import page_of

NAME, IS_STILL = "Save and load", True
WRITE: dict[str, Callable[[Checkpoint], bytes]] = {
    "safetensors": weight_files.write_safetensors,
    "npz": weight_files.write_npz,
    "onnx": write_onnx,
}
HELP = {
    "safetensors": "The weights as arrays, and the settings. Can be loaded again here, "
    "on any backend.",
    "npz": "The same as an archive of NumPy. Can be loaded here again, on any backend.",
    "onnx": "The network as a graph for ONNX Runtime and others. It is not loaded here.",
    "pt": "A state dict of PyTorch, written by PyTorch in a worker. It is not loaded here.",
    "keras": "A Keras model, written by Keras in a worker. It is not loaded here.",
}


@dataclass(frozen=True)
class LoadedFile:
    """A file that the visitor uploaded.

    Attributes
    ----------
    name : str
        Name of the file.
    checkpoint : Checkpoint or None
        Its content; None if the file is invalid.
    problem : str
        Why the file is invalid; empty otherwise.
    """

    name: str
    checkpoint: Checkpoint | None = None
    problem: str = ""


def show(page: str, experiment: Experiment, run: Run | None, now: Snapshot) -> bool:
    """Show it; see `ui.details.views`."""
    left, right = st.columns(2, gap="large")
    with left:
        moves = _save(page, experiment, run, now)
    with right:
        _load(page)
    return moves


def _save(page: str, experiment: Experiment, run: Run | None, now: Snapshot) -> bool:
    st.markdown("**Save**")
    framework = run.started.framework if run and run.started else ""
    checkpoint = Checkpoint(now.params, experiment, framework, now.step, now.epoch)
    is_moving = bool(run and run.is_moving)
    # The step to be saved is unknown while training proceeds; the file itself contains it.
    stem = _stem(experiment, now.step) if not is_moving else _stem(experiment, 0)[: -len("-step-0")]
    st.caption(
        f"{checkpoint.n_parameters:,} weights and biases, as they are at "
        f"{'the moment you press' if is_moving else f'step {now.step:,}'}."
    )
    newest = _latest_checkpoint(checkpoint, run) if is_moving else lambda: checkpoint
    with st.container(horizontal=True, key=f"{page}-save"):
        for suffix, write in WRITE.items():
            st.download_button(
                f".{suffix}",
                _writer(write, newest),
                f"{stem}.{suffix}",
                "application/octet-stream",
                key=keys.button(page, "save", suffix),
                icon=":material/download:",
                help=HELP[suffix],
                on_click="ignore",
            )
    run_key = run.id if run else experiment.to_json()
    asked = [_for_framework(page, kind, experiment, newest, run_key) for kind in ("pt", "keras")]
    kinds = [*WRITE, "pt", "keras"]
    if refused := session.peek(keys.writing_refused(page)):
        st.error(refused, icon=":material/error:")
    with st.expander("How to open the files", icon=":material/code:"):
        key = keys.opening_kind(page)
        session.value(key, kinds[0])
        kind = st.segmented_control(
            "Kind of file", kinds, key=key, required=True, format_func=lambda name: f".{name}",
            help="What the lines below open.",
        )  # fmt: skip
        if kind in ("pt", "keras") and experiment.output == "step":
            st.markdown("Frameworks have no step unit, so this network cannot be written for them.")
        else:
            st.code(loading_code(experiment, f"{stem}.{kind}"), "python")
    return any(asked)


def _latest_checkpoint(then: Checkpoint, run: Run | None) -> Callable[[], Checkpoint]:
    """A function that returns the current weights at the moment of its call."""

    def found() -> Checkpoint:
        latest = run.latest if run else None
        if latest is None:
            return then
        return Checkpoint(latest.params, then.experiment, then.framework, latest.step, latest.epoch)

    return found


def _writer(
    write: Callable[[Checkpoint], bytes], found: Callable[[], Checkpoint]
) -> Callable[[], bytes]:
    """A function that writes the file on request."""
    return lambda: write(found())


def _for_framework(
    page: str, suffix: str, experiment: Experiment, newest: Callable[[], Checkpoint], run_key: str
) -> bool:
    """A button that has a worker write a file, and beside it one that hands out the last."""
    key = keys.written_file(page, suffix)
    about, step, asked = session.peek(key, ("", 0, None))
    if about != run_key:
        asked = None  # for another run, or other settings
    label = "PyTorch" if suffix == "pt" else "Keras"
    is_asked = bool(asked and not asked.is_over)
    with st.container(horizontal=True, vertical_alignment="center", key=f"{page}-save-{suffix}"):
        st.button(
            f"Write .{suffix} with {label}", key=keys.button(page, "write", suffix),
            icon=":material/edit_document:", help=HELP[suffix],
            disabled=is_asked or experiment.output == "step",
            on_click=_write, args=(page, key, suffix, experiment, newest, run_key),
        )  # fmt: skip
        if asked and asked.content:
            st.download_button(
                f".{suffix}", asked.content, f"{_stem(experiment, step)}.{suffix}",
                "application/octet-stream", key=keys.button(page, "save", suffix), type="primary",
                icon=":material/download:", help=HELP[suffix], on_click="ignore",
            )  # fmt: skip
            size = len(asked.content) / 1e3
            st.caption(f"Step {step:,}, written by {asked.framework}, {size:,.0f} kB.")
        if is_asked:
            st.caption(f"{label} is writing it ({asked.phase or 'a moment'} …).")
    if asked and asked.error:
        st.error(asked.error, icon=":material/error:")
    return is_asked


def _write(
    page: str,
    key: str,
    suffix: str,
    experiment: Experiment,
    newest: Callable[[], Checkpoint],
    run_key: str,
) -> None:
    """Request a file from a worker; for callbacks."""
    wanted = newest()
    session.put(keys.writing_refused(page), None)
    try:
        # A name of its own, so that no request of another page is replaced.
        owner = f"{session.owner()}/{page}/file"
        asked = get_pool().write_file(suffix, experiment, wanted.params, owner)
    except BackpropError as error:
        session.put(keys.writing_refused(page), str(error))
    else:
        session.put(key, (run_key, wanted.step, asked))


def _stem(experiment: Experiment, step: int) -> str:
    """The file name without its suffix."""
    shape = experiment.shape.replace(" ", "").replace("×", "x")
    return f"{experiment.dataset}-{shape}-step-{step}"


def _load(page: str) -> None:
    st.markdown("**Load**")
    key = keys.weights_upload(page)
    st.file_uploader(
        "Weights (.safetensors or .npz)",
        type=["safetensors", "npz"],
        key=key,
        on_change=_read,
        args=(page, key),
        max_upload_size=MOST_BYTES // 2**20,
        help="A file that was saved here, by any backend. Files for frameworks are not loaded: "
        "opening them can run code.",
    )
    loaded: LoadedFile | None = session.peek(keys.weights_file(page))
    with st.container(key=f"{page}-loaded"):
        if loaded is None:
            return
        if loaded.checkpoint is None:
            st.error(f"{plain(loaded.problem)} Nothing was changed.", icon=":material/error:")
            return
        _describe(loaded)
        _offer(page, loaded, loaded.checkpoint)
        _show_measured(page)


def _read(page: str, key: str) -> None:
    file = session.peek(key)
    if file is None:
        session.put(keys.weights_file(page), None)
        return
    try:
        loaded = LoadedFile(file.name, weight_files.read(file.getvalue()))
    except BackpropError as error:
        loaded = LoadedFile(file.name, problem=str(error))
    session.put(keys.weights_file(page), loaded)


def _describe(loaded: LoadedFile) -> None:
    found = loaded.checkpoint
    assert found is not None
    by = f", computed by {plain(found.framework)}" if found.framework else ""
    name = "".join(c for c in loaded.name[:80] if c.isprintable() and c not in "`[]")
    st.markdown(
        f"`{name}`: a network {found.shape}, {found.n_parameters:,} {found.params[0][0].dtype} "
        f"numbers{by}, step {found.step:,}."
    )
    if found.note:
        st.caption(plain(found.note))


def _offer(page: str, loaded: LoadedFile, checkpoint: Checkpoint) -> None:
    """Show buttons that start a run with the weights, or the reason why that is impossible."""
    wanted = experiment_form.last_valid(page, None)
    reason = why_not(checkpoint, wanted)
    own = checkpoint.experiment
    fits_here = own is not None and page_of(own.dataset) == page
    different = differences(checkpoint, wanted)
    if reason:
        advice = " Take its settings, or change them." if fits_here else " Change them to fit."
        st.warning(reason + advice, icon=":material/warning:")
    elif different:
        st.caption(
            f":material/info: Different from the settings in the file: {', '.join(different)}. "
            "The same weights answer differently there."
        )
    leaked = None if reason else leaked_test_rows(checkpoint, wanted)
    if leaked:
        st.warning(leaked.sentence, icon=":material/warning:")
    with st.container(horizontal=True):
        for label, want, icon, help_text in (
            ("Train from these", "running", ":material/play_arrow:",
             "Begins a run with these weights and the settings on the left. It takes the place of "
             "the run on this page."),
            ("Predict with these", "paused", ":material/lightbulb:",
             "The same, but it waits at step 0: the backend measures how good the weights are."),
        ):  # fmt: skip
            pressed = st.button(
                label, key=keys.button(page, f"begin_{want}"), icon=icon, help=help_text,
                disabled=bool(reason), type="primary" if want == "running" else "secondary",
                on_click=_begin, args=(page, wanted, loaded.name, checkpoint, want),
            )  # fmt: skip
            if pressed:
                st.rerun()  # the whole page shows another run
        if own is not None and fits_here and (reason or different or leaked):
            pressed = st.button(
                "Take its settings", key=keys.button(page, "take_settings"), icon=":material/tune:",
                help="Lets the form on the left show the settings in the file, on your backend.",
                on_click=_take_settings, args=(page, own, wanted),
            )  # fmt: skip
            if pressed:
                st.rerun()


def _take_settings(page: str, experiment: Experiment, before: Experiment) -> None:
    same = {name: getattr(before, name) for name in ("backend", "engine", "device")}
    # If this backend does not support the settings, keep the backend of the file.
    with suppress(BackpropError):
        experiment = experiment.replace(**same, epsilon_form=None)
    commands.open_experiment(page, experiment)


def _begin(
    page: str, experiment: Experiment, file_name: str, checkpoint: Checkpoint, want: Want
) -> None:
    """Start a run with the weights of a file; those of a small network become settings."""
    if can_be_given(checkpoint):
        experiment = with_given_weights(checkpoint, experiment)
        commands.open_experiment(page, experiment)
        commands.begin(page, experiment, want)
    else:
        commands.begin(page, experiment, want, beginning(checkpoint, experiment, file_name))


def _show_measured(page: str) -> None:
    """Show the accuracy of the loaded weights, once their run has started."""
    run = session.run_of(page)
    if run is None or run.started is None:
        return
    is_from_file = run.origin is not None and not run.origin.run_id
    if not is_from_file and run.experiment.initializer != "given":
        return
    found = run.history.metrics_at(0)
    name = "test" if "test_accuracy" in found or "test_r2" in found else "train"
    share, explained = found.get(f"{name}_accuracy"), found.get(f"{name}_r2")
    if share is None and explained is None:
        return
    st.metric(
        f"{'Test' if name == 'test' else 'Training'} {'accuracy' if share is not None else 'R²'} "
        f"before any step, on {run.started.framework}",
        f"{100 * share:.2f} %" if share is not None else f"{explained:.3f}",
        help="Measured by the backend with the weights in the file.",
    )
    st.caption(
        f"Backend: {backends.label(run.experiment.worker)}. Resume trains on from there; the view "
        "Draw, where there is one, asks these weights."
        if run.state == "paused"
        else "The run goes on from there."
    )
