"""The form that makes an experiment, derived from the fields' own declarations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise, product
from typing import Any, Literal, get_args, get_origin

import numpy as np
import pandas as pd
import streamlit as st

from nn_core import backends, datasets, vocabulary
from nn_core.datasets import Entry
from nn_core.errors import InvalidExperiment
from nn_core.experiment import Experiment, worker_of
from nn_core.networks.initializers import initial_params
from nn_core.server import get_pool
from nn_core.vocabulary import WITH_EPSILON
from ui import session
from ui import session_keys as keys

LEARNING_RATES = [float(f"{digit}e{power}") for power in range(-6, 2) for digit in (1, 2, 3, 5)] + [
    100.0,
    1000.0,
]
FULL_BATCH = 0  # a list's None would read as “nothing chosen”
MOST_TYPED_WEIGHTS = 64
BATCH_SIZES = [FULL_BATCH, 1, 2, 3, 4, 5, 8, 10, 16, 20, 32, 50, 64, 100, 128, 256, 512, 1024]
SEEDS = 2**31
WITH_IMAGES = ("digits",)
"""Pages whose data are images, for which there is more than one architecture."""


class Form:
    """The widgets of one page's form.

    Parameters
    ----------
    page : str
        Prefix of the widgets' keys.
    defaults : Experiment
        What the form shows at first.
    tasks : sequence of str
        The data sets to choose from.
    on_task : callable, optional
        Called with the form when another data set is chosen, or one of its settings changes.
    """

    def __init__(
        self,
        page: str,
        defaults: Experiment,
        tasks: Sequence[str] = (),
        on_task: Callable[[Form], None] | None = None,
    ) -> None:
        self.page = page
        self.defaults = defaults
        self.tasks = list(tasks)
        self.on_task = on_task

    def key(self, field: str) -> str:
        """The key of a field's widget."""
        return keys.form_field(self.page, field)

    def value(self, field: str) -> Any:
        """What the field shows, or will show."""
        return session.value(self.key(field), getattr(self.defaults, field, None))

    def set(self, field: str, new: Any) -> None:
        """Let the field show something else; for callbacks."""
        session.put(self.key(field), new)

    def choice(self, field: str, words: Mapping[str, Any], **more: Any) -> str:
        """A field whose value is one of the vocabulary's words."""
        self.value(field)
        title, help_text, _ = about(field)
        meanings = "".join(
            f"\n- **{word.label}**: {word.meaning}" for word in words.values() if word.meaning
        )
        chosen = st.selectbox(
            title,
            list(words),
            format_func=lambda name: words[name].label,
            key=self.key(field),
            help=help_text + "\n" + meanings,
            **more,
        )
        return str(chosen)

    def number(self, field: str, **more: Any) -> Any:
        """A field whose value is a number within bounds."""
        self.value(field)
        title, help_text, bounds = about(field)
        return st.number_input(title, key=self.key(field), help=help_text, **bounds, **more)

    def optional_number(self, field: str, step: float | int, **more: Any) -> Any:
        """A number that may be left open."""
        session.value(self.key(field), getattr(self.defaults, field))
        title, help_text, bounds = about(field)
        return st.number_input(
            title, key=self.key(field), help=help_text, step=step, placeholder="off",
            value=None, **bounds, **more,
        )  # fmt: skip


def about(field: str) -> tuple[str, str, dict[str, Any]]:
    """Label, help and bounds of a field, as the experiment declares them."""
    return described(Experiment.model_fields[field])


def described(info: Any) -> tuple[str, str, dict[str, Any]]:
    """Label with unit, help, and bounds of a declared field."""
    unit = (info.json_schema_extra or {}).get("unit", "")
    bounds = {}
    for constraint in info.metadata:
        for ours, theirs in (("ge", "min_value"), ("le", "max_value")):
            if (limit := getattr(constraint, ours, None)) is not None:
                bounds[theirs] = limit
    says_unit = not unit or unit in info.title.lower()
    title = info.title if says_unit else f"{info.title} ({unit})"
    return title, info.description or "", bounds


