"""Panel of first-layer weights as images."""

from __future__ import annotations

import numpy as np

from nn_core.charts.live.panel import Panel, centred_bytes, nice_ceiling

Array = np.ndarray

PICTURES = 64


def pictures_panel(
    weights: Array,
    image_shape: tuple[int, int],
    *,
    limit: int = PICTURES,
    title: str = "What each hidden unit looks for",
) -> Panel:
    """Build a panel of first-layer weights: one image per unit, all on the same scale.

    Parameters
    ----------
    weights : ndarray of shape (n_pixels, units)
        The weights from the pixels.
    image_shape : (int, int)
        Height and width.
    limit : int
        Maximum number of units; the first ones are shown.
    title : str
        Heading of the panel.
    """
    shown = weights[:, : min(limit, PICTURES)].T
    finite = np.abs(shown[np.isfinite(shown)])
    reach = nice_ceiling(float(finite.max(initial=0.0)))
    total = weights.shape[1]
    head = {
        "type": "pictures",
        "title": title if len(shown) == total else f"{title}: {len(shown)} of {total:,} units",
        "total": total,
        "reach": reach,
    }
    return Panel(head, {"images": centred_bytes(shown, reach).reshape(-1, *image_shape)})
