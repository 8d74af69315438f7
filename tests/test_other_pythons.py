"""Backends with a Python of their own: their tests pass there, and their runs come back here."""

import os
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

from nn_core import Experiment, backends, fit
from nn_core.parity import numpy_twin
from nn_core.pool import Pool
from tests.conftest import ELSEWHERE, REQUIRED

ROOT = Path(__file__).resolve().parents[1]
MATRICES = ("test_parity.py", "test_gradients.py", "test_worked_example.py")

every_other = pytest.mark.parametrize("name", ELSEWHERE)


@every_other
def test_the_matrices_of_a_backend_hold_in_its_own_python(name):
    python = backends.python_for(name)
    has_pytest = [python, "-c", "import pytest, psutil"]
    if subprocess.run(has_pytest, capture_output=True, check=False).returncode:
        missing = f"the Python of {name} has no pytest: install it with the option --tests"
        (pytest.fail if name in REQUIRED else pytest.skip)(missing)
    done = subprocess.run(
        [python, "-m", "pytest", "-p", "no:cacheprovider", "-k", name]
        + [f"tests/{file}" for file in MATRICES],
        cwd=ROOT,
        env={**os.environ, "BACKPROP_LIVE_REQUIRE_BACKENDS": name},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-10_000:] + done.stderr[-1000:]
    (passed,) = re.findall(r"(\d+) passed", done.stdout)
    assert int(passed) > 100
    assert "skipped" not in done.stdout.splitlines()[-1]


@every_other
def test_a_run_in_its_worker_takes_the_steps_of_numpy(name):
    pool = Pool(slots=1)
    try:
        experiment = Experiment(backend=name, epochs=500, dtype="float64")
        run = pool.submit(experiment, "ada")
        assert run.wait(lambda run: run.is_over, 60)
        assert run.state == "finished", run.end
        twin = fit(numpy_twin(experiment, run.started.epsilon_form))
        assert np.abs(run.history.exact_losses - twin.losses).max() < 1e-9
        for pair, pair_here in zip(run.latest.params, twin.params, strict=True):
            for array, array_here in zip(pair, pair_here, strict=True):
                np.testing.assert_allclose(array, array_here, rtol=0, atol=1e-7)
    finally:
        pool.close()


@every_other
def test_loading_it_here_says_where_it_is(name):
    with pytest.raises(backends.BackendUnavailable, match="has a Python of its own"):
        backends.load(name)
