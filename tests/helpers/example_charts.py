"""One specification and one table of every chart."""

import numpy as np

from nn_core import Experiment, datasets
from nn_core.charts import (
    band_chart,
    confusion_chart,
    histograms_chart,
    landscape_chart,
    loss_chart,
    overlay_chart,
    probabilities_chart,
    weights_chart,
)
from nn_core.networks.initializers import initial_params
from nn_core.runs.binned_curve import Envelope
from nn_core.runs.history import Measurement
from nn_core.runs.studies.convergence import Trial
from nn_core.runs.studies.convergence import band as spread_of

DIGITS = tuple("0123456789")


def envelope(n_points):
    values = np.linspace(1, 0.1, n_points)
    return Envelope(np.arange(n_points) * 5, values - 0.05, values + 0.05)


def measured(n_points, names=("train", "test")):
    return [
        Measurement(
            step,
            step / 4,
            {f"{name}_{what}": 0.5 for name in names for what in ("loss", "accuracy")},
        )
        for step in range(n_points)
    ]


def snapshots(experiment, n):
    params = initial_params(experiment)
    return [(step, params) for step in range(n)]


def series_of(experiment):
    data = datasets.load(experiment)
    return weights_chart.choose_series(
        experiment.layer_sizes, experiment.bias, data.input_names, data.output_names
    )


def trials(n):
    return [Trial(seed, 5 * n, 1, envelope(n), 0.1, seed % 2, "") for seed in range(n)]


def square(n):
    return np.arange(n * n).reshape(n, n)


XOR = Experiment(dataset="xor", hidden=(3,))
MANY = Experiment(dataset="digits_8x8", hidden=(100,))
NAMES = ("NumPy", "PyTorch", "Keras")
SPECS = {
    "loss": lambda: loss_chart.loss_spec(),
    "loss by step": lambda: loss_chart.loss_spec(x="step", unit="nats"),
    "logarithmic loss": lambda: loss_chart.loss_spec(log=True),
    "accuracy": lambda: loss_chart.accuracy_spec(),
    "accuracy by step": lambda: loss_chart.accuracy_spec(x="step"),
    "weights": lambda: weights_chart.weights_spec(series_of(XOR)),
    "weights of many": lambda: weights_chart.weights_spec(series_of(MANY)),
    "confusion": lambda: confusion_chart.confusion_spec(),
    "probabilities": lambda: probabilities_chart.probabilities_spec(),
    "overlay": lambda: overlay_chart.overlay_spec(NAMES, "loss (nats)"),
    "overlay of differences": lambda: overlay_chart.overlay_spec(NAMES, "|Δ|", has_legend=False),
    "band": lambda: band_chart.band_spec("nats"),
    "linear band": lambda: band_chart.band_spec("nats", log=False),
    "spread": lambda: histograms_chart.over_time_spec("weight", True),
    "spread by step": lambda: histograms_chart.over_time_spec("weight", False),
    "bars": lambda: histograms_chart.now_spec("weight"),
    "surface": lambda: landscape_chart.landscape_spec("component 1", "component 2", "nats"),
}
TABLES = {
    "loss": lambda n: loss_chart.loss_table(envelope(n), 4, measured(n)),
    "accuracy": lambda n: loss_chart.accuracy_table(measured(n)),
    "weights of many": lambda n: weights_chart.weights_table(snapshots(MANY, n), series_of(MANY)),
    "weights": lambda n: weights_chart.weights_table(snapshots(XOR, n), series_of(XOR)),
    "confusion": lambda n: confusion_chart.confusion_table(
        square(min(n, 10)), DIGITS[: min(n, 10)]
    ),
    "probabilities": lambda n: probabilities_chart.probabilities_table(
        np.full(min(n, 10), 0.1), DIGITS[: min(n, 10)], 0
    ),
    "overlay": lambda n: overlay_chart.overlay_table([(name, envelope(n)) for name in NAMES]),
    "band": lambda n: band_chart.band_table(trials(n), spread_of(trials(n))),
    "spread": lambda n: histograms_chart.over_time_table(
        range(n), histograms_chart.count_in_bins([np.arange(4.0)] * n), n, True
    ),
    "bars": lambda n: histograms_chart.now_table(np.arange(n + 1.0), np.arange(n)),
    "surface": lambda n: landscape_chart.landscape_table(
        landscape_chart.LossGrid(np.arange(n), np.arange(n), square(n)),
        np.arange(n),
        np.zeros((n, 2)),
    ),
}


def table_for(name, n):
    return next(make(n) for key, make in TABLES.items() if key in name)


def parts_of(spec):
    """Every mapping in a specification, wherever it is."""
    if isinstance(spec, dict):
        yield spec
        spec = spec.values()
    elif not isinstance(spec, list):
        return
    for value in spec:
        yield from parts_of(value)
