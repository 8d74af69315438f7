"""The recipes of CONTRIBUTING.md work as they are written, in a copy of the package."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.root import ROOT

GUIDE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
RECIPES = dict(
    re.findall(r"^## (Add an? [^\n]+)\n(.+?)(?=^## |\Z)", GUIDE, re.MULTILINE | re.DOTALL)
)
PACKAGE = ("nn_core",)
AT_ITS_END = ", at its end"
APP = ("app.py", "pages", "ui", "nn_core", ".streamlit")


def blocks_of(recipe: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.+?)```", RECIPES[recipe], re.DOTALL)


def code_of(recipe: str) -> str:
    (code,) = blocks_of(recipe, "python")
    return code


def copied(names: tuple[str, ...], folder: Path) -> Path:
    """A folder that holds these parts of the project alone."""
    for name in names:
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, folder / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, folder / name)
    return folder


def path_of(block: str) -> str:
    """The file that the first line of a block names."""
    return block.splitlines()[0].removeprefix("# ").removesuffix(AT_ITS_END)


@pytest.fixture
def copy(tmp_path) -> Path:
    """A folder that holds the package alone."""
    return copied(PACKAGE, tmp_path)


@pytest.fixture
def app_copy(tmp_path) -> Path:
    """A folder that holds the app."""
    return copied(APP, tmp_path)


def follow(recipe: str, copy: Path) -> list[Path]:
    """Write the new files of a recipe, and change the files that are there; returns them all."""
    files = []
    for code in blocks_of(recipe, "python"):
        path = copy / path_of(code)
        heading, _, appended = code.partition("\n")
        if heading.endswith(AT_ITS_END):
            code = f"{path.read_text('utf-8')}\n\n{appended}"
        else:
            assert not path.exists()
        path.write_text(code, encoding="utf-8")
        files.append(path)
    for block in blocks_of(recipe, "diff"):
        name, _, changes = block.partition("\n")
        path = copy / name.removeprefix("# ")
        text = path.read_text("utf-8")
        for change in changes.strip("\n").split("\n\n"):
            lines = change.splitlines()
            old = "".join(f"{line[1:]}\n" for line in lines if line[0] in " -")
            new = "".join(f"{line[1:]}\n" for line in lines if line[0] in " +")
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        path.write_text(text, encoding="utf-8")
        files.append(path)
    return files


def run(code: str, copy: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=copy,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_there_are_eight_recipes_of_at_most_eight_lines():
    assert list(RECIPES) == [
        "Add a data set",
        "Add a backend",
        "Add a loss",
        "Add a view",
        "Add a code dialect",
        "Add an architecture",
        "Add a page",
        "Add a study page",
    ]
    for recipe in RECIPES.values():
        prose = re.sub(r"```.+?```", "", recipe, flags=re.DOTALL)
        assert len(list(filter(str.strip, prose.splitlines()))) <= 8


@pytest.mark.parametrize("recipe", [recipe for recipe in RECIPES if recipe != "Add a page"])
def test_the_files_of_a_recipe_are_written_as_those_of_the_project(recipe, app_copy):
    shutil.copy(ROOT / "pyproject.toml", app_copy)
    files = follow(recipe, app_copy)
    for command in (["format", "--check"], ["check", "--select=E,F,I"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, *files],
            cwd=app_copy,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_new_data_set_is_one_function(copy):
    follow("Add a data set", copy)
    run(
        """
from nn_core import Experiment, datasets, fit

assert "majority" in datasets.names("gates")
assert datasets.describe("majority").label == "majority of three"
result = fit(Experiment(dataset="majority", hidden=(), epochs=500))
assert result.metrics["train_accuracy"] == 1.0
""",
        copy,
    )


def test_a_new_backend_is_one_file_that_agrees_with_numpy(copy):
    pytest.importorskip("scipy")
    follow("Add a backend", copy)
    run(
        """
import numpy as np
from nn_core import Experiment, backends, fit

assert "scipy" in backends.names() and backends.label("scipy") == "SciPy"
fields = dict(hidden=(4, 3), optimizer="sgd", learning_rate=1.0, batch_size=3, epochs=200)
for dtype, tolerance in (("float64", 1e-12), ("float32", 1e-5)):
    ours = fit(Experiment(backend="scipy", dtype=dtype, **fields))
    reference = fit(Experiment(backend="numpy", dtype=dtype, **fields))
    assert len(ours.losses) == 400
    assert np.abs(ours.losses - reference.losses).max() < tolerance
    assert ours.params[0][0].dtype == dtype

