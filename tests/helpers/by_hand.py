"""Numbers in plain NumPy, as witnesses beside those of the app."""

import numpy as np


def xor_loss(layers) -> float:
    """The mean squared error on XOR of a network of sigmoid layers.

    Parameters
    ----------
    layers : list of tuple
        Weights of shape (n_in, n_out) and biases of shape (n_out,), layer by layer.
    """
    a = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], float)
    for weight, bias in layers:
        a = 1 / (1 + np.exp(-(a @ np.array(weight) + np.array(bias))))
    return float(((a - [[0], [1], [1], [0]]) ** 2).mean())
