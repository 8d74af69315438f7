"""Recipes: classic experiments, with the figures that their authors published.

A recipe is an `Experiment` with published figures and a lesson. The authors drew their weights
without a seed, so runs reproduce the behaviour, not the digits; recipes without random numbers must
reproduce the published numbers exactly.

>>> from nn_core import fit, recipes
>>> [w.ravel().tolist() + b.tolist() for w, b in fit(recipes.get("perceptron-batch")).params]
[[-1.0, -1.0, 2.0]]
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from pydantic import Field

from nn_core.autodiff.expressions import Question
from nn_core.events import Array, Params
from nn_core.experiment import Experiment

TASKS = {
    "xor": "XOR",
    "and": "AND and NAND",
    "nand": "AND and NAND",
    "bits": "Binary to decimal",
    "mnist": "MNIST",
}
"""The group of a recipe by its data set, in teaching order."""


class Recipe(Experiment):
    """An experiment with its published figures and its lesson.

    Attributes
    ----------
    id : str
        Identifier in the list of recipes.
    title : str
        A short title.
    published : tuple of (str, str)
        Names of figures, keys of `FIGURES`, with the published text.
    lesson : str
        The lesson, in two sentences.
    variant_group : str
        Title of the group of recipes that differ only in the style of their code; empty for a
        single recipe.
    form : str
        The style of the code, in a few words.
    """

    id: str = Field("", exclude=True)
    title: str = Field("", exclude=True)
    published: tuple[tuple[str, str], ...] = Field((), exclude=True)
    lesson: str = Field("", exclude=True)
    variant_group: str = Field("", exclude=True)
    form: str = Field("", exclude=True)

    @property
    def experiment(self) -> Experiment:
        """The experiment without the fields of the recipe."""
        return Experiment(**{name: getattr(self, name) for name in Experiment.model_fields})

    @property
    def task(self) -> str:
        """The group of recipes that it belongs to."""
        return TASKS[self.dataset]


@dataclass(frozen=True)
class Derivation:
    """A published gradient: one evaluation in every framework, without training.

    Attributes
    ----------
    id, title, lesson
        See `Recipe`.
    question : Question
        The expression and the point.
    value, gradient : str
        The published numbers.
    """

    id: str
    title: str
    lesson: str
    question: Question
    value: str
    gradient: str


@dataclass(frozen=True)
class Outcome:
    """The results of a run from which figures are read.

    Attributes
    ----------
    losses : ndarray of shape (steps,)
        The loss before each step.
    params : list of (weight, bias)
        Final parameters.
    outputs : ndarray of shape (n_shown, n_outputs)
        Final outputs for the rows that are shown.
    metrics : mapping of str to float
        Final metrics.
    """

    losses: Array
    params: Params
    outputs: Array
    metrics: Mapping[str, float]


@dataclass(frozen=True)
class Figure:
    """A published figure, and the function that reads it from a run.

    Attributes
    ----------
    label : str
        Label on the page.
    read : callable
        Function from an outcome to the text beside the published figure.
    """

    label: str
    read: Callable[[Outcome], str]


def _numbers(values: Array, digits: int = 4) -> str:
    return " ".join(f"{value:.{digits}f}" for value in np.ravel(values))


def _loss_at(step: int) -> Callable[[Outcome], str]:
    return lambda run: f"{run.losses[step - 1]:.6f}" if len(run.losses) >= step else "–"


def _folded(params: Params) -> str:
    """Weights and bias of a single unit, with the bias as the weight of a constant input 1."""
    weight, bias = params[0]
    folded = np.concatenate([weight.ravel(), [] if bias is None else bias.ravel()])
    return "(" + ", ".join(f"{value:.8g}" for value in folded) + ")"


def _sigmoid(values: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-values)))


FIGURES = {
    "outputs": Figure("outputs", lambda run: _numbers(run.outputs)),
    "classes": Figure("predictions", lambda run: _numbers(run.outputs, 0)),
    "probabilities": Figure(
        "outputs, as probabilities", lambda run: _numbers(_sigmoid(run.outputs), 8)
    ),
    "diagonal": Figure(
        "smallest probability of a true class", lambda run: f"{run.outputs.diagonal().min():.4f}"
    ),
    "weights": Figure("final weights and bias", lambda run: _folded(run.params)),
    "last loss": Figure("last loss", lambda run: f"{run.losses[-1]:.6f}"),
    "accuracy": Figure(
        "right, of 10,000 test images",
        lambda run: f"{100 * run.metrics['test_accuracy']:.2f} %",
    ),
    "one minus loss": Figure(
        "1 − squared error, which is no accuracy",
        lambda run: f"{100 * (1 - run.metrics['test_loss']):.2f} %",
    ),
    **{f"loss at {step}": Figure(f"loss at step {step}", _loss_at(step)) for step in
       (1, 100, 400, 800)},
}  # fmt: skip

_XOR = {"dataset": "xor", "hidden": (3,), "activation": "sigmoid", "output": "sigmoid",
        "loss": "mse", "optimizer": "adam", "learning_rate": 0.1}  # fmt: skip
_BITS = {"dataset": "bits", "hidden": (3,), "activation": "sigmoid", "output": "softmax",
         "loss": "cross_entropy", "optimizer": "adam", "learning_rate": 0.1}  # fmt: skip
_LOGISTIC = {"hidden": (), "output": "identity", "loss": "bce_logits_sum", "optimizer": "sgd"}
_MNIST = {"dataset": "mnist", "hidden": (200,), "activation": "sigmoid", "output": "sigmoid",
          "loss": "mse", "optimizer": "adam", "learning_rate": 0.01, "batch_size": 20,
          "epochs": 50}  # fmt: skip
_CAN_GET_STUCK = (
    "XOR can stick: from some starts the hidden units share the work badly, and the gradient "
    "vanishes before the corner is turned. Press New seed, or count the seeds that succeed on "
    "the page Convergence."
)
_TORCH_STYLES = (
    "raw tensors with autograd",
    "layers, with the update written by hand",
    "layers and an optimizer",
    "a module class",
)

_ALL: Sequence[Recipe] = (
    Recipe(
        id="xor-tf", title="XOR in TensorFlow", backend="tensorflow", epochs=3000, **_XOR,
        published=(("outputs", "0.0029 0.9993 0.9959 0.0032"),),
        lesson="Three hidden units are enough for XOR, which no single line can separate. "
        "The tape records the forward pass, and the compiled step runs it backwards.",
    ),
    Recipe(
        id="xor-torch", title="XOR in PyTorch", backend="torch", epochs=10_000,
        initializer="uniform_fan_in", **{**_XOR, "learning_rate": 0.001},
        published=(("loss at 1", "0.2714"), ("loss at 100", "0.2581"),
                   ("outputs", "0.0091 0.9701 0.9723 0.0397")),
        lesson="A hundred times smaller steps need three times as many of them. " + _CAN_GET_STUCK,
    ),
    Recipe(
        id="xor-keras", title="XOR in Keras", backend="keras", epochs=800, batch_size=1, **_XOR,
        published=(("outputs", "0.0080 0.9909 0.9909 0.0114"),),
        lesson="One row at a time: four noisy steps where the full batch takes one sure one. "
        "The noise does no harm here, and 800 epochs are 3,200 steps.",
    ),
    Recipe(
        id="bin2dec-tf", title="Binary to decimal in TensorFlow", backend="tensorflow",
        epochs=800, **_BITS,
        published=(("loss at 1", "1.471462"), ("loss at 100", "0.018342"),
                   ("loss at 400", "0.002176"), ("loss at 800", "0.000691"),
                   ("diagonal", "0.9992")),
        lesson="The first loss is near ln 4 = 1.386, that of guessing among four. "
        "Softmax turns four sums into probabilities that add up to 1.",
    ),
    Recipe(
        id="bin2dec-torch", title="Binary to decimal in PyTorch", backend="torch",
        epochs=10_000, initializer="uniform_fan_in", **{**_BITS, "learning_rate": 0.001},
        published=(("loss at 1", "1.3924"), ("loss at 100", "1.3835"), ("diagonal", "0.9977")),
        lesson="PyTorch's cross-entropy applies log-softmax itself, so the network must end in "
        "plain sums. The author put a softmax in front all the same: see bin2dec-torch-twice.",
    ),
    Recipe(
        id="bin2dec-torch-twice", title="Binary to decimal with softmax twice", backend="torch",
        epochs=10_000, initializer="uniform_fan_in",
        **{**_BITS, "learning_rate": 0.001, "loss": "cross_entropy_logits"},
        published=(("loss at 1", "1.3924"), ("loss at 100", "1.3835"), ("diagonal", "0.9977")),
        lesson="A softmax before a loss that applies log-softmax squeezes the outputs twice, so "
        "the loss cannot fall below 0.744. The answers come out right in the end, but slowly.",
    ),
    Recipe(
        id="bin2dec-keras", title="Binary to decimal in Keras", backend="keras", epochs=300,
        batch_size=1, **_BITS,
        published=(("diagonal", "0.9974"),),
        lesson="300 epochs of four single rows are 1,200 steps, more than the 800 of the full "
        "batch. Compare the losses after as many steps, not after as many epochs.",
    ),
    Recipe(
        id="perceptron-online", title="AND by the perceptron, row by row", dataset="and",
        hidden=(), output="step", loss="perceptron", optimizer="sgd", learning_rate=0.5,
        initializer="zeros", batch_size=1, epochs=13, dtype="float64", seed=1,
        published=(("weights", "(0.5, 0.5, -0.5)"), ("classes", "0 0 0 1")),
        lesson="Only wrong rows move the weights, and once every row is right nothing moves any "
        "more. Rosenblatt's rule always gets there, if a line can separate the classes.",
    ),
    Recipe(
        id="perceptron-batch", title="NAND by the perceptron, all rows at once", dataset="nand",
        hidden=(), output="step", loss="perceptron", optimizer="sgd", learning_rate=1.0,
        initializer="zeros", epochs=10, dtype="float64",
        published=(("weights", "(-1, -1, 2)"), ("classes", "1 1 1 0")),
        lesson="The whole table is one matrix product, and the weights jump through five states "
        "until all rows are right: a fixed point. There is no learning rate that matters here.",
    ),
    Recipe(
        id="logistic-sgd", title="NAND by a logistic unit", dataset="nand", learning_rate=1.0,
        initializer="zeros", epochs=100, dtype="float64", **_LOGISTIC,
        published=(("weights", "(-5.59504346, -5.59504346, 8.57206068)"),
                   ("probabilities", "0.99981071 0.95152498 0.95152498 0.06798725")),
        lesson="With cross-entropy behind a sigmoid the gradient is output minus target, written "
        "in one line by hand. The weights never rest: the surer, the smaller the loss.",
    ),
    *(
        Recipe(
            id=f"nand-torch-{number}", title=f"NAND in PyTorch: {style}", dataset="nand",
            backend="torch", learning_rate=0.5, epochs=100, initializer="uniform_fan_in",
            **_LOGISTIC,
            published=(("probabilities", "0.9986 0.9109 0.9109 0.1256"),),
            lesson=f"Rung {number} of four: {style}. The numbers are those of the other rungs: "
            "what a framework adds is comfort, not another result.",
            variant_group="NAND in PyTorch, four forms", form=style,
        )
        for number, style in enumerate(_TORCH_STYLES, 1)
    ),
    *(
        Recipe(
            id=f"xor-torch-{number}", title=f"XOR 2-2-1 in PyTorch: {style}", dataset="xor",
            backend="torch", learning_rate=0.5, epochs=1000, initializer="uniform_fan_in",
            **{**_LOGISTIC, "hidden": (2,)},
            published=(("probabilities", "0.0183 0.9860 0.9860 0.0200"),),
            lesson=f"Rung {number} of four: {style}. {_CAN_GET_STUCK}",
            variant_group="XOR 2-2-1 in PyTorch, four forms", form=style,
        )
        for number, style in enumerate(_TORCH_STYLES, 1)
    ),
    Recipe(
        id="xor-goodfellow", title="XOR at its known optimum", dataset="xor", hidden=(2,),
        activation="relu", output="identity", loss="mse", optimizer="adam", learning_rate=0.001,
        epochs=256, dtype="float64", initializer="given", given_offset=1e-5, backend="keras",
        published=(("outputs", "0 1 1 0"),),
        lesson="These weights answer XOR exactly, so the loss and its gradient are 0 and nothing "
        "moves: a fixed point. Set the offset to 0 to see it; from beside it, it stays near.",
    ),
    Recipe(
        id="and-relu-online", title="AND with two ReLUs, row by row", dataset="and", hidden=(2,),
        activation="relu", output="identity", loss="mse", optimizer="sgd", learning_rate=0.1,
        batch_size=1, shuffle=False, epochs=99, backend="torch", initializer="uniform_fan_in",
        seed=0,
        published=(("last loss", "0.000001"), ("outputs", "-0.0008 0.0001 0.0003 1.0001")),
        lesson="Homework: XOR and XNOR with the same network. And can AND be solved with one "
        "neuron?",
    ),
    Recipe(
        id="mnist-tf", title="MNIST in TensorFlow", backend="tensorflow", bias=False,
        initializer="uniform_fan_in", **_MNIST,
        published=(("accuracy", "97.25 %"),),
        lesson="No bias anywhere, and it hardly matters: with 784 inputs some pixel is always on. "
        "Train, save, load, predict: the four verbs of every framework.",
    ),
    Recipe(
        id="mnist-keras", title="MNIST in Keras", backend="keras", **{**_MNIST, "hidden": (100,)},
        published=(("one minus loss", "99.42 %"), ("accuracy", "not printed")),
        lesson="The author printed 1 − squared error as “accuracy”. It is near 99 % even for a "
        "network that errs far more often; the share of right answers is the other figure.",
    ),
    Recipe(
        id="mnist-torch", title="MNIST in PyTorch", backend="torch",
        dataset_options={"pixels": "standardised"}, initializer="uniform_fan_in",
        **{**_MNIST, "loss": "mse_sum"},
        published=(("accuracy", "95.17 %"),),
        lesson="A summed loss has gradients 200 times those of the mean; Adam does not notice, SGD "
        "does. With SGD in the place of Adam the author reached 98.29 %: see mnist-torch-sgd.",
    ),
    Recipe(
        id="mnist-torch-sgd", title="MNIST in PyTorch, by plain SGD", backend="torch",
        dataset_options={"pixels": "standardised"}, initializer="uniform_fan_in",
        **{**_MNIST, "loss": "mse_sum", "optimizer": "sgd"},
        published=(("accuracy", "98.29 %"),),
        lesson="The network, the loss and the learning rate of mnist-torch: only the optimizer "
        "is another. Adam's steps of 0.01 are too wide to settle, while those of SGD shrink with "
        "the gradient.",
    ),
    Recipe(
        id="mnist-gluon", title="MNIST in Gluon", backend="mxnet",
        initializer="uniform_fan_in", **{**_MNIST, "loss": "mse_half"},
        published=(("accuracy", "97.49 %"),),
        lesson="Gluon's L2 loss is half the squared error, so that its gradient is the difference "
        "itself. Adam divides that half out again.",
    ),
)  # fmt: skip
_BY_ID = {recipe.id: recipe for recipe in _ALL}

GRADIENT = Derivation(
    id="autodiff",
    title="The gradient of a logistic unit",
    lesson="One derivative, five ways: by hand, and by four frameworks that apply the chain rule "
    "for you. They agree in all digits but the last: a framework computes nothing that you could "
    "not.",
    question=Question("logistic", (1.0, 1.0, -1.5), (1.0, 1.0, 1.0)),
    value="0.47407698418010663",
    gradient="-0.37754067 -0.37754067 -0.37754067",
)


def names() -> list[str]:
    """Ids of all recipes."""
    return list(_BY_ID)


def get(name: str) -> Recipe:
    """The recipe called `name`.

    Raises
    ------
    KeyError
        If there is no such recipe; the message lists the ids.
    """
    if name not in _BY_ID:
        raise KeyError(f"there is no recipe {name!r}; choose one of {', '.join(_BY_ID)}")
    return _BY_ID[name]


def variant_groups() -> list[list[Recipe]]:
    """All recipes in groups, by task; a group has the variants that differ only in style."""
    found: dict[str, list[Recipe]] = {}
    for recipe in sorted(_ALL, key=lambda recipe: list(TASKS.values()).index(recipe.task)):
        found.setdefault(recipe.variant_group or recipe.id, []).append(recipe)
    return list(found.values())
