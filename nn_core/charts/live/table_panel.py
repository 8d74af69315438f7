"""The rows with their targets, outputs and answers, as a table or as a matrix."""

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
    """The rows that are shown, with their targets, outputs and answers.

    Parameters
    ----------
    dataset : Dataset
        Of any kind. For 'classes' the panel is a matrix: a row for each input, a column for each
        class, the probabilities in the array ``outputs``.
    outputs : ndarray of shape (n_shown, n_outputs)
        What the backend answers.
    threshold : float
        See `nn_core.networks.metrics.threshold`; for 'binary' only. Where it is 0, the outputs are
        logits, and the panel holds the ``probabilities`` that they stand for.

    Returns
    -------
    panel : Panel
        With the ``answers``, and whether each is ``right``. Where a number is predicted that no
        output meets to the last digit (`Dataset.measure` 'r2'), it has the ``errors`` instead:
        output less target.
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
    # As JSON, not float32: tests and screen readers read these to the last digit.
    head |= {"targets": y.tolist(), "outputs": outputs.tolist(), "answers": answers.tolist()}
    if dataset.kind == "binary" and threshold == 0:
        # By tanh, which never overflows.
        head["probabilities"] = (0.5 + 0.5 * np.tanh(outputs / 2)).tolist()
    return Panel(head, {})
