"""The experiment: everything a run needs, in one immutable value.

Each field is declared once, with its bounds, unit, label and help. The form, the
JSON, validation and the documentation are derived from these declarations. Which values
go together is decided in `nn_core.rules`.
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SerializeAsAny,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from nn_core import rules, vocabulary
from nn_core.errors import InvalidExperiment, Problem, UnknownName, problems_of

GivenParams = tuple[tuple[tuple[tuple[float, ...], ...], tuple[float, ...] | None], ...]


def one_of(words: Mapping[Any, Any]) -> AfterValidator:
    """A validator that accepts the keys of `words` and names them otherwise."""

    def check(name: Any) -> Any:
        if name not in words:
            raise UnknownName(words)
        return name

    return AfterValidator(check)


def knob(
    default: Any, label: str, help: str, *, unit: str = "", **bounds: Any
) -> Any:  # `help` is what Streamlit calls it too
    """A field of an experiment, with all that a form needs to show it."""
    return Field(default, title=label, description=help, json_schema_extra={"unit": unit}, **bounds)


class Frozen(BaseModel):
    """An immutable record that refuses unknown fields and numbers that are not finite."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, str_max_length=10_000
    )

    def __init__(self, **fields: Any) -> None:
        try:
            super().__init__(**fields)
        except ValidationError as error:
            raise InvalidExperiment(problems_of(error)) from None


class DatasetOptions(Frozen):
    """The settings of one data set; a data set with settings has a subclass."""


Units = Annotated[int, Field(ge=1, le=512)]
Maps = Annotated[int, Field(ge=1, le=64)]
Name = Annotated[str, StringConstraints(max_length=64)]


