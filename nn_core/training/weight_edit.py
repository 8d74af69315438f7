"""Sets one weight or bias of a network."""

from __future__ import annotations

import math

from nn_core.events import Params


def with_value(
    params: Params, layer: int, source: int | None, target: int, value: float
) -> tuple[Params, float]:
    """A copy of the parameters with one number replaced.

    Parameters
    ----------
    params : list of (weight, bias)
        The parameters of all layers.
    layer : int
        From 0, the first layer of weights.
    source : int or None
        The unit that the weight comes from; None for a bias.
    target : int
        The unit that the weight or the bias belongs to.
    value : float
        Rounded to the type of the parameters.

    Returns
    -------
    params : list of (weight, bias)
        New arrays.
    value : float
        The rounded value.

    Raises
    ------
    ValueError
        If the network has no such weight or bias, or the value is not finite.

    Examples
    --------
    >>> import numpy as np
    >>> with_value([(np.zeros((2, 1), np.float32), None)], 0, source=1, target=0, value=0.5)
    ([(array([[0. ],
           [0.5]], dtype=float32), None)], 0.5)
    """
    changed = [(weight.copy(), None if bias is None else bias.copy()) for weight, bias in params]
    if not 0 <= layer < len(changed) or not math.isfinite(value):
        raise ValueError(f"no layer {layer}, or no finite number: {value}")
    weight, bias = changed[layer]
    array = bias if source is None else weight
    place = (target,) if source is None else (source, target)
    if array is None or not all(0 <= i < n for i, n in zip(place, array.shape, strict=True)):
        raise ValueError(f"layer {layer} has nothing at {place}")
    array[place] = value
    return changed, float(array[place])
