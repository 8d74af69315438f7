"""Architectures: one file each, named as the field `Experiment.architecture` calls it.

Every network ends in the dense layers that the experiment lists in `hidden`, and an output layer.
An architecture is what stands in front of them: nothing, or layers of another kind. It says which
shapes their weights have, what they answer, and what it asks of data and backend. The number of
parameters, the initial weights and the summary follow from that.

How the layers in front compute is written once in NumPy, for the pictures
(`nn_core.networks.forward`), and once in each backend that offers them.
"""

from __future__ import annotations

from nn_core import vocabulary
from nn_core.networks.architectures import conv, dense

vocabulary.ARCHITECTURES.update({"dense": dense.ARCHITECTURE, "conv": conv.ARCHITECTURE})
