"""The values that the fields of an experiment may take, with label, meaning and formula.

There is one table for each field. The form, the help texts, validation and the documentation are
derived from these tables. `DATASETS`, `BACKENDS` and `ARCHITECTURES` start empty: the packages
above fill them (`nn_core.datasets` from its functions, `nn_core.backends` and
`nn_core.networks.architectures` from their files), so that this module imports none of them.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple


class Word(NamedTuple):
    """A name with its meaning.

    Attributes
    ----------
    label : str
        What the form shows.
    meaning : str
        One sentence for the help text.
    formula : str
        LaTeX, without dollar signs; empty where there is none.
    """

    label: str
    meaning: str = ""
    formula: str = ""


class Loss(NamedTuple):
    """A loss, with the properties that the rest of the project needs of it.

    Attributes
    ----------
    label, meaning, formula : str
        As in `Word`.
    quantity : str
        The measured quantity, in a word or two for the axis of a chart.
    unit : str
        The unit of its values, such as nats; empty where they have none.
    reduction : {'mean', 'sum', 'wrong rows'}
        How the terms of a batch become one number. A 'sum' grows with the batch, so what is
        measured over more rows is brought to the size of a batch before the two are compared.
        'wrong rows' is the sum over the rows answered wrongly, and is compared as it is.
    answers : {'number', 'binary', 'classes'}
        The kind of target it is made for: numbers; a yes or no for each output; one class among
        all outputs.
    on_logits : str
        The output activation that the loss applies itself; empty where it applies none.
    outputs : tuple of str
        The output activations it accepts; empty where it accepts all but the step.
    why_not_behind : str
        Why other outputs are not allowed, with ``{output}`` for the output that was chosen; only
        where `outputs` is not empty.
    has_gradient : bool
        Whether steps follow its gradient. Without one, a framework has nothing to differentiate.
    """

    label: str
    meaning: str
    formula: str
    quantity: str
    unit: str = ""
    reduction: Literal["mean", "sum", "wrong rows"] = "mean"
    answers: Literal["number", "binary", "classes"] = "number"
    on_logits: str = ""
    outputs: tuple[str, ...] = ()
    why_not_behind: str = ""
    has_gradient: bool = True


DATASETS: dict[str, Any] = {}
BACKENDS: dict[str, Word] = {}
ARCHITECTURES: dict[str, Any] = {}

ENGINES = {"keras": ("tensorflow", "jax", "torch")}
"""The engines of each backend that computes on another framework; the first is the default."""

WITH_EPSILON = ("adagrad", "rmsprop", "adam")
"""Optimizers that add ε; for the others the form of ε does not matter."""

LEAKY_SLOPE = 0.01
"""Slope of the leaky ReLU below zero. Frameworks' defaults differ (0.01, 0.2, 0.3)."""

KERNELS = {
    3: Word("3 × 3", "9 weights for each map looked at: short strokes."),
    5: Word("5 × 5", "25 weights for each map looked at: longer strokes, and more to compute."),
}

ACTIVATIONS = {
    "sigmoid": Word(
        "sigmoid", "Squashes any number into 0 to 1.", r"\sigma(z) = \frac{1}{1 + e^{-z}}"
    ),
    "tanh": Word("tanh", "Squashes any number into −1 to 1.", r"\tanh(z)"),
    "relu": Word("ReLU", "Keeps positive numbers, turns the rest into 0.", r"\max(0, z)"),
    "leaky_relu": Word(
        "leaky ReLU",
        "Keeps positive numbers, shrinks the rest to a hundredth.",
        r"\max(z, 0.01\,z)",
    ),
    "identity": Word(
        "identity",
        "Changes nothing: the network stays linear, however many layers it has.",
        "z",
    ),
}

OUTPUTS = {
    "sigmoid": Word(
        "sigmoid", "Each output is a number from 0 to 1.", r"\sigma(z) = \frac{1}{1 + e^{-z}}"
    ),
    "softmax": Word(
        "softmax",
        "All outputs together are probabilities that add up to 1.",
        r"\frac{e^{z_k}}{\sum_j e^{z_j}}",
    ),
    "identity": Word("identity", "The output is the weighted sum itself: any number.", "z"),
    "tanh": Word("tanh", "Each output is a number from −1 to 1.", r"\tanh(z)"),
    "step": Word(
        "step (Heaviside)",
        "1 above zero, else 0: Rosenblatt's unit of 1958. It has no gradient, so it learns by the "
        "perceptron rule.",
        r"[z > 0]",
    ),
}

