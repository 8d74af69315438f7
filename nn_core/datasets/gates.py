"""Logic gates: all truth tables of one and two inputs, and one that the user defines."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Annotated

import numpy as np
from pydantic import StringConstraints, model_validator

from nn_core.datasets.registry import Dataset, dataset
from nn_core.experiment import DatasetOptions, knob

Array = np.ndarray

GATES = {
    # The value for the inputs (0,0) (0,1) (1,0) (1,1); for NOT, for 0 and 1.
    "and": ("AND", "0001"),
    "or": ("OR", "0111"),
    "nand": ("NAND", "1110"),
    "nor": ("NOR", "1000"),
    "xor": ("XOR", "0110"),
    "xnor": ("XNOR", "1001"),
    "not": ("NOT", "10"),
    "a_and_not_b": ("A AND NOT B", "0010"),
    "b_and_not_a": ("B AND NOT A", "0100"),
    "a_implies_b": ("A IMPLIES B", "1101"),
    "b_implies_a": ("B IMPLIES A", "1011"),
    "a": ("A", "0011"),
    "b": ("B", "0101"),
    "not_a": ("NOT A", "1100"),
    "not_b": ("NOT B", "1010"),
    "always_0": ("always 0", "0000"),
    "always_1": ("always 1", "1111"),
}


def table(truth: str) -> Dataset:
    """Build the truth table whose rows, in counting order, have these values.

    Parameters
    ----------
    truth : str
        2, 4, 8 or 16 characters, each 0 or 1.
    """
    n_inputs = len(truth).bit_length() - 1
    return Dataset(
        x=np.array(list(product((0, 1), repeat=n_inputs)), float),
        y=np.array([[float(value)] for value in truth]),
        kind="binary",
        input_names=("A", "B", "C", "D")[:n_inputs],
        output_names=("Y",),
    )


def _make(truth: str) -> Callable[[DatasetOptions, np.random.Generator], Dataset]:
    return lambda options, rng: table(truth)


for _name, (_label, _truth) in GATES.items():
    dataset(
        _label,
        name=_name,
        inputs=len(_truth).bit_length() - 1,
        outputs=1,
        help=f"Truth table {_truth}, rows in counting order.",
    )(_make(_truth))


class TruthTableOptions(DatasetOptions):
    """A truth table that the user defines."""

    truth: Annotated[str, StringConstraints(pattern=r"^[01]{2,16}$")] = knob(
        "01101001",
        "Values",
        "One 0 or 1 for each row, rows in counting order: 2, 4, 8 or 16 of them for 1 to 4 inputs.",
    )

    @model_validator(mode="after")
    def _a_value_for_each_row(self) -> TruthTableOptions:
        if len(self.truth) not in (2, 4, 8, 16):
            raise ValueError(
                f"{len(self.truth)} values make no whole table; give 2, 4, 8 or 16 of them"
            )
        return self

    @property
    def sizes(self) -> tuple[int, int]:
        """Number of inputs and number of outputs."""
        return len(self.truth).bit_length() - 1, 1


@dataset("your own table", options=TruthTableOptions)
def truth_table(options: TruthTableOptions, rng: np.random.Generator) -> Dataset:
    """A truth table of 1 to 4 inputs that you fill in."""
    return table(options.truth)
