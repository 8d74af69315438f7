"""The images that an exported program learns from are those of the app, to the bit."""

import runpy

import numpy as np
import pytest

from nn_core import Experiment, datasets
from nn_core.datasets.images import SOURCES
from nn_core.exchange.programs import script
from nn_core.exchange.programs.data import data, imports
from nn_core.exchange.programs.plan import plan_of
from tests.helpers.real_mnist import real_mnist

SOME = {"train_rows": 150, "pixels": "standardised", "shifted_copies": 2}
OPTIONS = [{"train_rows": 300}, {**SOME, "classes": ("9", "2", "4")}, {**SOME, "shift": 2}]


def rows_of_the_program(experiment, folder):
    """What the lines of its data make."""
    plan = plan_of(experiment)
    path = folder / "program.py"
    lines = ["import numpy as np", *imports(plan), "", *data(plan)]
    path.write_text("\n".join(lines), "utf-8")
    found = runpy.run_path(str(path))
    return found["x"], found["y"], plan


def check(experiment, folder):
    x, y, plan = rows_of_the_program(experiment, folder)
    expected = datasets.load(experiment).astype(experiment.dtype)
    np.testing.assert_array_equal(x, expected.x)
    np.testing.assert_array_equal(y, expected.y)
    assert x.dtype == expected.x.dtype
    assert plan.n_rows == len(x)


@pytest.mark.parametrize("options", OPTIONS)
def test_a_program_reads_the_embedded_digits_as_the_app_does(options, tmp_path):
    check(Experiment(dataset="digits_8x8", hidden=(), seed=4, dataset_options=options), tmp_path)


@pytest.mark.mnist
@pytest.mark.parametrize("options", OPTIONS)
def test_a_program_reads_mnist_as_the_app_does(options, tmp_path, monkeypatch):
    monkeypatch.setenv("BACKPROP_LIVE_DATA", str(real_mnist()))
    experiment = Experiment(dataset="mnist", hidden=(), dtype="float64", dataset_options=options)
    check(experiment, tmp_path)


@pytest.mark.parametrize("source", SOURCES.values(), ids=list(SOURCES))
def test_a_program_without_its_files_says_which_they_are_and_where(source, tmp_path, monkeypatch):
    monkeypatch.setenv("BACKPROP_LIVE_DATA", str(tmp_path))
    images, labels = source.train_images.file, source.train_labels.file
    path = tmp_path / "program.py"
    path.write_text(script(Experiment(dataset=source.name, hidden=()), "numpy_by_hand").text)
    place = tmp_path / source.name
    for missing in (f"{images} and {labels}", labels):
        with pytest.raises(SystemExit) as stopped:
            runpy.run_path(str(path))
        assert str(stopped.value) == (
            f"Put {missing} of {source.label} into the folder {place}. "
            f"They are at {source.mirrors[0]}"
        )
        place.mkdir(exist_ok=True)
        (place / images).touch()  # now only the labels are missing


def test_a_program_reads_fashion_mnist_from_a_folder_of_its_own():
    lines = "\n".join(data(plan_of(Experiment(dataset="fashion_mnist", hidden=()))))
    assert '/ "fashion_mnist"' in lines
    assert "images[:60000]" in lines
