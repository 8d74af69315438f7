"""One contestant of the speed benchmark: a process that trains when it is asked to.

``python -m benchmarks.contestant ours torch`` reads commands from standard input and answers each
with a line of JSON. Between two commands it does nothing, so that others can be measured.

A command names what to do, ``xor``, ``mnist`` or ``machine``, and how; the answer holds
``steps``, their ``seconds`` on the clock and their ``processor_seconds``. What comes before the
steps (the import, the data, compilation, a warm-up) is not part of them.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from benchmarks import published
from nn_core import Experiment, datasets
from nn_core.lessons.recipes import get
from nn_core.networks.initializers import initial_params
from nn_core.training.evaluator import Evaluation
from nn_core.training.milestones import MILESTONE_GROWTH, SMALL_NETWORK
from nn_core.training.trainer import Trainer

WARM_UP_STEPS = 30
NO_LIMIT = 10**12
"""Of the steps or the seconds of a turn."""


class Stopwatch:
    """Seconds on the clock and of the processor, from the start on."""

    def __init__(self) -> None:
        self.start = self.now()

    @staticmethod
    def now() -> np.ndarray:
        """Both clocks."""
        return np.array([time.perf_counter(), time.process_time()])

    @property
    def seconds(self) -> np.ndarray:
        """Since the start, by both clocks."""
        return self.now() - self.start


class TimedTrainer(Trainer):
    """A trainer whose evaluations at the ends of epochs are timed apart.

    The published loop has none, and they are no part of training.
    """

    evaluation_seconds = np.zeros(2)

    def evaluate(self) -> Evaluation:
        """As in `Trainer`."""
        watch = Stopwatch()
        try:
            return super().evaluate()
        finally:
            self.evaluation_seconds = self.evaluation_seconds + watch.seconds


class Ours:
    """A backend of the app, driven as the app drives it."""

    def __init__(self, worker: str) -> None:
        self.worker = worker
        self.trainers: dict[int, TimedTrainer] = {}

    def xor(self, batch_size: int | None, seconds: float) -> dict[str, Any]:
        """Train XOR from its start for about so many seconds."""
        trainer = TimedTrainer(xor_experiment(self.worker, batch_size))
        warm_up(trainer, seconds)
        return self._timed(trainer, seconds, NO_LIMIT)

    def mnist(self, batch_size: int, share: float) -> dict[str, Any]:
        """Go on with MNIST for a share of an epoch."""
        if batch_size not in self.trainers:
            self.trainers[batch_size] = TimedTrainer(mnist_experiment(self.worker, batch_size))
            warm_up(self.trainers[batch_size], 10 * share)
        trainer = self.trainers[batch_size]
        steps = max(1, round(share * trainer.batches.steps_per_epoch))
        return self._timed(trainer, NO_LIMIT, steps)

    def _timed(self, trainer: TimedTrainer, seconds: float, steps: int) -> dict[str, Any]:
        """Train for so many seconds or steps, whichever comes first."""
        first, trainer.evaluation_seconds = trainer.step, np.zeros(2)
        watch = Stopwatch()
        while (left := first + steps - trainer.step) and watch.seconds[0] < seconds:
            if not trainer.advance_chunk(left):
                break
        taken = watch.seconds - trainer.evaluation_seconds
        if trainer.step == first:
            raise RuntimeError("the run had ended before it was measured")
        return answer(trainer.step - first, taken, framework=trainer.model.framework)


class Published:
    """The published loop of a framework."""

    def __init__(self, worker: str) -> None:
        self.worker = worker
        self.train: published.Train | None = None
        self.losses: dict[int, Iterator[float]] = {}

    def xor(self, batch_size: int | None, seconds: float) -> dict[str, Any]:
        """Train XOR on for about so many seconds."""
        experiment = xor_experiment(self.worker, batch_size)
        if self.train is None:
            data = datasets.load(experiment).astype(experiment.dtype)
            loop = published.XOR[experiment.backend]
            self.train = loop(initial_params(experiment), data.x, data.y, experiment.learning_rate)
            self.train(1)
        watch = Stopwatch()
        self.train(3)
        epochs = max(1, round(seconds / (watch.seconds[0] / 3)))
        watch = Stopwatch()
        self.train(epochs)
        return answer(epochs * (4 // (batch_size or 4)), watch.seconds)

    def mnist(self, batch_size: int, share: float) -> dict[str, Any]:
        """Go on with MNIST for a share of an epoch."""
        experiment = mnist_experiment(self.worker, batch_size)
        if batch_size not in self.losses:
            pixels, labels = raw_mnist(experiment)
            self.losses[batch_size] = published.mnist_torch(
                initial_params(experiment), pixels, labels, batch_size, experiment.learning_rate
            )
            for _ in range(WARM_UP_STEPS):
                next(self.losses[batch_size])
        steps = max(1, round(share * -(-60_000 // batch_size)))
        watch = Stopwatch()
        for _ in range(steps):
            next(self.losses[batch_size])
        return answer(steps, watch.seconds)

    def images(self, count: int) -> dict[str, Any]:
        """Prepare so many images of MNIST, one at a time, as the loop does; the median of nine."""
        pixels, labels = raw_mnist(mnist_experiment(self.worker, 20))
        images, maker = published.mnist_images(pixels, labels)
        turns = []
        for _ in range(10):
            watch = Stopwatch()
            for i in range(count):
                images[i]
            turns.append(watch.seconds)
        return answer(count, np.median(turns[1:], axis=0), maker=maker)


class Machine:
    """What the machine can do at all: products of matrices, and traffic with its memory."""

    def __init__(self, worker: str) -> None:
        self.rng = np.random.default_rng(0)

    def machine(self, seconds: float) -> dict[str, Any]:
        """Seconds of the products of a step on MNIST, and bytes a second of a copy."""
        sizes = mnist_experiment("numpy", 20).layer_sizes
        parameters = mnist_experiment("numpy", 20).n_parameters
        return {
            "products": {
                str(batch_size): self._products(batch_size, sizes, seconds)
                for batch_size in (20, 128)
            },
            "flops": {
                str(batch_size): sum(
                    2 * a * b * c for a, b, c in shapes_of_products(batch_size, sizes)
                )
                for batch_size in (20, 128)
            },
            # Parameters and both moments of Adam are read and written where they lie: in the
            # processor's cache, as long as they fit into it.
            "bytes_a_second": self._copy(2 * parameters, seconds),
            "bytes_a_second_large": self._copy(2**25, seconds),
            # Read for the forward pass; the gradient written; then Adam reads weights, gradient
            # and both moments, and writes weights and moments.
            "bytes_a_step": 9 * 4 * parameters,
        }

    def _products(self, batch_size: int, sizes: tuple[int, ...], seconds: float) -> float:
        products = [
            (self._array(a, b), self._array(b, c), np.empty((a, c), np.float32))
            for a, b, c in shapes_of_products(batch_size, sizes)
        ]

        def once() -> None:
            for left, right, out in products:
                np.matmul(left, right, out=out)

        return fastest(once, seconds)

    def _copy(self, numbers: int, seconds: float) -> float:
        source, goal = self._array(1, numbers), np.empty((1, numbers), np.float32)
        return 2 * source.nbytes / fastest(lambda: np.copyto(goal, source), seconds)

    def _array(self, rows: int, columns: int) -> np.ndarray:
        return self.rng.random((rows, columns), np.float32)


def answer(steps: int, seconds: np.ndarray, **more: Any) -> dict[str, Any]:
    """What is said of a turn."""
    return {"steps": steps, "seconds": seconds[0], "processor_seconds": seconds[1], **more}


def warm_up(trainer: Trainer, seconds: float) -> None:
    """Train until a turn of so many seconds measures the framework at its full speed."""
    while not trainer.end and not is_warm(trainer, seconds):
        trainer.advance_chunk()


def is_warm(trainer: Trainer, seconds: float) -> bool:
    """Whether the compiled loop has run, and calls are as long as the framework's speed allows.

    At first a small network has milestones every few steps, so that its calls are short.
    """
    since_first = trainer.train_seconds - trainer.first_call_seconds
    small = trainer.experiment.n_parameters <= SMALL_NETWORK
    is_long = not small or (MILESTONE_GROWTH - 1) * trainer.step >= trainer.chunk_length.steps
    return is_long and trainer.step >= WARM_UP_STEPS and since_first > min(0.3, seconds)


def shapes_of_products(batch_size: int, sizes: tuple[int, ...]) -> list[tuple[int, int, int]]:
    """(rows, inner, columns) of each product of a step through the layers `sizes`.

    Examples
    --------
    >>> shapes_of_products(20, (784, 200, 10))
    [(20, 784, 200), (784, 20, 200), (20, 200, 10), (200, 20, 10), (20, 10, 200)]
    """
    shapes = []
    for i in range(len(sizes) - 1):
        n_in, n_out = sizes[i], sizes[i + 1]
        shapes += [(batch_size, n_in, n_out), (n_in, batch_size, n_out)]
        if i:  # back through the weights; nothing needs the gradient on the inputs
            shapes.append((batch_size, n_out, n_in))
    return shapes


def fastest(work: Callable[[], None], seconds: float) -> float:
    """Seconds of the fastest of the calls that fit into `seconds`; at least three."""
    end = time.perf_counter() + seconds
    times: list[float] = []
    while len(times) < 3 or time.perf_counter() < end:
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def xor_experiment(worker: str, batch_size: int | None) -> Experiment:
    """XOR 2-3-1 as the recipes have it, so long that a turn does not reach its end."""
    backend, _, engine = worker.partition("-")
    return get("xor-tf").experiment.replace(
        backend=backend, engine=engine, batch_size=batch_size, shuffle=False, epochs=1_000_000
    )


def mnist_experiment(worker: str, batch_size: int) -> Experiment:
    """MNIST 784-200-10 as the recipe for PyTorch has it."""
    backend, _, engine = worker.partition("-")
    return get("mnist-torch").experiment.replace(
        backend=backend, engine=engine, batch_size=batch_size, epochs=1000
    )


def raw_mnist(experiment: Experiment) -> tuple[np.ndarray, np.ndarray]:
    """Training images of shape (n, 28, 28) with grey levels from 0 to 255, and their digits."""
    data = datasets.load(experiment.replace(dataset_options={"pixels": "unit"}))
    return np.rint(data.x * 255).astype(np.uint8).reshape(-1, 28, 28), data.y.argmax(axis=1)


SIDES = {"ours": Ours, "published": Published, "machine": Machine}


def main() -> None:
    """Answer commands until standard input ends."""
    side, worker = sys.argv[1:]
    # A library that prints must not write into the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    contestant = SIDES[side](worker)
    for line in sys.stdin:
        command = json.loads(line)
        what = command.pop("what")
        try:
            found = getattr(contestant, what)(**command)
        except Exception as error:  # a sentence in the table, while the others go on
            text = str(error).splitlines()
            found = {"error": f"{type(error).__name__}: {text[0] if text else 'no more is said'}"}
        answers.write(json.dumps(found) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