def load(page: str, experiment: Experiment) -> None:
    """Let the form of a page show another experiment; for callbacks.

    Parameters
    ----------
    page : str
        The page, as data sets name it.
    experiment : Experiment
        What its form will show.
    """
    form = Form(page, experiment, [experiment.dataset])
    for field in Experiment.model_fields:
        form.set(field, getattr(experiment, field))
    form.set("batch_size", experiment.batch_size or FULL_BATCH)
    engines = vocabulary.ENGINES.get(experiment.backend)
    form.set("engine", experiment.engine or (engines[0] if engines else ""))
    form.set("layers", len(experiment.hidden))
    form.set("each_layer", bool(experiment.activations))
    for i, maps in enumerate(experiment.channels):
        form.set(f"maps.{i}", maps)
    names = experiment.hidden_activations[len(experiment.front) :]
    layers = zip(experiment.hidden, names, strict=True)
    for i, (units, activation) in enumerate(layers):
        form.set(f"units.{i}", units)
        form.set(f"activation.{i}", activation)
    options = experiment.dataset_options.model_dump()
    for name, value in options.items():
        form.set(f"{experiment.dataset}.{name}", value)
    if truth := options.get("truth"):
        inputs = len(truth).bit_length() - 1
        rows = ["".join(bits) for bits in product("01", repeat=inputs)]
        form.set("table.inputs", inputs)
        form.set(
            f"table.ones.{inputs}", [row for row, y in zip(rows, truth, strict=True) if y == "1"]
        )
    form.set("typed", experiment.given is not None)


def experiment_form(
    page: str,
    defaults: Experiment,
    on_learning_rate: Callable[[float], None] | None = None,
    *,
    tasks: Sequence[str] = (),
    with_backend: bool = True,
    on_task: Callable[[Form], None] | None = None,
) -> Experiment | None:
    """Show the form in the sidebar.

    Parameters
    ----------
    page : str
        The page, as data sets name it.
    defaults : Experiment
        What the form shows at first.
    on_learning_rate : callable, optional
        Called with the new learning rate as soon as it is changed.
    tasks : sequence of str, optional
        The data sets to choose from; by default those that name this page.
    with_backend : bool
        Whether the form asks for a backend; otherwise the experiment has the default one.
    on_task : callable, optional
        Called with the form when another data set is chosen, or one of its settings changes; by
        default output and loss follow a data set that says how it is answered.

    Returns
    -------
    experiment : Experiment or None
        None where the fields do not fit together; `show_problems` says why.
    """
    form = Form(page, defaults, tasks or datasets.names(page), on_task)
    with st.sidebar:
        fields = {
            **_task(form),
            **(_framework(form) if with_backend else {}),
            **_network(form),
            **_learning(form, on_learning_rate),
            **_regularisation(form),
            **_ending(form),
        }
        try:
            experiment = Experiment(**fields)
            if experiment.initializer == "given":
                initial_params(experiment)  # or say here that there are none
        except InvalidExperiment as error:
            session.put(keys.problems(page), error.problems)
            return None
        session.put(keys.problems(page), ())
        for note in experiment.advice():
            st.info(note, icon=":material/lightbulb:")
    return experiment


def last_valid(page: str, experiment: Experiment | None) -> Experiment:
    """What the form holds, or what it held last when it still fitted together."""
    if experiment is not None:
        session.put(keys.last_valid(page), experiment)
    return session.value(keys.last_valid(page), Experiment())  # type: ignore[no-any-return]


def show_problems(page: str) -> None:
    """Say why what the form holds cannot be trained, if it cannot."""
    for problem in session.peek(keys.problems(page), ()):
        st.error(f"**{_title(problem.field)}**: {problem.reason}.", icon=":material/error:")


def _task(form: Form) -> dict[str, Any]:
    names = form.tasks
    entries = {name: datasets.describe(name) for name in names}
    form.value("dataset")
    chosen = form.defaults.dataset
    if len(names) > 1:
        title, help_text, _ = about("dataset")
        chosen = st.selectbox(
            title,
            names,
            format_func=lambda name: entries[name].label,
            key=form.key("dataset"),
            help=help_text + "".join(f"\n- **{e.label}**: {e.help}" for e in entries.values()),
            on_change=form.on_task,
            args=(form,),
        )
    return {"dataset": chosen, "dataset_options": _options(form, entries[chosen])}


