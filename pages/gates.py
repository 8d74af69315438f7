"""Gates: a network learns a truth table."""

from nn_core.experiment import Experiment
from nn_core.training.preview import preview
from ui import session
from ui.live import panels
from ui.training_page import training_page

session.enter("pages/gates.py")
training_page("gates", "Logic gates", Experiment(), preview, panels.truth_table, speed=300.0)
