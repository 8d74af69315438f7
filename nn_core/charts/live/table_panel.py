"""Panel of rows with targets, outputs and predictions, as a table or a matrix."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn_core.charts.live.panel import Panel
from nn_core.datasets.registry import Dataset
from nn_core.networks import metrics

Array = np.ndarray

TABLE_ROWS = 64
MATRIX_CELLS = 32 * 32


def table_panel(dataset: Dataset, outputs: Array, threshold: float = 0.5) -> Panel:
    """Build a panel of the rows shown, with their targets, outputs and predictions.

    Parameters
    ----------
    dataset : Dataset
        Of any kind. For 'classes' the panel is a matrix with a row for each input and a column for
        each class; the probabilities are in the array ``outputs``.
    outputs : ndarray of shape (n_shown, n_outputs)
        What the backend answers.
    threshold : float
        See `nn_core.networks.metrics.threshold`; for 'binary' only. If it is 0, the outputs are
        logits, and the panel also holds their ``probabilities``.

    Returns
    -------
    panel : Panel
        With the predictions ``answers``, and whether each is ``right``. For regression
        (`Dataset.measure` 'r2') it has ``errors`` instead: output minus target.
    """
    x, y = dataset.shown
    most = TABLE_ROWS
    if dataset.kind == "classes":
        most = min(most, max(1, MATRIX_CELLS // outputs.shape[1]))
    x, y, outputs = x[:most], y[:most], outputs[:most]
    head: dict[str, Any] = {
        "type": "table",
        "kind": dataset.kind,
        "title": "Probability of each class" if dataset.kind == "classes" else "Every row",
        "input_names": list(dataset.input_names),
        "output_names": list(dataset.output_names),
        "inputs": [[f"{value:g}" for value in row] for row in x],
        "n_rows": len(dataset.shown[0]),
    }
    if dataset.measure == "r2":
        return Panel(
            head
            | {
                "targets": y.tolist(),
                "outputs": outputs.tolist(),
                "errors": (outputs - y).tolist(),
            },
            {},
        )
    head["right"] = metrics.is_right(outputs, y, dataset.kind, threshold).tolist()
    answers = metrics.decide(outputs, dataset.kind, threshold)
    if dataset.kind == "classes":
        head |= {"targets": y.argmax(axis=1).tolist(), "answers": answers.tolist()}
        return Panel(head, {"outputs": outputs})
    # As JSON instead of float32, because tests and screen readers need all digits.
    head |= {"targets": y.tolist(), "outputs": outputs.tolist(), "answers": answers.tolist()}
    if dataset.kind == "binary" and threshold == 0:
        # The sigmoid as a tanh, which cannot overflow.
        head["probabilities"] = (0.5 + 0.5 * np.tanh(outputs / 2)).tolist()
    return Panel(head, {})