class Experiment(Frozen):
    """A recipe: what to learn, with which network, and how.

    The same experiment on the same version of a backend gives the same run.

    Training minimizes the objective ``loss + l1 Σ|w| + l2/2 Σ w²``. The sums run over all weights
    and no biases [1]_, [2]_; each step drops a share `dropout` of the hidden units [3]_. The
    reported loss is the first term alone.

    Raises
    ------
    InvalidExperiment
        If a field is unknown or out of bounds, or fields do not fit together; the error names
        each such field, its value, and what is allowed.

    References
    ----------
    .. [1] R. Tibshirani, "Regression shrinkage and selection via the lasso", J. R. Stat. Soc. B 58,
       1996.
    .. [2] A. Krogh, J. Hertz, "A simple weight decay can improve generalization", NIPS 4, 1992.
    .. [3] N. Srivastava et al., "Dropout: a simple way to prevent neural networks from
       overfitting", JMLR 15, 2014.

    Examples
    --------
    >>> Experiment(dataset="xor", hidden=(3,)).layer_sizes
    (2, 3, 1)
    >>> Experiment(dataset="xor", hidden=(3,)).n_parameters
    13
    """

    dataset: Annotated[Name, one_of(vocabulary.DATASETS)] = knob(
        "xor", "Task", "What the network learns."
    )
    dataset_options: SerializeAsAny[DatasetOptions] = knob(
        None, "Task settings", "The settings of the chosen task.", validate_default=True
    )
    architecture: Annotated[Name, one_of(vocabulary.ARCHITECTURES)] = knob(
        "dense",
        "Architecture",
        "What stands between the inputs and the hidden layers: nothing, or two convolutions.",
    )
    channels: tuple[Maps, Maps] = knob(
        (8, 16),
        "Feature maps",
        "Kernels of the first and of the second convolution; each makes a feature map. For the "
        "architecture `conv`. 1 to 64 each.",
        unit="maps",
    )
    kernel: Annotated[int, one_of(vocabulary.KERNELS)] = knob(
        5,
        "Kernel",
        "Height and width of the kernels of both convolutions. For the architecture `conv`.",
        unit="pixels",
    )
    hidden: Annotated[tuple[Units, ...], Field(max_length=8)] = knob(
        (3,),
        "Hidden units",
        "Units in each hidden layer, first layer first; none at all is a single layer. "
        "1 to 512 units a layer, at most 8 layers.",
        unit="units",
    )
    activation: Annotated[Name, one_of(vocabulary.ACTIVATIONS)] = knob(
        "sigmoid", "Activation", "What each hidden unit does to its weighted sum."
    )
    activations: Annotated[
        tuple[Annotated[Name, one_of(vocabulary.ACTIVATIONS)], ...], Field(max_length=8)
    ] = knob(
        (),
        "Activation of each layer",
        "One for each hidden layer, first layer first; empty where all have the one above.",
    )
    output: Annotated[Name, one_of(vocabulary.OUTPUTS)] = knob(
        "sigmoid", "Output", "What the output units do to their weighted sums."
    )
    bias: bool = knob(True, "Bias", "Whether every unit adds a learned constant.")
    initializer: Annotated[Name, one_of(vocabulary.INITIALIZERS)] = knob(
        "glorot_uniform", "Initial weights", "How the weights are drawn before training."
    )
    given: GivenParams | None = knob(
        None,
        "Given weights",
        "For the initializer `given`: a (weight rows, bias) pair for each layer.",
    )
    given_offset: float = knob(
        0.0,
        "Offset",
        "For the initializer `given`: added to every weight and bias.",
        ge=-10.0,
        le=10.0,
    )
    loss: Annotated[Name, one_of(vocabulary.LOSSES)] = knob(
        "mse", "Loss", "The number that training makes small."
    )
    optimizer: Annotated[Name, one_of(vocabulary.OPTIMIZERS)] = knob(
        "adam", "Optimizer", "How a gradient becomes a step."
    )
    learning_rate: float = knob(
        0.1,
        "Learning rate",
        "Size of each step (η). Can be changed while a run is going on.",
        ge=1e-7,
        le=1000.0,
    )
    momentum: float = knob(
        0.9,
        "Momentum",
        "Share of its speed that a step keeps (μ). Used by momentum and Nesterov.",
        ge=0.0,
        le=0.9999,
    )
    dropout: float = knob(
        0.0,
        "Dropout",
        "Share of the hidden units that are silent in each step, drawn anew for every row. The "
        "others speak louder by 1 / (1 − share), so that nothing changes on average. Once trained, "
        "all units speak: the outputs shown and the test loss are measured so; the loss of each "
        "step is measured with the silent units (Srivastava et al. 2014).",
        ge=0.0,
        le=0.9,
    )
    l1: float = knob(
        0.0,
        "L1",
        "Strength of the penalty on the size of each weight (λ₁): training makes "
        "loss + λ₁ Σ|w| + λ₂/2 Σw² small. It drives weights to zero. Biases are left alone, and "
        "the losses shown are those without the penalty (Tibshirani 1996).",
        ge=0.0,
        le=10.0,
    )
    l2: float = knob(
        0.0,
        "L2",
        "Strength of the penalty on the square of each weight (λ₂): training makes "
        "loss + λ₁ Σ|w| + λ₂/2 Σw² small. It keeps weights small. Biases are left alone, and the "
        "losses shown are those without the penalty (Krogh and Hertz 1992).",
        ge=0.0,
        le=10.0,
    )
    batch_size: int | None = knob(
        None,
        "Batch size",
        "Rows in each optimizer step. The full batch uses every row in each step.",
        unit="rows",
        ge=1,
        le=4096,
    )
    shuffle: bool = knob(
        True, "Shuffle", "Draw a new order of the rows for each epoch. Not used by the full batch."
    )
    epochs: int = knob(
        3000,
        "Epochs",
        "Training stops after this many passes over the data.",
        unit="passes",
        ge=1,
        le=1_000_000,
    )
    target_loss: float | None = knob(
        None,
        "Target loss",
        "Training stops after the first epoch whose mean training loss is at most this.",
        ge=0.0,
        le=1e6,
    )
    patience: int | None = knob(
        None,
        "Patience",
        "Training stops when this many epochs in a row brought no better training loss.",
        unit="epochs",
        ge=1,
        le=1_000_000,
    )
    dtype: Annotated[Name, one_of(vocabulary.DTYPES)] = knob(
        "float32", "Precision", "Type of every number the framework computes with."
    )
    seed: int = knob(
        0,
        "Seed",
        "Decides initial weights, batch order, and data that have no seed of their own, alike on "
        "every backend.",
        ge=0,
        le=2**31 - 1,
    )
    backend: Annotated[Name, one_of(vocabulary.BACKENDS)] = knob(
        "numpy", "Backend", "The framework that does the computing."
    )
    engine: Name = knob(
        "",
        "Engine",
        "What Keras computes on: `tensorflow`, `jax` or `torch`; left empty, TensorFlow. Other "
        "backends have no engine.",
    )
    device: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,8}(:\d{1,3})?$")] = knob(
        "cpu", "Device", "Where the framework computes."
    )
    epsilon_form: Annotated[Name, one_of(vocabulary.EPSILON_FORMS)] | None = knob(
        None,
        "Form of ε",
        "Where Adam, RMSprop and Adagrad add ε. Only NumPy speaks both published forms; "
        "left open, each backend uses the form its framework has.",
    )

    @field_validator("dataset_options", mode="before")
    @classmethod
    def _options_of_the_dataset(cls, options: Any, info: Any) -> DatasetOptions:
        entry = vocabulary.DATASETS.get(info.data.get("dataset"))
        if entry is None:  # the validator of `dataset` reports the unknown name
            return DatasetOptions()
        if isinstance(options, BaseModel):
            # Options of another data set are not an error: they are dropped.
            options = options.model_dump() if type(options) is entry.options else {}
        try:
            chosen: DatasetOptions = entry.options(**(options or {}))
        except TypeError:
            raise ValueError("give the options as names with values") from None
        return chosen

    @model_validator(mode="after")
    def _fields_fit_together(self) -> Experiment:
        problems = rules.problems(self)
        if problems:
            raise InvalidExperiment(problems)
        return self

    @property
    def worker(self) -> str:
        """Name of the worker process that can train it: see `worker_of`."""
        return worker_of(self.backend, self.engine)

    @property
    def n_inputs(self) -> int:
        """Features of one row."""
        return self._sizes()[0]

    @property
    def n_outputs(self) -> int:
        """Outputs of the network for one row."""
        return self._sizes()[1]

    @property
    def layer_sizes(self) -> tuple[int, ...]:
        """Number of outputs of each layer, the inputs first."""
        front = (layer.units for layer in self.front)
        return (self.n_inputs, *front, *self.hidden, self.n_outputs)

    @property
    def front(self) -> tuple[Any, ...]:
        """The layers in front of the dense ones: see `nn_core.networks.architectures`."""
        found: tuple[Any, ...] = vocabulary.ARCHITECTURES[self.architecture].front(self)
        return found

    @property
    def weight_shapes(self) -> list[tuple[int, ...]]:
        """Shape of the weight of every layer, first layer first.

        Examples
        --------
        >>> Experiment(dataset="xor", hidden=(3,)).weight_shapes
        [(2, 3), (3, 1)]
        """
        front = self.front
        dense = itertools.pairwise(self.layer_sizes[len(front) :])
        return [*(layer.weight_shape for layer in front), *dense]

    @property
    def shape(self) -> str:
        """A short notation for the layers.

        Examples
        --------
        >>> Experiment(dataset="xor", hidden=(3,)).shape
        '2-3-1'
        """
        signs = [layer.sign for layer in self.front]
        return "-".join(map(str, [self.n_inputs, *signs, *self.hidden, self.n_outputs]))

    @property
    def hidden_activations(self) -> tuple[str, ...]:
        """The activation of each hidden layer, first layer first.

        Examples
        --------
        >>> Experiment(hidden=(3, 2), activation="tanh").hidden_activations
        ('tanh', 'tanh')
        """
        front = tuple(layer.activation for layer in self.front)
        return front + (self.activations or (self.activation,) * len(self.hidden))

    @property
    def n_parameters(self) -> int:
        """Weights and biases together."""
        shapes = self.weight_shapes
        return sum(math.prod(shape) + self.bias * shape[-1] for shape in shapes)

    @property
    def multiplications(self) -> int:
        """Multiplications of a forward pass of one row, about; `n_parameters` for dense layers."""
        count = self.n_parameters
        for layer in self.front:  # the whole kernel is applied at each position of the image
            count += layer.multiplications - math.prod(layer.weight_shape)
        return count

    def replace(self, **changes: Any) -> Experiment:
        """The same experiment with some fields changed, checked again."""
        return Experiment(**{**dict(self), **changes})

    def to_json(self) -> str:
        """The experiment as one line of JSON, which `from_json` reads."""
        return self.model_dump_json()

    @classmethod
    def from_json(cls, text: str) -> Experiment:
        """The experiment written in `text`; missing fields take their defaults.

        Raises
        ------
        InvalidExperiment
            If `text` is not a JSON object, or a field in it is unknown or wrong.
        """
        try:
            fields = json.loads(text)
        except (ValueError, RecursionError):
            fields = None
        if not isinstance(fields, dict):
            raise InvalidExperiment(
                [Problem("experiment", text[:60], "write it as a JSON object of fields")]
            )
        return cls(**fields)

    def advice(self) -> list[str]:
        """Warnings about allowed but unusual choices, one sentence each."""
        return rules.advice(self)

    def _sizes(self) -> tuple[int, int]:
        sizes: tuple[int, int] = vocabulary.DATASETS[self.dataset].sizes(self.dataset_options)
        return sizes


def worker_of(backend: str, engine: str = "") -> str:
    """The name of a worker process: the backend, and its engine where it has one.

    Examples
    --------
    >>> worker_of("torch"), worker_of("keras"), worker_of("keras", "jax")
    ('torch', 'keras-tensorflow', 'keras-jax')
    """
    engines = vocabulary.ENGINES.get(backend)
    return f"{backend}-{engine or engines[0]}" if engines else backend
