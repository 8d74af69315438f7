"""The panels of the live picture for each kind of data."""

from __future__ import annotations

from collections.abc import Mapping

from nn_core import datasets
from nn_core.charts.live.frame import (
    TABLE_ROWS,
    Panel,
    boundary_panel,
    examples_panel,
    network_panel,
    pictures_panel,
    table_panel,
)
from nn_core.charts.live.input_square import responses_over_square
from nn_core.datasets.images import image_shape, is_available, raw_images
from nn_core.errors import DataUnavailable
from nn_core.events import Snapshot
from nn_core.experiment import Experiment
from nn_core.networks import metrics
from nn_core.training.preview import first_images, preview, small_dataset
from ui.live.picture import Panels


def of(experiment: Experiment) -> Panels:
    """The panels for the experiment's data set."""
    of_groups: dict[str, Panels] = {
        "gates": truth_table,
        "bits": numbers,
        "plane": plane,
        "images": digits,
    }
    return of_groups[datasets.describe(experiment.dataset).group]


def start_of(experiment: Experiment) -> Snapshot:
    """The snapshot of an experiment that is shown before its run."""
    is_large = datasets.describe(experiment.dataset).is_large
    return first_images(experiment) if is_large else preview(experiment)


def truth_table(
    experiment: Experiment, snapshot: Snapshot | None, loss: Panel
) -> Mapping[str, Panel | None]:
    """Network, decision boundary, loss, and truth table."""
    if snapshot is None:
        return {"loss": loss}
    data = small_dataset(experiment)
    threshold = metrics.threshold(experiment.output, experiment.loss)
    params = snapshot.params
    answers = responses_over_square(experiment, params, data)
    return {
        "network": network_panel(experiment, params, data, answers=answers),
        "boundary": boundary_panel(experiment, params, data, snapshot.outputs, answers=answers),
        "loss": loss,
        "table": table_panel(data, snapshot.outputs, threshold),
    }


def numbers(
    experiment: Experiment, snapshot: Snapshot | None, loss: Panel
) -> Mapping[str, Panel | None]:
    """Network, loss, and the probability of each number."""
    if snapshot is None:
        return {"loss": loss}
    data = small_dataset(experiment)
    return {
        "network": network_panel(experiment, snapshot.params, data),
        "loss": loss,
        "table": table_panel(data, snapshot.outputs),
    }


def plane(
    experiment: Experiment, snapshot: Snapshot | None, loss: Panel
) -> Mapping[str, Panel | None]:
    """Network, the plane with its points, loss, and the rows if they are few."""
    if snapshot is None:
        return {"loss": loss}
    data = small_dataset(experiment)
    threshold = metrics.threshold(experiment.output, experiment.loss)
    n_shown = len(data.shown[0])
    return {
        "network": network_panel(experiment, snapshot.params, data),
        "boundary": boundary_panel(experiment, snapshot.params, data, snapshot.outputs)
        if data.plane
        else None,
        "loss": loss,
        "table": table_panel(data, snapshot.outputs, threshold)
        if 0 < n_shown <= TABLE_ROWS
        else None,
    }


def digits(
    experiment: Experiment, snapshot: Snapshot | None, loss: Panel
) -> Mapping[str, Panel | None]:
    """Loss, examples with their probabilities, and first-layer weights as pictures."""
    if snapshot is None:
        return {"loss": loss}
    return {
        "loss": loss,
        "examples": _examples(experiment, snapshot),
        "pictures": _first_weights(experiment, snapshot),
    }


def _first_weights(experiment: Experiment, snapshot: Snapshot) -> Panel:
    """The weights of the first layer as pictures: for whole images, or as kernels."""
    weight, _ = snapshot.params[0]
    if experiment.front:
        height, width, _, maps = weight.shape
        title = "What each kernel of the first layer looks for"
        return pictures_panel(weight.reshape(-1, maps), (height, width), limit=32, title=title)
    return pictures_panel(weight, image_shape(experiment.dataset), limit=32)


def _examples(experiment: Experiment, snapshot: Snapshot) -> Panel | None:
    """Test images with the backend's outputs; None if either is missing."""
    if not len(snapshot.outputs) or not is_available(experiment.dataset):
        return None
    try:
        images, labels = raw_images(experiment.dataset, experiment.seed, experiment.dataset_options)
    except DataUnavailable:  # corrupt files, which the worker has already reported
        return None
    names = getattr(experiment.dataset_options, "classes", ())
    return examples_panel(images, labels, snapshot.outputs, class_names=names)
