"""Optimizers in NumPy, and the one table of their constants.

Frameworks differ in their defaults, so no default is used: every backend takes its constants
from `CONSTANTS`. An optimizer updates one flat vector of all parameters in place.

Adam, RMSprop and Adagrad come in two published forms. In the form "after_root" (PyTorch)
ε is added to the bias-corrected root. In the form "hat" (TensorFlow, Keras, MXNet) Adam adds
ε̂ before the bias correction, and RMSprop and Adagrad add ε under the root.

References
----------
.. [1] B. Polyak, "Some methods of speeding up the convergence of iteration methods", 1964.
.. [2] I. Sutskever et al., "On the importance of initialization and momentum", ICML 2013.
.. [3] J. Duchi, E. Hazan, Y. Singer, "Adaptive subgradient methods", JMLR 12, 2011.
.. [4] T. Tieleman, G. Hinton, "RMSprop", Coursera lecture 6.5, 2012.
.. [5] D. Kingma, J. Ba, "Adam: a method for stochastic optimization", ICLR 2015, section 2.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nn_core.networks import aligned_arrays

Array = np.ndarray

CONSTANTS: dict[str, dict[str, float]] = {
    "sgd": {},
    "momentum": {},
    "nesterov": {},
    "adagrad": {"epsilon": 1e-8, "initial_accumulator": 0.1},
    "rmsprop": {"rho": 0.9, "epsilon": 1e-8},
    "adam": {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-8},
}
"""Constants of each optimizer, the same on every backend. The learning rate and the
momentum are fields of the experiment."""


class Optimizer:
    """The base class of the optimizers: a vector of parameters, and the slots of its formula.

    Parameters
    ----------
    w : ndarray of shape (n_parameters,)
        The parameters, updated in place.
    learning_rate : float
        Size of each step.
    momentum : float in [0, 1)
        Used by `Momentum` and `Nesterov` only.
    form : {'after_root', 'hat'}
        Where ε is added; used by `Adagrad`, `RMSprop` and `Adam` only.

    Attributes
    ----------
    slots : list of ndarray of shape (n_parameters,)
        The state between steps; multiplied by `scales`, the quantities of the formula.
    steps : int
        Steps taken; counted by `Adam` only.
    """

    n_slots = 0
    scales: tuple[float, ...] = (1.0, 1.0)

    def __init__(self, w: Array, learning_rate: float, momentum: float, form: str) -> None:
        self.w = w
        self.learning_rate = learning_rate
        self.momentum = momentum
        self.form = form
        self.steps = 0
        self.slots = [aligned_arrays.zeros(w.shape, w.dtype) for _ in range(self.n_slots)]
        self.scratch = aligned_arrays.zeros(w.shape, w.dtype)
        self.constants: Any = CONSTANTS[NAMES[type(self)]]

    def array(self, number: float) -> Array:
        """A constant as an array: converting numbers would take half the time on small vectors."""
        return np.array(number, self.w.dtype)

    def step(self, g: Array) -> None:
        """Update the vector by one step with the gradient `g`, which may be overwritten."""
        raise NotImplementedError

    def quantities(self) -> list[Array]:
        """The quantities of the formula, as new arrays: for Adam, ``m`` and ``v``."""
        return [slot * scale for slot, scale in zip(self.slots, self.scales, strict=False)]

    def set_quantities(self, quantities: list[Array]) -> None:
        """Set the slots from these quantities of the formula."""
        for slot, quantity, scale in zip(self.slots, quantities, self.scales, strict=False):
            slot[...] = quantity / scale


class SGD(Optimizer):
    """``w ← w - η g``."""

    def step(self, g: Array) -> None:
        """Move the vector by one step."""
        g *= self.learning_rate
        self.w -= g


class Momentum(Optimizer):
    """``v ← μ v + g``, ``w ← w - η v`` [1]_."""

    n_slots = 1

    def step(self, g: Array) -> None:
        """Move the vector by one step."""
        (v,) = self.slots
        v *= self.momentum
        v += g
        np.multiply(v, self.learning_rate, out=self.scratch)
        self.w -= self.scratch


class Nesterov(Optimizer):
    """``v ← μ v + g``, ``w ← w - η (g + μ v)`` [2]_."""

    n_slots = 1

    def step(self, g: Array) -> None:
        """Move the vector by one step."""
        (v,) = self.slots
        v *= self.momentum
        v += g
        np.multiply(v, self.momentum, out=self.scratch)
        self.scratch += g
        self.scratch *= self.learning_rate
        self.w -= self.scratch


class Adagrad(Optimizer):
    """``s ← s + g²``, ``w ← w - η g / (√s + ε)``, or ``/ √(s + ε)`` [3]_."""

    n_slots = 1

    def __init__(self, w: Array, learning_rate: float, momentum: float, form: str) -> None:
        super().__init__(w, learning_rate, momentum, form)
        self.slots[0][...] = self.constants["initial_accumulator"]

    def step(self, g: Array) -> None:
        """Move the vector by one step."""
        (s,) = self.slots
        np.multiply(g, g, out=self.scratch)
        s += self.scratch
        _divide_by_root(self, s, g)


class RMSprop(Optimizer):
    """``s ← ρ s + (1-ρ) g²``, ``w ← w - η g / (√s + ε)``, or ``/ √(s + ε)`` [4]_."""

    n_slots = 1

    def step(self, g: Array) -> None:
        """Move the vector by one step."""
        (s,) = self.slots
        rho = self.constants["rho"]
        np.multiply(g, g, out=self.scratch)
        self.scratch *= 1 - rho
        s *= rho
        s += self.scratch
        _divide_by_root(self, s, g)


class Adam(Optimizer):
    """``m ← β₁ m + (1-β₁) g``, ``v ← β₂ v + (1-β₂) g²``, ``w ← w - η m̂ / (√v̂ + ε)`` [5]_.

    The slots are ``m / (1-β₁)`` and ``v / (1-β₂)``, to which ``g`` and ``g²`` are added unscaled:
    ten passes over the vectors instead of twelve. The step includes the two factors.
    """

    n_slots = 2
    scales = (1 - CONSTANTS["adam"]["beta_1"], 1 - CONSTANTS["adam"]["beta_2"])

    def __init__(self, w: Array, learning_rate: float, momentum: float, form: str) -> None:
        super().__init__(w, learning_rate, momentum, form)
        self.kept = [self.array(self.constants[name]) for name in ("beta_1", "beta_2")]
        self.epsilon, self.rate = self.array(0.0), self.array(0.0)  # overwritten in each step
        self.root_of_scale = self.scales[1] ** 0.5

    def step(self, g: Array) -> None:
        """Move the vector by one step."""
        m, v = self.slots
        constants = self.constants
        m *= self.kept[0]
        m += g
        # From here on `g` is scratch memory: one vector less passes through the cache.
        g *= g
        v *= self.kept[1]
        v += g
        # With s = √(1-β₂), √v = s √slot. And √v̂ + ε == (√v + ε √(1-β₂ᵗ)) / √(1-β₂ᵗ): both forms
        # are one division by √slot + something.
        self.steps += 1
        correction_1 = 1 - constants["beta_1"] ** self.steps
        root_2 = (1 - constants["beta_2"] ** self.steps) ** 0.5
        s = self.root_of_scale
        self.epsilon[()] = constants["epsilon"] / s * (root_2 if self.form == "after_root" else 1.0)
        self.rate[()] = self.learning_rate * root_2 / correction_1 * self.scales[0] / s
        np.sqrt(v, out=g)
        g += self.epsilon
        np.divide(m, g, out=g)
        g *= self.rate
        self.w -= g


def _divide_by_root(optimizer: Optimizer, s: Array, g: Array) -> None:
    """``w ← w - η g / (√s + ε)`` or, in the other form, ``w - η g / √(s + ε)``."""
    scratch, epsilon = optimizer.scratch, optimizer.constants["epsilon"]
    if optimizer.form == "after_root":
        np.sqrt(s, out=scratch)
        scratch += epsilon
    else:
        np.add(s, epsilon, out=scratch)
        np.sqrt(scratch, out=scratch)
    g *= optimizer.learning_rate
    np.divide(g, scratch, out=scratch)
    optimizer.w -= scratch


OPTIMIZERS: dict[str, type[Optimizer]] = {
    "sgd": SGD,
    "momentum": Momentum,
    "nesterov": Nesterov,
    "adagrad": Adagrad,
    "rmsprop": RMSprop,
    "adam": Adam,
}
NAMES = {optimizer: name for name, optimizer in OPTIMIZERS.items()}