def _options(form: Form, entry: Entry) -> dict[str, Any]:
    """The data set's own fields."""
    is_default = entry.name == form.defaults.dataset
    defaults = form.defaults.dataset_options.model_dump() if is_default else {}
    chosen: dict[str, Any] = {}
    for name, info in entry.options.model_fields.items():
        key = form.key(f"{entry.name}.{name}")
        session.value(key, defaults.get(name, info.default))
        chosen[name] = _truth_table(form) if name == "truth" else _option(form, key, info)
    return chosen


def _option(form: Form, key: str, info: Any) -> Any:
    """The widget that suits a field's type; without one, the field is edited elsewhere."""
    title, help_text, bounds = described(info)
    words = get_args(info.annotation)
    more: dict[str, Any] = {
        "key": key,
        "help": help_text,
        "on_change": _option_changed,
        "args": (form, key),
    }
    if get_origin(info.annotation) is Literal:
        return st.segmented_control(title, words, required=True, **more)
    if words and get_origin(words[0]) is Literal:
        return tuple(st.pills(title, get_args(words[0]), selection_mode="multi", **more))
    if info.annotation is str or get_origin(info.annotation) is tuple:
        return session.peek(key)
    if info.annotation is bool:
        return st.toggle(title, **more)
    if (info.json_schema_extra or {}).get("unit") == "%":
        return st.slider(title, **bounds, **more)
    return st.number_input(title, **bounds, **more)


def _option_changed(form: Form, key: str) -> None:
    if form.on_task:
        form.on_task(form)
    else:
        _fit_the_answer(form, key)


def _fit_the_answer(form: Form, key: str) -> None:
    """Choose output and loss that go with what the data set asks for."""
    answer = session.peek(key)
    if answer == "number":
        form.set("output", "identity")
        form.set("loss", "mse")
        form.set("layers", 0)
    elif answer == "classes":
        form.set("output", "softmax")
        form.set("loss", "cross_entropy")
        form.set("layers", 1)


def _truth_table(form: Form) -> str:
    """A table that the user edits: how many inputs, and which rows give 1."""
    session.value(form.key("table.inputs"), 3)
    inputs = st.segmented_control(
        "Inputs", (1, 2, 3, 4), key=form.key("table.inputs"), required=True,
        help="Columns of your truth table.",
    )  # fmt: skip
    rows = ["".join(bits) for bits in product("01", repeat=int(inputs or 3))]
    key = form.key(f"table.ones.{inputs}")
    session.value(key, [row for row in rows if row.count("1") % 2])
    ones = st.pills(
        f"Rows whose output is 1 (inputs {' '.join('ABCD'[: len(rows[0])])})",
        rows,
        selection_mode="multi",
        key=key,
        help="Click a row to switch its output between 0 and 1.",
    )
    return "".join("1" if row in ones else "0" for row in rows)


def _framework(form: Form) -> dict[str, Any]:
    pool = get_pool()
    words = {
        name: word if backends.is_installed(name) else word._replace(label=f"{word.label} (absent)")
        for name, word in vocabulary.BACKENDS.items()
    }
    left, right = st.columns([3, 2])
    with left:
        backend = form.choice("backend", words)
        engine = _engine(form, backend)
    worker = worker_of(backend, engine)
    found = pool.devices.get(worker, ["cpu"])
    form.value("device")
    if form.value("device") not in found:
        form.set("device", "cpu")
    with right:
        title, help_text, _ = about("device")
        device = st.selectbox(
            title,
            found,
            key=form.key("device"),
            help=help_text + " Devices are listed once the framework has been imported.",
        )
    if not backends.is_installed(worker):
        st.warning(backends.how_to_install(worker), icon=":material/extension_off:")
    elif worker in pool.unavailable:
        st.warning(pool.unavailable[worker], icon=":material/extension_off:")
    else:
        pool.warm(worker)
    return {"backend": backend, "engine": engine, "device": device}


def _engine(form: Form, backend: str) -> str:
    """What the backend computes on, where it computes on another framework."""
    engines = vocabulary.ENGINES.get(backend)
    if not engines:
        return ""
    chosen = form.defaults.engine
    session.value(form.key("engine"), chosen if chosen in engines else engines[0])
    title, help_text, _ = about("engine")
    engine = st.selectbox(
        title, engines, format_func=backends.label, key=form.key("engine"), help=help_text
    )
    return "" if engine == engines[0] else str(engine)  # the first is what is used by itself


