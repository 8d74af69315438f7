"""Architectures: one file each, named after the value of `Experiment.architecture`.

Every network ends in the dense layers that the experiment lists in `hidden`, and an output layer.
An architecture defines the layers in front of them: none, or layers of another kind. It declares
the shapes of their weights and outputs, and its requirements on data and backend. The number of
parameters, the initial weights and the summary follow from that.

The layers in front are implemented once in NumPy, for the charts (`nn_core.networks.forward`), and
once in each backend that supports them.
"""

from __future__ import annotations

from nn_core import vocabulary
from nn_core.networks.architectures import conv, dense

vocabulary.ARCHITECTURES.update({"dense": dense.ARCHITECTURE, "conv": conv.ARCHITECTURE})
