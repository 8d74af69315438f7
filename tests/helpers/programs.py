"""Programs that the app wrote, run by themselves, and the losses that the app has."""

from __future__ import annotations

import json
import os
import subprocess

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

from nn_core import backends
from nn_core.exchange import programs
from nn_core.exchange.programs.data import COMPANION
from nn_core.exchange.programs.plan import plan_of
from nn_core.runs.studies.parity import numpy_twin
from nn_core.training.fit import fit
from tests.helpers.frameworks import REQUIRED
from tests.helpers.root import ROOT

HAT = ("tensorflow", "keras", "mxnet")
"""Frameworks whose own optimizers add ε in the other form."""

FOREIGN = ("nn_core", "streamlit", *(set(backends.names()) - {"numpy"}))
MAY_IMPORT = {"tensorflow": ("keras",), "keras": ("tensorflow",)}

RUNNER = """
import contextlib, importlib.machinery, io, json, os, runpy, sys, traceback

foreign, folders = json.loads(sys.argv[1]), json.loads(sys.argv[2])

class Wall:
    # Found when somebody asks what is installed, but not to be imported.
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in foreign:
            return importlib.machinery.ModuleSpec(name, self)

    def create_module(self, spec):
        raise ModuleNotFoundError(f"a program must not import {spec.name}", name=spec.name)

    def exec_module(self, module):
        pass

sys.meta_path.insert(0, Wall())
found = {}
for folder in folders:
    os.chdir(folder)
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            runpy.run_path("program.py", run_name="__main__")
        found[folder] = printed.getvalue()
    except BaseException:
        found[folder] = traceback.format_exc()
assert not set(foreign) & {name.partition(".")[0] for name in sys.modules}
print("FOUND" + json.dumps(found))
"""

APP = """
import json, sys
from nn_core import Experiment, fit
for line in sys.stdin:
    print("LOSSES" + json.dumps(fit(Experiment.from_json(line)).losses.tolist()), flush=True)
"""


def write(folder, experiment, dialect):
    """Write a program into an empty folder; None where the dialect refuses it."""
    script = programs.script(experiment, dialect)
    if script.refusal:
        return None
    folder.mkdir()
    (folder / "program.py").write_text(script.text, encoding="utf-8")
    if script.companion:
        (folder / COMPANION).write_text(script.companion, encoding="utf-8")
    return folder


def printed_by(backend, folders):
    """What the programs in these folders print, by a Python that lets them import no other."""
    foreign = sorted(set(FOREIGN) - {backend, *MAY_IMPORT.get(backend, ())})
    given = foreign, [str(folder) for folder in folders]
    done = subprocess.run(
        [backends.python_for(backend), "-I", "-c", RUNNER, *map(json.dumps, given)],
        capture_output=True,
        text=True,
        timeout=1200,
        check=False,
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "2"},
    )
    assert "FOUND" in done.stdout, done.stderr[-3000:]
    return list(json.loads(done.stdout.partition("FOUND")[2]).values())


def kernel_of(backend, folder):
    """The name of a Jupyter kernel in the Python of a backend, for ``JUPYTER_PATH=folder``."""
    python = backends.python_for(backend)
    asked = subprocess.run([python, "-c", "import ipykernel"], capture_output=True, check=False)
    if asked.returncode:
        missing = f"the Python of {backends.label(backend)} has no ipykernel"
        if backend in REQUIRED:
            pytest.fail(f"{missing}: run scripts/install_{backend}.py --tests")
        pytest.skip(missing)
    place = folder / "kernels" / backend
    place.mkdir(parents=True)
    argv = [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": backends.label(backend), "language": "python"}
    (place / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    return backend


def printed_by_notebook(text, kernel, folder):
    """What the cells of a notebook print, run one after the other in a folder by a kernel."""
    found = nbformat.reads(text, as_version=4)
    nbformat.validate(found)
    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(found, timeout=300, kernel_name=kernel, resources=resources).execute()
    cells = [cell for cell in found.cells if cell.cell_type == "code"]
    assert all(cell.execution_count == i for i, cell in enumerate(cells, 1))
    outputs = [output for cell in cells for output in cell.outputs]
    return "".join(output.text for output in outputs if output.get("name") == "stdout")


def losses_on_numpy(experiment, backend):
    """The loss of each step on NumPy, ε in the form of `backend`."""
    form = "hat" if backend in HAT else "after_root"
    return fit(numpy_twin(experiment, form)).losses


def losses_in_the_app(experiments, backend):
    """The loss of each step of the app's own runs on `backend`, in a process of its own."""
    done = subprocess.run(
        [backends.python_for(backend), "-c", APP],
        input="\n".join(experiment.to_json() for experiment in experiments),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=1200,
        check=False,
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "2"},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    lines = [line for line in done.stdout.splitlines() if line.startswith("LOSSES")]
    return [np.array(json.loads(line.removeprefix("LOSSES"))) for line in lines]


def of_epochs(experiment, losses):
    """The mean of each epoch, from the losses of its steps."""
    plan = plan_of(experiment)
    first_rows = range(0, plan.n_rows, plan.batch_size)
    rows = np.array([min(plan.batch_size, plan.n_rows - first) for first in first_rows])
    return (losses.reshape(-1, len(rows)) * rows / plan.n_rows).sum(axis=1)


def assert_prints(printed, experiment, losses, what):
    """The printed losses are these to six decimals, and the last epoch's is among them."""
    wanted = of_epochs(experiment, losses)
    try:
        pairs = [(int(epoch), float(loss)) for epoch, loss in map(str.split, printed.splitlines())]
    except ValueError:
        raise AssertionError(f"{what}:\n{printed[-2000:]}") from None
    assert [epoch for epoch, _ in pairs[:1] + pairs[-1:]] == [1, len(wanted)], what
    # Half of the last digit; in float32 the seventh digit of a number is the framework's own.
    allowed = 5.01e-7 if experiment.dtype == "float64" else 1.5e-6
    for epoch, loss in pairs:
        assert abs(loss - wanted[epoch - 1]) <= allowed * max(1, loss if allowed > 1e-6 else 1), (
            f"{what}: epoch {epoch}, {loss} instead of {wanted[epoch - 1]:.8f}"
        )