LOSSES = {
    "mse": Loss(
        "mean squared error",
        "Squared difference, averaged over rows and outputs.",
        r"\frac{1}{nm}\sum_{ik} (a_{ik} - y_{ik})^2",
        "squared error",
    ),
    "mse_half": Loss(
        "half squared error",
        "Half the mean squared error: its gradient is the difference itself. Gluon's L2 loss.",
        r"\frac{1}{2nm}\sum_{ik} (a_{ik} - y_{ik})^2",
        "squared error",
    ),
    "mse_sum": Loss(
        "summed squared error",
        "Squared difference, summed over the rows of the batch and the outputs.",
        r"\sum_{ik} (a_{ik} - y_{ik})^2",
        "squared error",
        reduction="sum",
    ),
    "bce": Loss(
        "binary cross-entropy",
        "Surprise at the true class of each output, in nats, averaged.",
        r"-\frac{1}{nm}\sum_{ik} y_{ik}\ln a_{ik} + (1-y_{ik})\ln(1-a_{ik})",
        "cross-entropy",
        "nats",
        answers="binary",
        outputs=("sigmoid", "softmax"),
        why_not_behind="it takes the logarithm of the output, and {output} outputs can be "
        "negative; choose the sigmoid output, or binary cross-entropy on logits",
    ),
    "bce_logits": Loss(
        "binary cross-entropy on logits",
        "Applies a sigmoid itself, so the output before it should be the identity.",
        r"\frac{1}{nm}\sum_{ik} \ln(1 + e^{a_{ik}}) - y_{ik} a_{ik}",
        "cross-entropy",
        "nats",
        answers="binary",
        on_logits="sigmoid",
    ),
    "bce_logits_sum": Loss(
        "summed binary cross-entropy on logits",
        "The same, summed over the rows of the batch and the outputs.",
        r"\sum_{ik} \ln(1 + e^{a_{ik}}) - y_{ik} a_{ik}",
        "cross-entropy",
        "nats",
        reduction="sum",
        answers="binary",
        on_logits="sigmoid",
    ),
    "cross_entropy": Loss(
        "categorical cross-entropy",
        "Surprise at the true class of each row, in nats, averaged over the rows.",
        r"-\frac{1}{n}\sum_{ik} y_{ik}\ln a_{ik}",
        "cross-entropy",
        "nats",
        answers="classes",
        outputs=("softmax",),
        why_not_behind="it needs probabilities that add up to 1; choose the softmax output, or "
        "categorical cross-entropy on logits",
    ),
    "cross_entropy_logits": Loss(
        "categorical cross-entropy on logits",
        "Applies log-softmax itself, so the output before it should be the identity.",
        r"-\frac{1}{n}\sum_{ik} y_{ik}\,\left(a_{ik} - \ln \sum_j e^{a_{ij}}\right)",
        "cross-entropy",
        "nats",
        answers="classes",
        on_logits="softmax",
    ),
    "perceptron": Loss(
        "perceptron rule",
        "Rosenblatt's rule: only wrong rows move the weights, by the difference of target and "
        "output. Its loss is how far the wrong rows are on the wrong side.",
        r"\sum_i (a_i - y_i)\, z_i,\quad w \leftarrow w + \eta \sum_i (y_i - a_i)\, x_i",
        "weighted sums",
        reduction="wrong rows",
        answers="binary",
        outputs=("step",),
        has_gradient=False,
    ),
}

ON_SUMS = {
    ("sigmoid", "bce"): "bce_logits",
    ("softmax", "cross_entropy"): "cross_entropy_logits",
    ("step", "perceptron"): "perceptron",
}
"""Pairs of output and loss that are computed from the weighted sums before the output, with the
loss that computes them: this is exact where the output saturates, and cheaper."""

PROBABILITY_MARGIN = 1e-7
"""Probabilities are clipped to this distance from 0 and 1 before the logarithm, on all backends."""

