"""The table of the form: each field of an experiment, its widget, and the conversions between them.

`load` writes an experiment into the widgets of a form, and `read` reads it back from them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from nn_core import vocabulary
from nn_core.experiment import Experiment
from ui.form import field_widgets, network_widgets, task_settings, typed_weights
from ui.form.field_widgets import FULL_BATCH, Widget
from ui.form.form_values import Form


@dataclass(frozen=True)
class FormField:
    """A field of the experiment in the form.

    Attributes
    ----------
    name : str
        The field, and the session key of its widget unless `shown` says otherwise; see `Form.key`.
    widget : callable
        Draws the widget in a form.
    shown : callable
        From an experiment to the values of the widget, by the names of their keys, one for each
        part of the field.
    read : callable
        From a form to the value of the field.
    applies : callable
        From a form to whether the field is used there. Where it is not, the experiment has the
        default value.
    """

    name: str
    widget: Widget
    shown: Callable[[Experiment], Mapping[str, Any]]
    read: Callable[[Form], Any]
    applies: Callable[[Form], bool]


def _field(
    name: str,
    widget: Widget,
    *,
    shown: Callable[[Experiment], Mapping[str, Any]] | None = None,
    read: Callable[[Form], Any] | None = None,
    applies: Callable[[Form], bool] = lambda form: True,
) -> FormField:
    """A field; by default, its widget shows the value unchanged."""
    return FormField(
        name,
        widget,
        shown or (lambda experiment: {name: getattr(experiment, name)}),
        read or (lambda form: form.value(name)),
        applies,
    )


def _asks_for_backend(form: Form) -> bool:
    return form.has_backend


def _asks_for_architecture(form: Form) -> bool:
    return form.has_architecture


def _is_convolutional(form: Form) -> bool:
    return bool(form.has_architecture and form.value("architecture") == "conv")


def _has_momentum(form: Form) -> bool:
    return form.value("optimizer") in ("momentum", "nesterov")


def _is_given(form: Form) -> bool:
    return bool(form.value("initializer") == "given")


def _has_epsilon_form(form: Form) -> bool:
    """Whether there is a choice: only NumPy has both forms, and not every optimizer adds ε."""
    is_numpy = form.peek("backend") == "numpy"
    return bool(is_numpy and form.value("optimizer") in vocabulary.WITH_EPSILON)


def _engine(experiment: Experiment) -> dict[str, str]:
    engines = vocabulary.ENGINES.get(experiment.backend)
    return {"engine": experiment.engine or (engines[0] if engines else "")}


def _maps(experiment: Experiment) -> dict[str, int]:
    return {f"maps.{i}": maps for i, maps in enumerate(experiment.channels)}


def _read_maps(form: Form) -> tuple[int, ...]:
    return tuple(form.value(f"maps.{i}", maps) for i, maps in enumerate(form.defaults.channels))


def _layers(experiment: Experiment) -> dict[str, int]:
    units = {f"units.{i}": units for i, units in enumerate(experiment.hidden)}
    return {"layers": len(experiment.hidden), **units}


def _read_layers(form: Form) -> tuple[int, ...]:
    return tuple(
        network_widgets.units_of(form, i) for i in range(network_widgets.layer_count(form))
    )


def _activations(experiment: Experiment) -> dict[str, Any]:
    names = experiment.hidden_activations[len(experiment.front) :]
    each = {f"activation.{i}": name for i, name in enumerate(names)}
    return {"each_layer": bool(experiment.activations), **each}


def _read_activations(form: Form) -> tuple[str, ...]:
    if not network_widgets.has_activations(form):
        return ()
    return tuple(
        network_widgets.activation_of(form, i) for i in range(network_widgets.layer_count(form))
    )


def _given(experiment: Experiment) -> dict[str, Any]:
    return {"given": experiment.given, "typed": experiment.given is not None}


_TABLE = (
    _field("dataset", task_settings.choose_task),
    _field(
        "dataset_options",
        task_settings.settings,
        shown=task_settings.shown_settings,
        read=task_settings.read_settings,
    ),
    _field("backend", network_widgets.backend, applies=_asks_for_backend),
    _field(
        "engine",
        network_widgets.engine,
        shown=_engine,
        read=network_widgets.read_engine,
        applies=_asks_for_backend,
    ),
    _field("device", network_widgets.device, applies=_asks_for_backend),
    _field(
        "architecture",
        field_widgets.choice("architecture", vocabulary.ARCHITECTURES),
        applies=_asks_for_architecture,
    ),
    _field(
        "channels",
        network_widgets.feature_maps,
        shown=_maps,
        read=_read_maps,
        applies=_is_convolutional,
    ),
    _field(
        "kernel", field_widgets.buttons("kernel", vocabulary.KERNELS), applies=_is_convolutional
    ),
    _field("hidden", network_widgets.layers, shown=_layers, read=_read_layers),
    _field(
        "activation",
        field_widgets.choice("activation", vocabulary.ACTIVATIONS, needs=field_widgets.has_layers),
    ),
    _field(
        "activations",
        network_widgets.activation_for_each_layer,
        shown=_activations,
        read=_read_activations,
    ),
    _field("output", field_widgets.choice("output", vocabulary.OUTPUTS)),
    _field("bias", field_widgets.toggle("bias")),
    _field("initializer", field_widgets.choice("initializer", vocabulary.INITIALIZERS)),
    _field("given_offset", typed_weights.offset, applies=_is_given),
    _field(
        "given",
        typed_weights.given_weights,
        shown=_given,
        read=typed_weights.read_given,
        applies=_is_given,
    ),
    _field("loss", field_widgets.choice("loss", vocabulary.LOSSES)),
    _field("optimizer", field_widgets.choice("optimizer", vocabulary.OPTIMIZERS)),
    _field(
        "batch_size",
        field_widgets.batch_size,
        shown=lambda experiment: {"batch_size": experiment.batch_size or FULL_BATCH},
        read=field_widgets.read_batch_size,
    ),
    _field("learning_rate", field_widgets.learning_rate),
    _field(
        "momentum",
        field_widgets.number("momentum", step=0.05, format="%.4g"),
        applies=_has_momentum,
    ),
    _field(
        "dropout",
        field_widgets.number("dropout", needs=field_widgets.has_layers, step=0.05, format="%.4g"),
        read=lambda form: form.value("dropout") if field_widgets.has_layers(form) else 0.0,
    ),
    _field("l1", field_widgets.number("l1", step=0.001, format="%.4g")),
    _field("l2", field_widgets.number("l2", step=0.001, format="%.4g")),
    _field("epochs", field_widgets.number("epochs")),
    _field("seed", field_widgets.number("seed")),
    _field("target_loss", field_widgets.optional_number("target_loss", step=0.001, format="%.4g")),
    _field("patience", field_widgets.optional_number("patience", step=1)),
    _field("dtype", field_widgets.choice("dtype", vocabulary.DTYPES)),
    _field("epsilon_form", field_widgets.epsilon_form, applies=_has_epsilon_form),
    _field("shuffle", field_widgets.toggle("shuffle")),
)

FIELDS = {field.name: field for field in _TABLE}
"""All fields of an experiment, in the order in which the form shows them."""


def draw(form: Form, *names: str) -> None:
    """Draw the widgets of some fields, one below the other, without those that do not apply."""
    for name in names:
        if FIELDS[name].applies(form):
            FIELDS[name].widget(form)


def read(form: Form) -> dict[str, Any]:
    """The values of a form: the fields of an experiment, without those that do not apply."""
    return {name: field.read(form) for name, field in FIELDS.items() if field.applies(form)}


def load(page: str, experiment: Experiment) -> None:
    """Load another experiment into the form of a page; for callbacks.

    Parameters
    ----------
    page : str
        The page.
    experiment : Experiment
        The experiment to show.
    """
    form = Form(page, experiment)
    for field in FIELDS.values():
        for name, value in field.shown(experiment).items():
            form.set(name, value)
