"""What share of the MNIST test images two networks read after each of ten epochs.

``python benchmarks/mnist_accuracy.py`` trains both, one after the other, and prints the accuracies;
``dense`` or ``conv`` chooses one, ``--seed 3`` begins with other weights. `docs/performance.md`
has what was measured.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from nn_core import Experiment, train
from nn_core.events import Progress

SETTINGS = {
    "dataset": "mnist",
    "activation": "relu",
    "output": "softmax",
    "loss": "cross_entropy",
    "optimizer": "adam",
    "learning_rate": 0.001,
    "batch_size": 128,
    "epochs": 10,
}

EXPERIMENTS = {
    # In float64 the accuracy does not hang on how a processor rounds.
    "dense": Experiment(**SETTINGS, hidden=(200,), dtype="float64", seed=2),
    "conv": Experiment(
        **SETTINGS,
        architecture="conv", channels=(8, 16), kernel=5, hidden=(128,), dropout=0.5,
        backend="torch", seed=0,
    ),
}  # fmt: skip


def accuracies(experiment: Experiment) -> Iterator[float]:
    """Train, and yield the share of the test images that is read rightly, after each epoch."""
    for event in train(experiment):
        if isinstance(event, Progress) and "test_accuracy" in event.metrics:
            yield float(event.metrics["test_accuracy"])


def main() -> None:
    """Train the networks that are asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("networks", nargs="*", default=list(EXPERIMENTS), help="dense, conv")
    parser.add_argument("--seed", type=int, help="instead of the experiment's own")
    asked = parser.parse_args()
    if unknown := set(asked.networks) - set(EXPERIMENTS):
        parser.error(f"no such network: {', '.join(unknown)}; choose of {', '.join(EXPERIMENTS)}")
    for name in asked.networks:
        experiment = EXPERIMENTS[name]
        if asked.seed is not None:
            experiment = experiment.replace(seed=asked.seed)
        for epoch, accuracy in enumerate(accuracies(experiment), 1):
            print(f"{name} epoch {epoch:2}: {accuracy:.2%}", flush=True)


if __name__ == "__main__":
    main()
