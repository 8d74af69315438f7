"""A worker process, on the side of the server: starts it, reads its messages, and ends it.

A worker is a program, not a thread, and does not use `multiprocessing`, whose children would
execute the Streamlit app again. When the server ends for any reason, the system closes the worker's
standard input, and the worker ends.
"""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import psutil

from nn_core import backends
from nn_core.runs import wire

LOG_LINES = 200
MOST_WAITING_COMMANDS = 200
ONE_THREAD = dict.fromkeys(
    # Two compute threads on two busy cores are up to ten times slower than one.
    (
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "VECLIB_MAXIMUM_THREADS",
        "NUMEXPR_NUM_THREADS",
        "TF_NUM_INTRAOP_THREADS",
        "TF_NUM_INTEROP_THREADS",
        "PJRT_NPROC",  # JAX
    ),
    "1",
)
QUIET = {"TF_CPP_MIN_LOG_LEVEL": "2", "PYTHONUNBUFFERED": "1"}


class WorkerProcess:
    """One worker process.

    Parameters
    ----------
    name : str
        Name of the backend to import, with its engine where it has one.
    on_message : callable
        Called from the reading thread with the worker and each message, and with None when the
        process has ended.
    clock : callable
        Monotonic seconds.

    Attributes
    ----------
    runs_done : int
        Number of runs that it has trained.
    is_ready : bool
        Whether it has imported its framework.
    started_at, last_message_at, idle_since : float
        Seconds on the clock.
    log : deque of str
        The last lines of its standard error.
    """

    def __init__(
        self,
        name: str,
        on_message: Callable[[WorkerProcess, dict[str, Any] | None], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self.runs_done = 0
        self.is_ready = False
        self.started_at = self.last_message_at = self.idle_since = clock()
        self.log: deque[str] = deque(maxlen=LOG_LINES)
        self._on_message = on_message
        self._clock = clock
        self.process = subprocess.Popen(
            backends.command(name, "nn_core.runs.workers.worker", name),
            cwd=backends.ROOT,
            env={**os.environ, **ONE_THREAD, **QUIET},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # Ctrl+C at the terminal is for the server alone
        )
        # A worker that does not read must not block the server: its commands wait here.
        self._outgoing: queue.Queue[bytes | None] = queue.Queue(MOST_WAITING_COMMANDS)
        for target in (self._read, self._write, self._keep_log):
            threading.Thread(target=target, daemon=True, name=f"{name} {target.__name__}").start()

    @property
    def pid(self) -> int:
        """Process id."""
        return self.process.pid

    @property
    def is_alive(self) -> bool:
        """Whether the process has not ended."""
        return self.process.poll() is None

    @property
    def megabytes(self) -> float:
        """Resident memory now; 0 once it has ended."""
        try:
            return float(psutil.Process(self.pid).memory_info().rss) / 2**20
        except psutil.Error:
            return 0.0

    def send(self, command: dict[str, Any]) -> None:
        """Send a command without waiting; a worker that accepts none any more is ended."""
        try:
            self._outgoing.put_nowait(wire.command(**command))
        except queue.Full:
            self.kill()

    def kill(self) -> None:
        """End the process now."""
        with contextlib.suppress(OSError):
            self.process.kill()

    def why_it_ended(self) -> str:
        """A message: how the process ended."""
        code = self.process.poll()
        if code is not None and code < 0:
            return f"it was killed by signal {-code}"
        return f"it ended with code {code}"

    def _read(self) -> None:
        assert self.process.stdout
        with self.process.stdout as stream:
            try:
                while (message := wire.read(stream)) is not None:
                    self.last_message_at = self._clock()
                    self._on_message(self, message)
            except (wire.WireError, OSError) as error:
                self.log.append(str(error))
                self.kill()
        self.process.wait()
        with contextlib.suppress(queue.Full):
            self._outgoing.put_nowait(None)
        self._on_message(self, None)

    def _write(self) -> None:
        assert self.process.stdin
        with contextlib.suppress(OSError, ValueError), self.process.stdin as stream:
            while (line := self._outgoing.get()) is not None:
                stream.write(line)
                stream.flush()

    def _keep_log(self) -> None:
        assert self.process.stderr
        with self.process.stderr as stream:
            # Bounded reads: a library that never ends its line must not fill the memory.
            while line := stream.readline(1000):
                self.log.append(line.decode(errors="replace").rstrip())
