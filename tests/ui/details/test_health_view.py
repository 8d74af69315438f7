"""The gauges of networks and data of any size: computed on rows that are named."""

import numpy as np
import pytest

from nn_core import Experiment, backends, datasets
from nn_core.explain.doctor import unit_health
from nn_core.explain.inside.samples import sample
from nn_core.networks.initializers import initial_params
from tests.helpers.real_mnist import real_mnist
from tests.ui.small_digits import open_small_digits

DIGITS = Experiment(
    dataset="digits_8x8", hidden=(20, 12), activations=("relu", "tanh"), output="softmax",
    loss="cross_entropy", l2=0.01, dtype="float64", batch_size=32,
)  # fmt: skip


def looked_at(experiment, rows, monkeypatch):
    monkeypatch.setattr(unit_health, "LEAST_ROWS", rows)
    monkeypatch.setattr(unit_health, "MOST_WORK", 0)
    params = initial_params(experiment)
    data, n_train, _ = sample(experiment)
    return unit_health.measure_health(experiment, params, data, n_train), params


@pytest.mark.parametrize("loss", ["cross_entropy", "mse_sum"])
def test_the_gradient_on_the_sample_is_that_of_the_backend_on_these_rows(loss, monkeypatch):
    experiment = DIGITS.replace(loss=loss)
    found, params = looked_at(experiment, 50, monkeypatch)
    data = datasets.load(experiment).astype("float64")
    x, y = data.x[:50], data.y[:50]
    # A sum over 50 rows is brought to the 32 of a batch; the penalty belongs to each step as it is.
    without = experiment.replace(l2=0.0)
    model = backends.load("numpy").Model(without, params, x, y, "cpu")
    scale = 32 / 50 if loss == "mse_sum" else 1.0
    for (weight, bias), (dw, db), (w, _) in zip(
        found.gradients, model.gradients(x, y), params, strict=True
    ):
        assert weight == pytest.approx(scale * dw + 0.01 * w, rel=1e-9, abs=1e-12)
        assert bias == pytest.approx(scale * db, rel=1e-9, abs=1e-12)


def test_dead_and_saturated_units_are_counted_on_the_sample_alone(monkeypatch):
    wide = DIGITS.replace(initializer="normal_large")
    found, params = looked_at(wide, 2, monkeypatch)
    (w, b), (v, c), _ = params
    x = datasets.load(wide).x[:2].astype(float)
    relu = np.maximum(x @ w + b, 0)
    slope = 1 - np.tanh(relu @ v + c) ** 2
    assert found.rows == 2
    assert found.layers[0].dead == (relu.max(axis=0) == 0).sum() > 0
    assert found.layers[1].saturated == (slope < 0.05).mean() > 0


def gauges_on(visitor):
    return visitor.metrics, " ".join(visitor.texts())


def test_the_gauges_of_images_move_and_say_on_which_rows_they_were_measured(visitor, monkeypatch):
    monkeypatch.setattr(unit_health, "MOST_WORK", 0)
    open_small_digits(visitor)
    visitor.set("Units 1", 40)  # too many for the worker's own
    visitor.open_view("Health")
    before, told = gauges_on(visitor)
    n_train = sample(visitor.experiment).n_train
    rows = f"on the first {unit_health.LEAST_ROWS} of {n_train:,} training rows"
    assert f"At step 0. Gradients and units by NumPy's formulas, {rows}." in told
    run = visitor.train()
    after, told = gauges_on(visitor)
    assert f"At step {run.step:,}. Gradients and units by NumPy's formulas, {rows}." in told
    data, n_train, _ = sample(run.experiment)
    report = unit_health.measure_health(run.experiment, run.latest.params, data, n_train)
    assert after["Gradient norm"] == f"{unit_health.total_norm(report.gradients):.3g}"
    assert after["Gradient norm"] != before["Gradient norm"]
    assert after["Dead ReLUs"] == f"{report.layers[0].dead} of {report.layers[0].units}"


@pytest.mark.mnist
def test_the_gauges_of_mnist_are_there_before_the_first_step(visitor, monkeypatch):
    monkeypatch.setenv("BACKPROP_LIVE_DATA", str(real_mnist()))
    visitor.open("digits")
    visitor.open_view("Health")
    found, told = gauges_on(visitor)
    assert "of 60,000 training rows" in told
    assert float(found["Gradient norm"]) > 0
    assert found["Dead ReLUs"].endswith(" of 200")
