"""dense: every unit is joined to all units of the layer before; nothing stands in front."""

from __future__ import annotations

from nn_core.networks.architectures.front_layers import Architecture

ARCHITECTURE = Architecture(
    label="dense",
    meaning="Every unit is joined to all of the layer before, and sees an image as a list of "
    "pixels.",
    front=lambda experiment: (),
    problem=lambda experiment: None,
    why_not=lambda backend: "",
)
