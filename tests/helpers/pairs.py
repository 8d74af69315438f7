"""Every pair of output and loss that an experiment accepts."""

from itertools import product

from nn_core import Experiment, vocabulary
from nn_core.errors import InvalidExperiment


def is_valid(output: str, loss: str) -> bool:
    try:
        Experiment(dataset="bits", output=output, loss=loss)
    except InvalidExperiment:
        return False
    return True


PAIRS = [pair for pair in product(vocabulary.OUTPUTS, vocabulary.LOSSES) if is_valid(*pair)]
