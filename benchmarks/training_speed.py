"""How fast the backends train, against the published way of training and against the machine.

``python -m benchmarks.training_speed`` prints three tables of ratios:

* XOR 2-3-1: steps a second of every backend, against the published loop of the same framework,
* MNIST 784-200-10, in batches of 20 and of 128: seconds an epoch of every backend, against the
  published loop of PyTorch, and how far it is from what the machine's matrix products and the
  traffic with its memory alone take.

Every framework, and every published loop, lives in a process of its own, with one thread for its
arithmetic, as the workers of the app. The two sides of a ratio take turns, so that whatever else
the machine does weighs on both alike; a ratio is the median over the pairs of turns. Import,
compilation and a warm-up come before the turns and are not timed.

``--markdown docs/performance.md`` writes the tables between the markers of that file.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from nn_core import backends, datasets
from nn_core.runs.workers.worker_process import ONE_THREAD, QUIET

ROOT = Path(__file__).resolve().parents[1]
WORKERS = ["numpy", "torch", "tensorflow", "keras-tensorflow", "keras-jax", "jax", "autograd",
           "mxnet"]  # fmt: skip
BATCH_SIZES = (20, 128)
BARS = {
    "xor": {"numpy": 3.0, "autograd": 3.0, "torch": 2.5, "mxnet": 2.0, "jax": 20.0,
            "tensorflow": 100.0, "keras": 1000.0},
    20: {"numpy": 7.0, "torch": 4.0, "jax": 8.0, "tensorflow": 8.0, "keras": 7.0,
         "autograd": 4.0, "mxnet": 2.5},
    128: {"numpy": 11.0, "torch": 8.0, "jax": 10.0, "tensorflow": 10.0, "keras": 9.0,
          "autograd": 8.0, "mxnet": 7.0},
}  # fmt: skip
"""How many times faster than the published loop each backend is meant to be."""
NO_BAR = {("xor", "keras-jax")}
"""Rows without one: that for XOR is meant for `fit` on Keras's own engine, and on JAX `fit` is
itself twenty times as fast."""

BEGIN, END = "<!-- tables: made by benchmarks/training_speed.py -->", "<!-- /tables -->"
NO_MNIST = (
    "MNIST is not on this machine, so it was not measured: let BACKPROP_LIVE_DATA name the folder "
    "that holds its four files in a subfolder `mnist`, or train on it once in the app."
)
ANSWER_SECONDS = 180.0
"""A process that takes longer for one turn, its import and compilation included, is given up."""


class Failure(Exception):
    """A process could not do what it was asked to; the message is a sentence for the table."""


class Process:
    """A contestant: see `benchmarks.contestant`."""

    def __init__(self, side: str, worker: str) -> None:
        name, _, engine = worker.partition("-")
        if not backends.is_installed(worker):
            raise Failure(backends.how_to_install(worker))
        self.process = subprocess.Popen(
            [backends.python_for(worker), "-m", "benchmarks.contestant", side, worker],
            cwd=ROOT,
            env={**os.environ, **ONE_THREAD, **QUIET}
            | ({f"{name.upper()}_BACKEND": engine} if engine else {}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def ask(self, what: str, **how: Any) -> dict[str, Any]:
        """Have it take a turn, while this process waits."""
        assert self.process.stdin
        assert self.process.stdout
        watchdog = threading.Timer(ANSWER_SECONDS, self.process.kill)
        watchdog.start()
        try:
            self.process.stdin.write(json.dumps({"what": what, **how}) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except OSError:
            line = ""
        finally:
            watchdog.cancel()
        if not line:
            code = self.process.wait()
            raise Failure(f"Its process ended with code {code}, or took {ANSWER_SECONDS:.0f} s.")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise Failure(f"It failed: {answer['error'].rstrip('.')}.")
        return answer


@dataclass
class Duel:
    """The turns of a backend and of the loop it is measured against.

    Attributes
    ----------
    worker : str
        The backend, with its engine.
    bar : float or None
        The ratio it is meant to reach, where there is one.
    framework : str
        With its version.
    ours, published : list of [float, float]
        Seconds a step, on the clock and of the processor, one pair for each turn.
    problem : str
        Why there are no turns, or no more.
    """

    worker: str
    bar: float | None
    framework: str = ""
    problem: str = ""
    ours: list[list[float]] = field(default_factory=list)
    published: list[list[float]] = field(default_factory=list)

    def fight(self, sides: dict[str, Process], command: dict[str, Any], repeats: int) -> None:
        """Take `repeats` pairs of turns, after one that is not counted.

        Raises
        ------
        Failure
            If a side cannot go on; the turns before stay.
        """
        for repeat in range(repeats + 1):
            for side, process in sides.items():
                answer = process.ask(**command)
                self.framework = answer.get("framework", self.framework)
                clocks = answer["seconds"], answer["processor_seconds"]
                if repeat:
                    getattr(self, side).append([clock / answer["steps"] for clock in clocks])

    @property
    def ratios(self) -> list[float]:
        """Published over ours, pair by pair, on the clock."""
        return [p[0] / o[0] for o, p in zip(self.ours, self.published, strict=False)]

    @property
    def ratio(self) -> float:
        """Median over the pairs."""
        return statistics.median(self.ratios)

    @property
    def processor_ratio(self) -> float:
        """The same in processor time, which other programs disturb less."""
        return statistics.median(
            p[1] / o[1] for o, p in zip(self.ours, self.published, strict=False)
        )

    def seconds(self, side: str) -> float:
        """Median seconds a step of a side."""
        return statistics.median(turn[0] for turn in getattr(self, side))


def duels_of(
    worker: str, options: argparse.Namespace, mnist: str
) -> Iterator[tuple[str | int, Duel]]:
    """Measure a backend; yields each task with its duel when it is over.

    Parameters
    ----------
    worker : str
        The backend, with its engine.
    options : argparse.Namespace
        Those of the command line.
    mnist : str
        Why MNIST is not measured; empty where it is.
    """
    name = worker.partition("-")[0]
    tasks: list[tuple[str | int, str]] = [("xor", worker)]
    tasks += [] if mnist else [(batch_size, "torch") for batch_size in BATCH_SIZES]
    with ExitStack() as ends:
        processes: dict[tuple[str, str], Process] = {}

        def process(*key: str) -> Process:
            if key not in processes:
                processes[key] = ends.enter_context(Process(*key))
            return processes[key]

        for task, opponent in tasks:
            # Keras is published row by row: there both sides take steps of one row.
            rows = 1 if name == "keras" else None
            command = (
                {"what": "xor", "batch_size": rows, "seconds": options.seconds}
                if task == "xor"
                else {"what": "mnist", "batch_size": task, "share": options.share}
            )
            duel = Duel(worker, None if (task, worker) in NO_BAR else BARS[task][name])
            try:
                sides = {
                    "ours": process("ours", worker),
                    "published": process("published", opponent),
                }
                duel.fight(sides, command, options.repeats)
            except Failure as failure:
                duel.problem = str(failure)
            yield task, duel


def heading_of(task: str | int) -> str:
    """What a table is about."""
    if task == "xor":
        return "XOR 2-3-1 against the same framework's published loop"
    return f"MNIST 784-200-10 in batches of {task}, against the published PyTorch loop"


def row_of(task: str | int, duel: Duel, rates: dict[str, Any], quick: bool) -> list[str]:
    """A line of a table."""
    label = backends.label(duel.worker)
    row = [f"{label} ({duel.framework})" if duel.framework else label]
    if not duel.ratios:
        return [*row, *["–"] * (len(head_of(task)) - 2), duel.problem]
    if task == "xor":
        row += [f"{1e6 * duel.seconds(side):,.1f}" for side in ("ours", "published")]
    else:
        steps = -(-60_000 // int(task))
        row += [f"{steps * duel.seconds(side):.2f}" for side in ("ours", "published")]
    low, high = min(duel.ratios), max(duel.ratios)
    digits = 1 if low < 100 else 0
    row += [
        f"**{duel.ratio:,.{digits}f}** ({low:,.{digits}f} to {high:,.{digits}f})",
        f"{duel.processor_ratio:,.{digits}f}",
    ]
    if task != "xor":
        row += [f"{100 * floor / duel.seconds('ours'):.0f} %" for floor in floors(task, rates)]
    if duel.bar is None:
        return [*row, duel.problem or "none"]
    met = "too short to tell" if quick else "reached" if duel.ratio >= duel.bar else "missed"
    return [*row, duel.problem or f"{duel.bar:g}: {met}"]


def floors(task: str | int, rates: dict[str, Any]) -> tuple[float, float]:
    """Seconds that the products of a step take alone, and its memory traffic alone."""
    return rates["products"][str(task)], rates["bytes_a_step"] / rates["bytes_a_second"]


def head_of(task: str | int) -> list[str]:
    """The names of the columns."""
    if task == "xor":
        return ["backend", "µs a step, here", "µs a step, published", "times faster (range)",
                "in processor time", "bar"]  # fmt: skip
    return ["backend", "s an epoch, here", "s an epoch, published", "times faster (range)",
            "in processor time", "products' share", "memory's share", "bar"]  # fmt: skip


def table(head: list[str], rows: list[list[str]]) -> str:
    """A table in Markdown, its columns as wide as they need to be."""
    lines = [[cell.replace("|", "\\|") for cell in line] for line in (head, *rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join(
        "| " + " | ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)) + " |"
        for line in lines
    )


def machine_of(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    """What the machine can do, as numbers and as a paragraph."""
    with Process("machine", "numpy") as process:
        rates = process.ask("machine", seconds=options.seconds)
    products = ", ".join(
        f"{rates['flops'][size] / seconds / 1e9:.0f} GFLOP/s in batches of {size}"
        for size, seconds in rates["products"].items()
    )
    return rates, (
        f"Measured on {os.cpu_count()} cores ({platform.machine()}, {platform.system()}, "
        f"Python {platform.python_version()}), {options.repeats} pairs of turns for each ratio. "
        f"One thread of this machine multiplies the float32 matrices of 784-200-10 at {products}, "
        f"copies the memory of its parameters at {rates['bytes_a_second'] / 1e9:.0f} GB/s and "
        f"128 MB at {rates['bytes_a_second_large'] / 1e9:.0f} GB/s, reading and writing counted."
    )


def preparation(quick: bool) -> str:
    """What prepares the images of the published loop for MNIST, and how long it takes."""
    try:
        with Process("published", "torch") as process:
            found = process.ask("images", count=50 if quick else 2000)
    except Failure:
        return ""  # its rows say why
    microseconds, processor = (
        1e6 * found[clock] / found["steps"] for clock in ("seconds", "processor_seconds")
    )
    return (
        f"The published loop for MNIST prepares its images with {found['maker']}: "
        f"{microseconds:.0f} µs an image, its target included, {processor:.0f} µs of them in "
        f"processor time."
    )


def rewritten(text: str, tables: str) -> str:
    """The text with what stands between its markers made anew."""
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        raise ValueError(f"the file needs the lines {BEGIN} and {END}, once each")
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}\n{tables}\n{END}{rest.partition(END)[2]}"


def options_of(arguments: list[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=7, help="pairs of turns for each ratio")
    parser.add_argument("--backends", nargs="+", default=WORKERS, choices=WORKERS, metavar="NAME",
                        help=f"which to measure: {', '.join(WORKERS)}")  # fmt: skip
    parser.add_argument("--quick", action="store_true",
                        help="at most two pairs of very short turns: no measurement")  # fmt: skip
    parser.add_argument("--markdown", type=Path, metavar="FILE",
                        help="write the tables between the markers of this file, too")  # fmt: skip
    options = parser.parse_args(arguments)
    options.seconds, options.share = 0.5, 1 / 10
    if options.quick:
        options.repeats, options.seconds, options.share = min(options.repeats, 2), 0.02, 1 / 500
    if options.repeats < 1:
        parser.error("--repeats must be at least 1")
    if options.markdown and options.markdown.is_file():
        rewritten(options.markdown.read_text("utf-8"), "")  # before minutes are spent
    return options


def main(arguments: list[str] | None = None) -> None:
    """Measure, and print tables."""
    options, start = options_of(arguments), time.perf_counter()
    mnist = "" if datasets.images.is_available("mnist") else NO_MNIST
    rates, paragraph = machine_of(options)
    images = "" if mnist else preparation(options.quick)
    found: dict[str | int, list[Duel]] = {}
    try:
        for worker in options.backends:
            for task, duel in duels_of(worker, options, mnist):
                found.setdefault(task, []).append(duel)
                row = "  ".join(row_of(task, duel, rates, options.quick))
                seconds = time.perf_counter() - start
                print(f"{seconds:5.0f} s  {heading_of(task)}: {row}", flush=True)
    except KeyboardInterrupt:
        print("Stopped: the tables hold what was measured until now.")
    parts = [paragraph, images] if images else [paragraph]
    for task, duels in found.items():
        rows = [row_of(task, duel, rates, options.quick) for duel in duels]
        parts.append(f"### {heading_of(task)}\n\n{table(head_of(task), rows)}")
    if mnist:
        parts.append(mnist)
    tables = "\n\n".join(parts)
    print(f"\n{tables}")
    if options.markdown:
        text = options.markdown.read_text("utf-8") if options.markdown.is_file() else (
            f"# Performance\n\n{BEGIN}\n{END}\n"
        )  # fmt: skip
        options.markdown.write_text(rewritten(text, f"\n{tables}\n"), encoding="utf-8")


if __name__ == "__main__":
    main()
