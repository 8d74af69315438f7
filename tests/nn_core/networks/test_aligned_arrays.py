"""Where the arrays begin that a step of the NumPy backend goes through."""

import numpy as np
import pytest

from nn_core import Experiment
from nn_core.networks import aligned_arrays
from nn_core.training.trainer import Trainer


@pytest.mark.parametrize("shape", [(), (1,), (13,), (20, 200)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_an_array_is_of_zeros_and_begins_a_line_of_the_cache(shape, dtype):
    found = [aligned_arrays.zeros(shape, np.dtype(dtype)) for _ in range(20)]
    assert all(array.ctypes.data % aligned_arrays.LINE == 0 for array in found)
    for array in found:
        assert array.shape == shape
        assert array.dtype == dtype
        assert array.flags.c_contiguous
        assert array.flags.writeable
        assert not array.any()


@pytest.mark.parametrize("backend", ["numpy", "autograd"])
def test_what_the_optimizer_goes_through_begins_a_line_of_the_cache(backend):
    trainer = Trainer(Experiment(backend=backend, hidden=(3,), optimizer="adam"))
    trainer.advance(1)
    model = trainer.model
    for vector in (model.w, model.g, *model.optimizer.slots, model.optimizer.scratch):
        assert vector.ctypes.data % aligned_arrays.LINE == 0