# Leaving a chunk in the middle needs get_state and set_state.
goal = float(reference.losses.mean())
ends = [
    fit(Experiment(backend=name, dtype="float64", target_loss=goal, **fields)).end.step
    for name in ("scipy", "numpy")
]
assert ends[0] == ends[1] < 400, ends
""",
        copy,
    )


OPEN_THE_VIEW = """
from streamlit.testing.v1 import AppTest
from nn_core import server

at = AppTest.from_file("app.py", default_timeout=60)
at.session_state["gates.form.speed"] = None
at.run()
at.segmented_control(key="gates.form.views").set_value("Curves").run()
at.pills(key="gates.form.view").set_value("Weight norms").run()
assert any("appears here once training begins" in caption.value for caption in at.caption)
at.number_input(key="gates.form.epochs").set_value(50).run()
at.button(key="gates.train").click().run()
run = at.session_state["gates.run"]
assert run.wait(lambda run: run.is_over, 60)
at.run()
server.get_pool().close()
assert not at.exception, at.exception
(norms,) = [chart for chart in at.get("vega_lite_chart") if '"norm"' in chart.proto.spec]
"""


def test_a_new_view_is_a_chart_a_view_and_its_place_in_the_list(app_copy):
    follow("Add a view", app_copy)
    run(
        """
import numpy as np
from nn_core import Experiment, train
from nn_core.charts.weight_norms_chart import norms_table
from nn_core.events import Snapshot

snapshots = [e for e in train(Experiment(hidden=(3,), epochs=5)) if isinstance(e, Snapshot)]
rows = norms_table(snapshots).to_pylist()
assert len(rows) == 2 * len(snapshots)
last = [np.sqrt((weight**2).sum()) for weight, _ in snapshots[-1].params]
np.testing.assert_allclose([row["norm"] for row in rows[-2:]], last)
""",
        app_copy,
    )
    run(OPEN_THE_VIEW, app_copy)


def test_a_new_dialect_prints_the_losses_of_the_app(copy):
    follow("Add a code dialect", copy)
    run(
        """
import contextlib, io
from nn_core import Experiment, fit
from nn_core.exchange import programs

name = "numpy_central_differences"
assert programs.label(name) == "NumPy, central differences"
assert name in programs.names("numpy")
assert programs.script(Experiment(), name).refusal
for optimizer in ("sgd", "adam"):
    experiment = Experiment(optimizer=optimizer, dtype="float64", epochs=30)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(programs.script(experiment, name).text, {"__name__": "__main__"})
    lines = dict(line.split() for line in printed.getvalue().splitlines())
    assert len(lines) >= 10
    losses = fit(experiment).losses
    for epoch, loss in lines.items():
        assert abs(float(loss) - losses[int(epoch) - 1]) < 2e-6, (optimizer, epoch)
""",
        copy,
    )


def test_a_new_architecture_is_a_file_and_its_place_in_the_table(copy):
    pytest.importorskip("autograd")
    follow("Add an architecture", copy)
    run(
        """
import numpy as np
from nn_core import Experiment, fit
from nn_core.errors import InvalidExperiment

fields = dict(dataset="bits", architecture="bottleneck", hidden=(4,), dtype="float64", epochs=50)
results = [fit(Experiment(backend=name, **fields)) for name in ("numpy", "autograd")]
shapes = [weight.shape for weight, _ in results[0].params]
assert shapes[:2] == [(results[0].experiment.n_inputs, 2), (2, 4)], shapes
assert np.abs(results[0].losses - results[1].losses).max() < 1e-12
assert results[0].losses[-1] < results[0].losses[0]

# The answers by hand: the bottleneck has no bend, the hidden layer behind it is a sigmoid.
experiment, params = results[0].experiment, results[0].params
(first, plane_bias), (second, hidden_bias), (third, output_bias) = params
x = np.eye(experiment.n_inputs)
hidden = 1 / (1 + np.exp(-((x @ first + plane_bias) @ second + hidden_bias)))
sums = hidden @ third + output_bias
by_hand = 1 / (1 + np.exp(-sums)) if experiment.output == "sigmoid" else sums
np.testing.assert_allclose(results[0].predict(x), by_hand)

try:
    Experiment(backend="torch", **fields)
except InvalidExperiment as error:
    assert "choose NumPy or autograd" in str(error)
else:
    raise AssertionError("PyTorch has no bottleneck")
""",
        copy,
    )


def test_a_new_loss_touches_at_most_six_files(copy):
    touched = [path_of(block) for block in blocks_of("Add a loss", "python")]
    assert len({*touched}) == len(touched) <= 6
    assert all((copy / path).is_file() for path in touched)


def test_a_new_loss_trains_alike_on_numpy_and_pytorch_and_has_its_gradient(copy):
    follow("Add a loss", copy)
    run(
        """
import numpy as np
from nn_core import Experiment, fit
from nn_core.networks.losses import LOSSES

