"""The recipes of CONTRIBUTING.md work as they are written, in a copy of the package."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.root import ROOT

GUIDE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
RECIPES = dict(re.findall(r"^## (Add a [^\n]+)\n(.+?)(?=^## |\Z)", GUIDE, re.MULTILINE | re.DOTALL))


def blocks_of(recipe: str) -> list[str]:
    return re.findall(r"```python\n(.+?)```", RECIPES[recipe], re.DOTALL)


def code_of(recipe: str) -> str:
    (code,) = blocks_of(recipe)
    return code


def path_of(block: str) -> str:
    """The file that the first line of a block names."""
    return block.splitlines()[0].removeprefix("# ")


@pytest.fixture
def copy(tmp_path) -> Path:
    """A folder that holds the package alone."""
    shutil.copytree(
        ROOT / "nn_core", tmp_path / "nn_core", ignore=shutil.ignore_patterns("__pycache__")
    )
    return tmp_path


def follow(recipe: str, copy: Path) -> None:
    """Write the recipe's code into the file that its first line names."""
    code = code_of(recipe)
    path = copy / path_of(code)
    assert not path.exists()
    path.write_text(code, encoding="utf-8")


def append(blocks: list[str], copy: Path) -> None:
    """Write each block to the end of the file that its first line names."""
    for block in blocks:
        path = copy / path_of(block)
        _, code = block.split("\n", 1)
        path.write_text(f"{path.read_text('utf-8')}\n\n{code}", encoding="utf-8")


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


def test_there_are_four_recipes_of_at_most_eight_lines():
    assert list(RECIPES) == ["Add a data set", "Add a backend", "Add a loss", "Add a page"]
    for recipe in RECIPES.values():
        prose = re.sub(r"```.+?```", "", recipe, flags=re.DOTALL)
        assert len(list(filter(str.strip, prose.splitlines()))) <= 8


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


def test_a_new_loss_touches_at_most_six_files(copy):
    touched = [path_of(block) for block in blocks_of("Add a loss")]
    assert len({*touched}) == len(touched) <= 6
    assert all((copy / path).is_file() for path in touched)


def test_a_new_loss_trains_alike_on_numpy_and_pytorch_and_has_its_gradient(copy):
    append(blocks_of("Add a loss"), copy)
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
    append(blocks_of("Add a loss"), copy)
    run(
        """
import contextlib, io
import numpy as np
from nn_core import Experiment, datasets, fit
from nn_core.exchange import programs
from nn_core.explain.step.walkthrough import walk
from nn_core.runs.workers.questions import StepQuestion

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
steps = walk(question, data.x, data.y, None).steps
*rows, whole = next(step.lines for step in steps if step.phase == "loss")
assert abs(np.mean([row.result for row in rows]) - whole.result) < 1e-12
assert "Huber" in next(step.title for step in steps if step.phase == "loss")
""",
        copy,
    )


def test_what_has_no_line_for_a_new_loss_refuses_it_with_a_sentence(copy):
    pytest.importorskip("autograd")
    append(blocks_of("Add a loss"), copy)
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


def test_a_new_page_is_listed_as_the_pages_of_the_app_are():
    line = code_of("Add a page").strip()
    shape = re.compile(
        r'st\.Page\("pages/\w+\.py", title="\w+", icon=":material/\w+:"(, default=True)?\)'
    )
    assert shape.fullmatch(line)
    assert len(shape.findall((ROOT / "app.py").read_text("utf-8"))) == len(
        list((ROOT / "pages").glob("*.py"))
    )