def _network(form: Form) -> dict[str, Any]:
    st.markdown("##### Network")
    architecture = _architecture(form) if form.page in WITH_IMAGES else {}
    session.value(form.key("layers"), len(form.defaults.hidden))
    layers = st.number_input(
        "Hidden layers", 0, 8, key=form.key("layers"),
        help="Dense layers before the outputs. With 0 and nothing else in between, the network is "
        "a single layer, and can only separate by a straight line.",
    )  # fmt: skip
    session.value(form.key("each_layer"), bool(form.defaults.activations))
    each_layer = bool(layers and session.peek(form.key("each_layer")))
    hidden, activations = _layers(form, int(layers), each_layer)
    if each_layer:
        activation = form.value("activation")
        output = form.choice("output", vocabulary.OUTPUTS)
    else:
        left, right = st.columns(2)
        with left:
            activation = form.choice("activation", vocabulary.ACTIVATIONS, disabled=not layers)
        with right:
            output = form.choice("output", vocabulary.OUTPUTS)
    if layers > 1 or each_layer:
        st.toggle(
            "An activation for each layer",
            key=form.key("each_layer"),
            help="Off: all hidden layers have the same. On: choose beside the units of each layer.",
        )
    form.value("bias")
    title, help_text, _ = about("bias")
    bias = st.toggle(title, key=form.key("bias"), help=help_text)
    initializer = form.choice("initializer", vocabulary.INITIALIZERS)
    given = _given(form) if initializer == "given" else {}
    return {
        **architecture,
        **given,
        "hidden": hidden,
        "activation": activation,
        "activations": activations,
        "output": output,
        "initializer": initializer,
        "bias": bias,
    }


def _architecture(form: Form) -> dict[str, Any]:
    """What stands in front of the hidden layers, and its settings where it has any."""
    chosen = form.choice("architecture", vocabulary.ARCHITECTURES)
    if chosen != "conv":
        return {"architecture": chosen}
    _, help_text, _ = about("channels")
    maps = []
    for i, column in enumerate(st.columns(2)):
        session.value(form.key(f"maps.{i}"), form.defaults.channels[i])
        maps.append(
            column.number_input(f"Maps {i + 1}", 1, 64, key=form.key(f"maps.{i}"), help=help_text)
        )
    form.value("kernel")
    title, help_text, _ = about("kernel")
    words = vocabulary.KERNELS
    meanings = "".join(f"\n- **{word.label}**: {word.meaning}" for word in words.values())
    kernel = st.segmented_control(
        title,
        list(words),
        format_func=lambda size: words[size].label,
        key=form.key("kernel"),
        required=True,
        help=help_text + "\n" + meanings,
    )
    return {"architecture": chosen, "channels": tuple(maps), "kernel": kernel}


def _layers(form: Form, layers: int, each_layer: bool) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """The units of each hidden layer, and its activation where each has its own."""
    hidden, activations = [], []
    columns = st.columns(min(layers, 3)) if layers and not each_layer else []
    for i in range(layers):
        default = (*form.defaults.hidden, *([form.defaults.hidden or (3,)][0] * 8))[i]
        session.value(form.key(f"units.{i}"), default)
        left, right = st.columns([2, 3]) if each_layer else (columns[i % 3], None)
        with left:
            units = st.number_input(
                f"Units {i + 1}", 1, 512, key=form.key(f"units.{i}"), help=about("hidden")[1]
            )
        hidden.append(units)
        if right:
            session.value(form.key(f"activation.{i}"), _activation_of(form, i))
            with right:
                name = st.selectbox(
                    f"Activation {i + 1}",
                    list(vocabulary.ACTIVATIONS),
                    format_func=lambda name: vocabulary.ACTIVATIONS[name].label,
                    key=form.key(f"activation.{i}"),
                    help=about("activation")[1],
                )
            activations.append(str(name))
    return tuple(hidden), tuple(activations)


def _activation_of(form: Form, layer: int) -> str:
    """What a layer has until another is chosen: its own default, or that of all layers."""
    own = form.defaults.activations[layer : layer + 1]
    return str(own[0] if own else form.value("activation"))


