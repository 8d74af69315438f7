"""Answers the requests of `nn_core.runs.workers.request`, in a worker."""

from __future__ import annotations

import traceback
from typing import Any

from nn_core import autodiff
from nn_core.runs.workers.failure_messages import refusal
from nn_core.runs.workers.file_request import write_file
from nn_core.runs.workers.log import log
from nn_core.runs.workers.outbox import Outbox
from nn_core.runs.workers.step_request import take_step


def answer_request(outbox: Outbox, framework: str, command: dict[str, Any]) -> None:
    """Compute the answer to a request, and send it, or the reason why there is none.

    Parameters
    ----------
    outbox : Outbox
        Where the answer goes.
    framework : str
        The framework that this worker has imported.
    command : dict
        `Request.command`.
    """
    try:
        answer = vars(_answer(framework, command["evaluate"]))
        outbox.add_message(id=command["id"], evaluated=answer)
    except Exception as error:  # an exception of a framework ends the request, not the worker
        log(traceback.format_exc())
        outbox.add_message(id=command["id"], refused=refusal(error, framework))


def _answer(framework: str, fields: dict[str, Any]) -> Any:
    if "export" in fields:
        return write_file(framework, **fields)
    if "experiment" in fields:
        return take_step(**fields)
    arguments = {name: value for name, value in fields.items() if name != "way"}
    return autodiff.evaluate(framework, fields["way"], **arguments)
