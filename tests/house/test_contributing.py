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


def code_of(recipe: str) -> str:
    (code,) = re.findall(r"```python\n(.+?)```", RECIPES[recipe], re.DOTALL)
    return code


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
    path = copy / code.splitlines()[0].removeprefix("# ")
    assert not path.exists()
    path.write_text(code, encoding="utf-8")


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


def test_there_are_three_recipes_of_at_most_eight_lines():
    assert list(RECIPES) == ["Add a data set", "Add a backend", "Add a page"]
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


def test_a_new_page_is_listed_as_the_pages_of_the_app_are():
    line = code_of("Add a page").strip()
    shape = re.compile(r'Page\("\w+", "\w+", ":material/\w+:"(, "\w+")?\)')
    assert shape.fullmatch(line)
    listed = (ROOT / "ui" / "links" / "page_list.py").read_text("utf-8")
    assert len(shape.findall(listed)) == len(list((ROOT / "pages").glob("*.py")))
