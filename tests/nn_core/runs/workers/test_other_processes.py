"""Backends that need a process of their own: with another Python, or with another engine.

What the files in `MATRICES` say of every backend is true of these, too; and their runs come back
to this process.
"""

import os
import re
import subprocess

import numpy as np
import pytest

from nn_core import Experiment, backends, fit, vocabulary
from nn_core.runs.studies.parity import numpy_twin
from nn_core.runs.workers.pool import Pool
from tests.helpers.frameworks import ELSEWHERE, REQUIRED
from tests.helpers.root import ROOT

MATRICES = (
    "tests/nn_core/backends/test_parity.py",
    "tests/nn_core/backends/test_gradients.py",
    "tests/nn_core/explain/step/test_worked_example.py",
    "tests/nn_core/backends/test_conv_parity.py",
)
ENGINES = [f"{name}-{engine}" for name, found in vocabulary.ENGINES.items() for engine in found]
# The first engine is that of this process: its matrices run here.
OTHER_ENGINES = [
    f"{name}-{engine}" for name, found in vocabulary.ENGINES.items() for engine in found[1:]
]


@pytest.fixture(params=[*ELSEWHERE, *ENGINES])
def other(request) -> str:
    """The name of each such backend in turn, with its engine; skipped where it is absent."""
    name = request.param
    if not backends.is_installed(name):
        required = REQUIRED.issuperset(name.split("-"))
        (pytest.fail if required else pytest.skip)(f"{backends.label(name)} is not installed")
    return name


@pytest.mark.slow
@pytest.mark.parametrize("other", [*ELSEWHERE, *OTHER_ENGINES], indirect=True)
def test_the_matrices_hold_there(other):
    name, _, engine = other.partition("-")
    python = backends.python_for(other)
    has_pytest = [python, "-c", "import pytest, psutil"]
    if subprocess.run(has_pytest, capture_output=True, check=False).returncode:
        missing = f"the Python of {name} has no pytest: install it with the option --tests"
        (pytest.fail if name in REQUIRED else pytest.skip)(missing)
    done = subprocess.run(
        [python, "-m", "pytest", "-p", "no:cacheprovider", "-k", name, "-m", "", *MATRICES],
        cwd=ROOT,
        env=os.environ
        | {"BACKPROP_LIVE_REQUIRE_BACKENDS": name}
        | ({f"{name.upper()}_BACKEND": engine} if engine else {}),
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-10_000:] + done.stderr[-1000:]
    (passed,) = re.findall(r"(\d+) passed", done.stdout)
    assert int(passed) > 100
    assert "skipped" not in done.stdout.splitlines()[-1]


def test_a_run_in_its_worker_takes_the_steps_of_numpy(other):
    name, _, engine = other.partition("-")
    experiment = Experiment(backend=name, engine=engine, epochs=500, dtype="float64")
    pool = Pool(slots=1)
    try:
        run = pool.submit(experiment, "ada")
        assert run.wait(lambda run: run.is_over, 120)
        assert run.state == "finished", run.end
        twin = fit(numpy_twin(experiment, run.started.epsilon_form))
        # As in test_parity.py; the weights lie where the loss is flat, so they may differ more.
        assert np.abs(run.history.exact_losses - twin.losses).max() < 1e-9
        for pair, pair_here in zip(run.latest.params, twin.params, strict=True):
            for array, array_here in zip(pair, pair_here, strict=True):
                np.testing.assert_allclose(array, array_here, rtol=0, atol=1e-8)
        if engine:
            assert f"on {backends.label(engine)} " in run.started.framework
    finally:
        pool.close()


@pytest.mark.parametrize("name", ELSEWHERE)
def test_a_backend_with_a_python_of_its_own_is_not_loaded_here(name):
    with pytest.raises(backends.BackendUnavailable, match="has a Python of its own"):
        backends.load(name)