def _given(form: Form) -> dict[str, Any]:
    """Start from chosen weights: the published optimum, or typed in, and a little beside it."""
    offset = form.number("given_offset", step=1e-5, format="%.6g")
    session.value(form.key("typed"), False)
    typed = st.toggle(
        "Type the weights in",
        key=form.key("typed"),
        help="Off: the published optimum of this network, where there is one. On: a table for each "
        "layer; a row for each source, the bias last, a column for each unit.",
    )
    return {"given_offset": offset, "given": _typed_weights(form) if typed else None}


def _typed_weights(form: Form) -> Any:
    """A table to fill in for each layer, as `Experiment.given` wants it."""
    fields = ("dataset", "layers", "bias", "activation", "output")
    chosen = {field: session.peek(form.key(field)) for field in fields}
    hidden = tuple(session.peek(form.key(f"units.{i}")) for i in range(chosen["layers"]))
    entry = datasets.describe(chosen["dataset"])
    options = {name: session.peek(form.key(f"{entry.name}.{name}"))
               for name in entry.options.model_fields}  # fmt: skip
    n_inputs, n_outputs = entry.sizes(entry.options(**options))
    sizes = (n_inputs, *hidden, n_outputs)
    brought = session.peek(form.key("given"))
    if not _fits(brought, sizes, chosen["bias"]):
        brought = None
    if sum(n * m for n, m in pairwise(sizes)) > MOST_TYPED_WEIGHTS:
        most = f"Only networks of up to {MOST_TYPED_WEIGHTS} weights can be typed in."
        st.caption(most + (" These came with what was opened." if brought else ""))
        return brought
    over, typed, table_key = session.peek(keys.typed_weights(form.page), (None, None, ""))
    is_forgotten = table_key and session.peek(table_key) is None
    if is_forgotten and over == brought and _fits(typed, sizes, chosen["bias"]):
        # Streamlit forgets a table with its page: one that comes back begins with what was typed.
        session.put(form.key("given"), typed)
        brought = typed
    layers = []
    for i, (n_in, n_out) in enumerate(pairwise(sizes)):
        rows = [f"from {j + 1}" for j in range(n_in)] + (["bias"] if chosen["bias"] else [])
        loaded = _loaded_table(form, i, (len(rows), n_out))
        first = pd.DataFrame(loaded, index=rows, columns=[f"unit {j + 1}" for j in range(n_out)])
        # Named by what it begins with: other weights that are loaded begin another table.
        name = f"{i}.{sizes}.{chosen['bias']}"
        name += f".{hash(loaded.tobytes())}" if loaded.any() else ""
        table_key = f"{form.page}.typed.{name}"
        table = st.data_editor(first, key=table_key)
        values = table.fillna(0.0).to_numpy(float).tolist()
        weight = tuple(tuple(row) for row in values[:n_in])
        layers.append((weight, tuple(values[n_in]) if chosen["bias"] else None))
    session.put(keys.typed_weights(form.page), (brought, tuple(layers), table_key))
    return tuple(layers)


def _fits(given: Any, sizes: Sequence[int], bias: bool) -> bool:
    """Whether these are weights of a network of these sizes."""
    if given is None or len(given) != len(sizes) - 1:
        return False
    return all(
        len(rows) == n_in and len(rows[0]) == n_out and (its_bias is not None) == bias
        for (rows, its_bias), (n_in, n_out) in zip(given, pairwise(sizes), strict=True)
    )


def _loaded_table(form: Form, layer: int, shape: tuple[int, int]) -> np.ndarray:
    """What a table of typed weights begins with: those that were loaded into the form, or zeros."""
    given = session.peek(form.key("given"))
    if given and layer < len(given):
        weight, bias = given[layer]
        rows = [*weight, *([bias] if bias is not None else [])]
        if len(rows) == shape[0] and all(len(row) == shape[1] for row in rows):
            return np.array(rows, float)
    return np.zeros(shape)


