"""Which backends there are, which Python runs each, and what is said where one is absent."""

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from nn_core import backends
from nn_core.errors import BackendUnavailable


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project's folder without any Python beside it."""
    monkeypatch.setattr(backends, "ROOT", tmp_path)
    monkeypatch.delenv("BACKPROP_LIVE_PYTHON_MXNET", raising=False)
    return tmp_path


def executable(path):
    path.parent.mkdir(parents=True)
    path.symlink_to(sys.executable)
    return str(path)


def test_a_backend_runs_in_the_python_of_the_app_by_default(project):
    assert backends.python_for("torch") == backends.python_for("mxnet") == sys.executable


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_virtual_environment_of_its_name_is_the_python_of_a_backend(project):
    python = executable(project / ".venv-mxnet" / "bin" / "python")
    assert backends.python_for("mxnet") == python
    assert backends.is_installed("mxnet")
    assert backends.python_for("torch") == sys.executable


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_the_environment_names_the_python_of_a_backend_first(project, monkeypatch):
    executable(project / ".venv-mxnet" / "bin" / "python")
    python = executable(project / "elsewhere" / "python")
    monkeypatch.setenv("BACKPROP_LIVE_PYTHON_MXNET", python)
    assert backends.python_for("mxnet") == python


def test_a_python_that_is_not_there_runs_no_backend(project, monkeypatch):
    monkeypatch.setenv("BACKPROP_LIVE_PYTHON_MXNET", str(project / "nothing"))
    assert backends.python_for("mxnet") == sys.executable


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_another_python_finds_the_package_here_and_none_of_its_neighbours(tmp_path, monkeypatch):
    # As in an environment, where `nn_core` is installed beside the packages of another Python.
    (tmp_path / "neighbour.py").touch()
    package = tmp_path / "nn_core"
    package.mkdir()
    (package / "__init__.py").write_text(
        "import importlib.util\nassert importlib.util.find_spec('neighbour') is None\n"
    )
    (package / "asked.py").write_text(
        "import importlib.util, sys\n"
        "print(__name__, __file__, sys.argv[1:], importlib.util.find_spec('neighbour'))\n"
    )
    monkeypatch.setattr(backends, "ROOT", tmp_path)
    python = executable(tmp_path / "elsewhere" / "python")
    monkeypatch.setenv("BACKPROP_LIVE_PYTHON_MXNET", python)
    command = backends.command("mxnet", "nn_core.asked", "one", "two")
    assert command[0] == python
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == f"__main__ {package / 'asked.py'} ['one', 'two'] None\n"


def test_an_absent_framework_is_a_sentence_with_the_command_that_installs_it(monkeypatch):
    monkeypatch.setattr(backends, "is_installed", lambda name: False)
    with pytest.raises(BackendUnavailable, match=r"`python scripts/install_mxnet\.py`"):
        backends.load("mxnet")
    with pytest.raises(
        BackendUnavailable, match=r"PyTorch is not installed .* `pip install torch`"
    ):
        backends.load("torch")


@pytest.mark.parametrize("name", ["teflon", "keras-numpy", "torch-jax", "../numpy", ""])
def test_a_backend_that_there_is_not_is_refused(name):
    with pytest.raises(BackendUnavailable, match="There is no backend"):
        backends.load(name)


def test_a_backend_needs_its_engine_too(monkeypatch):
    here = {"keras", "tensorflow"}
    monkeypatch.setattr(backends, "is_here", lambda name: here.issuperset(name.split("-")))
    assert backends.is_installed("keras-tensorflow")
    assert not backends.is_installed("keras-jax")
    assert "`pip install jax`" in backends.how_to_install("keras-jax")
    assert backends.label("keras-jax") == "Keras on JAX"


def test_a_process_keeps_the_engine_that_it_has(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "tensorflow")
    monkeypatch.setitem(sys.modules, "nn_core.backends.keras", SimpleNamespace(ENGINE="tensorflow"))
    assert backends.load("keras-tensorflow").ENGINE == "tensorflow"
    with pytest.raises(BackendUnavailable, match="already computes on TensorFlow"):
        backends.load("keras-jax")
