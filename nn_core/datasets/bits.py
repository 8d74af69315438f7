"""Binary to decimal: read a binary number."""

from __future__ import annotations

from itertools import product
from typing import Literal

import numpy as np

from nn_core.datasets.registry import Dataset, dataset
from nn_core.experiment import DatasetOptions, knob


class BitsOptions(DatasetOptions):
    """The number of bits and the encoding of the target."""

    bits: int = knob(2, "Bits", "Length of the binary number.", unit="bits", ge=2, le=5)
    answer: Literal["classes", "number"] = knob(
        "classes",
        "Answer",
        "classes: one output for each number, the target one-hot. number: a single output, the "
        "number itself; a linear network must find the weights 1, 2, 4, 8.",
    )

    @property
    def sizes(self) -> tuple[int, int]:
        """Number of inputs and number of outputs."""
        return self.bits, 2**self.bits if self.answer == "classes" else 1


@dataset("binary to decimal", group="bits", options=BitsOptions)
def bits(options: BitsOptions, rng: np.random.Generator) -> Dataset:
    """Every binary number of the chosen length, with its value."""
    x = np.array(list(product((0, 1), repeat=options.bits)), float)
    numbers = np.arange(2**options.bits)
    # Bit names carry their place value, most significant first: 8, 4, 2, 1.
    input_names = tuple(f"bit {2**place}" for place in reversed(range(options.bits)))
    if options.answer == "number":
        y = numbers[:, None].astype(float)
        return Dataset(x, y, "number", input_names, output_names=("number",))
    return Dataset(x, np.eye(len(x)), "classes", input_names, tuple(map(str, numbers)))
