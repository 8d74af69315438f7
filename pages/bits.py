"""Bits: a network learns to read binary numbers."""

from nn_core.experiment import Experiment
from nn_core.training.preview import preview
from ui import session
from ui.live import panels
from ui.training_page import training_page

session.enter("pages/bits.py")
DEFAULTS = Experiment(
    dataset="bits", hidden=(3,), output="softmax", loss="cross_entropy", epochs=800
)
training_page("bits", "Binary to decimal", DEFAULTS, preview, panels.numbers, speed=300.0)
