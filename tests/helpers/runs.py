"""What a test waits for in a run."""

from nn_core.runs.run import Run


def is_over(run: Run) -> bool:
    return run.is_over