OPTIMIZERS = {
    "sgd": Word("SGD", "A step straight down the gradient.", r"w \leftarrow w - \eta g"),
    "momentum": Word(
        "momentum",
        "The step keeps part of its speed, as a rolling ball does.",
        r"v \leftarrow \mu v + g,\quad w \leftarrow w - \eta v",
    ),
    "nesterov": Word(
        "Nesterov",
        "Momentum that looks one step ahead.",
        r"v \leftarrow \mu v + g,\quad w \leftarrow w - \eta\,(g + \mu v)",
    ),
    "adagrad": Word(
        "Adagrad",
        "Each weight's step shrinks with the sum of its squared gradients.",
        r"s \leftarrow s + g^2,\quad w \leftarrow w - \frac{\eta\, g}{\sqrt{s} + \epsilon}",
    ),
    "rmsprop": Word(
        "RMSprop",
        "Each weight's step is divided by its recent gradient size.",
        r"s \leftarrow \rho s + (1-\rho) g^2,"
        r"\quad w \leftarrow w - \frac{\eta\, g}{\sqrt{s} + \epsilon}",
    ),
    "adam": Word(
        "Adam",
        "Momentum and RMSprop together, corrected for their start at zero.",
        r"w \leftarrow w - \eta\,\frac{\hat m}{\sqrt{\hat v} + \epsilon}",
    ),
}

INITIALIZERS = {
    "glorot_uniform": Word(
        "Glorot (Xavier)",
        "Uniform, as wide as keeps signals equally strong from layer to layer.",
        r"\pm\sqrt{6/(n_{in}+n_{out})}",
    ),
    "uniform_fan_in": Word(
        "uniform 1/√fan-in",
        "Uniform, narrower the more inputs a unit has; biases too.",
        r"\pm 1/\sqrt{n_{in}}",
    ),
    "he_normal": Word(
        "He", "Normal, as wide as keeps ReLU signals equally strong.", r"N(0,\ 2/n_{in})"
    ),
    "normal_small": Word("small normal", "Normal, very narrow.", r"N(0,\ 0.01^2)"),
    "normal_large": Word("large normal", "Normal, so wide that sigmoids saturate.", r"N(0,\ 5^2)"),
    "zeros": Word(
        "zeros", "Every weight starts at 0: hidden units stay copies of each other.", "0"
    ),
    "given": Word(
        "known optimum",
        "The weights written in the experiment, or else the published optimum of this network.",
    ),
}

DTYPES = {
    "float32": Word("float32", "7 digits: what frameworks use by default."),
    "float64": Word("float64", "16 digits: for comparing frameworks."),
}

EPSILON_FORMS = {
    "after_root": Word(
        "ε after the root",
        "PyTorch's form: ε is added to the bias-corrected root.",
        r"\sqrt{\hat v} + \epsilon",
    ),
    "hat": Word(
        "ε̂, or ε under the root",
        "TensorFlow's and Keras' form: ε̂ is added before the bias correction in Adam, and "
        "under the root in RMSprop and Adagrad.",
        r"\sqrt{v} + \hat\epsilon,\quad \sqrt{s + \epsilon}",
    ),
}

OF_FIELDS: dict[str, dict[str, Any]] = {
    "dataset": DATASETS,
    "activation": ACTIVATIONS,
    "output": OUTPUTS,
    "initializer": INITIALIZERS,
    "loss": LOSSES,
    "optimizer": OPTIMIZERS,
    "backend": BACKENDS,
}
"""The table of each field of an experiment that the form always shows."""


def counted(number: float, noun: str, form: str = ",") -> str:
    """A number and what it counts; 1 alone takes the singular.

    Parameters
    ----------
    number : float
        How many.
    noun : str
        In the singular; its plural ends in s.
    form : str
        Format of the number. What is shown as 1 is one.

    Examples
    --------
    >>> counted(1, "epoch"), counted(0, "step"), counted(1500, "step")
    ('1 epoch', '0 steps', '1,500 steps')
    >>> counted(0.75, "epoch", ",.4g"), counted(1.00001, "epoch", ",.4g")
    ('0.75 epochs', '1 epoch')
    """
    shown = format(number, form)
    return f"{shown} {noun}" if shown == "1" else f"{shown} {noun}s"
