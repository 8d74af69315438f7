"""The device of a link: checks with its framework whether this machine has it."""

from __future__ import annotations

import time

import streamlit as st

from nn_core import backends
from nn_core.errors import Problem
from nn_core.experiment import Experiment
from nn_core.server import get_pool

EVERYWHERE = "cpu"
PATIENCE_SECONDS = 60.0
LOOK_SECONDS = 0.05


def on_this_machine(experiment: Experiment) -> tuple[Experiment, list[Problem]]:
    """The experiment on an available device, and a reason if that is not the requested one.

    Only devices other than the processor are checked, which may take as long as the import of the
    framework.
    """
    device, worker = experiment.device, experiment.worker
    if device == EVERYWHERE:
        return experiment, []
    found = _devices(worker)
    if device in found:
        return experiment, []
    label = backends.label(worker)
    reason = (
        f"{label} finds {' and '.join(found)} on this machine"
        if found
        else f"{label} could not be asked whether this machine has it"
    )
    problem = Problem("device", device, f"{reason}; it computes on {EVERYWHERE}")
    return experiment.replace(device=EVERYWHERE), [problem]


def _devices(worker: str) -> list[str]:
    """The devices of the framework; none if its import fails or takes too long."""
    pool = get_pool()
    if worker not in pool.devices:
        pool.warm(worker)
        deadline = time.monotonic() + PATIENCE_SECONDS
        with st.spinner(f"Asking {backends.label(worker)} which devices this machine has"):
            while pool.is_warming(worker) is not None and time.monotonic() < deadline:
                time.sleep(LOOK_SECONDS)
    return pool.devices.get(worker, [])
