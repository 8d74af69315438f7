"""The worker process: ``python -m nn_core.runs.workers.worker NAME`` trains runs on a backend.

It reads commands as JSON lines from standard input, writes frames to standard output (see
`nn_core.runs.wire`), and logs to standard error. The worker ends when its standard input ends,
because the server is then gone.

Commands, each for the run named by ``id``::

    {"id": ..., "run": {an experiment}, "want": "running" | "paused", "speed": steps/s or null,
     "learning_rate": x or null, "start": optional, where to begin
     (`nn_core.runs.wire.packed_start`)}
    {"id": ..., "want": "running" | "paused" | "stopped"}
    {"id": ..., "step": {"unit": "sample" | "batch" | "epoch", "number": n}}
    {"id": ..., "learning_rate": x}
    {"id": ..., "params": {"layer": n, "source": n or null for a bias, "target": n, "value": x,
     "number": n}}
    {"id": ..., "speed": steps/s or null}

Commands are desired states, not toggles, so that one that arrives twice does no harm. A step, and
a weight or bias that is set by hand, has a number; one that is not greater than the last is
ignored.

A worker that trains nothing also answers requests (`nn_core.runs.workers.request`): for the
gradient of an expression, for one optimizer step of a network, and for weights as a file of its
framework::

    {"id": ..., "evaluate": {"way": ..., "expression": ..., "w": [...], "x": [...], "step": h}}
    {"id": ..., "evaluate": {"experiment": {...}, "start": where to begin
     (`nn_core.runs.wire.packed`), "rows": [...], "learning_rate": x}}
    {"id": ..., "evaluate": {"export": {an experiment}, "start": as that of a run}}

It answers with one message, which has ``evaluated`` or, as a sentence, ``refused``.

There are three threads: the main one trains (`train_run`) and answers requests (`answering`), one
reads commands (`inbox`), one sends messages (`outbox`).
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
import time

from nn_core import backends
from nn_core.errors import BackpropError
from nn_core.runs.workers.inbox import Inbox
from nn_core.runs.workers.outbox import FRAME_SECONDS, Outbox
from nn_core.runs.workers.request_answers import answer_request
from nn_core.runs.workers.train_run import train_run

NICENESS = 10


def limit_memory(megabytes: int) -> None:
    """Limit the memory that this process may allocate beyond what it uses now, if possible.

    Set after the imports, as a limit on data: a limit on address space would make TensorFlow
    and JAX abort instead of raising.
    """
    if not sys.platform.startswith("linux"):
        return
    import resource

    with open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123 - no file, a view
        data_pages = int(statm.read().split()[5])
    limit = data_pages * resource.getpagesize() + megabytes * 2**20
    resource.setrlimit(resource.RLIMIT_DATA, (limit, resource.getrlimit(resource.RLIMIT_DATA)[1]))


def main() -> None:
    """Serve one server until its end."""
    name = sys.argv[1]
    # A library that prints must not write into the frames: they get a stream of their own.
    frames = os.fdopen(os.dup(1), "wb", buffering=1 << 16)
    os.dup2(2, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the server
    if hasattr(os, "nice"):
        os.nice(NICENESS)

    inbox, outbox = Inbox(), Outbox(frames)
    commands = os.fdopen(os.dup(0), "rb")
    threading.Thread(target=inbox.listen_forever, args=(commands,), daemon=True).start()
    threading.Thread(target=outbox.send_forever, daemon=True).start()

    start = time.perf_counter()
    try:
        devices = backends.load(name).devices()
    except BackpropError as error:
        outbox.add_message(unavailable=str(error))
        time.sleep(10 * FRAME_SECONDS)  # the sending thread needs one frame
        os._exit(1)
    outbox.add_message(ready=True, devices=devices, import_seconds=time.perf_counter() - start)
    megabytes = int(os.environ.get("BACKPROP_LIVE_WORKER_MB", "1536"))
    limit_memory(megabytes)
    while True:
        command = inbox.next_job()
        if "evaluate" in command:
            answer_request(outbox, name, command)
        else:
            train_run(inbox, outbox, command)
            gc.collect()  # the data of a run are large: free them before the next run
        outbox.add_message(idle=True)


if __name__ == "__main__":
    main()
