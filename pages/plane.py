"""Plane: a network learns to tell points apart, or to predict a number."""

from nn_core.experiment import Experiment
from nn_core.training.preview import preview
from ui import session
from ui.live import panels
from ui.plane import plane_controls, points_editor, table_upload
from ui.training_page import training_page

session.enter("pages/plane.py")
DEFAULTS = Experiment(
    dataset="circle",
    hidden=(4, 2),
    activation="tanh",
    loss="bce",
    learning_rate=0.03,
    batch_size=10,
    epochs=500,
)


def own_data(page: str, experiment: Experiment) -> None:
    """Show the editor of one's own points, or of one's own table, where that is chosen."""
    points_editor.editor(page)
    table_upload.editor(page)


training_page(
    "plane",
    "Plane",
    DEFAULTS,
    preview,
    panels.plane,
    speed=100.0,
    on_task=plane_controls.adapt_to_dataset,
    on_form=plane_controls.discard_finished_run,
    on_point=points_editor.add,
    beside_title=plane_controls.network_buttons,
    above_picture=own_data,
)
