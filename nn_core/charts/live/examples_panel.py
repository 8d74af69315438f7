"""Panel of test images with the network's predictions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nn_core.charts.live.panel import Panel

Array = np.ndarray

EXAMPLES = 24


def examples_panel(
    images: Array,
    labels: Array,
    outputs: Array,
    *,
    class_names: Sequence[str] = (),
    title: str = "Examples",
) -> Panel:
    """Build a panel of images with the network's predictions.

    Parameters
    ----------
    images : ndarray of shape (n, height, width)
        0 is the background, the maximum is full ink. The first `EXAMPLES` images with outputs are
        shown.
    labels : ndarray of shape (n,), int
        The true classes.
    outputs : ndarray of shape (n, n_classes)
        Probabilities.
    class_names : sequence of str
        By default the indices of the classes.
    title : str
        Heading of the panel.
    """
    count = min(EXAMPLES, len(images), len(labels), len(outputs))
    images, labels, outputs = images[:count], np.asarray(labels)[:count], outputs[:count]
    answers = outputs.argmax(axis=1)
    ink = 255 / max(float(images.max(initial=0)), 1e-9)
    head = {
        "type": "examples",
        "title": title,
        "classes": list(class_names) or [str(i) for i in range(outputs.shape[1])],
        "labels": labels.tolist(),
        "answers": answers.tolist(),
        "right": (answers == labels).tolist(),
    }
    return Panel(head, {"images": np.rint(images * ink).astype(np.uint8), "outputs": outputs})