def _learning(form: Form, on_learning_rate: Callable[[float], None] | None) -> dict[str, Any]:
    st.markdown("##### Learning")
    loss = form.choice("loss", vocabulary.LOSSES)
    left, right = st.columns(2)
    with left:
        optimizer = form.choice("optimizer", vocabulary.OPTIMIZERS)
    with right:
        session.value(form.key("batch_size"), form.defaults.batch_size or FULL_BATCH)
        title, help_text, _ = about("batch_size")
        batch_size = st.selectbox(
            title,
            _with(BATCH_SIZES, form.value("batch_size")),
            format_func=lambda size: "full batch" if size == FULL_BATCH else str(size),
            key=form.key("batch_size"),
            help=help_text,
        )
    title, help_text, _ = about("learning_rate")
    learning_rate = st.select_slider(
        title,
        _with(LEARNING_RATES, form.value("learning_rate")),
        format_func=lambda rate: f"{rate:g}",
        key=form.key("learning_rate"),
        help=help_text,
        on_change=lambda: on_learning_rate and on_learning_rate(form.value("learning_rate")),
    )
    fields = {
        "loss": loss,
        "optimizer": optimizer,
        "batch_size": None if batch_size == FULL_BATCH else batch_size,
        "learning_rate": learning_rate,
    }
    if optimizer in ("momentum", "nesterov"):
        fields["momentum"] = form.number("momentum", step=0.05, format="%.4g")
    return fields


def _regularisation(form: Form) -> dict[str, Any]:
    """What keeps a network from learning its rows by heart."""
    has_layers = bool(session.peek(form.key("layers")))
    with st.expander("Regularisation"):
        dropout = form.number("dropout", step=0.05, format="%.4g", disabled=not has_layers)
        left, right = st.columns(2)
        with left:
            l1 = form.number("l1", step=0.001, format="%.4g")
        with right:
            l2 = form.number("l2", step=0.001, format="%.4g")
    fields = {"dropout": dropout if has_layers else 0.0, "l1": l1, "l2": l2}
    chosen = [f"{about(field)[0]} {value:g}" for field, value in fields.items() if value]
    if chosen:  # to be seen while the group is closed, too
        st.caption("Regularised by " + ", ".join(chosen))
    return fields


def _ending(form: Form) -> dict[str, Any]:
    left, right = st.columns(2)
    with left:
        epochs = form.number("epochs")
    with right:
        seed = form.number("seed")
    with st.expander("Stop rules and precision"):
        left, right = st.columns(2)
        with left:
            target_loss = form.optional_number("target_loss", step=0.001, format="%.4g")
        with right:
            patience = form.optional_number("patience", step=1)
        dtype = form.choice("dtype", vocabulary.DTYPES)
        epsilon_form = _epsilon_form(form)
        form.value("shuffle")
        title, help_text, _ = about("shuffle")
        shuffle = st.toggle(title, key=form.key("shuffle"), help=help_text)
    return {
        "epochs": epochs,
        "seed": seed,
        "target_loss": target_loss,
        "patience": patience,
        "dtype": dtype,
        "shuffle": shuffle,
        "epsilon_form": epsilon_form,
    }


def _epsilon_form(form: Form) -> str | None:
    """Which form of ε, where backend and optimizer leave a choice."""
    is_numpy = session.peek(form.key("backend")) == "numpy"
    if not is_numpy or session.peek(form.key("optimizer")) not in WITH_EPSILON:
        return None
    form.value("epsilon_form")
    title, help_text, _ = about("epsilon_form")
    words = vocabulary.EPSILON_FORMS
    chosen: str | None = st.selectbox(
        title,
        [None, *words],
        format_func=lambda name: words[name].label if name else "NumPy's own",
        key=form.key("epsilon_form"),
        help=help_text + "".join(f"\n- **{w.label}**: {w.meaning}" for w in words.values()),
    )
    return chosen


def _with(values: Sequence[Any], chosen: Any) -> list[Any]:
    """The values of a list, and the chosen one, which may have come from elsewhere."""
    return sorted({*values, chosen})


def changed_fields(old: Experiment, new: Experiment) -> Sequence[str]:
    """Labels of the fields in which two experiments differ, without the learning rate."""
    return [
        _title(name)
        for name in Experiment.model_fields
        if name != "learning_rate" and getattr(old, name) != getattr(new, name)
    ]


def _title(field: str) -> str:
    info = Experiment.model_fields.get(field.split(".")[0])
    return (info.title if info else None) or field