fields = dict(dataset="bits", output="identity", loss="huber", hidden=(4,), dtype="float64",
              initializer="normal_large", optimizer="sgd", batch_size=3, epochs=300)
ours, theirs = (fit(Experiment(backend=name, **fields)) for name in ("numpy", "torch"))
assert len(ours.losses) == len(theirs.losses) >= 100
assert ours.losses[0] > 0.5 > ours.losses[-1], ours.losses  # both parts of the formula
assert np.abs(ours.losses - theirs.losses).max() < 1e-9
for mine, other in zip(ours.params, theirs.params, strict=True):
    assert max(np.abs(a - b).max() for a, b in zip(mine, other, strict=True)) < 1e-9

rng = np.random.default_rng(0)
a, y, step = 3 * rng.normal(size=(5, 4)), rng.normal(size=(5, 4)), 1e-6
gradient = np.empty_like(a)
LOSSES["huber"].gradient(a, y, gradient)
for place in np.ndindex(a.shape):
    moved = np.zeros_like(a)
    moved[place] = step
    ends = [LOSSES["huber"].value(a + sign * moved, a, y) for sign in (1, -1)]
    assert abs((ends[0] - ends[1]) / (2 * step) - gradient[place]) < 1e-9
""",
        copy,
    )


def test_a_new_loss_is_written_out_as_a_program_and_step_by_step(copy):
    follow("Add a loss", copy)
    run(
        """
import contextlib, io
import numpy as np
from nn_core import Experiment, datasets, fit
from nn_core.exchange import programs
from nn_core.explain.step.walkthrough import walk_through
from nn_core.runs.workers.step_request import StepQuestion

e = Experiment(loss="huber", output="identity", hidden=(3,), dtype="float64", epochs=10,
               initializer="normal_large", seed=2)
result = fit(e)
printed = io.StringIO()
with contextlib.redirect_stdout(printed):
    exec(programs.script(e, "numpy_by_hand").text, {"__name__": "__main__"})
found = dict(map(str.split, printed.getvalue().splitlines()))
assert len(found) == 10
for epoch, loss in found.items():
    assert abs(float(loss) - result.losses[int(epoch) - 1]) <= 5.01e-7

data = datasets.load(e)
question = StepQuestion(e, result.params, {}, (0, 1, 2, 3), 0.1)
steps = walk_through(question, data.x, data.y, None).steps
*rows, whole = next(step.lines for step in steps if step.phase == "loss")
assert abs(np.mean([row.result for row in rows]) - whole.result) < 1e-12
assert "Huber" in next(step.title for step in steps if step.phase == "loss")
""",
        copy,
    )


def test_what_has_no_line_for_a_new_loss_refuses_it_with_a_sentence(copy):
    pytest.importorskip("autograd")
    follow("Add a loss", copy)
    run(
        """
from nn_core import Experiment, fit
from nn_core.exchange import programs

e = Experiment(loss="huber", backend="autograd", epochs=1)
try:
    fit(e)
except NotImplementedError as error:
    assert "does not compute the loss “Huber”" in str(error)
else:
    raise AssertionError("autograd computed another loss")
refusals = {name: programs.script(e, name).refusal for name in programs.names()}
assert not refusals.pop("numpy_by_hand")
assert all("no formula for the loss “Huber”" in refusal for refusal in refusals.values())
""",
        copy,
    )


def test_a_new_study_page_is_a_study_a_page_and_its_place_in_the_contents(app_copy):
    follow("Add a study page", app_copy)
    run(
        """
from streamlit.testing.v1 import AppTest
from nn_core import Experiment, fit, server

at = AppTest.from_file("app.py", default_timeout=60).run()
at.switch_page("pages/rates.py").run()
at.button(key="rates.train").click().run()
study = at.session_state["rates.study"]
assert study.wait(60)
at.run()
server.get_pool().close()
assert not at.exception, at.exception
shown = at.table[0].value
assert list(shown["Rate"]) == [0.001, 0.01, 0.1, 1.0]
last = [
    fit(Experiment(hidden=(2,), epochs=200, learning_rate=rate)).losses[-1]
    for rate in shown["Rate"]
]
assert list(shown["Last loss"]) == last
""",
        app_copy,
    )


def test_a_new_page_is_listed_as_the_pages_of_the_app_are():
    line = code_of("Add a page").strip()
    shape = re.compile(r'Page\("\w+", "\w+", ":material/\w+:"(, "\w+")?\)')
    assert shape.fullmatch(line)
    listed = (ROOT / "ui" / "links" / "page_list.py").read_text("utf-8")
    assert len(shape.findall(listed)) == len(list((ROOT / "pages").glob("*.py")))
