"""The published MNIST recipes, in full: what accuracy do they reach here.

``python benchmarks/published_mnist.py`` trains every MNIST recipe for its 50 epochs, one after the
other, each in a worker of its framework, and prints accuracy and loss on the 10,000 test images
after every epoch. The last line of each recipe is in the form of the table of docs/recipes.md.
Names of recipes choose some of them; ``--epochs 3`` is a quick look.
"""

from __future__ import annotations

import argparse
import sys
import time
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from nn_core import backends
from nn_core.lessons import recipes
from nn_core.runs.run import Run
from nn_core.runs.workers.pool import Pool

MNIST = [name for name in recipes.names() if recipes.get(name).dataset == "mnist"]


def main() -> None:
    """Train the recipes that are asked for and installed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("recipes", nargs="*", default=MNIST, help=f"of {', '.join(MNIST)}")
    parser.add_argument("--epochs", type=int, help="instead of the recipe's own")
    asked = parser.parse_args()
    if unknown := [name for name in asked.recipes if name not in MNIST]:
        parser.error(f"no MNIST recipe: {', '.join(unknown)}; choose of {', '.join(MNIST)}")
    pool = Pool(slots=1)
    try:
        for name in asked.recipes:
            if backends.is_installed(recipes.get(name).backend):
                train(pool, name, asked.epochs)
            else:
                print(f"{name}: {recipes.get(name).backend} is not installed", flush=True)
    finally:
        pool.close()


def train(pool: Pool, name: str, epochs: int | None) -> None:
    """Train one recipe in a worker, and print what it reaches."""
    recipe = recipes.get(name)
    experiment = recipe.experiment.replace(epochs=epochs or recipe.epochs)
    start = time.perf_counter()
    run = pool.submit(experiment, name)
    printed = 0
    while not run.is_over:
        run.wait(partial(has_more, printed=printed), 3600)
        printed = report(run, name, printed)
    if run.started is None or getattr(run.end, "metrics", None) is None:
        print(f"{name}: {getattr(run.end, 'message', 'it ended early')}", flush=True)
        return
    found = run.end.metrics
    published = dict(recipe.published)
    is_mean = recipe.loss == "mse"  # of other losses, 1 − loss is nothing that was printed
    cells = (
        f"`{name}`",
        run.started.framework,
        published["accuracy"],
        f"{100 * found['test_accuracy']:.2f} %",
        published.get("one minus loss", "–"),
        f"{100 * (1 - found['test_loss']):.2f} %" if is_mean else "–",
    )
    print(f"| {' | '.join(cells)} |", flush=True)
    print(f"{name} took {time.perf_counter() - start:.0f} s", flush=True)


def has_more(run: Run, printed: int) -> bool:
    """Whether there is something to print, or nothing more will come."""
    return run.is_over or len(run.history.measurements) > printed


def report(run: Run, name: str, printed: int) -> int:
    """Print the measurements that are new; how many there are now."""
    measurements = run.history.measurements
    for found in measurements[printed:]:
        metrics = found.metrics
        if "test_accuracy" in metrics:
            print(
                f"{name} epoch {found.epoch:6.2f}  test accuracy "
                f"{100 * metrics['test_accuracy']:.2f} %  test loss {metrics['test_loss']:.6f}",
                flush=True,
            )
    return len(measurements)


if __name__ == "__main__":
    main()
