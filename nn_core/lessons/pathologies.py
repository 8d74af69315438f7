"""Pathologies: experiments with typical training failures, each with a cure.

>>> from nn_core import fit
>>> fit(get("no-hidden-layer").broken).metrics["train_accuracy"] <= 0.75
True
>>> fit(get("no-hidden-layer").cure).metrics["train_accuracy"]
1.0

References
----------
.. [1] M. Minsky, S. Papert, "Perceptrons", 1969.
.. [2] X. Glorot, Y. Bengio, "Understanding the difficulty of training deep feedforward neural
   networks", 2010.
.. [3] L. Lu et al., "Dying ReLU and initialization: theory and numerical examples", 2020.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nn_core import datasets
from nn_core.experiment import Experiment


@dataclass(frozen=True)
class Pathology:
    """An experiment that fails, and the changes that cure it.

    Attributes
    ----------
    id : str
        Identifier in the list.
    title : str
        The failure in a few words.
    see : str
        What the user will see, and why.
    remedy : str
        A description of the cure.
    finding : str
        The kind of `nn_core.explain.doctor.findings.Finding` that the run produces.
    settings, cure_settings : mapping
        Fields of the broken experiment, and the fields that the cure changes.
    """

    id: str
    title: str
    see: str
    remedy: str
    finding: str
    settings: Mapping[str, Any] = field(repr=False)
    cure_settings: Mapping[str, Any] = field(repr=False)

    @property
    def broken(self) -> Experiment:
        """The experiment that fails."""
        return Experiment(**self.settings)

    @property
    def cure(self) -> Experiment:
        """The experiment that succeeds."""
        known = {
            name: value
            for name, value in self.cure_settings.items()
            if name in Experiment.model_fields
        }
        return self.broken.replace(**known)


_ALL = (
    Pathology(
        "learning-rate", "Learning rate too high",
        "The loss falls, then grows tenfold every few steps, until it is no longer a number: each "
        "step jumps over the valley and lands further up the other side.",
        "A hundredth of the learning rate.", "diverged",
        {"dataset": "xor", "hidden": (4,), "activation": "relu", "output": "identity",
         "optimizer": "sgd", "learning_rate": 10.0, "epochs": 2000},
        {"learning_rate": 0.1},
    ),
    Pathology(
        "zero-start", "All weights start at zero",
        "All hidden units compute the same and get the same gradient, so they stay copies of each "
        "other: four units learn as one, and the boundary stays a single stripe.",
        "Random initial weights, as Glorot draws them.", "symmetric",
        {"dataset": "xor", "hidden": (4,), "activation": "tanh", "initializer": "zeros",
         "epochs": 1000},
        {"initializer": "glorot_uniform"},
    ),
    Pathology(
        "dying-relu", "Dying ReLUs",
        "One step that is too long throws every hidden unit to where it is 0 on all rows. From "
        "there no gradient leads back: the output is the same for every row, for ever.",
        "A smaller learning rate, and leaky ReLUs that keep a slope.", "dead",
        {"dataset": "xor", "hidden": (6,), "activation": "relu", "output": "identity",
         "optimizer": "sgd", "learning_rate": 1.0, "epochs": 1000},
        {"activation": "leaky_relu", "learning_rate": 0.1},
    ),
    Pathology(
        "vanishing-sigmoid", "Vanishing gradient in a deep sigmoid network",
        "Each sigmoid passes on at most a quarter of the gradient. Through five layers a "
        "thousandth and less arrives: the first weights hardly move, and the loss stays flat.",
        "tanh, whose slope is 1 around zero.", "vanishing",
        {"dataset": "xor", "hidden": (4, 4, 4, 4, 4), "activation": "sigmoid", "optimizer": "sgd",
         "learning_rate": 0.5, "epochs": 3000},
        {"activation": "tanh", "learning_rate": 0.1},
    ),
    Pathology(
        "overfit", "Over-fitting a few noisy points",
        "The training loss goes on falling, while the test loss turns and rises: the network winds "
        "its boundary around single points whose place is noise.",
        "A penalty on large weights (L2): the boundary stays smooth.", "overfit",
        {"dataset": "moons",
         "dataset_options": {"points": 60, "noise": 35, "test_share": 50},
         "hidden": (16, 16), "activation": "tanh", "loss": "bce", "optimizer": "adam",
         "learning_rate": 0.03, "epochs": 1500},
        {"l2": 0.02},
    ),
    Pathology(
        "no-hidden-layer", "XOR without a hidden layer",
        "A single layer separates by a straight line, and no line is right on more than three of "
        "the four rows. It settles between them, and no learning rate helps.",
        "A hidden layer of four tanh units.", "unable",
        {"dataset": "xor", "hidden": (), "activation": "tanh", "epochs": 1000},
        {"hidden": (4,)},
    ),
    Pathology(
        "saturated-start", "A start so wide that tanh saturates",
        "The first weights are so large that nearly every unit answers −1 or 1 and is flat there: "
        "almost no gradient passes, and nothing moves.",
        "Glorot initial weights: as wide as keeps signals equally strong.", "saturated",
        {"dataset": "xor", "hidden": (8, 8), "activation": "tanh", "initializer": "normal_large",
         "optimizer": "sgd", "learning_rate": 0.1, "epochs": 1000},
        {"initializer": "glorot_uniform"},
    ),
)  # fmt: skip
_BY_ID = {pathology.id: pathology for pathology in _ALL}


def names() -> list[str]:
    """Ids of the pathologies whose data set is registered."""
    return [name for name, it in _BY_ID.items() if it.settings["dataset"] in datasets.names()]


def get(name: str) -> Pathology:
    """The pathology called `name`.

    Raises
    ------
    KeyError
        If there is no such pathology; the message lists the ids.
    """
    if name not in names():
        raise KeyError(f"there is no pathology {name!r}; choose one of {', '.join(names())}")
    return _BY_ID[name]
