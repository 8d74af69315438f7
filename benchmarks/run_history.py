"""The history of runs with ten thousand of them: how long its page asks the database.

``python -m benchmarks.run_history`` makes a history of small runs in a folder of its own, and
prints the median of several times, in milliseconds, beside that of an empty history. With
``--keep FOLDER`` the folder stays, to be opened with the app (``BACKPROP_LIVE_HOME=FOLDER``).
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from nn_core import Experiment, train
from nn_core.events import Resumed
from nn_core.runs.run import Run
from nn_core.runs.store import Filter, Store, StoredRun
from nn_core.runs.store.record import Record, record_of

ROUNDS = 30
PORTION = 500
ROWS = 20


def main() -> None:
    """Make both histories, and time what the page asks of them."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--keep", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        full = filled(Store(arguments.keep or Path(folder) / "full"), arguments.runs)
        empty = Store(Path(folder) / "empty")
        print(f"{'':34}{'empty':>10}{f'{arguments.runs:,} runs':>14}")
        for name, ask in questions(arguments.runs).items():
            print(f"{name:34}{milliseconds(ask, empty):10.2f}{milliseconds(ask, full):14.2f}")
        full.close()
        empty.close()


def questions(runs: int) -> dict[str, Callable[[Store], object]]:
    """What the page asks, by what the visitor does."""
    return {
        "opening the page": lambda store: (
            store.count(Filter()),
            store.lines(Filter(), 0, ROWS),
            store.filter_values(None),
        ),
        "its list alone": lambda store: store.lines(Filter(), 0, ROWS),
        "the last page of the list": lambda store: store.lines(Filter(), runs - ROWS, ROWS),
        "a text that few runs have": lambda store: (
            store.count(Filter(text="seed 77 ")),
            store.lines(Filter(text="seed 77 "), 0, ROWS),
        ),
    }


def milliseconds(ask: Callable[[Store], object], store: Store) -> float:
    """The median of several rounds."""
    times = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        ask(store)
        times.append(1000 * (time.perf_counter() - begin))
    return statistics.median(times)


def filled(store: Store, runs: int) -> Store:
    """A history of so many runs, all like one that was trained here."""
    run = Run(Experiment(dataset="xor", epochs=100), "benchmark")
    run.handle(Resumed(0))
    for event in train(run.experiment):
        run.handle(event)
    kept = record_of(run)
    for first in range(store.count(Filter()), runs, PORTION):
        portion = []
        for number in range(first, min(first + PORTION, runs)):
            new = {
                "id": f"{number:032x}",
                "ended": kept.facts.ended - 60 * number,
                "experiment": kept.facts.experiment.replace(seed=number),
            }
            portion.append(StoredRun(Record(kept.facts.model_copy(update=new), kept.arrays)))
        store.add_all(portion, "benchmark", None)
    return store


if __name__ == "__main__":
    main()
