"""PyTorch: every operation on a tensor adds a node to a graph that knows its derivative."""

from __future__ import annotations

import torch
from torch.nn import functional


def logistic(w, x):
    return -functional.logsigmoid(w @ x)


def squared_error(w, x):
    return (torch.sigmoid(w[0] * x[0] + w[1] * x[1] + w[2]) - x[2]) ** 2


def polynomial(w, x):
    return w[0] ** 2 * w[1] + torch.sin(w[2])


def cross_entropy(w, x):
    return functional.cross_entropy(w, x)


def relu(w, x):
    return x @ torch.relu(w)


def tanh_chain(w, x):
    return torch.tanh(w[2] * torch.tanh(w[1] * torch.tanh(w[0] * x[0])))


def reverse_mode(loss, w, x):
    """PyTorch: `backward` walks the graph of the loss to its leaf, w."""
    w = torch.tensor(w, dtype=torch.float64, requires_grad=True)
    x = torch.tensor(x, dtype=torch.float64)
    value = loss(w, x)
    value.backward()
    return value.item(), w.grad.numpy()
