"""The app in an empty environment, installed from the wheel and started in an empty folder."""

import email
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

from nn_core import backends
from tests.e2e.visitor import Server, expect
from tests.helpers.frameworks import installed
from tests.helpers.root import ROOT

pytestmark = pytest.mark.slow

FRAMEWORKS = ("torch", "tensorflow", "keras", "jax", "autograd")
BIN = "Scripts" if os.name == "nt" else "bin"
BACKENDS_THERE = (
    "import json; from nn_core import backends;"
    "print(json.dumps([name for name in backends.names() if backends.is_installed(name)]))"
)


def run(*command: str | Path, folder: Path) -> str:
    """What a command prints, given in a folder; without the settings of these tests' Python."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def project_files() -> set[str]:
    """What git tracks of the project, or would: all that it does not ignore."""
    listing = ("git", "ls-files", "--cached", "--others", "--exclude-standard")
    return {name for name in run(*listing, folder=ROOT).splitlines() if (ROOT / name).is_file()}


def one(folder: Path, pattern: str) -> Path:
    (path,) = folder.glob(pattern)
    return path


@pytest.fixture(scope="module")
def folder():
    """A folder that is removed with all that it holds: an environment is close to a gigabyte."""
    with tempfile.TemporaryDirectory(prefix="backprop-live-wheel-") as name:
        yield Path(name)


@pytest.fixture(scope="module")
def built(folder) -> Path:
    """A folder with the source distribution, and the wheel that was made of it."""
    run(sys.executable, "-m", "build", "--outdir", folder / "dist", ROOT, folder=folder)
    return folder / "dist"


@pytest.fixture(scope="module")
def environment(folder, built) -> Path:
    """The commands of an environment with the wheel, and with what it asks for from PyPI."""
    venv.create(folder / "venv", with_pip=True)
    commands = folder / "venv" / BIN
    wheel = one(built, "*.whl")
    run(
        commands / "python", "-m", "pip", "install", "--quiet", "--no-compile", wheel, folder=folder
    )
    return commands


@pytest.fixture(scope="module")
def empty(folder) -> Path:
    path = folder / "empty"
    path.mkdir()
    return path


@pytest.fixture(scope="module")
def server(environment, empty):
    server = Server(command=[str(environment / "backprop-live")], folder=empty)
    yield server
    server.close()


def test_the_wheel_holds_the_app_and_the_package_and_nothing_else(built):
    with zipfile.ZipFile(one(built, "*.whl")) as wheel:
        names = set(wheel.namelist())
        (metadata,) = [name for name in names if name.endswith(".dist-info/METADATA")]
        described = email.message_from_bytes(wheel.read(metadata))
    files = project_files()
    expected = {name for name in files if name.startswith(("nn_core/", "backprop_live/"))}
    expected |= {
        f"backprop_live/{name}"
        for name in files
        if name.startswith(("ui/", "pages/")) or name in ("app.py", ".streamlit/config.toml")
    }
    assert {name for name in names if ".dist-info/" not in name} == expected
    assert described["Name"] == "backprop-live"
    assert not [
        required
        for required in described.get_all("Requires-Dist")
        if required.startswith(FRAMEWORKS) and "extra ==" not in required
    ]


def test_the_source_distribution_holds_what_the_tests_need(built):
    with tarfile.open(one(built, "*.tar.gz")) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert project_files() <= names


def test_an_empty_environment_has_numpy_alone(environment, empty):
    there = json.loads(run(environment / "python", "-c", BACKENDS_THERE, folder=empty))
    assert there == ["numpy"]
    assert not list(empty.iterdir())


def test_xor_trains_on_numpy_and_absent_frameworks_are_marked(app, empty):
    app.open()
    app.press("Train")
    app.until_state("finished")
    app.until(lambda: app.rows_are_right() and len(app.rows()) == 4, "XOR is not learned")

    app.widget("gates.form.backend").locator("input").click()
    options = app.page.get_by_role("option")
    expect(options).to_have_count(len(backends.names()))
    expect(options.filter(has_text="(absent)")).to_have_count(len(backends.names()) - 1)
    expect(options.filter(has_not_text="(absent)")).to_have_text("NumPy")
    app.page.keyboard.press("Escape")
    assert not list(empty.iterdir())


def test_a_chart_is_drawn_for_download_where_it_is_installed(environment, empty):
    program = (
        "import pyarrow as pa; from nn_core.charts.chart_files import to_image;"
        "spec = {'mark': 'bar', 'encoding': {'x': {'field': 'a', 'type': 'quantitative'}}};"
        "print(to_image(pa.table({'a': [1.0, 2.0]}), spec, 'svg').decode())"
    )
    assert run(environment / "python", "-c", program, folder=empty).startswith("<svg")


def test_a_backend_with_a_python_of_its_own_trains_beside_the_wheel(environment, empty):
    installed("mxnet", "MXNet")
    # Its worker takes `nn_core` from the environment, and NumPy 1.23 from its own.
    program = """
import os, sys
os.environ["BACKPROP_LIVE_PYTHON_MXNET"] = sys.argv[1]
from nn_core import Experiment
from nn_core.runs.workers.pool import Pool
pool = Pool(slots=1)
run = pool.submit(Experiment(backend="mxnet", epochs=20), "ada")
run.wait(lambda run: run.is_over, 120)
pool.close()
print(run.state, run.started.framework)
"""
    python = backends.python_for("mxnet")
    said = run(environment / "python", "-c", program, python, folder=empty)
    assert said.startswith("finished MXNet")


def test_the_settings_of_the_project_hold_where_it_is_installed(app):
    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))
    red, green, blue = bytes.fromhex(settings["theme"]["light"]["primaryColor"].removeprefix("#"))
    app.open()
    train = app.page.get_by_role("button", name=re.compile("^Train"))
    expect(train).to_have_css("background-color", f"rgb({red}, {green}, {blue})")
