"""The widgets for the layers of the network, and for backend, engine and device."""

from __future__ import annotations

import streamlit as st

from nn_core import backends, vocabulary
from nn_core.experiment import worker_of
from nn_core.server import get_pool
from ui.form.field_widgets import about, choice
from ui.form.form_values import Form

MOST_LAYERS, MOST_UNITS, MOST_MAPS = 8, 512, 64
USUAL_UNITS = 3
CPU = "cpu"


def backend(form: Form) -> None:
    """A list of the frameworks, which marks those that are not installed."""
    words = {
        name: word if backends.is_installed(name) else word._replace(label=f"{word.label} (absent)")
        for name, word in vocabulary.BACKENDS.items()
    }
    choice("backend", words)(form)


def engine(form: Form) -> None:
    """A list of the engines, for a backend that computes on another framework."""
    engines = vocabulary.ENGINES.get(form.value("backend"))
    if not engines:
        return
    chosen = form.defaults.engine
    form.value("engine", chosen if chosen in engines else engines[0])
    title, help_text, _ = about("engine")
    st.selectbox(title, engines, format_func=backends.label, key=form.key("engine"), help=help_text)


def read_engine(form: Form) -> str:
    """The engine; empty where the backend has none, or it is the default engine."""
    engines = vocabulary.ENGINES.get(form.value("backend"))
    chosen = form.peek("engine")
    return str(chosen) if engines and chosen and chosen != engines[0] else ""


def device(form: Form) -> None:
    """A list of the devices that the framework has found, once it is imported."""
    worker = _worker(form)
    found = get_pool().devices.get(worker, [CPU])
    if form.value("device") not in found:
        form.set("device", CPU)
    title, help_text, _ = about("device")
    st.selectbox(
        title,
        found,
        key=form.key("device"),
        help=help_text + " Devices are listed once the framework has been imported.",
    )


def import_framework(form: Form) -> None:
    """Start a worker that imports the framework, or show why it cannot."""
    pool, worker = get_pool(), _worker(form)
    if not backends.is_installed(worker):
        st.warning(backends.how_to_install(worker), icon=":material/extension_off:")
    elif worker in pool.unavailable:
        st.warning(pool.unavailable[worker], icon=":material/extension_off:")
    else:
        pool.warm(worker)


def _worker(form: Form) -> str:
    return worker_of(form.value("backend"), read_engine(form))


def feature_maps(form: Form) -> None:
    """Fields for the number of maps of each convolution, side by side."""
    _, help_text, _ = about("channels")
    for i, column in enumerate(st.columns(2)):
        form.value(f"maps.{i}", form.defaults.channels[i])
        column.number_input(
            f"Maps {i + 1}", 1, MOST_MAPS, key=form.key(f"maps.{i}"), help=help_text
        )


def layers(form: Form) -> None:
    """Fields for the number of hidden layers, their units, and their own activations, if any."""
    form.value("layers", len(form.defaults.hidden))
    st.number_input(
        "Hidden layers", 0, MOST_LAYERS, key=form.key("layers"),
        help="Dense layers before the outputs. With 0 and nothing else in between, the network is "
        "a single layer, and can only separate by a straight line.",
    )  # fmt: skip
    count, each = layer_count(form), has_activations(form)
    columns = st.columns(min(count, 3)) if count and not each else []
    for i in range(count):
        left, right = st.columns([2, 3]) if each else (columns[i % 3], None)
        with left:
            _units(form, i)
        if right:
            with right:
                _activation(form, i)


def layer_count(form: Form) -> int:
    """The number of hidden layers in the form."""
    return int(form.value("layers", len(form.defaults.hidden)))


def has_activations(form: Form) -> bool:
    """Whether each hidden layer has its own activation."""
    return bool(form.value("each_layer", bool(form.defaults.activations)) and layer_count(form))


def units_of(form: Form, layer: int) -> int:
    """The units of a hidden layer."""
    usual = form.defaults.hidden or (USUAL_UNITS,)
    return int(form.value(f"units.{layer}", usual[layer % len(usual)]))


def activation_of(form: Form, layer: int) -> str:
    """The activation of a hidden layer; initially its default, or that of all layers."""
    own = form.defaults.activations[layer : layer + 1]
    return str(form.value(f"activation.{layer}", own[0] if own else form.value("activation")))


def activation_for_each_layer(form: Form) -> None:
    """A switch between one activation for all hidden layers and one for each."""
    if layer_count(form) > 1 or has_activations(form):
        st.toggle(
            "An activation for each layer",
            key=form.key("each_layer"),
            help="Off: all hidden layers have the same. On: choose beside the units of each layer.",
        )


def _units(form: Form, layer: int) -> None:
    units_of(form, layer)
    st.number_input(
        f"Units {layer + 1}", 1, MOST_UNITS, key=form.key(f"units.{layer}"), help=about("hidden")[1]
    )


def _activation(form: Form, layer: int) -> None:
    activation_of(form, layer)
    st.selectbox(
        f"Activation {layer + 1}",
        list(vocabulary.ACTIVATIONS),
        format_func=lambda name: vocabulary.ACTIVATIONS[name].label,
        key=form.key(f"activation.{layer}"),
        help=about("activation")[1],
    )
